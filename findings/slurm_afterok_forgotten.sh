#!/usr/bin/env bash
# Slurm 22.05.8 (Debian 12): `--dependency=afterok:JOB` is met by a job that failed, once Slurm has forgotten it.
#
# The manual of sbatch says of `afterok`: "This job can begin execution after the specified jobs have successfully
# executed (ran to completion with an exit code of zero)." A job that has ended is forgotten after `MinJobAge`, by
# default 300 s; here it is 2 s. Whoever submits a merge later than that, `afterok` an array that failed, has it run all
# the same, though `--kill-on-invalid-dep=yes` cancels what can never be satisfied. Nor need the job ever have been there.
#
# Guess before the run, for an id that Slurm does not know: never satisfied, so cancelled. Seen: it runs and completes.
# While the failed job is remembered the same request is cancelled.
#
# Exit code 0: still so. The last lines show what was seen.
set -euo pipefail
# shellcheck source=findings/slurm.bash
. "$(dirname "${BASH_SOURCE[0]}")/slurm.bash"

# Submits a script of one command, with options; its id.
submit() {
    sbatch --parsable --output=/dev/null "${@:2}" --wrap "$1"
}

# How a job ends that may run after the given one has succeeded.
after() {
    outcome "$(submit true --dependency="afterok:$1" --kill-on-invalid-dep=yes)"
}

failed=$(submit false)
{
    echo "the job: $(outcome "$failed")"
    echo "after it, while it is remembered: $(after "$failed")"
    while squeue --noheader --jobs="$failed" >/dev/null 2>&1; do sleep 0.5; done
    echo "after it, when it is forgotten: $(after "$failed")"
    echo "after a job that never was: $(after 99999)"
} | tee seen
diff - seen <<'END'
the job: FAILED
after it, while it is remembered: CANCELLED
after it, when it is forgotten: COMPLETED
after a job that never was: COMPLETED
END
