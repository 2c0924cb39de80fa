//! Expectations that chance may let miss, and that were missed more often than that.

use super::grid::Point;
use super::tally::Tally;
use serde::Serialize;
use std::fmt;
use synod_sim::units::Share;
use synod_stats::clopper_pearson;

/// The probability, at most, with which a sweep objects though the true share is no larger than what is allowed.
const DOUBT: f64 = 0.01;

/// An expectation that was missed in more runs of a point than it may be: so many more that chance does not explain it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Excess {
    /// The point of the grid; empty where there is none.
    pub point: String,
    /// The metric.
    pub metric: String,
    /// In how many runs it was missed,
    pub missed: u64,
    /// of how many.
    pub runs: u64,
    /// In which share of all runs it may be missed.
    pub allowed: Share,
    /// In which share of all runs it is missed at least, with 99 % confidence (Clopper and Pearson).
    pub at_least: f64,
}

/// Returns what was missed too often at `point`, whose runs came to `tally`.
pub(super) fn excesses(point: &Point, tally: &Tally) -> Vec<Excess> {
    let judge = |(metric, &allowed): (&String, &Share)| {
        let missed = tally.unmet.get(metric).copied().unwrap_or_default();
        let [at_least, _] = clopper_pearson(missed, tally.runs, DOUBT);
        (at_least > allowed.fraction()).then(|| Excess {
            point: point.label.clone(),
            metric: metric.clone(),
            missed,
            runs: tally.runs,
            allowed,
            at_least,
        })
    };
    point.scenario.may_miss().iter().filter_map(judge).collect()
}

impl fmt::Display for Excess {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Excess { point, metric, missed, runs, allowed, at_least } = self;
        let place = if point.is_empty() { String::new() } else { format!(" at {point}") };
        write!(
            out,
            "{metric} was missed in {missed} of {runs} runs{place}: in {:.3} % of all at least, and {allowed} may",
            at_least * 100.0
        )
    }
}
