//! The output folder: its lock, and the checkpoint from which an interrupted sweep goes on.

use super::SweepProgress;
use super::error::SweepError;
use super::tally::Tally;
use crate::draft::{Draft, open_no_link};
use crate::files::read_own;
use crate::sealed::Seal;
use serde::{Deserialize, Serialize};
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// The file that a sweep goes on from.
const CHECKPOINT: &str = "checkpoint.json";

/// The file that keeps two sweeps from writing to one folder.
const LOCK: &str = ".lock";

const SEAL: Seal = Seal { kind: "checkpoint", form: 3 };

/// What a sweep is of: only the same sweep can go on from a checkpoint.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Identity {
    pub(super) version: String,
    /// The digest of the program that makes the runs, where it can be told.
    pub(super) build: Option<String>,
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

    /// Reads a file, or says why it is no checkpoint.
    fn from_bytes(bytes: &[u8]) -> Result<Checkpoint, String> {
        let checkpoint: Checkpoint = SEAL.open(bytes)?;
        if checkpoint.is_sound() {
            Ok(checkpoint)
        } else {
            Err("is no checkpoint: its counts do not fit together".to_owned())
        }
    }

    /// False for what no sweep has written: its counts would make no sense.
    fn is_sound(&self) -> bool {
        let points = &self.identity.points;
        let several = points.len() > 1;
        let fits = |(place, (tally, point)): (usize, (&Tally, &PointIdentity))| {
            let (start, end) = point.seeds;
            let name = |seed| repro_name((several).then_some(place), seed);
            end.checked_sub(start).is_some_and(|span| tally.runs <= span)
                && tally.is_sound(start, self.identity.kept, &name)
        };
        let has_all = |(tally, point): (&Tally, &PointIdentity)| tally.runs == point.seeds.1 - point.seeds.0;
        let failed = self.tallies.iter().try_fold(0_u64, |sum, tally| sum.checked_add(tally.failed));
        let limit = self.identity.max_failures;
        self.tallies.len() == points.len()
            && self.tallies.iter().zip(points).enumerate().all(fits)
            && failed.is_some_and(|failed| limit.is_none_or(|most| failed <= most))
            && (!self.finished || limit == failed || self.tallies.iter().zip(points).all(has_all))
    }
}

/// Returns the name of the repro file of a seed, of the only point or of one of several.
pub(crate) fn repro_name(place: Option<usize>, seed: u64) -> String {
    match place {
        None => format!("seed-{seed}.yaml"),
        Some(place) => format!("point-{place}-seed-{seed}.yaml"),
    }
}

impl Folder {
    pub(super) fn open(path: &Path) -> Result<Folder, SweepError> {
        let fail = |message| SweepError::File { path: path.to_owned(), message };
        let unwritable = |error: io::Error| {
            SweepError::unwritable(path.to_owned(), &error, format!("cannot write here: {error}"))
        };
        fs::create_dir_all(path).map_err(unwritable)?;
        let mut options = OpenOptions::new();
        // Nothing is changed before the lock is held, nor after: the file is there to be locked.
        options.read(true).write(true).create(true).truncate(false);
        let lock = open_no_link(&path.join(LOCK), &mut options).map_err(|error| match error.kind() {
            io::ErrorKind::InvalidInput => fail(format!("its {LOCK} {error}")),
            _ => unwritable(error),
        })?;
        match lock.try_lock() {
            Ok(()) => {
                Draft::tidy(path);
                Ok(Folder { path: path.to_owned(), _lock: lock })
            }
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
        match read_own(&path) {
            Ok(bytes) => Checkpoint::from_bytes(&bytes).map(Some).map_err(|why| {
                fail(format!("{why}\n = help: sweep anew, with another --output or without this folder"))
            }),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(fail(error.to_string())),
        }
    }

    /// Puts `checkpoint` in the place of the last, whole or not at all.
    pub(super) fn save(&self, checkpoint: &Checkpoint) -> Result<(), SweepError> {
        let path = self.path.join(CHECKPOINT);
        let write = || -> io::Result<()> {
            let mut draft = Draft::new(&self.path)?;
            draft.write_all(&SEAL.close(checkpoint)?)?;
            draft.replace(&path)
        };
        write().map_err(|error| SweepError::unwritable(path.clone(), &error, error.to_string()))
    }
}

impl Identity {
    /// Returns what of `self` another sweep has otherwise.
    pub(super) fn difference(&self, other: &Identity) -> Option<&'static str> {
        if self.version != other.version {
            Some("another version of Synod")
        } else if self.build.is_none() || self.build != other.build {
            Some("another build of Synod, which may come to something else")
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
