//! From the results of shards to what one process would have come to.
//!
//! Results may come in any order, and more than once: what is there twice has to be the same, and counts once.

use super::Shard;
use super::folder::CampaignFolder;
use super::result::ShardResult;
use super::shrunk::{first, shrunk_name};
use crate::draft::Draft;
use crate::files::read_own;
use crate::sweep::{Failed, HashTree, Point, SweepError, SweepResult, Tally};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::fs;
use std::io::{self, Write};
use std::ops::Range;
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
    pub seeds: Range<u64>,
}

/// Merges the results of a campaign, whose points are these.
///
/// # Errors
/// If a result is damaged or of another campaign, if something is missing, or if two results do not agree.
pub fn merge(folder: &CampaignFolder, points: &[Point]) -> Result<Merged, MergeError> {
    let cover = Cover::of(folder, points)?;
    if let Some(missing) = cover.missing() {
        return Err(MergeError::Missing(missing));
    }
    cover.conclude(points)
}

/// The blocks that results have, and what they come to.
pub(super) struct Cover<'a> {
    folder: &'a CampaignFolder,
    /// The digests of each block, and which result it is of.
    blocks: Vec<Option<(HashTree, usize)>>,
    tallies: Vec<Tally>,
    /// All results, by the order in which they were read.
    pub(super) results: Vec<ReadResult>,
    repeated: u64,
    unstable: u64,
}

/// What is left of the shards that there are so many of.
struct Cut {
    of: u32,
    /// Runs that are to be made.
    runs: u64,
    /// Shards that are not finished.
    shards: Vec<Shard>,
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

impl<'a> Cover<'a> {
    /// Reads all results of a campaign.
    ///
    /// # Errors
    /// If one is damaged or of another campaign, or if two do not agree.
    pub(super) fn of(folder: &'a CampaignFolder, points: &[Point]) -> Result<Cover<'a>, MergeError> {
        let mut files = folder.results().map_err(MergeError::Sweep)?;
        let (cover, has_overlaps) = Cover::read(folder, points, &files)?;
        if !has_overlaps {
            return Ok(cover);
        }
        // Cut otherwise at different times. A cut of which all is there comes first, then what is whole, then what is
        // longest.
        let whole: BTreeSet<u32> =
            cover.cuts().into_iter().filter(|cut| cut.shards.is_empty()).map(|cut| cut.of).collect();
        let rank = |path: &PathBuf| {
            let result = cover.results.iter().find(|result| result.path == *path).expect("it was read");
            (!whole.contains(&result.shard.of()), !result.finished, u64::MAX - result.blocks)
        };
        files.sort_by_cached_key(|path| (rank(path), path.clone()));
        Cover::read(folder, points, &files).map(|(cover, _)| cover)
    }

    /// Reads results in this order, and says whether one had to be left out that has blocks of its own.
    fn read(
        folder: &'a CampaignFolder,
        points: &[Point],
        files: &[PathBuf],
    ) -> Result<(Cover<'a>, bool), MergeError> {
        let mut cover = Cover {
            folder,
            blocks: vec![None; folder.block_count() as usize],
            tallies: vec![Tally::default(); folder.plan().width()],
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
            self.tallies[place].merge(&point.tally, self.folder.plan().kept);
            for (part, tree) in point.blocks {
                let block = self.number(place, part);
                self.blocks[block] = Some((tree, number));
            }
        }
        Ok(true)
    }

    fn number(&self, place: usize, part: u64) -> usize {
        self.folder.blocks().number(place, part) as usize
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
        let start = seeds.start + part * self.folder.plan().block;
        Disagreement {
            first: self.results[owner].path.clone(),
            second: path.to_owned(),
            point: points[place].label.clone(),
            seeds: start..seeds.end.min(start + self.folder.plan().block),
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

    /// Returns what is missing, if anything: of the cut that has the least left to make.
    pub(super) fn missing(&self) -> Option<MissingShards> {
        let is_whole = self.blocks.iter().all(Option::is_some)
            && self.results.iter().all(|result| result.finished || !result.is_used);
        if is_whole {
            return None;
        }
        let cut = self.cuts().into_iter().min_by_key(|cut| (cut.runs, cut.shards.len(), cut.of));
        let Cut { runs, shards, .. } = cut.expect("the plan has one");
        Some(MissingShards { runs, shards })
    }

    /// Returns which of the plan's own shards are not finished.
    pub(super) fn left(&self) -> Vec<Shard> {
        self.cut(self.folder.plan().shards).shards
    }

    /// Returns what is left of each way in which results are cut, and of the plan's own.
    fn cuts(&self) -> Vec<Cut> {
        let cuts: BTreeSet<u32> =
            self.results.iter().map(|result| result.shard.of()).chain([self.folder.plan().shards]).collect();
        cuts.into_iter().map(|of| self.cut(of)).collect()
    }

    fn cut(&self, of: u32) -> Cut {
        // Of a shard whose result is there twice, the one that is further counts.
        let mut made: BTreeMap<Shard, (bool, u64)> = BTreeMap::new();
        for result in self.results.iter().filter(|result| result.shard.of() == of) {
            let known = made.entry(result.shard).or_default();
            *known = (*known).max((result.finished, result.runs));
        }
        let mut cut = Cut { of, runs: 0, shards: Vec::new() };
        for index in 0..of {
            let shard = Shard::new(index, of).expect("it is below the number of shards");
            let (finished, runs) = made.get(&shard).copied().unwrap_or_default();
            if !finished {
                cut.shards.push(shard);
                cut.runs += self.folder.runs_of(shard) - runs;
            }
        }
        cut
    }

    fn conclude(mut self, points: &[Point]) -> Result<Merged, MergeError> {
        for (place, tally) in self.tallies.iter_mut().enumerate() {
            let Range { start, end } = self.folder.blocks().of_point(place);
            for block in &self.blocks[start as usize..end as usize] {
                let (tree, _) = block.as_ref().expect("nothing is missing");
                tally.follow(tree);
            }
        }
        let repros = self.repros()?;
        Ok(Merged {
            swept: SweepResult::of(points, self.tallies, true, self.unstable),
            results: self.results.len() as u64,
            repeated: self.repeated,
            repros,
        })
    }

    /// Returns where the repro files of the failures lie that are kept, and what the first of them were shrunk to.
    fn repros(&self) -> Result<BTreeMap<String, PathBuf>, MergeError> {
        let used = self.results.iter().filter(|result| result.is_used);
        let owner: BTreeMap<&str, &ReadResult> = used
            .flat_map(|result| result.failures.iter().map(move |(_, one)| (&*one.repro, result)))
            .collect();
        let all = || {
            let tallies = self.tallies.iter().enumerate();
            tallies.flat_map(|(place, tally)| tally.failures.iter().map(move |failed| (place, failed)))
        };
        let shrunk = first(all(), self.folder.plan().shrunk);
        let shrunk = shrunk.into_iter().filter_map(|(_, failed)| {
            let is_shrunk = !owner[&*failed.repro].unshrunk.contains_key(&failed.repro);
            is_shrunk.then(|| (shrunk_name(&failed.repro), owner[&*failed.repro].shard))
        });
        let kept = all().map(|(_, failed)| (failed.repro.clone(), owner[&*failed.repro].shard));
        let mut files = BTreeMap::new();
        for (name, shard) in kept.chain(shrunk) {
            let path = self.folder.repros(shard).join(&name);
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::Altered;
    use crate::sweep::Seeds;
    use crate::{CampaignPlan, CampaignSource, PlanOptions, ShardPlan, run_shard};
    use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

    /// A campaign of twenty runs in five blocks, with an empty folder.
    fn campaign(folder: &Path, scenario: Altered) -> (CampaignFolder, Vec<Point>) {
        let points = vec![Point::new(Vec::new(), Box::new(scenario), Seeds(0..20))];
        let options = PlanOptions { block: Some(4), shards: 2, kept: 1, shrunk: 0 };
        let plan = CampaignPlan::new(CampaignSource::Sweep, &[&points[0]], &options).expect("it is sound");
        (CampaignFolder::create(folder, plan, false).expect("it can be written"), points)
    }

    fn run(folder: &CampaignFolder, points: &[Point], shard: &str) {
        let registry = synod::standard();
        let shard = shard.parse().expect("a shard");
        let plan = ShardPlan { registry: &registry, folder, points, shard, jobs: 1, waits: false };
        let made = run_shard(&plan, &mut |_| {}, &AtomicBool::new(false)).expect("it runs");
        assert!(made.finished);
    }

    /// A scenario whose every run is another one.
    fn restless(is_reproducible: bool) -> Altered {
        let runs = AtomicU64::new(0);
        Altered::new(is_reproducible, move |_| runs.fetch_add(1, Ordering::Relaxed))
    }

    #[test]
    fn results_that_were_cut_in_different_ways_count_once() {
        let folder = tempfile::tempdir().expect("a folder");
        let (folder, points) = campaign(folder.path(), Altered::new(true, |seed| seed));
        run(&folder, &points, "1/2");
        run(&folder, &points, "0/3");
        let Err(MergeError::Missing(missing)) = merge(&folder, &points) else { panic!("it is not whole") };
        // Block 3 is in both. Of two shards one is left, and of three two.
        let names: Vec<String> = missing.shards.iter().map(Shard::to_string).collect();
        assert_eq!((missing.runs, names), (12, vec!["0/2".to_owned()]));
        run(&folder, &points, "0/2");
        let merged = merge(&folder, &points).expect("it is whole");
        assert_eq!((merged.results, merged.repeated, merged.swept.total.runs), (3, 2, 20));
    }

    #[test]
    fn results_of_a_pure_function_have_to_agree() {
        let folder = tempfile::tempdir().expect("a folder");
        let (folder, points) = campaign(folder.path(), restless(true));
        run(&folder, &points, "0/1");
        run(&folder, &points, "1/2");
        let error = merge(&folder, &points).expect_err("they do not");
        let MergeError::Disagreement(found) = error else { panic!("{error}") };
        assert_eq!(found.seeds, 4..8);
        assert!(found.first.ends_with("shard-00000-of-00001.json"), "{found:?}");
        assert!(found.second.ends_with("shard-00001-of-00002.json"), "{found:?}");
    }

    #[test]
    fn a_finished_result_stays_and_one_that_differs_is_kept_beside_it() {
        let folder = tempfile::tempdir().expect("a folder");
        let (folder, points) = campaign(folder.path(), Altered::new(true, |seed| seed));
        run(&folder, &points, "0/1");
        let shard: Shard = "0/1".parse().expect("a shard");
        let made = |folder: &CampaignFolder| folder.load(shard).expect("it reads").expect("it is there");
        let whole = made(&folder);
        // As if no lock had kept two processes apart.
        let begun = ShardResult::new(folder.hash(), shard);
        assert!(folder.save(&begun, true).expect("it can be written"), "another one has finished it");
        assert_eq!(made(&folder), whole);
        let elsewhere = tempfile::tempdir().expect("a folder");
        let (elsewhere, altered) = campaign(elsewhere.path(), Altered::new(true, |seed| seed + 1_000));
        run(&elsewhere, &altered, "0/1");
        assert!(!folder.save(&made(&elsewhere), true).expect("it can be written"));
        assert_eq!(made(&folder), whole);
        let error = merge(&folder, &points).expect_err("they differ");
        assert!(matches!(error, MergeError::Disagreement(_)), "{error}");
    }

    #[test]
    fn of_what_is_no_pure_function_the_first_counts_and_there_is_no_digest() {
        let folder = tempfile::tempdir().expect("a folder");
        let (folder, points) = campaign(folder.path(), restless(false));
        run(&folder, &points, "0/1");
        run(&folder, &points, "1/2");
        let merged = merge(&folder, &points).expect("the first counts");
        assert_eq!((merged.swept.unstable, merged.swept.total.runs), (2, 20));
        assert_eq!(merged.swept.total.digest(), "none");
    }
}
