//! A sweep as one JSON object.

use super::{SweepTitle, number, shortfalls, unstable, warnings};
use serde::Serialize;
use serde_json::Value;
use std::collections::BTreeMap;
use synod_campaign::{Excess, SweepResult, SweepTally, Unjudged};
use synod_harness::RunVerdict;
use synod_stats::wilson;

/// The object: what all runs came to, and with a grid beside it what those of each point did.
#[derive(Serialize)]
struct Sweep<'a> {
    scenario: &'a str,
    seeds: &'a str,
    verdict: &'static str,
    complete: bool,
    #[serde(flatten)]
    figures: Figures<'a>,
    uncovered: &'a [String],
    excesses: &'a [Excess],
    /// Blocks of runs that came to something else when they were made again.
    #[serde(skip_serializing_if = "is_none")]
    unstable: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    points: Option<Vec<AtPoint<'a>>>,
}

#[derive(Serialize)]
struct AtPoint<'a> {
    point: &'a str,
    #[serde(flatten)]
    figures: Figures<'a>,
}

#[derive(Serialize)]
struct Figures<'a> {
    runs: u64,
    passed: u64,
    failed: u64,
    unknown: u64,
    success_rate: f64,
    ci95: [f64; 2],
    failures: Vec<Failure<'a>>,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    unjudged: &'a [Unjudged],
    metrics: BTreeMap<&'a str, OverRuns>,
    coverage: &'a BTreeMap<String, u64>,
    violations: &'a BTreeMap<String, u64>,
    unmet: &'a BTreeMap<String, u64>,
    faults: &'a BTreeMap<String, u64>,
    warnings: Vec<String>,
    digest: String,
}

#[derive(Serialize)]
struct Failure<'a> {
    seed: u64,
    oracle: &'a str,
    repro: &'a str,
}

#[derive(Serialize)]
struct OverRuns {
    p50: Option<Value>,
    p95: Option<Value>,
    p99: Option<Value>,
    mean: Option<Value>,
    standard_error: Option<Value>,
}

/// Returns the sweep as one JSON object, the same to the byte for the same scenario, seeds and version.
///
/// # Panics
/// Never: every name and number in it has a JSON form.
pub fn sweep_object(title: &SweepTitle<'_>, swept: &SweepResult) -> String {
    let mut total = figures(&swept.total);
    total.warnings.extend(shortfalls(swept).chain(unstable(swept)));
    let points = || {
        let points = title.points.iter().zip(&swept.tallies);
        points.map(|(&point, tally)| AtPoint { point, figures: figures(tally) }).collect()
    };
    let sweep = Sweep {
        scenario: title.scenario,
        seeds: title.seeds,
        verdict: match (swept.complete, swept.verdict()) {
            (false, _) => "interrupted",
            (true, RunVerdict::Pass) => "pass",
            (true, RunVerdict::Fail) => "fail",
            (true, RunVerdict::Unknown) => "unknown",
        },
        complete: swept.complete,
        figures: total,
        uncovered: &swept.uncovered,
        excesses: &swept.excesses,
        unstable: swept.unstable,
        points: title.has_grid().then(points),
    };
    serde_json::to_string_pretty(&sweep).expect("a sweep has a JSON form")
}

fn is_none(count: &u64) -> bool {
    *count == 0
}

fn figures(tally: &SweepTally) -> Figures<'_> {
    let (runs, passed) = (tally.runs, tally.passed());
    let failures = tally.failures.iter();
    let metrics = tally.metrics.iter().map(|(name, histogram)| {
        let of = |percent| histogram.percentile(percent).map(number);
        let [mean, standard_error] = [histogram.mean(), histogram.standard_error()].map(|of| of.map(number));
        (name.as_str(), OverRuns { p50: of(50), p95: of(95), p99: of(99), mean, standard_error })
    });
    Figures {
        runs,
        passed,
        failed: tally.failed,
        unknown: tally.unknown,
        unjudged: &tally.unjudged,
        success_rate: if runs == 0 { 0.0 } else { passed as f64 / runs as f64 },
        ci95: wilson(passed, runs),
        failures: failures
            .map(|one| Failure { seed: one.seed, oracle: &one.oracle, repro: &one.repro })
            .collect(),
        metrics: metrics.collect(),
        coverage: &tally.coverage,
        violations: &tally.violations,
        unmet: &tally.unmet,
        faults: &tally.faults,
        warnings: warnings(tally),
        digest: tally.digest(),
    }
}
