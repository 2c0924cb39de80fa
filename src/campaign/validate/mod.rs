//! Validation: every scenario of a catalogue, what their runs show together, and whether that is ready.

mod catalogue;
mod judge;
mod measure;
mod readiness;

use super::sweep::{Point, SweepError, SweepPlan, SweepProgress, SweepResult, Tally, sweep};
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
pub(super) const NAMED: u64 = 3;

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
    let again = again.filter(|_| complete).map_or_else(Vec::new, |again| again.tallies);
    Ok(Readiness::of(plan.registry, catalogue, &swept, &again, complete))
}

impl Readiness {
    /// Returns what the merged runs of a campaign over a catalogue show.
    pub fn merged(registry: &Registry, catalogue: &Catalogue, swept: SweepResult) -> Readiness {
        let mut tallies = swept.tallies;
        let again = tallies.split_off(catalogue.points.len());
        let swept = SweepResult::of(&catalogue.points, tallies, swept.complete, swept.unstable);
        Readiness::of(registry, catalogue, &swept, &again, swept.complete)
    }

    /// Returns what the runs of a catalogue show, and those of its scenarios `again`, if they were made again. They are all
    /// that were to be made, if they are `complete`.
    fn of(
        registry: &Registry,
        catalogue: &Catalogue,
        swept: &SweepResult,
        again: &[Tally],
        complete: bool,
    ) -> Readiness {
        judge(
            &Evidence { registry, catalogue, tallies: &swept.tallies, again },
            complete,
            swept.total.digest(),
        )
    }
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
