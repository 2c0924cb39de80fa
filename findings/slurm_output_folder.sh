#!/usr/bin/env bash
# Slurm 22.05.8 (Debian 12): patterns in the name of the current folder are filled in when `--output` is a relative path.
#
# The manual of sbatch says of `--output`: "the default file name is "slurm-%j.out", where the "%j" is replaced by the job
# ID". So to say `--output=slurm-%j.out` should change nothing.
#
# Guess before the run: the folder is taken as it is called, only the path that is given has patterns. Seen: in a folder
# called `a%jb` the job runs without the option and fails with it, since it looks for a folder `a1b`; it says so nowhere.
#
# Exit code 0: still so. The last lines show what was seen.
set -euo pipefail
# shellcheck source=findings/slurm.bash
. "$(dirname "${BASH_SOURCE[0]}")/slurm.bash"
mkdir 'a%jb'
cd 'a%jb'
{
    job=$(sbatch --parsable --wrap true)
    echo "by default: $(outcome "$job")"
    job=$(sbatch --parsable --output=slurm-%j.out --wrap true)
    echo "with --output=slurm-%j.out: $(outcome "$job")"
    echo "its output: $(scontrol show job "$job" | sed -n "s:.*StdOut=$folder/::p")"
    ls
} | tee ../seen
diff - ../seen <<'END'
by default: COMPLETED
with --output=slurm-%j.out: FAILED
its output: a2b/slurm-2.out
slurm-1.out
END
