//! Exit codes, and failures that end a command.

use crate::scenario::ScenarioError;
use std::fmt;
use std::process::ExitCode;

/// How a command ends.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub(super) enum Exit {
    /// All held.
    Held,
    /// An expectation failed or an oracle was violated.
    Broken,
    /// The input was wrong.
    BadInput,
    /// Synod itself failed.
    Internal,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> ExitCode {
        ExitCode::from(match exit {
            Exit::Held => 0,
            Exit::Broken => 1,
            Exit::BadInput => 2,
            Exit::Internal => 3,
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
