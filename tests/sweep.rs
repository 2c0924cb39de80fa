//! `synod sweep`, as a user runs it.

use serde_json::Value;
use std::fs;
use std::path::PathBuf;
use std::process::{Command, Output};

/// A folder of one test's own.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Folder {
        let path = std::env::temp_dir().join(format!("synod-sweep-{name}-{}", std::process::id()));
        let _ = fs::remove_dir_all(&path);
        fs::create_dir_all(&path).unwrap();
        Folder(path)
    }

    fn at(&self, name: &str) -> String {
        self.0.join(name).to_str().unwrap().to_owned()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn sweep(arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_synod"));
    command.args(["sweep", "scenarios/quickstart.yaml"]).args(arguments);
    command.env_remove("SYNOD_FORMAT").env_remove("SYNOD_COLOR").env_remove("CLICOLOR_FORCE");
    command.current_dir(env!("CARGO_MANIFEST_DIR")).output().expect("the command starts")
}

fn json(code: i32, arguments: &[&str]) -> Value {
    let output = sweep(&[arguments, &["--format", "json"]].concat());
    assert_eq!(output.status.code(), Some(code), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).expect("one JSON object")
}

fn refused(arguments: &[&str]) -> String {
    let output = sweep(arguments);
    assert_eq!(output.status.code(), Some(2), "{arguments:?}");
    assert!(output.stdout.is_empty());
    String::from_utf8(output.stderr).expect("text")
}

/// Some seeds fail under it, most do not.
const TIGHT: [&str; 2] = ["--set", "expect.latency.p99_ns.at_most=250ms"];

#[test]
fn the_number_of_jobs_changes_nothing() {
    let folder = Folder::new("jobs");
    let (one, three) = (folder.at("one"), folder.at("three"));
    let of = |jobs, output| json(0, &["--seeds", "0..100", "--jobs", jobs, "--output", output]);
    let result = of("1", &one);
    assert_eq!(result, of("3", &three));
    for key in
        ["runs", "passed", "failed", "success_rate", "ci95", "failures", "metrics", "coverage", "digest"]
    {
        assert!(result.get(key).is_some(), "{key}");
    }
    assert_eq!((&result["runs"], &result["metrics"]["messages.sent"]["p99"]), (&100.into(), &84.into()));
}

#[test]
fn a_folder_that_holds_a_sweep_is_not_overwritten() {
    let folder = Folder::new("folder");
    let output = folder.at("out");
    let whole = json(0, &["--seeds", "0..40", "--output", &output]);
    assert!(refused(&["--seeds", "0..40", "--output", &output]).contains("--resume"));
    assert!(refused(&["--seeds", "0..50", "--output", &output, "--resume"]).contains("other seeds"));
    assert_eq!(json(0, &["--seeds", "0..40", "--output", &output, "--resume"]), whole);
    fs::write(folder.at("file"), "").unwrap();
    assert!(refused(&["--seeds", "0..4", "--output", &folder.at("file")]).contains("cannot write here"));
}

#[test]
fn seeds_backwards_or_none_are_refused() {
    assert!(refused(&["--seeds", "9..3"]).contains("backwards"));
    assert!(refused(&["--seeds", "3..3"]).contains("empty"));
}

#[test]
fn the_first_failure_is_the_first_whatever_the_jobs() {
    let folder = Folder::new("first");
    let of = |jobs, name| {
        let output = folder.at(name);
        let arguments = ["--seeds", "0..2000", "--fail-fast", "--jobs", jobs, "--output", &output];
        let result = json(1, &[&arguments[..], &TIGHT].concat());
        let repro = result["failures"][0]["repro"].as_str().expect("a path").to_owned();
        assert!(fs::read_to_string(format!("{output}/{repro}")).expect("it is there").contains("digest:"));
        result
    };
    let result = of("1", "one");
    assert_eq!(result["failed"], 1);
    assert_eq!(result["failures"][0]["seed"].as_u64().map(|seed| seed + 1), result["runs"].as_u64());
    assert_eq!(result, of("3", "three"));
}

#[test]
fn a_grid_has_results_at_each_point() {
    let folder = Folder::new("grid");
    let (output, csv) = (folder.at("out"), folder.at("out.csv"));
    let grid = ["--grid", "network.loss=0%,1%", "--grid", "protocol.pbft.timeout=5s,10s", "--csv", &csv];
    let result = sweep(&[&["--seeds", "0..3", "--output", &output, "--format", "json"], &grid[..]].concat());
    let result: Value = serde_json::from_slice(&result.stdout).expect("one JSON object");
    assert_eq!((&result["runs"], result["points"].as_array().map(Vec::len)), (&12.into(), Some(4)));
    assert_eq!(result["points"][1]["point"], "network.loss=0% protocol.pbft.timeout=10s");
    assert!(fs::read_to_string(csv).unwrap().lines().any(|line| line.contains(",messages.sent,3,84,84,84")));
}
