//! The command as a user runs it.

#![allow(dead_code, reason = "every test uses a part of it")]

use serde_json::Value;
use std::fs;
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};

/// The command in the project's folder, with nothing of the caller's settings.
pub(crate) fn command(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_synod"));
    command.args(arguments).current_dir(env!("CARGO_MANIFEST_DIR")).stdin(Stdio::null());
    for variable in ["SYNOD_SEED", "SYNOD_FORMAT", "SYNOD_COLOR", "NO_COLOR", "CLICOLOR_FORCE", "FORCE_COLOR"]
    {
        command.env_remove(variable);
    }
    command
}

/// The standard output of a command that must end with `code`, and its standard error.
pub(crate) fn run(arguments: &[&str], code: i32) -> (String, String) {
    let Output { status, stdout, stderr } = command(arguments).output().expect("the command starts");
    let [stdout, stderr] = [stdout, stderr].map(|bytes| String::from_utf8(bytes).expect("it is text"));
    assert_eq!(status.code(), Some(code), "{arguments:?}: {stdout}{stderr}");
    assert!(!stderr.contains("panicked") && !stderr.contains("a bug in Synod"), "{stderr}");
    (stdout, stderr)
}

/// What a command prints that must end with `code` and complain of nothing.
pub(crate) fn page(arguments: &[&str], code: i32) -> String {
    let (stdout, stderr) = run(arguments, code);
    assert_eq!(stderr, "", "{arguments:?}");
    stdout
}

/// The JSON object that a command prints that must end with `code`.
pub(crate) fn object(arguments: &[&str], code: i32) -> Value {
    let text = page(&[arguments, &["--format", "json"]].concat(), code);
    serde_json::from_str(&text).expect("one JSON object")
}

/// The error of a command that must be refused, printing nothing else.
pub(crate) fn refused(arguments: &[&str]) -> String {
    let (stdout, stderr) = run(arguments, 2);
    assert_eq!(stdout, "", "{arguments:?}");
    assert_eq!(stderr.matches("error:").count(), 1, "one error: {stderr}");
    stderr
}

/// A folder of one test's own.
pub(crate) struct Folder(PathBuf);

impl Folder {
    pub(crate) fn new(name: &str) -> Folder {
        let path = std::env::temp_dir().join(format!("synod-{name}-{}", std::process::id()));
        let _ = fs::remove_dir_all(&path);
        fs::create_dir_all(&path).expect("it can be made");
        Folder(path)
    }

    pub(crate) fn at(&self, name: &str) -> String {
        self.0.join(name).to_str().expect("it is text").to_owned()
    }

    pub(crate) fn write(&self, name: &str, content: &str) -> String {
        fs::write(self.0.join(name), content).expect("it can be written");
        self.at(name)
    }

    /// The names of the files in it.
    pub(crate) fn files(&self) -> Vec<String> {
        let entries = fs::read_dir(&self.0).expect("it is there");
        let name = |entry: fs::DirEntry| entry.file_name().into_string().expect("it is text");
        let mut names: Vec<String> = entries.map(|entry| name(entry.expect("it can be read"))).collect();
        names.sort();
        names
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// The same for suites in folders of a test's own, whose scenarios are those that are shipped: files may lie anywhere.
pub(crate) mod anywhere {
    use super::{Command, Value};

    fn allowing<'a>(arguments: &[&'a str]) -> Vec<&'a str> {
        [arguments, &["--allow-outside"]].concat()
    }

    pub(crate) fn command(arguments: &[&str]) -> Command {
        super::command(&allowing(arguments))
    }

    pub(crate) fn run(arguments: &[&str], code: i32) -> (String, String) {
        super::run(&allowing(arguments), code)
    }

    pub(crate) fn page(arguments: &[&str], code: i32) -> String {
        super::page(&allowing(arguments), code)
    }

    pub(crate) fn object(arguments: &[&str], code: i32) -> Value {
        super::object(&allowing(arguments), code)
    }

    pub(crate) fn refused(arguments: &[&str]) -> String {
        super::refused(&allowing(arguments))
    }
}
