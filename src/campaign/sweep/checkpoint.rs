//! The output folder: its lock, and the checkpoint from which an interrupted sweep goes on.

use super::SweepProgress;
use super::error::SweepError;
use super::tally::Tally;
use serde::{Deserialize, Serialize};
use std::fs::{self, File, TryLockError};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// The file that a sweep goes on from.
const CHECKPOINT: &str = "checkpoint.json";

/// The file that keeps two sweeps from writing to one folder.
const LOCK: &str = ".lock";

/// What a sweep is of: only the same sweep can go on from a checkpoint.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Identity {
    pub(super) version: String,
    pub(super) max_failures: Option<u64>,
    pub(super) kept: u64,
    pub(super) points: Vec<PointIdentity>,
}

/// A point of the grid, and what it runs with.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct PointIdentity {
    pub(super) label: String,
    /// The digest of its scenario.
    pub(super) digest: String,
    pub(super) seeds: (u64, u64),
}

/// Progress of a sweep.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Checkpoint {
    pub(super) identity: Identity,
    pub(super) tallies: Vec<Tally>,
    pub(super) finished: bool,
}

/// An output folder that this sweep alone writes to.
#[derive(Debug)]
pub(super) struct Folder {
    path: PathBuf,
    /// Held until the sweep ends.
    _lock: File,
}

impl Checkpoint {
    pub(super) fn progress(&self) -> SweepProgress<'_> {
        let sum = |of: fn(&Tally) -> u64| self.tallies.iter().map(of).sum();
        SweepProgress {
            runs: sum(|tally| tally.runs),
            failed: sum(|tally| tally.failed),
            tallies: &self.tallies,
        }
    }

    /// False for what no sweep has written: its counts would make no sense.
    fn is_sound(&self) -> bool {
        let fits = |(tally, point): (&Tally, &PointIdentity)| {
            let (start, end) = point.seeds;
            tally.failed.checked_add(tally.unknown).is_some_and(|sum| sum <= tally.runs)
                && end.checked_sub(start).is_some_and(|span| tally.runs <= span)
        };
        let points = &self.identity.points;
        self.tallies.len() == points.len() && self.tallies.iter().zip(points).all(fits)
    }
}

impl Folder {
    pub(super) fn open(path: &Path) -> Result<Folder, SweepError> {
        let fail = |message| SweepError::File { path: path.to_owned(), message };
        let unwritable = |error: io::Error| {
            SweepError::unwritable(path.to_owned(), &error, format!("cannot write here: {error}"))
        };
        fs::create_dir_all(path).map_err(unwritable)?;
        let lock = File::create(path.join(LOCK)).map_err(unwritable)?;
        match lock.try_lock() {
            Ok(()) => Ok(Folder { path: path.to_owned(), _lock: lock }),
            Err(TryLockError::WouldBlock) => Err(fail("another sweep is writing to this folder".to_owned())),
            Err(TryLockError::Error(error)) => Err(unwritable(error)),
        }
    }

    /// That this folder is not for the sweep.
    pub(super) fn refuse(&self, message: &str) -> SweepError {
        SweepError::File { path: self.path.clone(), message: message.to_owned() }
    }

    /// Returns the checkpoint that lies here, if any.
    pub(super) fn load(&self) -> Result<Option<Checkpoint>, SweepError> {
        let path = self.path.join(CHECKPOINT);
        let fail = |message: String| SweepError::File { path: path.clone(), message };
        match fs::read(&path) {
            Ok(bytes) => match serde_json::from_slice::<Checkpoint>(&bytes) {
                Ok(checkpoint) if checkpoint.is_sound() => Ok(Some(checkpoint)),
                Ok(_) => Err(fail("is no checkpoint of a sweep: its counts do not fit together".to_owned())),
                Err(error) => Err(fail(format!("is no checkpoint of a sweep: {error}"))),
            },
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(fail(error.to_string())),
        }
    }

    /// Puts `checkpoint` in the place of the last, whole or not at all.
    pub(super) fn save(&self, checkpoint: &Checkpoint) -> Result<(), SweepError> {
        let path = self.path.join(CHECKPOINT);
        let write = || -> io::Result<()> {
            let mut file = tempfile::Builder::new().prefix(".checkpoint-").tempfile_in(&self.path)?;
            file.write_all(&serde_json::to_vec(checkpoint)?)?;
            file.as_file().sync_all()?;
            file.persist(&path).map_err(|failure| failure.error)?;
            Ok(())
        };
        write().map_err(|error| SweepError::unwritable(path.clone(), &error, error.to_string()))
    }
}

impl Identity {
    /// Returns what of `self` another sweep has otherwise.
    pub(super) fn difference(&self, other: &Identity) -> Option<&'static str> {
        if self.version != other.version {
            Some("another version of Synod")
        } else if self.max_failures != other.max_failures {
            Some("another limit of failures")
        } else if self.kept != other.kept {
            Some("another limit of repro files")
        } else if self.points == other.points {
            None
        } else {
            let scenarios = |identity: &Identity| -> Vec<(String, String)> {
                identity.points.iter().map(|point| (point.label.clone(), point.digest.clone())).collect()
            };
            let is_same = scenarios(self) == scenarios(other);
            Some(if is_same { "other seeds" } else { "another scenario or grid" })
        }
    }
}
