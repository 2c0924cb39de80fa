//! From the results of shards to what one process would have come to.
//!
//! Results may come in any order, and more than once: what is there twice has to be the same, and counts once.

use super::folder::CampaignFolder;
use super::result::ShardResult;
use super::shrunk::{first, shrunk_name};
use super::{CampaignPlan, Shard};
use crate::draft::Draft;
use crate::files::read_own;
use crate::sweep::{Failed, HashTree, Point, SweepError, SweepResult, Tally};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// What all shards have come to together.
#[derive(Clone, Debug)]
pub struct Merged {
    /// The same as of one process.
    pub swept: SweepResult,
    /// Results that were read.
    pub results: u64,
    /// Blocks that were there more than once, and the same.
    pub repeated: u64,
    /// Repro files, by the names that they are to have: where each lies.
    pub repros: BTreeMap<String, PathBuf>,
}

/// Why shards cannot be merged.
#[derive(Debug)]
pub enum MergeError {
    /// A file cannot be read, or is none of this campaign.
    Sweep(SweepError),
    /// Not all blocks are there.
    Missing(MissingShards),
    /// Two results have the same runs, and not the same digests.
    Disagreement(Disagreement),
}

/// What is missing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MissingShards {
    /// Runs that are in no result.
    pub runs: u64,
    /// The shards that have to run, or to go on.
    pub shards: Vec<Shard>,
}

/// Two results that do not agree on a block.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Disagreement {
    /// One of them.
    pub first: PathBuf,
    /// The other one.
    pub second: PathBuf,
    /// The label of the point, empty if there is only one.
    pub point: String,
    /// The seeds of the first block that differs.
    pub seeds: std::ops::Range<u64>,
}

/// Merges the results of a campaign, whose points are these.
///
/// # Errors
/// If a result is damaged or of another campaign, if something is missing, or if two results do not agree.
pub fn merge(folder: &CampaignFolder, points: &[Point]) -> Result<Merged, MergeError> {
    let cover = Cover::of(folder, points)?;
    if let Some(missing) = cover.missing(folder.plan()) {
        return Err(MergeError::Missing(missing));
    }
    cover.conclude(folder, points)
}

/// The blocks that results have, and what they come to.
pub(super) struct Cover {
    plan: CampaignPlan,
    /// The digests of each block, and which result it is of.
    blocks: Vec<Option<(HashTree, usize)>>,
    /// The number of the first block of each point.
    offsets: Vec<u64>,
    tallies: Vec<Tally>,
    /// All results, by the order in which they were read.
    pub(super) results: Vec<ReadResult>,
    repeated: u64,
    unstable: u64,
}

/// A result that was read.
pub(super) struct ReadResult {
    pub(super) path: PathBuf,
    pub(super) shard: Shard,
    pub(super) finished: bool,
    pub(super) blocks: u64,
    pub(super) runs: u64,
    pub(super) failed: u64,
    /// Its first failures, with their points.
    pub(super) failures: Vec<(usize, Failed)>,
    unshrunk: BTreeMap<String, String>,
    is_used: bool,
}

impl Cover {
    /// Reads all results of a campaign.
    ///
    /// # Errors
    /// If one is damaged or of another campaign, or if two do not agree.
    pub(super) fn of(folder: &CampaignFolder, points: &[Point]) -> Result<Cover, MergeError> {
        let mut files = folder.results().map_err(MergeError::Sweep)?;
        let (cover, has_overlaps) = Cover::read(folder, points, &files)?;
        if !has_overlaps {
            return Ok(cover);
        }
        // Cut otherwise at different times. What is whole comes first, then what is longest.
        let rank = |path: &PathBuf| {
            let result = cover.results.iter().find(|result| result.path == *path).expect("it was read");
            (!result.finished, u64::MAX - result.blocks)
        };
        files.sort_by_cached_key(|path| (rank(path), path.clone()));
        Cover::read(folder, points, &files).map(|(cover, _)| cover)
    }

    /// Reads results in this order, and says whether one had to be left out that has blocks of its own.
    fn read(
        folder: &CampaignFolder,
        points: &[Point],
        files: &[PathBuf],
    ) -> Result<(Cover, bool), MergeError> {
        let plan = folder.plan();
        let starts = plan.seeds().scan(0, |next, seeds| {
            let start = *next;
            *next += seeds.count().div_ceil(plan.block);
            Some(start)
        });
        let mut cover = Cover {
            plan: plan.clone(),
            blocks: vec![None; plan.block_count() as usize],
            offsets: starts.collect(),
            tallies: vec![Tally::default(); plan.width()],
            results: Vec::new(),
            repeated: 0,
            unstable: 0,
        };
        let mut has_overlaps = false;
        for path in files {
            let result = folder.read(path).map_err(MergeError::Sweep)?;
            has_overlaps |= !cover.add(path, result, points)?;
        }
        Ok((cover, has_overlaps))
    }

    /// Adds a result; false if it has some blocks that are there and some that are not, so that it cannot be added.
    fn add(&mut self, path: &Path, result: ShardResult, points: &[Point]) -> Result<bool, MergeError> {
        let (mut known, mut new) = (0_u64, 0_u64);
        for (place, point) in &result.points {
            let is_pure = points[*place].scenario.is_reproducible();
            for (part, tree) in &point.blocks {
                match &self.blocks[self.number(*place, *part)] {
                    None => new += 1,
                    Some((other, _)) if other == tree => known += 1,
                    Some(_) if !is_pure => {
                        known += 1;
                        self.unstable += 1;
                    }
                    Some((_, owner)) => {
                        return Err(MergeError::Disagreement(
                            self.disagreement(*owner, path, *place, *part, points),
                        ));
                    }
                }
            }
        }
        let is_used = known == 0;
        let number = self.results.len();
        let failures = result
            .points
            .iter()
            .flat_map(|(place, point)| point.tally.failures.iter().map(|failed| (*place, failed.clone())));
        self.results.push(ReadResult {
            path: path.to_owned(),
            shard: result.shard(),
            finished: result.finished,
            blocks: result.block_count(),
            runs: result.runs(),
            failed: result.failed(),
            failures: failures.collect(),
            unshrunk: result.unshrunk.clone(),
            is_used,
        });
        if !is_used {
            self.repeated += known;
            return Ok(new == 0);
        }
        for (place, point) in result.points {
            self.tallies[place].merge(&point.tally, self.plan.kept);
            for (part, tree) in point.blocks {
                let block = self.number(place, part);
                self.blocks[block] = Some((tree, number));
            }
        }
        Ok(true)
    }

    fn number(&self, place: usize, part: u64) -> usize {
        (self.offsets[place] + part) as usize
    }

    fn disagreement(
        &self,
        owner: usize,
        path: &Path,
        place: usize,
        part: u64,
        points: &[Point],
    ) -> Disagreement {
        let seeds = &points[place].seeds.0;
        let start = seeds.start + part * self.plan.block;
        Disagreement {
            first: self.results[owner].path.clone(),
            second: path.to_owned(),
            point: points[place].label.clone(),
            seeds: start..seeds.end.min(start + self.plan.block),
        }
    }

    /// Returns how many runs there are in results, each counted once.
    pub(super) fn runs(&self) -> u64 {
        self.tallies.iter().map(|tally| tally.runs).sum()
    }

    /// Returns how many of them failed.
    pub(super) fn failed(&self) -> u64 {
        self.tallies.iter().map(|tally| tally.failed).sum()
    }

    /// Returns what is missing, if anything: by shards as most results have been cut.
    pub(super) fn missing(&self, plan: &CampaignPlan) -> Option<MissingShards> {
        let mut counts: BTreeMap<u32, u64> = BTreeMap::new();
        self.results.iter().for_each(|result| *counts.entry(result.shard.of()).or_default() += 1);
        let most = counts.iter().max_by_key(|(of, count)| (**count, u32::MAX - **of));
        let of = most.map_or(plan.shards, |(of, _)| *of);
        let mut shards: BTreeSet<Shard> = self
            .results
            .iter()
            .filter(|result| result.is_used && !result.finished)
            .map(|result| result.shard)
            .collect();
        let mut runs = 0;
        for block in plan.blocks() {
            if self.blocks[block.number as usize].is_none() {
                runs += block.runs();
                let index = (block.number % u64::from(of)) as u32;
                shards.insert(Shard::new(index, of).expect("it is below the number of shards"));
            }
        }
        (!shards.is_empty()).then(|| MissingShards { runs, shards: shards.into_iter().collect() })
    }

    fn conclude(mut self, folder: &CampaignFolder, points: &[Point]) -> Result<Merged, MergeError> {
        for (place, (offset, point)) in self.offsets.iter().zip(points).enumerate() {
            let parts = point.seeds.count().div_ceil(self.plan.block);
            for block in &self.blocks[*offset as usize..(*offset + parts) as usize] {
                let (tree, _) = block.as_ref().expect("nothing is missing");
                self.tallies[place].follow(tree);
            }
        }
        let repros = self.repros(folder)?;
        Ok(Merged {
            swept: SweepResult::of(points, self.tallies, true, self.unstable),
            results: self.results.len() as u64,
            repeated: self.repeated,
            repros,
        })
    }

    /// Returns where the repro files of the failures lie that are kept, and what the first of them were shrunk to.
    fn repros(&self, folder: &CampaignFolder) -> Result<BTreeMap<String, PathBuf>, MergeError> {
        let used = self.results.iter().filter(|result| result.is_used);
        let owner: BTreeMap<&str, &ReadResult> = used
            .flat_map(|result| result.failures.iter().map(move |(_, one)| (&*one.repro, result)))
            .collect();
        let all = || {
            let tallies = self.tallies.iter().enumerate();
            tallies.flat_map(|(place, tally)| tally.failures.iter().map(move |failed| (place, failed)))
        };
        let shrunk = first(all(), self.plan.shrunk);
        let shrunk = shrunk.into_iter().filter_map(|(_, failed)| {
            let is_shrunk = !owner[&*failed.repro].unshrunk.contains_key(&failed.repro);
            is_shrunk.then(|| (shrunk_name(&failed.repro), owner[&*failed.repro].shard))
        });
        let kept = all().map(|(_, failed)| (failed.repro.clone(), owner[&*failed.repro].shard));
        let mut files = BTreeMap::new();
        for (name, shard) in kept.chain(shrunk) {
            let path = folder.repros(shard).join(&name);
            if !path.is_file() {
                let message = format!(
                    "is not there, and the result of shard {shard} names it\n = help: remove that result, and run the shard again"
                );
                return Err(MergeError::Sweep(SweepError::File { path, message }));
            }
            files.insert(name, path);
        }
        Ok(files)
    }
}

impl Merged {
    /// Puts the repro files into `folder`, which is made if need be.
    ///
    /// # Errors
    /// If one cannot be read or written.
    pub fn write_repros(&self, folder: &Path) -> Result<(), SweepError> {
        let copy = |from: &Path, to: &Path| -> io::Result<()> {
            let mut draft = Draft::new(folder)?;
            draft.write_all(&read_own(from)?)?;
            draft.replace(to)
        };
        let fail = |path: PathBuf, error: io::Error| SweepError::unwritable(path, &error, error.to_string());
        fs::create_dir_all(folder).map_err(|error| fail(folder.to_owned(), error))?;
        for (name, from) in &self.repros {
            let to = folder.join(name);
            copy(from, &to).map_err(|error| fail(to, error))?;
        }
        Ok(())
    }
}

impl fmt::Display for MergeError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            MergeError::Sweep(error) => error.fmt(out),
            MergeError::Missing(missing) => {
                let names: Vec<String> = missing.shards.iter().take(8).map(Shard::to_string).collect();
                let rest = missing.shards.len() - names.len();
                let more = if rest > 0 { format!(" and {rest} more") } else { String::new() };
                write!(
                    out,
                    "error: {} are missing, of the shards {}{more}",
                    synod_sim::units::plural(missing.runs, "run"),
                    names.join(", ")
                )
            }
            MergeError::Disagreement(found) => {
                let point =
                    if found.point.is_empty() { String::new() } else { format!(" of {}", found.point) };
                write!(
                    out,
                    "{}: error: does not agree with {} on seeds {}..{}{point}\n = help: a run is the same everywhere, so one \
                     of the machines or builds is wrong: compare by synod diff",
                    found.second.display(),
                    found.first.display(),
                    found.seeds.start,
                    found.seeds.end
                )
            }
        }
    }
}

impl std::error::Error for MergeError {}
