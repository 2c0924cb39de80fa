//! Exit codes, and failures that end a command.

use std::cell::RefCell;
use std::fmt;
use std::io;
use std::panic::{self, AssertUnwindSafe};
use std::process::ExitCode;
use synod_campaign::is_misplaced;
use synod_harness::{RunVerdict, ScenarioError};

/// The exit code of what was interrupted: 128 and the number of the signal.
pub(super) const INTERRUPTED: i32 = 130;

/// How a command ends. Of several that apply to a campaign the first of these counts: interrupted, a bug, unwritable,
/// failed, unknown.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub(super) enum Exit {
    /// All held.
    Held,
    /// An expectation failed or an oracle was violated.
    Failed,
    /// The input was wrong.
    BadInput,
    /// Synod itself failed.
    Internal,
    /// Nothing ran, or nothing was compared.
    Nothing,
    /// Nothing failed, but not everything could be judged.
    Unknown,
    /// An output could not be written.
    Unwritable,
    /// Two results that should be the same are not.
    Disagreed,
    /// It was interrupted.
    Interrupted,
}

impl From<RunVerdict> for Exit {
    fn from(verdict: RunVerdict) -> Exit {
        match verdict {
            RunVerdict::Pass => Exit::Held,
            RunVerdict::Fail => Exit::Failed,
            RunVerdict::Unknown => Exit::Unknown,
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> ExitCode {
        ExitCode::from(match exit {
            Exit::Held => 0,
            Exit::Failed => 1,
            Exit::BadInput => 2,
            Exit::Internal => 3,
            Exit::Nothing => 4,
            Exit::Unknown => 5,
            Exit::Unwritable => 6,
            Exit::Disagreed => 8,
            Exit::Interrupted => INTERRUPTED as u8,
        })
    }
}

/// Why a command could not do what it was asked.
#[derive(Debug)]
pub(super) struct Failure {
    pub(super) exit: Exit,
    message: String,
}

impl Failure {
    /// The input was wrong; `message` begins with what it is about.
    pub(super) fn input(message: impl fmt::Display) -> Failure {
        Failure { exit: Exit::BadInput, message: message.to_string() }
    }

    /// The output at `place` could not be written. A place that cannot be one, such as a file in a folder that is not
    /// there, is a mistake of the input.
    pub(super) fn unwritable(place: impl fmt::Display, error: &io::Error, why: impl fmt::Display) -> Failure {
        let exit = if is_misplaced(error) { Exit::BadInput } else { Exit::Unwritable };
        Failure { exit, message: format!("{place}: error: {why}") }
    }

    /// An output could not be written; `message` begins with its place.
    pub(super) fn unwritten(message: impl fmt::Display) -> Failure {
        Failure { exit: Exit::Unwritable, message: message.to_string() }
    }

    /// Nothing ran, or nothing was compared.
    pub(super) fn nothing(message: impl fmt::Display) -> Failure {
        Failure { exit: Exit::Nothing, message: message.to_string() }
    }

    /// Two results that should be the same are not.
    pub(super) fn disagreed(message: impl fmt::Display) -> Failure {
        Failure { exit: Exit::Disagreed, message: message.to_string() }
    }

    /// Synod itself failed.
    pub(super) fn internal(message: impl fmt::Display) -> Failure {
        Failure { exit: Exit::Internal, message: message.to_string() }
    }
}

impl From<ScenarioError> for Failure {
    fn from(error: ScenarioError) -> Failure {
        Failure::input(error)
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.message)
    }
}

thread_local! {
    /// What the last panic of this thread said, and where it was.
    static CAUSE: RefCell<String> = const { RefCell::new(String::new()) };
}

/// Returns what `command` returns; a panic in it becomes a failure that says what broke and where, as a bug report
/// needs.
pub(super) fn no_panic_escapes(command: impl FnOnce() -> Result<Exit, Failure>) -> Result<Exit, Failure> {
    panic::set_hook(Box::new(|info| {
        let what = info.payload_as_str().unwrap_or("an unknown cause");
        let place = info.location().map_or_else(String::new, |place| format!(" ({place})"));
        CAUSE.set(format!("{what}{place}"));
    }));
    let result = caught(command);
    drop(panic::take_hook());
    result.unwrap_or_else(|cause| Err(bug(&cause)))
}

/// Returns what `action` returns, or what broke it and where, if it panics. For what runs under [`no_panic_escapes`],
/// on this thread.
pub(super) fn caught<T>(action: impl FnOnce() -> T) -> Result<T, String> {
    // Nothing that the action touched is looked at again.
    panic::catch_unwind(AssertUnwindSafe(action)).map_err(|_| CAUSE.take())
}

/// That something panicked.
pub(super) fn bug(cause: &str) -> Failure {
    Failure::internal(format_args!("error: a bug in Synod or in the protocol: {cause}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_becomes_a_failure_that_says_where() {
        let failure = no_panic_escapes(|| panic!("time runs {}", "backwards")).expect_err("it failed");
        assert_eq!(failure.exit, Exit::Internal);
        let text = failure.to_string();
        assert!(
            text.starts_with("error: a bug in Synod or in the protocol: time runs backwards (src"),
            "{text}"
        );
        assert!(matches!(no_panic_escapes(|| Ok(Exit::Held)), Ok(Exit::Held)));
    }
}
