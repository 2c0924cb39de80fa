# What the parts of the fake Slurm share: the queue, a folder for each job in $FAKE_SLURM_DIR/jobs. A job's `settings` are
# its options; there is a file for each task in `tasks`, named after its index, or `-` if the job is no array.

: "${FAKE_SLURM_DIR:?names the folder of the queue}"
jobs=$FAKE_SLURM_DIR/jobs
mkdir -p "$jobs" "$FAKE_SLURM_DIR/ids"
array_size_max=${FAKE_SLURM_ARRAY_SIZE_MAX:-1001}

# A number that no job has.
new_id() {
    local id=1
    until mkdir "$FAKE_SLURM_DIR/ids/$id" 2>/dev/null; do id=$((id + 1)); done
    echo "$id"
}

# The jobs in order of their submission, half-written ones left out.
job_ids() {
    local settings
    for settings in "$jobs"/*/settings; do
        [[ -e $settings ]] && basename "$(dirname "$settings")"
    done | sort -n
}

# The tasks of a job in order.
task_indices() {
    # shellcheck disable=SC2012 # names are numbers
    ls "$jobs/$1/tasks" | sort -n
}

# Sets `state`, `node`, `restarts`, `job_id` and `exit_code` to those of a task.
read_task() {
    read -r state node restarts job_id exit_code <"$jobs/$1/tasks/$2"
}

# Writes them.
write_task() {
    echo "$state $node $restarts $job_id $exit_code" >"$jobs/$1/.$2"
    mv "$jobs/$1/.$2" "$jobs/$1/tasks/$2"
}

# Whether all tasks of a job have ended. A job that was never there has.
ended() {
    [[ ! -d $jobs/$1/tasks ]] || ! grep -qsE '^(PENDING|RUNNING)' "$jobs/$1/tasks"/*
}

# Whether all jobs that the given one waits for have ended.
may_start() {
    local -A option
    local awaited
    # shellcheck source=/dev/null
    . "$jobs/$1/settings"
    for awaited in $(tr ':' ' ' <<<"${option[dependency]#afterany}"); do ended "$awaited" || return 1; done
}
