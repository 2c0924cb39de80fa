//! `synod sweep`, as a user runs it.

use quick_junit::{Report, TestCaseStatus};
use serde_json::Value;
use std::fs;
use std::process::{Command, Output, Stdio};
use std::str::FromStr;
use std::time::Duration;
use tempfile::TempDir;

const QUICKSTART: &str = "scenarios/quickstart.yaml";
const SILENT: &str = "scenarios/pbft/silent_primary.yaml";

/// Some seeds fail under it, most do not.
const TIGHT: [&str; 2] = ["--set", "expect.latency.p99_ns.at_most=145ms"];

/// A folder of one test's own.
struct Folder(TempDir);

impl Folder {
    fn new() -> Folder {
        Folder(tempfile::tempdir().expect("a folder"))
    }

    fn at(&self, name: &str) -> String {
        self.0.path().join(name).to_str().expect("a plain path").to_owned()
    }
}

fn synod(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_synod"));
    command.args(arguments).current_dir(env!("CARGO_MANIFEST_DIR"));
    command.env_remove("SYNOD_FORMAT").env_remove("SYNOD_COLOR").env_remove("CLICOLOR_FORCE");
    command
}

fn sweep(scenario: &str, arguments: &[&str]) -> Output {
    synod(&[&["sweep", scenario], arguments].concat()).output().expect("the command starts")
}

/// The text of the one JSON object that a sweep prints.
fn object(code: i32, scenario: &str, arguments: &[&str]) -> String {
    let output = sweep(scenario, &[arguments, &["--format", "json"]].concat());
    assert_eq!(output.status.code(), Some(code), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("text")
}

fn json(code: i32, scenario: &str, arguments: &[&str]) -> Value {
    serde_json::from_str(&object(code, scenario, arguments)).expect("one JSON object")
}

fn refused(arguments: &[&str]) -> String {
    let output = sweep(QUICKSTART, arguments);
    assert_eq!(output.status.code(), Some(2), "{arguments:?}");
    assert!(output.stdout.is_empty());
    String::from_utf8(output.stderr).expect("text")
}

fn keys(object: &Value) -> Vec<&str> {
    object.as_object().expect("an object").keys().map(String::as_str).collect()
}

/// What programs may rely on, with a grid and without.
const PROMISED: [&str; 9] =
    ["runs", "passed", "failed", "success_rate", "ci95", "failures", "metrics", "coverage", "digest"];

#[test]
fn the_number_of_jobs_changes_nothing() {
    let folder = Folder::new();
    let of = |jobs, name| {
        let output = folder.at(name);
        let arguments = ["--seeds", "0..120", "--jobs", jobs, "--output", &output];
        object(1, QUICKSTART, &[&arguments[..], &TIGHT].concat())
    };
    let text = of("1", "one");
    assert_eq!(text, of("3", "three"));
    let result: Value = serde_json::from_str(&text).unwrap();
    assert!(PROMISED.iter().all(|key| keys(&result).contains(key)), "{:?}", keys(&result));
    assert_eq!((&result["runs"], &result["metrics"]["messages.sent"]["p99"]), (&120.into(), &84.into()));
    let failures = result["failures"].as_array().unwrap();
    assert_eq!(failures.len() as u64, result["failed"].as_u64().unwrap());
    assert!((2..100).contains(&failures.len()), "some fail: {}", failures.len());
    assert_eq!(keys(&failures[0]), ["oracle", "repro", "seed"]);
    // Another seed is another digest.
    let other = folder.at("other");
    let other = json(1, QUICKSTART, &[&["--seeds", "1..121", "--output", &other], &TIGHT[..]].concat());
    assert_ne!(other["digest"], result["digest"]);
}

#[test]
fn a_failing_seed_leaves_a_file_that_replays() {
    let folder = Folder::new();
    let output = folder.at("out");
    let result = json(1, QUICKSTART, &[&["--seeds", "0..60", "--output", &output], &TIGHT[..]].concat());
    let failure = &result["failures"][0];
    let file = format!("{output}/{}", failure["repro"].as_str().unwrap());
    let replay = synod(&["replay", &file, "--format", "json"]).output().unwrap();
    let text = String::from_utf8(replay.stdout).unwrap();
    let digest = fs::read_to_string(&file).unwrap();
    let digest = digest.lines().find_map(|line| line.trim().strip_prefix("digest: ")).unwrap();
    assert!(text.contains(digest.trim_matches(['"', '\''])), "{text}");
    assert_eq!(replay.status.code(), Some(0), "{text}");
    let seed = failure["seed"].to_string();
    let run = [&["run", QUICKSTART, "--seed", &seed, "--format", "json"], &TIGHT[..]].concat();
    let run: Value = serde_json::from_slice(&synod(&run).output().unwrap().stdout).unwrap();
    assert_eq!(run["digest"].as_str(), Some(digest.trim_matches(['"', '\''])));
}

/// Interrupts a sweep as a user does, once it has made some runs.
#[cfg(unix)]
fn interrupt(arguments: &[&str], output: &str, runs: u64) {
    let mut child = synod(&[&["sweep", QUICKSTART], arguments].concat())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the command starts");
    let made = || {
        let checkpoint: Value =
            serde_json::from_slice(&fs::read(format!("{output}/checkpoint.json")).ok()?).ok()?;
        checkpoint["tallies"][0]["runs"].as_u64()
    };
    while made().is_none_or(|made| made <= runs) {
        assert_eq!(child.try_wait().unwrap(), None, "it goes on until it is interrupted");
        std::thread::yield_now();
    }
    let status = Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap();
    assert!(status.success());
    let ended = child.wait_with_output().unwrap();
    let remark = String::from_utf8(ended.stderr).unwrap();
    assert_eq!(ended.status.code(), Some(130), "{remark}");
    assert!(remark.contains("interrupted; go on with:") && remark.contains("--resume"), "{remark}");
}

#[cfg(unix)]
#[test]
fn a_second_interrupt_ends_a_sweep_at_once() {
    let folder = Folder::new();
    let output = folder.at("long");
    let arguments =
        ["--seeds", "0..100", "--jobs", "1", "--set", "agents=1000", "--set", "expect={}", "--output"];
    let mut child =
        synod(&[&["sweep", "scenarios/pbft/fault_free_512.yaml"], &arguments[..], &[&output]].concat())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the command starts");
    while !std::path::Path::new(&output).join(".lock").exists() {
        assert_eq!(child.try_wait().unwrap(), None, "it goes on until it is interrupted");
        std::thread::yield_now();
    }
    // A run of a thousand replicas takes far longer than this.
    for _ in 0..2 {
        std::thread::sleep(Duration::from_millis(50));
        assert_eq!(child.try_wait().unwrap(), None, "the first only asks it to end");
        let status = Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap();
        assert!(status.success());
    }
    let ended = child.wait_with_output().unwrap();
    assert_eq!(ended.status.code(), Some(130));
    assert_eq!(String::from_utf8_lossy(&ended.stderr), "", "it has no time for a remark");
}

#[cfg(unix)]
#[test]
fn an_interrupted_sweep_that_is_resumed_comes_to_the_same() {
    let folder = Folder::new();
    let (whole, parts) = (folder.at("whole"), folder.at("parts"));
    let of = |output| {
        let arguments = ["--seeds", "0..4000", "--jobs", "2", "--repros", "7", "--output", output];
        [&arguments[..], &TIGHT].concat()
    };
    let expected = object(1, QUICKSTART, &of(&whole));
    let resumed = [of(&parts), vec!["--resume"]].concat();
    interrupt(&of(&parts), &parts, 0);
    let made = fs::read_to_string(format!("{parts}/checkpoint.json")).unwrap();
    let made = serde_json::from_str::<Value>(&made).unwrap()["tallies"][0]["runs"].as_u64().unwrap();
    assert!(0 < made && made < 4_000, "{made}");
    let result = object(1, QUICKSTART, &resumed);
    assert_eq!(result, expected);
    let names = |folder: &str| {
        let mut names: Vec<_> =
            fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        names.sort();
        names
    };
    assert_eq!(names(&parts), names(&whole));
    // Once more, it only tells what it has found.
    assert_eq!(object(1, QUICKSTART, &resumed), expected);
}

#[test]
fn a_folder_that_holds_a_sweep_is_not_overwritten() {
    let folder = Folder::new();
    let output = folder.at("out");
    let whole = object(0, QUICKSTART, &["--seeds", "0..40", "--output", &output]);
    assert!(refused(&["--seeds", "0..40", "--output", &output]).contains("--resume"));
    let resumed = ["--seeds", "0..40", "--output", &output, "--resume"];
    for (other, part) in [
        (&["--seeds", "0..50", "--output", &output, "--resume"][..], "other seeds"),
        (&[&resumed[..], &["--repros", "3"]].concat(), "another limit of repro files"),
        (&[&resumed[..], &["--max-failures", "3"]].concat(), "another limit of failures"),
        (&[&resumed[..], &["--grid", "horizon=1m,2m"]].concat(), "another scenario or grid"),
    ] {
        let error = refused(other);
        assert!(error.contains(part), "{error}");
    }
    assert_eq!(object(0, QUICKSTART, &resumed), whole);
    fs::write(format!("{output}/checkpoint.json"), "{}").unwrap();
    assert!(refused(&resumed).contains("is no checkpoint that this version reads"));
}

#[test]
fn two_sweeps_do_not_write_to_one_folder() {
    let folder = Folder::new();
    let output = folder.at("out");
    fs::create_dir(&output).unwrap();
    let lock = fs::File::create(format!("{output}/.lock")).unwrap();
    lock.lock().unwrap();
    let error = refused(&["--seeds", "0..4", "--output", &output]);
    assert!(error.contains("another sweep is writing to this folder"), "{error}");
    drop(lock);
    object(0, QUICKSTART, &["--seeds", "0..4", "--output", &output]);
}

#[test]
fn where_nothing_can_be_written_nothing_is_run() {
    let folder = Folder::new();
    fs::write(folder.at("file"), "mine").unwrap();
    let (output, file, twin) = (folder.at("out"), folder.at("file"), folder.at("out/../file"));
    let error = refused(&["--seeds", "0..4", "--output", &file]);
    assert!(error.contains("cannot write here"), "{error}");
    let scenario = format!("{}/{QUICKSTART}", env!("CARGO_MANIFEST_DIR"));
    let checkpoint = folder.at("out/checkpoint.json");
    let nowhere = folder.at("nowhere/x.csv");
    for (options, part) in [
        (&["--csv", &scenario][..], "the scenario itself"),
        (&["--junit", &checkpoint], "the sweep's checkpoint"),
        (&["--csv", &file, "--junit", &twin], "name the same file"),
        (&["--csv", &nowhere], "its folder cannot be entered"),
        (&["--junit", &output], "is a directory"),
    ] {
        let error = refused(&[&["--seeds", "0..4", "--output", &output], options].concat());
        assert!(error.contains(part), "{error}");
        assert!(!fs::exists(&checkpoint).unwrap(), "{options:?} is refused before the sweep");
    }
    assert_eq!(fs::read_to_string(&file).unwrap(), "mine");
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_device_is_an_error_and_the_sweep_is_not_lost() {
    let folder = Folder::new();
    let (output, csv) = (folder.at("out"), folder.at("x.csv"));
    let full = sweep(QUICKSTART, &["--seeds", "0..4", "--output", &output, "--csv", "/dev/full"]);
    assert_eq!(full.status.code(), Some(6));
    let error = String::from_utf8(full.stderr).expect("text");
    assert!(error.starts_with("/dev/full: error: No space left"), "{error}");
    object(0, QUICKSTART, &["--seeds", "0..4", "--output", &output, "--csv", &csv, "--resume"]);
    let table = fs::read_to_string(csv).unwrap();
    assert!(table.lines().any(|line| line == ",messages.sent,4,0,84,84,84,84,0"), "{table}");
    let error = refused(&["--seeds", "0..4", "--output", &folder.at("o2"), "--csv", "/proc/x.csv"]);
    assert!(error.starts_with("/proc/x.csv: error: cannot be written"), "{error}");
}

#[test]
fn seeds_backwards_or_none_are_refused() {
    for (seeds, part) in [
        ("9..2", "backwards"),
        ("5..5", "empty"),
        ("-1..3", "no seed"),
        ("1..", "no seed"),
        ("0..18446744073709551616", "no seed"),
        ("18446744073709551615", "seeds are 0 to 9007199254740991"),
    ] {
        let error = refused(&["--seeds", seeds]);
        assert!(error.contains(part), "{seeds}: {error}");
    }
}

#[test]
fn as_many_seeds_as_there_are_take_no_more_memory() {
    let folder = Folder::new();
    let of = |seeds, name| {
        let output = folder.at(name);
        json(1, QUICKSTART, &[&["--seeds", seeds, "--fail-fast", "--output", &output], &TIGHT[..]].concat())
    };
    let all = of("0..9007199254740992", "all");
    assert_eq!(all["failed"], 1);
    assert_eq!(all["digest"], of("0..2000", "some")["digest"]);
}

#[test]
fn the_first_failure_is_the_first_whatever_the_jobs() {
    let folder = Folder::new();
    let of = |jobs, name| {
        let output = folder.at(name);
        let arguments = ["--seeds", "0..2000", "--max-failures", "3", "--jobs", jobs, "--output", &output];
        object(1, QUICKSTART, &[&arguments[..], &TIGHT].concat())
    };
    let text = of("1", "one");
    assert_eq!(text, of("3", "three"));
    let result: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(result["failed"], 3);
    assert_eq!(result["failures"][2]["seed"].as_u64().map(|seed| seed + 1), result["runs"].as_u64());
}

#[test]
fn a_grid_has_results_at_each_point_and_over_all() {
    let folder = Folder::new();
    let (output, csv) = (folder.at("out"), folder.at("out.csv"));
    let grid = ["--grid", "agents=4,7", "--grid", "protocol.pbft.timeout=500ms,600ms", "--csv", &csv];
    let result = json(
        1,
        SILENT,
        &[&["--seeds", "0..5", "--output", &output, "--set", "expect.messages.sent=1"], &grid[..]].concat(),
    );
    assert!(PROMISED.iter().all(|key| keys(&result).contains(key)), "{:?}", keys(&result));
    let points = result["points"].as_array().unwrap();
    assert_eq!((&result["runs"], &result["failed"], points.len()), (&20.into(), &20.into(), 4));
    assert_eq!(points[1]["point"], "agents=4 protocol.pbft.timeout=600ms");
    let seeds = |object: &Value| object["failures"].as_array().unwrap().clone();
    assert_eq!(seeds(&result), points.iter().flat_map(seeds).collect::<Vec<_>>());
    let hits = |object: &Value| object["coverage"]["view_change"].as_u64().unwrap();
    assert_eq!(hits(&result), points.iter().map(hits).sum::<u64>());
    assert!(points.iter().all(|point| point["digest"] != result["digest"]));
    let table = fs::read_to_string(csv).unwrap();
    let row = "agents=7 protocol.pbft.timeout=500ms,messages.sent,5,0,115,115,115,115,0";
    assert!(table.lines().any(|line| line == row), "{table}");
}

#[test]
fn what_is_expected_to_be_covered_must_be() {
    let folder = Folder::new();
    let of = |code, marks: &str, name| {
        let (output, marks) = (folder.at(name), format!("expect.covers=[{marks}]"));
        json(code, SILENT, &["--seeds", "0..5", "--output", &output, "--set", &marks])
    };
    assert_eq!(of(0, "view_change", "hit")["uncovered"], Value::Array(Vec::new()));
    let missed = of(1, "view_change, recovery", "missed");
    assert_eq!((&missed["failed"], &missed["verdict"]), (&0.into(), &"fail".into()));
    assert_eq!(missed["uncovered"], Value::from(vec!["recovery"]));
    let page = sweep(SILENT, &["--seeds", "0..5", "--output", &folder.at("page"), "--set", COVERS]);
    assert_eq!(page.status.code(), Some(1));
    let page = String::from_utf8(page.stdout).unwrap();
    assert!(page.contains("vacuous: recovery") && page.contains("\nFAIL"), "{page}");
    // A single run shows what it shows.
    assert_eq!(synod(&["run", SILENT, "--set", COVERS]).output().unwrap().status.code(), Some(0));
    let unknown = synod(&["run", SILENT, "--set", "expect.covers=[view_chang]"]).output().unwrap();
    assert_eq!(unknown.status.code(), Some(2));
    assert!(String::from_utf8(unknown.stderr).unwrap().contains("did you mean \"view_change\"?"));
}

const COVERS: &str = "expect.covers=[recovery]";

#[test]
fn faults_that_did_nothing_are_warned_of() {
    let folder = Folder::new();
    // The primary falls silent only when all is over.
    let late = "faults=[{silent: {agents: [0], from: 50s}}]";
    let arguments = ["--seeds", "0..5", "--set", late, "--set", "expect={}"];
    let idle = json(0, SILENT, &[&arguments[..], &["--output", &folder.at("a")]].concat());
    assert_eq!(idle["warnings"], Value::from(vec!["fault silent-1 did nothing in any run"]));
    let page = sweep(SILENT, &[&arguments[..], &["--output", &folder.at("b")]].concat());
    let page = String::from_utf8(page.stdout).unwrap();
    assert!(page.contains("warning: fault silent-1 did nothing in any run"), "{page}");
    let busy = json(0, SILENT, &["--seeds", "0..5", "--output", &folder.at("c")]);
    assert_eq!(busy["warnings"], Value::Array(Vec::new()));
}

#[test]
fn build_servers_get_a_report_of_tests() {
    let folder = Folder::new();
    let (output, junit) = (folder.at("out"), folder.at("out/junit.xml"));
    let options = ["--seeds", "0..60", "--output", &output, "--junit", &junit, "--set", COVERS];
    let result = json(1, QUICKSTART, &[&options[..], &TIGHT].concat());
    let report = Report::deserialize_from_str(&fs::read_to_string(junit).unwrap()).expect("it is JUnit");
    let failed = result["failed"].as_u64().unwrap() as usize;
    let suite = &report.test_suites[0];
    assert_eq!((report.tests, report.failures), (failed + 2, failed + 2));
    assert_eq!(suite.name.as_str(), "quickstart");
    let seeds: Vec<u64> = suite.test_cases[1..=failed]
        .iter()
        .map(|case| u64::from_str(case.name.as_str().strip_prefix("seed ").unwrap()).unwrap())
        .collect();
    let expected = result["failures"].as_array().unwrap().iter().map(|one| one["seed"].as_u64().unwrap());
    assert_eq!(seeds, expected.collect::<Vec<_>>());
    assert!(suite.test_cases.iter().all(|case| !matches!(case.status, TestCaseStatus::Success { .. })));
}

#[test]
fn the_page_is_no_wider_than_a_hundred_columns() {
    let folder = Folder::new();
    let long = "about=A sentence that goes on and on, well beyond what a terminal shows on one line, so \
                that it has to be broken somewhere";
    let output = folder.at("out");
    let options = ["--seeds", "0..60", "--output", &output, "--set", long, "--grid", "horizon=1m,2m"];
    let page = sweep(QUICKSTART, &[&options[..], &TIGHT].concat());
    let page = String::from_utf8(page.stdout).unwrap();
    assert!(page.contains("A sentence that goes on") && page.contains("All points"), "{page}");
    // Paths and commands are what they are.
    let worded = page.lines().filter(|line| !line.contains(&output));
    for line in worded {
        assert!(line.chars().count() <= 100, "{line}");
    }
}
