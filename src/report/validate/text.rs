//! A validation's findings in words: the same on the terminal, in Markdown and on the page.

use crate::format;
use synod_campaign::{
    CriterionResult, Failures, Number, Readiness, ReadinessVerdict, ScenarioResult, State, TargetResult,
};
use synod_harness::{Dimension, RunVerdict};

/// Returns the whole, in one word.
pub(super) fn verdict(readiness: &Readiness) -> &'static str {
    match (readiness.verdict, readiness.criteria.is_empty(), readiness.passed) {
        (ReadinessVerdict::Ready, ..) => "Ready",
        (ReadinessVerdict::NotReady, ..) => "Not ready",
        (ReadinessVerdict::Unknown, true, true) => "All passed",
        (ReadinessVerdict::Unknown, true, false) => "Not all passed",
        (ReadinessVerdict::Unknown, false, _) => "Not fully measured",
    }
}

/// Why the whole is what it is.
pub(super) fn reasons(readiness: &Readiness) -> Vec<String> {
    let mut reasons = Vec::new();
    let failed = readiness.points.iter().filter(|point| point.verdict() == RunVerdict::Fail).count();
    if failed > 0 {
        reasons.push(match failed {
            1 => "1 scenario or point fails".to_owned(),
            _ => format!("{} scenarios or points fail", format::count(failed as f64)),
        });
    }
    let counted = readiness.points.iter().filter(|point| point.failing == Failures::Counted);
    let counted: u64 = counted.map(ScenarioResult::failed).sum();
    if counted > 0 {
        reasons.push(format!("{} failed where failures are counted", format::plural(counted, "run")));
    }
    if readiness.unknown > 0 {
        reasons.push(format!("{} could not be judged", format::plural(readiness.unknown, "run")));
    }
    let targets = readiness.criteria.iter().flat_map(|criterion| &criterion.targets);
    let missed = targets.filter(|target| target.state == State::Missed);
    let missed: Vec<&str> = missed.map(|target| target.name.as_str()).collect();
    if !missed.is_empty() {
        reasons.push(format!("missed: {}", missed.join(", ")));
    }
    let vetoes: Vec<&str> = readiness
        .criteria
        .iter()
        .filter(|one| one.veto && !one.state.is_held())
        .map(|one| one.name.as_str())
        .collect();
    if !vetoes.is_empty() {
        reasons.push(format!("{} vetoes, whatever the score", vetoes.join(", ")));
    }
    if let Some((score, needed)) = readiness.score.zip(readiness.needed) {
        let least = format::share(needed.0);
        reasons.push(format!("the score is {}, of which {least} are needed", format::share(score.0)));
    }
    let requirements = &readiness.requirements;
    if !requirements.is_empty() {
        let count = |state| requirements.iter().filter(|one| one.state == state).count();
        let held = requirements.iter().filter(|one| one.state.is_held()).count();
        reasons.push(format!(
            "of {} that were asked for, {} hold, {} are missed, {} are not measured",
            format::plural(requirements.len() as u64, "thing"),
            held,
            count(State::Missed),
            count(State::NotMeasured)
        ));
    }
    reasons
}

/// Returns what ran.
pub(super) fn extent(readiness: &Readiness) -> String {
    let scenarios = readiness.points.iter().filter(|point| point.series.is_none()).count();
    let runs: u64 = readiness.points.iter().map(|point| point.runs).sum();
    let others = readiness.points.len() - scenarios;
    let runs = format::plural(runs, "run");
    match others {
        0 => format!("{}, {runs}", format::plural(scenarios as u64, "scenario")),
        _ => format!(
            "{}, {} to measure on, {runs}",
            format::plural(scenarios as u64, "scenario"),
            format::plural(others as u64, "point")
        ),
    }
}

pub(super) fn state(state: State) -> &'static str {
    match state {
        State::Held => "held",
        State::NoException => "no exception",
        State::Missed => "missed",
        State::NotMeasured => "not measured",
    }
}

/// Returns what a criterion counts.
pub(super) fn weight(criterion: &CriterionResult) -> String {
    if criterion.veto { "veto".to_owned() } else { format::share(criterion.score.0) }
}

/// Returns the figure of a target; nothing where there is none.
pub(super) fn figure(target: &TargetResult) -> String {
    target.value.map_or_else(String::new, |value| quantity(target, value))
}

/// Between what the true figure lies; nothing where the figure is no estimate.
pub(super) fn interval(target: &TargetResult) -> String {
    let bound = |bound: Option<Number>| bound.map_or_else(|| "?".to_owned(), |bound| quantity(target, bound));
    match target.interval {
        None => String::new(),
        Some([low, high]) => format!("{} to {}", bound(low), bound(high)),
    }
}

/// Returns what the figure has to be.
pub(super) fn bounds(target: &TargetResult) -> String {
    let words =
        |(name, value): (&&str, &Number)| format!("{} {}", name.replace('_', " "), quantity(target, *value));
    target.expect.iter().map(words).collect::<Vec<_>>().join(", ")
}

/// How much was looked at.
pub(super) fn samples(target: &TargetResult) -> String {
    match target.samples {
        0 => String::new(),
        samples => format::plural(samples, target.sampled),
    }
}

fn quantity(target: &TargetResult, Number(value): Number) -> String {
    let show = match target.unit {
        Dimension::Time => format::time,
        Dimension::Bytes => format::size,
        Dimension::Share => format::share,
        Dimension::Number => format::count,
    };
    show(value)
}
