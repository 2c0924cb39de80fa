//! Many seeds, in parallel: counts, rates, percentiles and failures, the same however many threads worked on them.

mod batch;
mod checkpoint;
mod cost;
mod error;
mod excess;
mod grid;
mod hash_tree;
mod seeds;
mod tally;

use super::host::Stopwatch;
use super::repro::Repro;
use crate::build_id::build_id;
pub(super) use batch::Batch;
pub(super) use checkpoint::repro_name;
use checkpoint::{Checkpoint, Folder, Identity, PointIdentity};
pub use cost::Cost;
pub use error::{SweepError, is_misplaced};
pub use excess::Excess;
pub use grid::{Point, grid};
pub(super) use hash_tree::HashTree;
use rayon::prelude::*;
use rayon::{ThreadPool, ThreadPoolBuilder};
pub use seeds::Seeds;
use std::collections::BTreeSet;
use std::ops::Range;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use synod_harness::RunVerdict;
use synod_scenario::to_yaml;
pub use tally::{Failed, Tally, Unjudged};

/// What to sweep.
#[derive(Debug)]
pub struct SweepPlan<'a> {
    /// What to run, and with which seeds.
    pub points: &'a [Point],
    /// How many threads work; 0 for as many as there are processors.
    pub jobs: usize,
    /// The sweep ends with the failure of this number, in the order of points and seeds.
    pub max_failures: Option<u64>,
    /// How many failures of each point are kept with their repro files; the rest are counted.
    pub kept: u64,
    /// Where repro files and the checkpoint go.
    pub folder: &'a Path,
    /// Go on from the folder's checkpoint, if there is one.
    pub resume: bool,
}

/// Results of a sweep.
#[derive(Clone, Debug)]
pub struct SweepResult {
    /// What the runs of each point came to.
    pub tallies: Vec<Tally>,
    /// What all runs came to.
    pub total: Tally,
    /// False if it was interrupted.
    pub complete: bool,
    /// True if it ended with its last allowed failure, before its last seed.
    pub cut_short: bool,
    /// Marks that the scenario expects to be covered and that no run has hit, once all runs are made.
    pub uncovered: Vec<String>,
    /// Expectations that were missed in more runs than they may be.
    pub excesses: Vec<Excess>,
    /// Blocks of a campaign's runs that were made twice and came to something else, of a protocol that is no pure function.
    pub unstable: u64,
}

impl SweepResult {
    /// Returns what the runs of `points` came to, all of which were made that were to be, if it is `complete`.
    pub(crate) fn of(
        points: &[Point],
        mut tallies: Vec<Tally>,
        complete: bool,
        unstable: u64,
    ) -> SweepResult {
        let has_all = points.iter().zip(&tallies).all(|(point, tally)| is_done(point, tally));
        let reproducible = |point: &Point| point.scenario.is_reproducible();
        for (_, tally) in points.iter().zip(&mut tallies).filter(|(point, _)| !reproducible(point)) {
            tally.forget_digest();
        }
        let total = Tally::over(&tallies);
        let wanted: BTreeSet<&String> = points.iter().flat_map(|point| point.scenario.covers()).collect();
        let is_missed = |mark: &&String| has_all && !total.coverage.contains_key(*mark);
        let uncovered = wanted.into_iter().filter(is_missed).cloned().collect();
        let excesses = points.iter().zip(&tallies).flat_map(|(point, tally)| excess::excesses(point, tally));
        let excesses = excesses.collect();
        let cut_short = complete && !has_all;
        SweepResult { tallies, complete, cut_short, uncovered, excesses, total, unstable }
    }

    /// Returns the verdict over all runs that were made, whether or not there are more: a failure, a mark that none has
    /// hit, or an expectation that was missed too often, before what could not be judged.
    pub fn verdict(&self) -> RunVerdict {
        if self.total.failed > 0 || !self.uncovered.is_empty() || !self.excesses.is_empty() {
            RunVerdict::Fail
        } else if self.total.unknown > 0 {
            RunVerdict::Unknown
        } else {
            RunVerdict::Pass
        }
    }
}

/// Progress of a sweep.
#[derive(Copy, Clone, Debug)]
pub struct SweepProgress<'a> {
    /// Runs made so far, with those before it was resumed.
    pub runs: u64,
    /// How many of them failed.
    pub failed: u64,
    /// What the runs of each point have come to so far.
    pub tallies: &'a [Tally],
}

/// The most runs of a batch, which one thread makes in a row.
const MAX_BATCH: u64 = 256;

/// Batches of a thread between two moments at which all results are gathered.
const BATCHES: u64 = 16;

/// How long batches should take together between two such moments, in milliseconds.
const PACE_MS: f64 = 200.0;

/// How much time may pass between two checkpoints, in milliseconds.
const CHECKPOINT_MS: f64 = 1_000.0;

/// Sweeps. `stop`, once true, ends it after the runs in flight. Whatever ends it, the folder's checkpoint holds what
/// was done.
///
/// # Errors
/// A folder that cannot be written, that another sweep uses or that holds another sweep's results; a scenario whose
/// network cannot be made; a run that panicked.
pub fn sweep(
    plan: &SweepPlan<'_>,
    on_progress: &mut dyn FnMut(SweepProgress<'_>),
    stop: &AtomicBool,
) -> Result<SweepResult, SweepError> {
    let identity = identity(plan)?;
    let folder = Folder::open(plan.folder)?;
    let mut state = begin(plan, &folder, identity)?;
    let threads = ThreadPoolBuilder::new()
        .num_threads(plan.jobs)
        .build()
        .map_err(|error| SweepError::Threads(error.to_string()))?;
    let ended = run_batches(plan, &threads, &folder, &mut state, on_progress, stop);
    let saved = folder.save(&state);
    ended.and(saved)?;
    Ok(SweepResult::of(plan.points, state.tallies, state.finished, 0))
}

/// Returns what two sweeps share if one can go on from where the other was.
fn identity(plan: &SweepPlan<'_>) -> Result<Identity, SweepError> {
    let mut points = Vec::new();
    for point in plan.points {
        let text = to_yaml(&point.scenario.config()).map_err(SweepError::Scenario)?;
        points.push(PointIdentity {
            label: point.label.clone(),
            digest: blake3::hash(text.as_bytes()).to_hex().to_string(),
            seeds: (point.seeds.0.start, point.seeds.0.end),
        });
    }
    Ok(Identity {
        version: synod_sim::VERSION.to_owned(),
        build: build_id().map(str::to_owned),
        max_failures: plan.max_failures,
        kept: plan.kept,
        points,
    })
}

/// Returns where the sweep starts from: the folder's checkpoint, or nothing.
fn begin(plan: &SweepPlan<'_>, folder: &Folder, identity: Identity) -> Result<Checkpoint, SweepError> {
    match folder.load()? {
        None => {
            let tallies = vec![Tally::default(); plan.points.len()];
            Ok(Checkpoint { identity, tallies, finished: false })
        }
        Some(_) if !plan.resume => Err(folder.refuse(
            "this folder holds a sweep already\n = help: go on with it by --resume, or choose another folder by --output",
        )),
        Some(found) => match found.identity.difference(&identity) {
            None => Ok(found),
            Some(what) => Err(folder.refuse(&format!(
                "the sweep in this folder is of {what}\n = help: go on with that, or sweep anew with another --output"
            ))),
        },
    }
}

/// Makes the runs that are left.
fn run_batches(
    plan: &SweepPlan<'_>,
    threads: &ThreadPool,
    folder: &Folder,
    state: &mut Checkpoint,
    on_progress: &mut dyn FnMut(SweepProgress<'_>),
    stop: &AtomicBool,
) -> Result<(), SweepError> {
    let most = BATCHES * threads.current_num_threads() as u64;
    let (mut length, mut first) = (1, 0);
    let mut saved: Option<Stopwatch> = None;
    on_progress(state.progress());
    while !state.finished && !stop.load(Ordering::Relaxed) {
        let window = Stopwatch::start();
        let begin = plan.points.iter().zip(&state.tallies).position(|(point, tally)| !is_done(point, tally));
        let Some(begin) = begin else { break };
        // How long a run of another point takes is not known yet.
        if begin != first {
            (length, first) = (1, begin);
        }
        let batches = next(plan, state, begin, length, most);
        let make = |(place, seeds)| (place, Batch::make(plan.points, place, seeds, u64::MAX, stop));
        let made: Vec<_> = threads.install(|| batches.into_par_iter().with_max_len(1).map(make).collect());
        for (place, batch) in made {
            if !enter(plan, state, place, batch)? {
                break;
            }
        }
        on_progress(state.progress());
        length = match window.stop().wall_ms {
            wall if wall < PACE_MS / 2.0 => (length * 2).min(MAX_BATCH),
            wall if wall > PACE_MS * 2.0 => (length / 2).max(1),
            _ => length,
        };
        if saved.as_ref().is_none_or(|saved| saved.stop().wall_ms > CHECKPOINT_MS) {
            folder.save(state)?;
            saved = Some(Stopwatch::start());
        }
    }
    state.finished |= has_all(plan, state);
    Ok(())
}

/// Returns true if every run of the point was made.
fn is_done(point: &Point, tally: &Tally) -> bool {
    tally.runs == point.seeds.count()
}

/// Returns true if every run was made.
fn has_all(plan: &SweepPlan<'_>, state: &Checkpoint) -> bool {
    plan.points.iter().zip(&state.tallies).all(|(point, tally)| is_done(point, tally))
}

/// Returns the first `most` batches that are left from the point `begin` on: of its own seeds so many each, and single
/// ones of the points that follow, so that no thread waits for the last runs of a point.
fn next(
    plan: &SweepPlan<'_>,
    state: &Checkpoint,
    begin: usize,
    length: u64,
    most: u64,
) -> Vec<(usize, Range<u64>)> {
    let mut batches = Vec::new();
    for (place, point) in plan.points.iter().enumerate().skip(begin) {
        let room = most - batches.len() as u64;
        if room == 0 {
            break;
        }
        let left = point.seeds.0.start + state.tallies[place].runs..point.seeds.0.end;
        let length = if place == begin { length } else { 1 };
        batches.extend(cut(left, length, room).into_iter().map(|seeds| (place, seeds)));
    }
    batches
}

/// Returns the first `most` pieces of `seeds`, each of this length or, at the end, shorter.
fn cut(seeds: Range<u64>, length: u64, most: u64) -> Vec<Range<u64>> {
    (0..most)
        .map_while(|piece| {
            let start = seeds.start.checked_add(piece * length).filter(|start| *start < seeds.end)?;
            Some(start..start.saturating_add(length).min(seeds.end))
        })
        .collect()
}

/// Enters a batch of the seeds that follow; false if the batches after it do not follow any more.
fn enter(
    plan: &SweepPlan<'_>,
    state: &mut Checkpoint,
    place: usize,
    mut batch: Batch,
) -> Result<bool, SweepError> {
    let left = plan.max_failures.map_or(u64::MAX, |most| most - state.progress().failed);
    if batch.failed.len() as u64 >= left {
        // Made again up to the failure that ends the sweep: what came after must not count.
        batch = Batch::make(plan.points, place, batch.seeds, left, &AtomicBool::new(false));
        state.finished = true;
    }
    let is_whole = batch.is_whole() && !state.finished;
    let broken = batch.broken.take();
    let room = plan.kept.saturating_sub(state.tallies[place].failures.len() as u64);
    let kept = keep(plan.points, place, &batch, room, plan.folder)?;
    state.tallies[place].failures.extend(kept);
    state.tallies[place].absorb(batch);
    broken.map_or(Ok(is_whole), Err)
}

/// Writes the repro files of a batch's failures into `folder`, as far as there is `room` for more that are kept.
pub(super) fn keep(
    points: &[Point],
    place: usize,
    batch: &Batch,
    room: u64,
    folder: &Path,
) -> Result<Vec<Failed>, SweepError> {
    let scenario = &*points[place].scenario;
    let mut kept = Vec::new();
    for ((seed, oracle), _) in batch.failed.iter().zip(0..room) {
        let repro = repro_name((points.len() > 1).then_some(place), *seed);
        let outcome = scenario.run(*seed, None).map_err(SweepError::Scenario)?;
        let path = folder.join(&repro);
        let written = Repro::of(scenario, &outcome).map_err(SweepError::Scenario)?.write(&path);
        written.map_err(|error| SweepError::unwritable(path, &error, error.to_string()))?;
        kept.push(Failed { seed: *seed, oracle: oracle.clone(), repro });
    }
    Ok(kept)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::Altered;

    #[test]
    fn a_run_that_panics_is_named_and_those_before_it_are_kept() {
        let scenario = Altered::new(true, |seed| {
            assert!(![21, 22].contains(&seed), "it breaks");
            seed
        });
        let points = [Point::new(Vec::new(), Box::new(scenario), Seeds(0..40))];
        for jobs in [1, 3] {
            let folder = tempfile::tempdir().expect("a folder");
            let plan = SweepPlan {
                points: &points,
                jobs,
                max_failures: None,
                kept: 10,
                folder: folder.path(),
                resume: false,
            };
            let error = sweep(&plan, &mut |_| {}, &AtomicBool::new(false)).expect_err("it panics");
            assert!(matches!(error, SweepError::Panicked { point: 0, seed: 21 }), "{error}");
            let kept = Folder::open(folder.path()).expect("it is free again").load();
            assert_eq!(kept.expect("it reads").expect("it is there").tallies[0].runs, 21);
        }
    }

    #[test]
    fn seeds_are_cut_without_gaps_up_to_the_last() {
        assert_eq!(cut(3..10, 3, 9), [3..6, 6..9, 9..10]);
        assert_eq!(cut(0..u64::MAX, 2, 2), [0..2, 2..4]);
        assert_eq!(cut(u64::MAX - 3..u64::MAX, 2, 9), [u64::MAX - 3..u64::MAX - 1, u64::MAX - 1..u64::MAX]);
    }
}
