//! Runs a command within limits of time and memory.

use crate::error::Error;
use crate::files;
use std::fs::File;
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

/// As much address space as a check may take, in KiB.
const MEMORY_KIB: &str = "8000000";

/// What became of a command.
pub struct Outcome {
    /// Its exit code; none if it was killed, by a limit or by a signal.
    pub code: Option<i32>,
    /// Whether it took too long.
    pub is_late: bool,
    /// How long it took.
    pub took: Duration,
    /// What it printed.
    pub printed: String,
}

/// Runs a command for at most `limit`; what it prints goes through `folder`.
pub fn within(
    limit: Duration,
    command: &[String],
    settle: impl FnOnce(&mut Command),
    folder: &Path,
) -> Result<Outcome, Error> {
    let path = folder.join("printed");
    let file = File::create(&path).map_err(|source| Error::file(&path, source))?;
    let mut child = Command::new("sh");
    child.args(["-c", &format!("ulimit -v {MEMORY_KIB}; exec \"$@\""), "sh"]).args(command);
    child.stdin(Stdio::null()).stdout(file).stderr(Stdio::null());
    settle(&mut child);
    let began = Instant::now();
    let mut child = child.spawn().map_err(|source| Error::new(format!("sh: {source}")))?;
    let failed = |source| Error::new(format!("{}: {source}", command.join(" ")));
    let mut is_late = false;
    let status = loop {
        if let Some(status) = child.try_wait().map_err(failed)? {
            break status;
        }
        if began.elapsed() > limit {
            is_late = true;
            child.kill().map_err(failed)?;
            break child.wait().map_err(failed)?;
        }
        thread::sleep(Duration::from_millis(5));
    };
    let took = began.elapsed();
    Ok(Outcome { code: status.code(), is_late, took, printed: files::read(&path).unwrap_or_default() })
}
