//! The command line, as a user runs it.
#![expect(clippy::disallowed_types, reason = "bad input is to be refused in bounded time, by the wall clock")]

mod bench;
mod catalogue;
mod command;
mod composition;
mod example;
mod explain;
mod exports;
mod histories;
mod input;
mod panics;
mod repro;
mod run;
mod select;
mod shrink;
mod soak;
mod solve;
mod sweep;
mod validate;
mod verdicts;

use command::command;
use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

const SYNOD: &str = env!("CARGO_BIN_EXE_synod");
const QUICKSTART: &str = "scenarios/quickstart.yaml";

fn synod(arguments: &[&str]) -> Output {
    command(arguments).output().expect("the command starts")
}

fn stdout(output: &Output) -> &str {
    std::str::from_utf8(&output.stdout).expect("standard output is text")
}

fn stderr(output: &Output) -> &str {
    std::str::from_utf8(&output.stderr).expect("standard error is text")
}

/// The standard output of a command that must succeed.
fn succeed(arguments: &[&str]) -> String {
    let output = synod(arguments);
    assert_eq!(output.status.code(), Some(0), "{arguments:?}: {}{}", stdout(&output), stderr(&output));
    assert_eq!(stderr(&output), "", "{arguments:?}");
    stdout(&output).to_owned()
}

/// The error of a command that must be refused.
fn refused(arguments: &[&str]) -> String {
    let output = synod(arguments);
    assert_eq!(output.status.code(), Some(2), "{arguments:?}: {}{}", stdout(&output), stderr(&output));
    assert_eq!(stdout(&output), "", "{arguments:?}");
    let error = stderr(&output).to_owned();
    assert_eq!(error.matches("error:").count(), 1, "one error: {error}");
    assert!(!error.contains("panicked"), "{error}");
    error
}

fn json(arguments: &[&str]) -> Value {
    serde_json::from_str(&succeed(&[arguments, &["--format", "json"]].concat())).expect("one JSON object")
}

/// A folder of one test's own.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Folder {
        let path = std::env::temp_dir().join(format!("synod-cli-{name}-{}", std::process::id()));
        let _ = fs::remove_dir_all(&path);
        fs::create_dir_all(&path).unwrap();
        Folder(path)
    }

    fn write(&self, name: &str, content: impl AsRef<[u8]>) -> String {
        fs::write(self.0.join(name), content).unwrap();
        self.at(name)
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

fn scenario_files() -> Vec<String> {
    fn gather(folder: &Path, files: &mut Vec<String>) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.ends_with("suites") {
                // Those are no scenarios; the tests of benchmarks have them.
            } else if path.is_dir() {
                gather(&path, files);
            } else if path.extension().is_some_and(|extension| extension == "yaml") {
                files.push(path.to_str().unwrap().to_owned());
            }
        }
    }
    let mut files = Vec::new();
    gather(&Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios"), &mut files);
    files.sort();
    files
}
