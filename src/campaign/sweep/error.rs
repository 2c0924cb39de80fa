//! Why a sweep could not go on.

use std::fmt;
use std::io::{self, ErrorKind};
use std::path::PathBuf;
use synod_harness::ScenarioError;

/// Why a sweep could not go on.
#[derive(Debug)]
pub enum SweepError {
    /// A scenario has no YAML form, or a seed's network cannot be made, or its plan is more than the protocol
    /// tolerates.
    Scenario(ScenarioError),
    /// A file or folder cannot be read, or is not for this sweep.
    File {
        /// The one concerned.
        path: PathBuf,
        /// Why, and perhaps advice on another line.
        message: String,
    },
    /// A file or folder cannot be written.
    Unwritable {
        /// The one concerned.
        path: PathBuf,
        /// Why.
        message: String,
    },
    /// The system starts no threads.
    Threads(String),
    /// A run panicked: a bug in Synod or in the protocol. Of all runs that did, this is the first.
    Panicked {
        /// Which of the plan's points.
        point: usize,
        /// Its seed.
        seed: u64,
    },
}

impl SweepError {
    /// That `path` cannot be written.
    pub(crate) fn unwritable(path: PathBuf, error: &io::Error, message: String) -> SweepError {
        if is_misplaced(error) {
            SweepError::File { path, message }
        } else {
            SweepError::Unwritable { path, message }
        }
    }
}

/// Returns true if an output failed because there can be none at its place: its folder is not there, or something else
/// is in its place.
pub fn is_misplaced(error: &io::Error) -> bool {
    use ErrorKind::{AlreadyExists, InvalidFilename, IsADirectory, NotADirectory, NotFound};
    matches!(error.kind(), AlreadyExists | InvalidFilename | IsADirectory | NotADirectory | NotFound)
}

impl fmt::Display for SweepError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            SweepError::Scenario(error) => error.fmt(out),
            SweepError::File { path, message } | SweepError::Unwritable { path, message } => {
                write!(out, "{}: error: {message}", path.display())
            }
            SweepError::Threads(message) => write!(out, "error: threads cannot be started: {message}"),
            SweepError::Panicked { seed, .. } => write!(out, "error: the run of seed {seed} panicked"),
        }
    }
}

impl std::error::Error for SweepError {}
