//! `synod campaign submit`: to a cluster.

use super::status::look;
use crate::args::SlurmArgs;
use crate::common::{of_campaign, refuse, write};
use crate::exit::{Exit, Failure};
use crate::output;
use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use synod_campaign::{Shard, SlurmJob, SlurmScripts};
use synod_harness::Registry;
use synod_report::{ReportFile, submitted_page};

/// The largest number of array tasks that Slurm takes unless it is told otherwise.
const DEFAULT_MOST: u32 = 1_001;

pub(super) fn slurm(registry: &Registry, arguments: &SlurmArgs) -> Result<Exit, Failure> {
    let (folder, _, status) = look(registry, &arguments.folder)?;
    folder.check_build().map_err(of_campaign)?;
    for (option, value) in [("--partition", &arguments.partition), ("--time", &arguments.time)] {
        refuse_odd(option, value.as_deref())?;
    }
    if status.missing.is_none() || status.left.is_empty() {
        output::page_line("every shard is made, and nothing is submitted")?;
        return Ok(Exit::Held);
    }
    let real = |path: &Path| path.canonicalize().map_err(|error| refuse(path, &error));
    let (program, place) = (real(&program()?)?, real(&arguments.folder)?);
    for path in [&program, &place] {
        refuse_path(path)?;
    }
    let job = SlurmJob {
        program: &program,
        folder: &place,
        name: &format!("synod-{}", &folder.hash()[..8]),
        shards: &status.left,
        partition: arguments.partition.as_deref(),
        throttle: arguments.throttle,
        time: arguments.time.as_deref(),
        cpus: arguments.cpus,
    };
    let scripts = job.scripts();
    fs::create_dir_all(&scripts.folder).map_err(|error| refuse(&scripts.folder, &error))?;
    for (path, text) in [&scripts.array, &scripts.merge] {
        let name = path.file_name().expect("a script has a name").to_string_lossy().into_owned();
        write(&scripts.folder, &ReportFile { path: name, content: text.clone().into_bytes() })?;
    }
    let jobs = if arguments.dry_run { None } else { Some(submit(&scripts, &status.left)?) };
    output::page(&submitted_page(&scripts, &status.left, jobs.as_ref()))?;
    Ok(Exit::Held)
}

/// Submits both jobs, and returns their numbers.
fn submit(scripts: &SlurmScripts, shards: &[Shard]) -> Result<[String; 2], Failure> {
    let most = most_tasks();
    let last = shards.iter().map(|shard| shard.index()).max().unwrap_or_default();
    if last >= most {
        return Err(Failure::input(format_args!(
            "error: this Slurm takes tasks of the numbers 0 to {}, and shard {last} is to be made\n = help: plan with fewer \
             --shards, or let its MaxArraySize be raised",
            most - 1
        )));
    }
    let array = sbatch(&[], &scripts.array.0)?;
    // Afterwards however the shards end: the merge says what is missing.
    let merge =
        sbatch(&[&format!("--dependency=afterany:{array}"), "--kill-on-invalid-dep=yes"], &scripts.merge.0);
    let merge = merge.map_err(|failure| {
        let rest = format!("the job array {array} is submitted, and the merge behind it is not");
        Failure::input(format_args!("{failure}\n = help: {rest}"))
    })?;
    Ok([array, merge])
}

/// Submits a script, and returns the number of its job.
fn sbatch(options: &[&str], script: &Path) -> Result<String, Failure> {
    let mut command = Command::new("sbatch");
    command.arg("--parsable").args(options).arg(script);
    // Variables for sbatch would override the script, and those of a task would pass on to jobs that are none of its array.
    for (name, _) in env::vars_os() {
        let text = name.to_string_lossy();
        if text.starts_with("SBATCH_") || text.starts_with("SLURM_") && text != "SLURM_CONF" {
            command.env_remove(&name);
        }
    }
    let output = command.output();
    let output = output.map_err(|error| {
        let advice = "submit on a machine of the cluster, or look at the scripts by --dry-run";
        Failure::input(format_args!("sbatch: error: it does not start: {error}\n = help: {advice}"))
    })?;
    let printed = String::from_utf8_lossy(&output.stdout).into_owned();
    // Behind a semicolon comes the name of the cluster.
    let number = printed.trim().split(';').next().unwrap_or_default().to_owned();
    if output.status.success() && !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit()) {
        return Ok(number);
    }
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    let said = if said.trim().is_empty() { printed } else { said };
    Err(Failure::input(format_args!("sbatch: error: it refuses {}: {}", script.display(), said.trim())))
}

/// Returns one more than the largest number of a task.
fn most_tasks() -> u32 {
    let output = Command::new("scontrol").args(["show", "config"]).output();
    let text = output.map(|output| String::from_utf8_lossy(&output.stdout).into_owned()).unwrap_or_default();
    let line = text.lines().find_map(|line| line.trim().strip_prefix("MaxArraySize"));
    line.and_then(|rest| rest.trim_start_matches([' ', '=']).trim().parse().ok()).unwrap_or(DEFAULT_MOST)
}

/// Returns where the running program lies.
fn program() -> Result<PathBuf, Failure> {
    env::current_exe().map_err(|error| {
        Failure::internal(format_args!("error: where this program lies is unknown: {error}"))
    })
}

/// Refuses what would be more than a value in a script.
fn refuse_odd(option: &str, value: Option<&str>) -> Result<(), Failure> {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "-_.:,+".contains(c);
    match value {
        Some(value) if value.is_empty() || !value.chars().all(is_plain) => Err(Failure::input(format_args!(
            "{option} {value:?}: error: letters, digits and -_.:,+ are possible"
        ))),
        _ => Ok(()),
    }
}

/// Refuses a path that a line of a script cannot hold.
fn refuse_path(path: &Path) -> Result<(), Failure> {
    match path.to_str() {
        Some(text) if !text.contains(['\n', '\r', '"', '\\']) => Ok(()),
        _ => Err(Failure::input(format_args!(
            "{}: error: Slurm's scripts take no such path\n = help: without line breaks, quotation marks and backslashes",
            path.display()
        ))),
    }
}
