//! Validation: every scenario of a catalogue, what their runs show together, and whether that is ready.

mod catalogue;
mod judge;
mod measure;
mod readiness;

use super::sweep::{Point, SweepError, SweepPlan, SweepProgress, SweepResult, sweep};
pub use catalogue::{Catalogue, CatalogueError};
use judge::judge;
use measure::Evidence;
pub use readiness::{
    CriterionResult, FailedRun, Readiness, ReadinessVerdict, RequirementResult, ScenarioResult, State,
    TargetResult,
};
use std::path::Path;
use std::sync::atomic::AtomicBool;
use synod_harness::Registry;

/// What to validate.
pub struct ValidatePlan<'a> {
    /// The protocols that there are.
    pub registry: &'a Registry,
    /// What to run.
    pub catalogue: &'a Catalogue,
    /// How many threads work; 0 for as many as there are processors.
    pub jobs: usize,
}

/// How many failures of each point are named.
const NAMED: u64 = 3;

/// Makes the runs of a validation. `on_progress` hears of every point that has ended, once, in order, and how far the
/// whole is. `stop`, once true, ends it after the runs in flight.
///
/// # Errors
/// As for a sweep.
pub fn validate(
    plan: &ValidatePlan<'_>,
    on_progress: &mut dyn FnMut(SweepProgress<'_>, &[ScenarioResult]),
    stop: &AtomicBool,
) -> Result<Readiness, SweepError> {
    let catalogue = plan.catalogue;
    let mut ended = 0;
    let swept = run(plan, &catalogue.points, stop, &mut |progress| {
        let both = catalogue.points.iter().zip(&catalogue.cases).zip(progress.tallies);
        let are_done = both.skip(ended).map_while(|((point, case), tally)| {
            (tally.runs == point.seeds.count()).then(|| ScenarioResult::of(point, case, tally))
        });
        let are_done: Vec<ScenarioResult> = are_done.collect();
        ended += are_done.len();
        on_progress(progress, &are_done);
    })?;
    let again = if swept.complete && catalogue.repeats() {
        Some(run(plan, catalogue.scenarios(), stop, &mut |progress| {
            let runs = swept.total.runs + progress.runs;
            on_progress(SweepProgress { runs, failed: swept.total.failed, ..progress }, &[]);
        })?)
    } else {
        None
    };
    let complete = swept.complete && again.as_ref().is_none_or(|again| again.complete);
    let evidence = Evidence {
        registry: plan.registry,
        catalogue,
        tallies: &swept.tallies,
        again: again.as_ref().filter(|_| complete).map_or(&[], |again| &again.tallies),
    };
    Ok(judge(&evidence, complete, swept.total.digest()))
}

/// Runs points in a folder that nobody sees: the report names scenarios and seeds, which is all that a run needs.
fn run(
    plan: &ValidatePlan<'_>,
    points: &[Point],
    stop: &AtomicBool,
    on_progress: &mut dyn FnMut(SweepProgress<'_>),
) -> Result<SweepResult, SweepError> {
    let unwritable = |error: std::io::Error| {
        SweepError::unwritable(std::env::temp_dir(), &error, format!("no folder can be made here: {error}"))
    };
    let folder = tempfile::tempdir().map_err(unwritable)?;
    let folder: &Path = folder.path();
    let plan = SweepPlan { points, jobs: plan.jobs, max_failures: None, kept: NAMED, folder, resume: false };
    sweep(&plan, on_progress, stop)
}
