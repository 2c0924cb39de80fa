# Slurm 22.05.8 of one node, for those scripts here that need it: unpacked into a temporary folder, run from there by any
# user, ended and removed with the script. Needs apt for Debian 12 on amd64.
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

# How a job has ended, once it has.
outcome() {
    local state
    for _ in {1..600}; do
        state=$(squeue --noheader --states=all --jobs="$1" --format=%T 2>/dev/null)
        [[ $state == PENDING || $state == RUNNING || $state == COMPLETING ]] || break
        sleep 0.1
    done
    echo "$state"
}
