//! Slurm makes the shards: a true one of two nodes on loopback where it is installed, and a fake one everywhere.
#![cfg(unix)]
#![expect(
    clippy::disallowed_types,
    clippy::print_stderr,
    reason = "what waits for a cluster has to end, and says what it skips"
)]

use super::folder::{Folder, QUICKSTART, TIGHT, ends, files, plan, refusal, synod, text};
use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::thread;
use std::time::{Duration, Instant};

/// The fake sbatch, squeue, scontrol and scheduler.
fn fake() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/campaign/fake_slurm")
}

/// Lets a command find the fake Slurm first, whose queue is in `queue`.
fn with_fake(mut command: Command, queue: &Path) -> Command {
    let path = env::var("PATH").expect("a path");
    command.env("PATH", format!("{}:{path}", fake().display())).env("FAKE_SLURM_DIR", queue);
    command
}

fn printed(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

/// What one process comes to.
fn swept(folder: &Folder, options: &[&str], code: i32) -> String {
    let output = folder.at("sweep");
    ends(code, &[&["sweep", QUICKSTART, "--format", "json", "--output", &output], options].concat())
}

#[test]
fn a_node_that_is_lost_in_the_middle_changes_nothing() {
    let folder = Folder::new();
    // A name that a script could trip over.
    let campaign = folder.at("it's 50% #1");
    let options = [&TIGHT[..], &["--seeds", "0..320"]].concat();
    plan(&campaign, &[&options[..], &["--block", "2", "--shards", "4"]].concat());
    let queue = folder.path("queue");
    fs::create_dir(&queue).expect("a folder");
    let submit = ["campaign", "submit", "slurm", &campaign, "--throttle", "2"];
    let output = with_fake(synod(&submit), &queue).output().expect("the command starts");
    let page = text(0, &submit, output);
    assert!(page.contains("job array 1 of 4 shards, and job 2 behind it"), "{page}");
    // Its first result holds some blocks and not all.
    let result = Path::new(&campaign).join("results/shard-00002-of-00004.json");
    let mut scheduler = with_fake(Command::new(fake().join("scheduler")), &queue);
    scheduler
        .env("FAKE_SLURM_KILL", "2")
        .env("FAKE_SLURM_KILL_WHEN", format!("test -e \"{}\"", result.display()));
    let output = scheduler.output().expect("the scheduler starts");
    assert!(output.status.success(), "{}", printed(&output));
    let log = |name: &str| fs::read_to_string(Path::new(&campaign).join("slurm").join(name)).expect("a log");
    assert!(log("shard-2.log").contains("finished  40 of 40 blocks"), "{}", log("shard-2.log"));
    assert!(log("merge.log").contains("320 runs passed"), "{}", log("merge.log"));
    let merged = fs::read_to_string(Path::new(&campaign).join("merged/sweep.json")).expect("it was merged");
    assert_eq!(merged, swept(&folder, &options, 1));
    let output = with_fake(synod(&submit), &queue).output().expect("the command starts");
    assert!(text(0, &submit, output).contains("nothing is submitted"));
}

#[test]
fn only_what_is_left_is_submitted() {
    let folder = Folder::new();
    let campaign = folder.at("campaign");
    plan(&campaign, &["--seeds", "0..40", "--block", "1", "--shards", "5"]);
    for shard in ["1/5", "3/5"] {
        super::folder::run(&campaign, shard);
    }
    let mut submit =
        vec!["campaign", "submit", "slurm", &*campaign, "--dry-run", "--cpus", "2", "--time", "2:00:00"];
    submit.extend(["--partition", "night"]);
    let page = ends(0, &submit);
    for line in [
        "nothing was submitted: a job array of 3 shards",
        "#SBATCH --array=0,2,4",
        "#SBATCH --requeue",
        "#SBATCH --time=2:00:00",
        "#SBATCH --signal=B:USR1@60",
        "#SBATCH --partition=night",
        "#SBATCH --cpus-per-task=2",
        "--shard-from slurm --jobs 2",
    ] {
        assert!(page.contains(line), "{line}: {page}");
    }
    let script = fs::read_to_string(folder.path("campaign/slurm/shards.sh")).expect("a script");
    assert!(page.contains(script.trim_end()), "what is shown is what is written");
    assert!(!folder.path("queue").exists());
}

#[test]
fn what_slurm_refuses_is_told() {
    let folder = Folder::new();
    let campaign = folder.at("campaign");
    plan(&campaign, &["--seeds", "0..40", "--block", "1", "--shards", "9"]);
    let queue = folder.path("queue");
    fs::create_dir(&queue).expect("a folder");
    let submit = |more: &[&str]| {
        with_fake(synod(&[&["campaign", "submit", "slurm", &campaign], more].concat()), &queue)
    };
    let error = refusal(2, submit(&[]).env("FAKE_SLURM_ARRAY_SIZE_MAX", "8"));
    assert!(error.contains("tasks of the numbers 0 to 7, and shard 8"), "{error}");
    let error = refusal(2, &mut submit(&["--time", "1:00\n#SBATCH --uid=0"]));
    assert!(error.contains("letters, digits"), "{error}");
    let mut without = synod(&["campaign", "submit", "slurm", &campaign]);
    let error = refusal(2, without.env("PATH", folder.at("nowhere")));
    assert!(error.contains("sbatch: error: it does not start") && error.contains("--dry-run"), "{error}");
}

/// A Slurm of two nodes that is stopped when the test ends, however it ends.
struct Loopback {
    folder: tempfile::TempDir,
}

impl Loopback {
    /// Starts one; none where it is not installed, unless it has to be there.
    fn start() -> Option<Loopback> {
        let path = format!("{}:/usr/local/sbin:/usr/sbin:/sbin", env::var("PATH").expect("a path"));
        let is_there = |name: &&str| env::split_paths(&path).any(|folder| folder.join(name).is_file());
        if let Some(missing) = ["sbatch", "munged", "slurmctld", "slurmd"].iter().find(|name| !is_there(name))
        {
            let must = env::var_os("SYNOD_TEST_SLURM").is_some();
            assert!(!must, "{missing} is not installed, and SYNOD_TEST_SLURM asks for it");
            eprintln!("skipped: {missing} is not installed");
            return None;
        }
        // Sockets have short names.
        let slurm = Loopback {
            folder: tempfile::Builder::new().prefix("slurm").tempdir_in("/tmp").expect("a folder"),
        };
        slurm.control(&["start"]);
        Some(slurm)
    }

    fn path(&self) -> &Path {
        self.folder.path()
    }

    fn control(&self, arguments: &[&str]) {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join(".ci/slurm");
        let mut command = Command::new(script);
        command.arg(arguments[0]).arg(self.path()).args(&arguments[1..]);
        let output = command.output().expect("bash");
        assert!(output.status.success(), "{arguments:?}: {}", printed(&output));
    }

    fn with(&self, mut command: Command) -> Command {
        command.env("SLURM_CONF", self.path().join("slurm.conf"));
        command
    }

    /// Returns what squeue tells of a job, one line a task.
    fn queue(&self, job: &str, format: &str) -> String {
        let mut squeue = self.with(Command::new("squeue"));
        squeue.args(["--noheader", "--array", "--states=all", "--jobs", job, "--format", format]);
        String::from_utf8_lossy(&squeue.output().expect("squeue starts").stdout).into_owned()
    }
}

impl Drop for Loopback {
    fn drop(&mut self) {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join(".ci/slurm");
        let _ = Command::new(script).arg("stop").arg(self.path()).output();
    }
}

/// Asks again and again until there is an answer.
fn await_some<T>(what: &str, limit: Duration, mut ask: impl FnMut() -> Option<T>) -> T {
    let begin = Instant::now();
    loop {
        if let Some(answer) = ask() {
            return answer;
        }
        assert!(begin.elapsed() < limit, "{what}: not within {limit:?}");
        thread::sleep(Duration::from_millis(50));
    }
}

#[test]
fn eight_shards_on_a_true_slurm_outlive_one_of_its_two_nodes() {
    let Some(slurm) = Loopback::start() else { return };
    let folder = Folder::new();
    let campaign = folder.at("campaign");
    let options = ["--seeds", "0..24000"];
    plan(&campaign, &[&options[..], &["--block", "16", "--shards", "8"]].concat());
    let submit = ["campaign", "submit", "slurm", &campaign];
    let output = slurm.with(synod(&submit)).output().expect("the command starts");
    let page = text(0, &submit, output);
    let number = |before: &str| {
        let rest = page.split_once(before).expect("its number").1;
        rest.split(' ').next().expect("a word").to_owned()
    };
    let (array, merge) = (number("job array "), number("and job "));
    let limit = Duration::from_secs(60);
    // The first node makes a shard that has left its first blocks.
    await_some("a shard under way on node1", limit, || {
        let running = slurm.queue(&array, "%T %N %K");
        let shard = running.lines().find_map(|line| line.strip_prefix("RUNNING node1 "))?.trim().to_owned();
        let result = folder.path("campaign").join(format!("results/shard-{shard:0>5}-of-00008.json"));
        result.is_file().then_some(())
    });
    slurm.control(&["kill", "node1"]);
    let log = |name: &str| fs::read_to_string(folder.path("campaign/slurm").join(name)).unwrap_or_default();
    await_some("the merge", Duration::from_secs(240), || {
        let state = slurm.queue(&merge, "%T");
        let is_lost = ["FAILED", "CANCELLED", "TIMEOUT", "NODE_FAIL"].iter().any(|lost| state.contains(lost));
        assert!(!is_lost, "{state}: {}", log("merge.log"));
        (state.trim() == "COMPLETED").then_some(())
    });
    // Whichever the node had by the time that it was gone.
    let is_restarted = |shard: &u32| {
        let mut show = slurm.with(Command::new("scontrol"));
        let output =
            show.args(["show", "job", &format!("{array}_{shard}")]).output().expect("scontrol starts");
        printed(&output).contains("Restarts=1")
    };
    let restarted = (0..8).find(is_restarted).expect("one shard was queued again");
    let log = log(&format!("shard-{restarted}.log"));
    assert!(log.contains("finished"), "{log}");
    let merged = &files(&folder.path("campaign/merged"))["sweep.json"];
    assert_eq!(String::from_utf8_lossy(merged), swept(&folder, &options, 0));
}
