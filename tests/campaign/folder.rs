//! What the tests share: a folder of a test's own, and commands in it.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use tempfile::TempDir;

pub(super) const SYNOD: &str = env!("CARGO_BIN_EXE_synod");
pub(super) const QUICKSTART: &str = "scenarios/quickstart.yaml";

/// Some seeds fail under it, most do not.
pub(super) const TIGHT: [&str; 2] = ["--set", "expect.latency.p99_ns.at_most=145ms"];

/// A folder of one test's own.
pub(super) struct Folder(TempDir);

impl Folder {
    pub(super) fn new() -> Folder {
        Folder(tempfile::tempdir().expect("a folder"))
    }

    pub(super) fn at(&self, name: &str) -> String {
        self.path(name).to_str().expect("a plain path").to_owned()
    }

    pub(super) fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }
}

/// Returns the command, without what an environment may say about it.
pub(super) fn synod(arguments: &[&str]) -> Command {
    let mut command = Command::new(SYNOD);
    command.args(arguments).current_dir(env!("CARGO_MANIFEST_DIR"));
    for name in ["SYNOD_FORMAT", "SYNOD_COLOR", "CLICOLOR_FORCE", "SYNOD_SHARD", "SLURM_ARRAY_TASK_ID"] {
        command.env_remove(name);
    }
    command
}

/// Runs a command that must end with `code`, and returns what it prints.
pub(super) fn ends(code: i32, arguments: &[&str]) -> String {
    let output = synod(arguments).output().expect("the command starts");
    text(code, arguments, output)
}

/// Returns what a command printed that must have ended with `code`.
pub(super) fn text(code: i32, arguments: &[&str], output: Output) -> String {
    let error = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(code), "{arguments:?}: {error}");
    String::from_utf8(output.stdout).expect("text")
}

/// Returns what a command says that must be refused, with exit code 2.
pub(super) fn refused(arguments: &[&str]) -> String {
    refusal(2, &mut synod(arguments))
}

/// Returns what a command says that must fail with `code`.
pub(super) fn refusal(code: i32, command: &mut Command) -> String {
    let output = command.output().expect("the command starts");
    let error = String::from_utf8(output.stderr).expect("text");
    assert_eq!(output.status.code(), Some(code), "{command:?}: {error}");
    assert!(error.contains("error:"), "{error}");
    error
}

/// Plans a sweep of the quickstart with these options.
pub(super) fn plan(folder: &str, options: &[&str]) -> String {
    ends(0, &[&["campaign", "plan", QUICKSTART, "--output", folder], options].concat())
}

/// Makes a shard.
pub(super) fn run(folder: &str, shard: &str) -> String {
    ends(0, &["campaign", "run", folder, "--shard", shard])
}

/// Returns all files below a folder, by their names within it.
pub(super) fn files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut files = BTreeMap::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        for entry in fs::read_dir(&next).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let name = path.strip_prefix(folder).expect("it is below").display().to_string();
                files.insert(name, fs::read(&path).expect("a file"));
            }
        }
    }
    files
}
