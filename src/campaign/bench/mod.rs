//! Benchmarks: a suite's points, each with many seeds, and what they come to together.

mod baseline;
mod machine;
mod matrix;
mod results;
mod suite;
mod timeline;

use super::host::Stopwatch;
use super::sweep::{SweepError, SweepPlan, SweepProgress, SweepResult, Tally, sweep};
pub use baseline::{Baseline, BaselineError, Comparison, FigureChange};
pub use machine::{Machine, PointCost};
pub use matrix::{Matrix, PointSpec, SeedChoice, is_suite, matrix};
pub(super) use results::rounded;
pub use results::{Estimate, Latency, Law, Number, Percentiles, PointResult, Results, Sample, SeriesTitle};
use std::cell::RefCell;
use std::path::Path;
use std::rc::Rc;
use std::sync::atomic::AtomicBool;
pub use suite::{Failures, schema as suite_schema};
pub use timeline::{FaultWindow, Timeline};

/// What to benchmark.
#[derive(Debug)]
pub struct BenchPlan<'a> {
    /// The suite's points.
    pub matrix: &'a Matrix,
    /// How many threads work; 0 for as many as there are processors. One alone, where the simulator is measured.
    pub jobs: usize,
    /// Where repro files and the checkpoint go.
    pub folder: &'a Path,
    /// Go on from the folder's checkpoint, if there is one.
    pub resume: bool,
}

/// Results of a benchmark.
#[derive(Clone, Debug)]
pub struct BenchResult {
    /// What it has shown.
    pub results: Results,
    /// The whole samples of each point.
    pub tallies: Vec<Tally>,
    /// What it took of the machine.
    pub machine: Machine,
    /// False if it was interrupted.
    pub complete: bool,
}

/// How many failures of each point are kept as repro files.
pub(super) const KEPT: u64 = 3;

/// Makes the runs of a benchmark. `stop`, once true, ends it after the runs in flight; whatever ends it, the folder's
/// checkpoint holds what was done.
///
/// # Errors
/// As for a sweep.
pub fn bench(
    plan: &BenchPlan<'_>,
    on_progress: &mut dyn FnMut(SweepProgress<'_>),
    stop: &AtomicBool,
) -> Result<BenchResult, SweepError> {
    let watch = Stopwatch::start();
    let Matrix { specs, points, .. } = plan.matrix;
    // Threads that work beside each other would measure each other.
    let jobs = if specs.iter().any(|spec| spec.host) { 1 } else { plan.jobs };
    let sweeping =
        SweepPlan { points, jobs, max_failures: None, kept: KEPT, folder: plan.folder, resume: plan.resume };
    let swept = sweep(&sweeping, on_progress, stop)?;
    BenchResult::of(plan.matrix, swept, &watch)
}

impl BenchResult {
    /// Returns what the runs of a suite came to; `watch` has measured what they took of the machine.
    ///
    /// # Errors
    /// If the run that a point is to be shown by over time cannot be made.
    pub fn of(matrix: &Matrix, swept: SweepResult, watch: &Stopwatch) -> Result<BenchResult, SweepError> {
        let mut measured = Results::of(matrix, &swept.tallies);
        if swept.complete {
            for place in (0..matrix.points.len()).filter(|place| matrix.specs[*place].timeline) {
                measured[place].timeline = Some(timeline(matrix, place)?);
            }
        }
        let title =
            |(name, about): &(String, String)| SeriesTitle { name: name.clone(), about: about.clone() };
        let mut results = Results {
            suite: matrix.name.clone(),
            about: matrix.about.clone(),
            version: synod_sim::VERSION.to_owned(),
            passed: false,
            unknown: swept.total.unknown,
            digest: swept.total.digest(),
            uncovered: swept.uncovered,
            excesses: swept.excesses.iter().map(ToString::to_string).collect(),
            series: matrix.series.iter().map(title).collect(),
            points: measured,
        };
        results.passed = swept.complete && results.verdict().passed();
        let machine = Machine::of(&matrix.points, &swept.tallies, &watch.stop());
        Ok(BenchResult { results, tallies: swept.tallies, machine, complete: swept.complete })
    }
}

/// Returns the first run of a point over time.
fn timeline(matrix: &Matrix, place: usize) -> Result<Timeline, SweepError> {
    let point = &matrix.points[place];
    let notes = Rc::new(RefCell::new(timeline::TimelineRecorder::default()));
    let outcome =
        point.scenario.run(point.seeds.0.start, Some(notes.clone())).map_err(SweepError::Scenario)?;
    Ok(notes.take().into_timeline(&outcome))
}
