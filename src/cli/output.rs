//! Where commands print. A reader that has gone away is no failure: the rest is not wanted.

use super::exit::Failure;
use anstyle::{AnsiColor, Style};
use std::env;
use std::io::{self, Write};
use std::path::Path;

const ERROR: Style = AnsiColor::Red.on_default().bold();

/// Prints `text` on standard output, without its styles unless they are wanted.
pub(super) fn print(text: &str) -> Result<(), Failure> {
    let mut out = anstream::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            Err(Failure::unwritable("standard output", &error, &error))
        }
        _ => Ok(()),
    }
}

/// Prints `text` and a line break on standard output.
pub(super) fn print_line(text: &str) -> Result<(), Failure> {
    print(&format!("{text}\n"))
}

/// Prints why a command failed on standard error.
pub(super) fn error(failure: &Failure) {
    let text = failure.to_string();
    let text = text.replacen("error:", &format!("{ERROR}error:{ERROR:#}"), 1);
    anstream::eprintln!("{text}");
}

/// Prints a remark on standard error.
pub(super) fn note(text: &str) {
    anstream::eprintln!("{text}");
}

/// Returns the program as the user can call it again: a bare name if it was found on the path, or else where it lies.
pub(super) fn program() -> String {
    let called = env::args_os().next().unwrap_or_else(|| "synod".into());
    match env::current_dir() {
        Ok(here) => Path::new(&called).strip_prefix(here).unwrap_or(Path::new(&called)).display().to_string(),
        Err(_) => Path::new(&called).display().to_string(),
    }
}
