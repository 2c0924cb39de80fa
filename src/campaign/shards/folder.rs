//! The folder that the processes of a campaign share: a plan, the results of shards, and what they come to together.

use super::block::Blocks;
use super::plan::SEAL as PLAN_SEAL;
use super::result::{SEAL as SHARD_SEAL, ShardResult};
use super::{CampaignPlan, Shard};
use crate::draft::{Draft, open_no_link};
use crate::files::read_own;
use crate::sweep::SweepError;
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

/// The folder of a campaign.
#[derive(Debug)]
pub struct CampaignFolder {
    path: PathBuf,
    plan: CampaignPlan,
    /// The hash of the plan's file, which is in its name.
    hash: String,
    blocks: Blocks,
}

/// How long to wait between two attempts to lock a shard.
const WAIT: Duration = Duration::from_millis(200);

/// The folder within it that holds the results of shards.
const RESULTS: &str = "results";

/// The folder within it that holds what all shards come to.
const MERGED: &str = "merged";

/// How many hexadecimal digits of a plan's hash are its name.
const DIGITS: usize = 32;

impl CampaignFolder {
    /// Puts `plan` into the folder, which is made if need be. A folder that holds the same plan is that campaign's: only
    /// the lengths of its blocks may differ, where `is_measured` says that they were found by trying.
    ///
    /// # Errors
    /// If it cannot be written, or holds another plan.
    pub fn create(path: &Path, plan: CampaignPlan, is_measured: bool) -> Result<CampaignFolder, SweepError> {
        let unwritable = |error: io::Error| {
            SweepError::unwritable(path.to_owned(), &error, format!("cannot write here: {error}"))
        };
        fs::create_dir_all(path.join(RESULTS)).map_err(unwritable)?;
        Draft::tidy(path);
        let bytes = PLAN_SEAL.close(&plan).map_err(unwritable)?;
        let hash = hash(&bytes);
        if plans(path)?.is_empty() {
            let write = || -> io::Result<()> {
                let mut draft = Draft::new(path)?;
                draft.write_all(&bytes)?;
                match draft.create(&path.join(plan_name(&hash))) {
                    // By a process that planned the same at once.
                    Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
                    written => written,
                }
            };
            write().map_err(unwritable)?;
        }
        let found = CampaignFolder::open(path)?;
        if found.hash == hash || is_measured && found.plan.is_alike(&plan) {
            return Ok(found);
        }
        let message =
            "this folder holds the plan of another campaign\n = help: choose another folder by --output";
        Err(SweepError::File { path: path.to_owned(), message: message.to_owned() })
    }

    /// Opens the folder of a campaign.
    ///
    /// # Errors
    /// If it holds no plan or more than one, or one that is damaged.
    pub fn open(path: &Path) -> Result<CampaignFolder, SweepError> {
        let fail = |path: &Path, message: String| Err(SweepError::File { path: path.to_owned(), message });
        let plans = plans(path)?;
        let file = match &plans[..] {
            [file] => file,
            [] => {
                let message = "there is no plan here\n = help: synod campaign plan SCENARIO --seeds A..B --output FOLDER makes one";
                return fail(path, message.to_owned());
            }
            [first, second, ..] => {
                let names = [first, second]
                    .map(|file| file.file_name().unwrap_or_default().to_string_lossy().into_owned());
                let message = format!(
                    "there are two plans here, {} and {}\n = help: give each campaign a folder of its own",
                    names[0], names[1]
                );
                return fail(path, message);
            }
        };
        let read = |error: io::Error| SweepError::File { path: file.clone(), message: error.to_string() };
        let bytes = read_own(file).map_err(read)?;
        let plan = PLAN_SEAL.open::<CampaignPlan>(&bytes);
        let hash = hash(&bytes);
        let is_named = file.file_name().is_some_and(|name| name == &*plan_name(&hash));
        match plan {
            Ok(plan) if plan.is_sound() && is_named => {
                let blocks = Blocks::of(plan.seeds().map(|seeds| seeds.0), plan.block);
                Ok(CampaignFolder { path: path.to_owned(), plan, hash, blocks })
            }
            Ok(plan) if plan.is_sound() => fail(
                file,
                format!(
                    "is damaged: its name is not its hash, {hash}\n = help: plan anew, in another folder"
                ),
            ),
            Ok(_) => fail(file, "is no plan: its values do not fit together".to_owned()),
            Err(why) => fail(file, format!("{why}\n = help: plan anew, in another folder")),
        }
    }

    /// Returns the plan.
    pub fn plan(&self) -> &CampaignPlan {
        &self.plan
    }

    /// Returns the plan's hash.
    pub fn hash(&self) -> &str {
        &self.hash
    }

    /// Returns the plan's blocks.
    pub(super) fn blocks(&self) -> &Blocks {
        &self.blocks
    }

    /// Returns how many blocks there are.
    pub fn block_count(&self) -> u64 {
        self.blocks.count()
    }

    /// Returns how many runs a shard has.
    pub fn runs_of(&self, shard: Shard) -> u64 {
        self.blocks.of_shard(shard).map(|block| block.runs()).sum()
    }

    /// Returns where it lies.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Returns the folder of what all shards come to.
    pub fn merged(&self) -> PathBuf {
        self.path.join(MERGED)
    }

    /// Refuses to make the plan's runs with another program than it was made for.
    ///
    /// # Errors
    /// If this is another one.
    pub fn check_build(&self) -> Result<(), SweepError> {
        match self.plan.obstacle() {
            None => Ok(()),
            Some(why) => {
                let message = format!(
                    "{why}\n = help: use the program that made the plan, or plan anew in another folder"
                );
                Err(SweepError::File { path: self.path.join(plan_name(&self.hash)), message })
            }
        }
    }

    /// Locks a shard, so that no other process makes it at once, where the file system has locks. If another one does, it
    /// waits until that has ended or `stop` is true, or else is refused.
    pub(super) fn lock(&self, shard: Shard, waits: bool, stop: &AtomicBool) -> Result<File, SweepError> {
        let folder = self.path.join(RESULTS);
        let path = folder.join(format!(".{}.lock", shard.name()));
        let unwritable = |error: io::Error| {
            SweepError::unwritable(path.clone(), &error, format!("cannot write here: {error}"))
        };
        fs::create_dir_all(&folder).map_err(unwritable)?;
        let mut options = OpenOptions::new();
        options.read(true).write(true).create(true).truncate(false);
        let lock = open_no_link(&path, &mut options).map_err(unwritable)?;
        let mut locked = lock.try_lock();
        while waits && matches!(locked, Err(TryLockError::WouldBlock)) && !stop.load(Ordering::Relaxed) {
            thread::sleep(WAIT);
            locked = lock.try_lock();
        }
        match locked {
            Ok(()) => {
                // Its own drafts alone: those of others may be written on a machine whose locks are not seen here.
                Draft::tidy(&self.repros(shard));
                Ok(lock)
            }
            Err(TryLockError::WouldBlock) => Err(SweepError::File {
                path: self.path.clone(),
                message: format!("another process is making shard {shard}"),
            }),
            Err(TryLockError::Error(error)) => Err(unwritable(error)),
        }
    }

    /// Returns the folder of a shard's repro files.
    pub(super) fn repros(&self, shard: Shard) -> PathBuf {
        self.path.join(RESULTS).join(shard.name())
    }

    /// Returns a shard's result, if there is one.
    pub(super) fn load(&self, shard: Shard) -> Result<Option<ShardResult>, SweepError> {
        let path = self.result(shard);
        if path.symlink_metadata().is_err_and(|error| error.kind() == io::ErrorKind::NotFound) {
            return Ok(None);
        }
        self.read(&path).map(Some)
    }

    /// Puts a shard's result in the place of its last, whole or not at all. True if another process has finished the shard
    /// meanwhile, where no lock kept the two apart: then its result stays. If the two do not agree, both are kept.
    pub(super) fn save(&self, result: &ShardResult, is_pure: bool) -> Result<bool, SweepError> {
        let mut path = self.result(result.shard());
        if let Some(other) = self.load(result.shard())? {
            if is_pure && !other.agrees_with(result) {
                path = self.path.join(RESULTS).join(format!("{}-other.json", result.shard().name()));
            } else if other.finished {
                return Ok(true);
            }
        }
        let write = || -> io::Result<()> {
            let folder = self.repros(result.shard());
            fs::create_dir_all(&folder)?;
            let mut draft = Draft::new(&folder)?;
            draft.write_all(&SHARD_SEAL.close(result)?)?;
            draft.replace(&path)
        };
        write().map_err(|error| SweepError::unwritable(path.clone(), &error, error.to_string()))?;
        Ok(false)
    }

    /// Returns the files of all results, in the order of their names.
    pub(super) fn results(&self) -> Result<Vec<PathBuf>, SweepError> {
        let folder = self.path.join(RESULTS);
        let fail = |error: io::Error| SweepError::File { path: folder.clone(), message: error.to_string() };
        let mut files = Vec::new();
        let entries = match fs::read_dir(&folder) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(files),
            entries => entries.map_err(fail)?,
        };
        for entry in entries {
            let path = entry.map_err(fail)?.path();
            if path.extension().is_some_and(|extension| extension == "json") {
                files.push(path);
            }
        }
        files.sort();
        Ok(files)
    }

    /// Reads a result, which has to be one of this campaign.
    pub(super) fn read(&self, path: &Path) -> Result<ShardResult, SweepError> {
        let fail = |message: String| SweepError::File { path: path.to_owned(), message };
        let again = "= help: remove it, and run its shard again";
        let bytes = read_own(path).map_err(|error| fail(error.to_string()))?;
        let result: ShardResult = SHARD_SEAL.open(&bytes).map_err(|why| fail(format!("{why}\n {again}")))?;
        if result.plan != self.hash {
            let message = format!(
                "is of another campaign, of the plan {}\n = help: move it to that one's folder",
                result.plan
            );
            return Err(fail(message));
        }
        if !result.is_sound(&self.plan, &self.blocks) {
            return Err(fail(format!("is no result of a shard: its counts do not fit together\n {again}")));
        }
        Ok(result)
    }

    fn result(&self, shard: Shard) -> PathBuf {
        self.path.join(RESULTS).join(format!("{}.json", shard.name()))
    }
}

/// Returns the plans in a folder, in the order of their names.
fn plans(path: &Path) -> Result<Vec<PathBuf>, SweepError> {
    let fail = |error: io::Error| SweepError::File { path: path.to_owned(), message: error.to_string() };
    let mut plans = Vec::new();
    for entry in fs::read_dir(path).map_err(fail)? {
        let path = entry.map_err(fail)?.path();
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        if name.starts_with("plan-") && name.ends_with(".json") {
            plans.push(path);
        }
    }
    plans.sort();
    Ok(plans)
}

fn plan_name(hash: &str) -> String {
    format!("plan-{hash}.json")
}

fn hash(bytes: &[u8]) -> String {
    blake3::hash(bytes).to_hex()[..DIGITS].to_owned()
}
