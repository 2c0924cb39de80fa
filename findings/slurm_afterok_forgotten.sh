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
# Slurm is unpacked into a temporary folder and runs from there, by any user. Needs apt for Debian 12 on amd64.
# Exit code 0: still so. The last lines show what was seen.
set -euo pipefail
folder=$(mktemp -d)
end() {
    local daemon
    for daemon in slurmd slurmctld munged; do
        # They write until they have ended.
        while kill "$(cat "$folder/$daemon.pid")"; do sleep 0.1; done 2>/dev/null
    done
    rm -rf "$folder"
}
trap end EXIT
cd "$folder"
version=22.05.8-4+deb12u3
apt-get download -qq --option APT::Sandbox::User=root munge libmunge2 libhwloc15 \
    {slurmctld,slurmd,slurm-client,slurm-wlm-basic-plugins}=$version
for package in *.deb; do dpkg -x "$package" .; done
libraries=$folder/usr/lib/x86_64-linux-gnu
export LD_LIBRARY_PATH=$libraries:$libraries/slurm-wlm
export PATH=$folder/usr/bin:$folder/usr/sbin:$PATH
export SLURM_CONF=$folder/slurm.conf
user=$(id -un)
mkdir state spool
cat >slurm.conf <<END
ClusterName=one
SlurmctldHost=$(hostname -s)(127.0.0.1)
SlurmctldPort=$((20000 + RANDOM % 5000))
SlurmUser=$user
SlurmdUser=$user
PluginDir=$libraries/slurm-wlm
AuthInfo=socket=$folder/munge.socket
StateSaveLocation=$folder/state
SlurmdSpoolDir=$folder/spool
SlurmctldPidFile=$folder/slurmctld.pid
SlurmdPidFile=$folder/slurmd.pid
SlurmctldLogFile=$folder/slurmctld.log
SlurmdLogFile=$folder/slurmd.log
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SwitchType=switch/none
MpiDefault=none
SlurmdParameters=config_overrides
SchedulerParameters=batch_sched_delay=0,sched_interval=1,bf_interval=1
MinJobAge=2
NodeName=node NodeAddr=127.0.0.1 Port=$((25000 + RANDOM % 5000)) CPUs=1
PartitionName=all Nodes=node Default=YES
END
(umask 077 && head -c 64 /dev/urandom >key)
munged --force --key-file="$folder/key" --socket="$folder/munge.socket" --pid-file="$folder/munged.pid" \
    --log-file="$folder/munged.log" --seed-file="$folder/seed" 2>/dev/null
slurmctld-wlm
slurmd-wlm -N node -d "$folder/usr/sbin/slurmstepd-wlm"

# Submits a script of one command, with options; its id.
submit() {
    sbatch --parsable --output=/dev/null "${@:2}" --wrap "$1"
}

# How a job ended, or nothing as long as it has not.
ended() {
    squeue --noheader --states=all --jobs="$1" --format=%T 2>/dev/null | grep -vE 'PENDING|RUNNING|COMPLETING'
}

# Waits for that and says it.
outcome() {
    local state
    for _ in {1..600}; do
        ! state=$(ended "$1") || break
        sleep 0.1
    done
    echo "${state:-still waiting}"
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
