//! The output folder: its lock, and the checkpoint from which an interrupted sweep goes on.

use super::tally::Tally;
use serde::{Deserialize, Serialize};
use std::fs::{self, File, TryLockError};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// What a sweep is of: only the same sweep can go on from a checkpoint.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Identity {
    pub(super) version: String,
    pub(super) seeds: (u64, u64),
    pub(super) max_failures: Option<u64>,
    /// Each point of the grid with the digest of its scenario.
    pub(super) points: Vec<(String, String)>,
}

/// How far a sweep is.
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

impl Folder {
    pub(super) fn open(path: &Path) -> Result<Folder, String> {
        let fail = |error: io::Error| format!("{}: error: cannot write here: {error}", path.display());
        fs::create_dir_all(path).map_err(fail)?;
        let lock = File::create(path.join(".lock")).map_err(fail)?;
        match lock.try_lock() {
            Ok(()) => Ok(Folder { path: path.to_owned(), _lock: lock }),
            Err(TryLockError::WouldBlock) => {
                Err(format!("{}: error: another sweep is writing to this folder", path.display()))
            }
            Err(TryLockError::Error(error)) => Err(fail(error)),
        }
    }

    fn file(&self) -> PathBuf {
        self.path.join("checkpoint.json")
    }

    /// The checkpoint that lies here, if any.
    pub(super) fn load(&self) -> Result<Option<Checkpoint>, String> {
        let file = self.file();
        match fs::read(&file) {
            Ok(bytes) => serde_json::from_slice(&bytes)
                .map(Some)
                .map_err(|error| format!("{}: error: is no checkpoint of a sweep: {error}", file.display())),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(format!("{}: error: {error}", file.display())),
        }
    }

    /// Puts `checkpoint` in the place of the last, whole or not at all.
    pub(super) fn save(&self, checkpoint: &Checkpoint) -> Result<(), String> {
        let write = || -> io::Result<()> {
            let mut file = tempfile::Builder::new().prefix(".checkpoint-").tempfile_in(&self.path)?;
            file.write_all(&serde_json::to_vec(checkpoint)?)?;
            file.as_file().sync_all()?;
            file.persist(self.file()).map_err(|failure| failure.error)?;
            Ok(())
        };
        write().map_err(|error| format!("{}: error: {error}", self.file().display()))
    }
}

impl Identity {
    /// What of `self` another sweep has otherwise.
    pub(super) fn difference(&self, other: &Identity) -> Option<&'static str> {
        if self.version != other.version {
            Some("another version of Synod")
        } else if self.seeds != other.seeds {
            Some("other seeds")
        } else if self.max_failures != other.max_failures {
            Some("another limit of failures")
        } else if self.points != other.points {
            Some("another scenario or grid")
        } else {
            None
        }
    }
}
