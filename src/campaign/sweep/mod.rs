//! Many seeds, in parallel: counts, rates, percentiles and failures, the same however many threads worked on them.

mod checkpoint;
mod grid;
mod histogram;
mod seeds;
mod tally;
mod wilson;

use super::host::Stopwatch;
use super::registry::Prepared;
use super::repro::Repro;
use checkpoint::{Checkpoint, Folder, Identity};
pub use grid::{Point, grid};
pub use histogram::Histogram;
use rayon::prelude::*;
pub use seeds::Seeds;
use std::ops::Range;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use tally::Batch;
pub use tally::{Failed, Tally};
pub use wilson::wilson;

/// What to sweep.
#[derive(Debug)]
pub struct SweepPlan<'a> {
    /// The scenario with each of the grid's combinations.
    pub points: &'a [Point],
    /// The seeds that each point runs with.
    pub seeds: Seeds,
    /// How many threads work; 0 for as many as there are processors.
    pub jobs: usize,
    /// The sweep ends with the failure of this number, in the order of points and seeds.
    pub max_failures: Option<u64>,
    /// How many failures are kept with their repro files; the rest are counted.
    pub kept: usize,
    /// Where repro files and the checkpoint go.
    pub folder: &'a Path,
    /// Go on from the folder's checkpoint, if there is one.
    pub resume: bool,
}

/// What a sweep came to.
#[derive(Clone, Debug)]
pub struct Swept {
    /// What the runs of each point came to.
    pub tallies: Vec<Tally>,
    /// False if it was interrupted.
    pub complete: bool,
}

/// How far a sweep is.
#[derive(Copy, Clone, Debug)]
pub struct Headway {
    /// Runs made so far, with those before it was resumed.
    pub runs: u64,
    /// How many of them failed.
    pub failed: u64,
}

/// The most runs of a batch, which one thread makes in a row.
const MAX_BATCH: u64 = 256;

/// Batches of a thread between two moments at which all results are gathered.
const BATCHES: u64 = 8;

/// How long batches should take together between two such moments, in milliseconds.
const PACE_MS: f64 = 200.0;

/// Sweeps. `stop`, once true, ends it after the runs in flight.
///
/// # Errors
/// In words: a folder that cannot be written, that another sweep uses or that holds another sweep's results; a scenario
/// whose network cannot be made.
pub fn sweep(
    plan: &SweepPlan<'_>,
    onlooker: &mut dyn FnMut(Headway),
    stop: &AtomicBool,
) -> Result<Swept, String> {
    let identity = identity(plan)?;
    let folder = Folder::open(plan.folder)?;
    let tallies = vec![Tally::default(); plan.points.len()];
    let mut state = match folder.load()? {
        None => Checkpoint { identity, tallies, finished: false },
        Some(_) if !plan.resume => {
            return Err(format!(
                "{}: error: this folder holds a sweep already\n = help: go on with it by --resume, or choose another folder by --output",
                plan.folder.display()
            ));
        }
        Some(found) => match found.identity.difference(&identity) {
            None => found,
            Some(what) => {
                return Err(format!(
                    "{}: error: the sweep in this folder is of {what}",
                    plan.folder.display()
                ));
            }
        },
    };
    let threads = rayon::ThreadPoolBuilder::new()
        .num_threads(plan.jobs)
        .build()
        .map_err(|error| format!("error: threads cannot be started: {error}"))?;
    let mut length = 1;
    let mut since = Stopwatch::start();
    for (place, point) in plan.points.iter().enumerate() {
        let mut next = plan.seeds.0.start + state.tallies[place].runs;
        while next < plan.seeds.0.end && !state.finished && !stop.load(Ordering::Relaxed) {
            let window = Stopwatch::start();
            let batches = cut(next..plan.seeds.0.end, length, BATCHES * threads.current_num_threads() as u64);
            let made: Vec<_> = threads.install(|| {
                batches
                    .par_iter()
                    .map(|seeds| batch(&*point.scenario, seeds.clone(), u64::MAX, stop))
                    .collect()
            });
            for (seeds, made) in batches.into_iter().zip(made) {
                let mut made = made?;
                let left = plan.max_failures.map_or(u64::MAX, |most| most - failed(&state.tallies));
                if made.failed.len() as u64 >= left {
                    // Made again up to the failure that ends the sweep: what came after must not count.
                    made = batch(&*point.scenario, seeds.clone(), left, &AtomicBool::new(false))?;
                    state.finished = true;
                }
                next += made.runs();
                let is_whole = made.runs() == seeds.end - seeds.start;
                keep(plan, place, &made, &mut state.tallies[place])?;
                state.tallies[place].absorb(made);
                if !is_whole || state.finished {
                    break;
                }
            }
            let runs = state.tallies.iter().map(|tally| tally.runs).sum();
            onlooker(Headway { runs, failed: failed(&state.tallies) });
            length = match window.stop().wall_ms {
                wall if wall < PACE_MS / 2.0 => (length * 2).min(MAX_BATCH),
                wall if wall > PACE_MS * 2.0 => (length / 2).max(1),
                _ => length,
            };
            if since.stop().wall_ms > 1_000.0 {
                folder.save(&state)?;
                since = Stopwatch::start();
            }
        }
    }
    let span = plan.seeds.0.end - plan.seeds.0.start;
    state.finished |= state.tallies.iter().all(|tally| tally.runs == span);
    folder.save(&state)?;
    Ok(Swept { complete: state.finished, tallies: state.tallies })
}

fn failed(tallies: &[Tally]) -> u64 {
    tallies.iter().map(|tally| tally.failed).sum()
}

fn identity(plan: &SweepPlan<'_>) -> Result<Identity, String> {
    let mut points = Vec::new();
    for point in plan.points {
        let text = point.scenario.config().map_err(|error| error.to_string())?;
        points.push((point.label.clone(), blake3::hash(text.as_bytes()).to_hex().to_string()));
    }
    Ok(Identity {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        seeds: (plan.seeds.0.start, plan.seeds.0.end),
        max_failures: plan.max_failures,
        points,
    })
}

/// The first `most` pieces of `seeds`, each of this length or, at the end, shorter.
fn cut(seeds: Range<u64>, length: u64, most: u64) -> Vec<Range<u64>> {
    (0..most)
        .map_while(|piece| {
            let start = seeds.start.checked_add(piece * length).filter(|start| *start < seeds.end)?;
            Some(start..start.saturating_add(length).min(seeds.end))
        })
        .collect()
}

/// Makes the runs of `seeds`, up to the failure of number `most` and as long as nobody says stop.
fn batch(scenario: &dyn Prepared, seeds: Range<u64>, most: u64, stop: &AtomicBool) -> Result<Batch, String> {
    let mut batch = Batch::default();
    for seed in seeds {
        if stop.load(Ordering::Relaxed) || batch.failed.len() as u64 >= most {
            break;
        }
        batch.enter(&scenario.run(seed, None).map_err(|error| error.to_string())?);
    }
    Ok(batch)
}

/// Writes the repro files of a batch's failures, as far as they are kept.
fn keep(plan: &SweepPlan<'_>, place: usize, batch: &Batch, tally: &mut Tally) -> Result<(), String> {
    let scenario = &*plan.points[place].scenario;
    for (seed, oracle) in batch.failed.iter().take(plan.kept.saturating_sub(tally.failures.len())) {
        let repro = match plan.points.len() {
            1 => format!("seed-{seed}.yaml"),
            _ => format!("point-{place}-seed-{seed}.yaml"),
        };
        let outcome = scenario.run(*seed, None).map_err(|error| error.to_string())?;
        let path = plan.folder.join(&repro);
        let written = Repro::of(scenario, &outcome).map_err(|error| error.to_string())?.write(&path);
        written.map_err(|error| format!("{}: error: {error}", path.display()))?;
        tally.failures.push(Failed { seed: *seed, oracle: oracle.clone(), repro });
    }
    Ok(())
}
