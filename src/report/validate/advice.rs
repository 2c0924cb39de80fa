//! What to do about what failed: a command for each.

use crate::shell::as_typed;
use serde::Serialize;
use synod_campaign::{Readiness, ScenarioResult, State, TargetResult};

/// What failed, and the command that shows it.
#[derive(Debug, PartialEq, Serialize)]
pub(super) struct Advice {
    /// The scenario, by its name.
    pub(super) scenario: String,
    /// What is wrong.
    pub(super) what: String,
    /// What shows it again.
    pub(super) command: String,
}

/// Returns what to do about each run that failed and is named, and about each target that was missed on one point.
pub(super) fn advice(readiness: &Readiness) -> Vec<Advice> {
    let runs = readiness.points.iter().flat_map(|point| {
        let failures = point.failures.iter();
        failures.map(|run| of_run(point, run.seed, format!("{}: {}", point.point, run.reason)))
    });
    let targets = readiness.criteria.iter().flat_map(|criterion| &criterion.targets);
    let missed = targets.filter(|target| target.state == State::Missed);
    runs.chain(missed.filter_map(|target| of_target(readiness, target))).collect()
}

fn of_run(point: &ScenarioResult, seed: u64, what: String) -> Advice {
    let command = format!("synod run {} --seed {seed}", as_typed(&point.file, &point.settings));
    Advice { scenario: point.scenario.clone(), what, command }
}

fn of_target(readiness: &Readiness, target: &TargetResult) -> Option<Advice> {
    let place = target.measured_on.as_ref()?;
    let point = readiness.points.iter().find(|point| point.point == *place)?;
    let what = format!("{place} misses {}", target.name);
    if point.runs == 1 {
        let seed = point.seeds.split("..").next()?.parse().ok()?;
        return Some(of_run(point, seed, what));
    }
    let typed = as_typed(&point.file, &point.settings);
    let command = format!("synod sweep {typed} --seeds {}", point.seeds);
    Some(Advice { scenario: point.scenario.clone(), what, command })
}
