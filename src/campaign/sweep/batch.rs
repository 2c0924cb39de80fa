//! A few runs of successive seeds, which one thread makes in a row.

use super::cost::Cost;
use super::error::SweepError;
use super::grid::Point;
use crate::host::Stopwatch;
use std::collections::BTreeMap;
use std::ops::Range;
use std::panic::{self, AssertUnwindSafe};
use std::sync::atomic::{AtomicBool, Ordering};
use synod_harness::{Outcome, RunVerdict};
use synod_oracle::metric::{self, MetricValue};
use synod_oracle::{Drift, Measure};
use synod_stats::Histogram;

/// A few runs of successive seeds.
#[derive(Debug)]
pub(crate) struct Batch {
    /// The seeds that it was to run.
    pub(crate) seeds: Range<u64>,
    /// The digest of each run.
    pub(crate) digests: Vec<u128>,
    /// Seeds that failed, and why.
    pub(crate) failed: Vec<(u64, String)>,
    /// Seeds that did not fail, but could not be judged, and by which oracle.
    pub(crate) unjudged: Vec<(u64, &'static str)>,
    /// Each metric over the runs that have it.
    pub(crate) metrics: BTreeMap<String, Histogram>,
    /// How often each mark was hit.
    pub(crate) coverage: BTreeMap<String, u64>,
    /// How often the premise of each oracle held.
    pub(crate) checked: BTreeMap<String, u64>,
    /// In how many runs each oracle was violated.
    pub(crate) violations: BTreeMap<String, u64>,
    /// In how many runs each expectation was not met.
    pub(crate) unmet: BTreeMap<String, u64>,
    /// In how many runs each fault had an effect.
    pub(crate) faults: BTreeMap<String, u64>,
    /// In how many runs each thing that is planned took effect.
    pub(crate) plans: BTreeMap<String, u64>,
    /// In how many runs an oracle objected that grants no time.
    pub(crate) broken_runs: u64,
    /// In how many runs something was left undecided, or an oracle objected that grants time.
    pub(crate) stuck_runs: u64,
    /// How the figures of the first run drifted, where its scenario asks for it.
    pub(crate) drift: Option<Drift>,
    /// What it took of the machine.
    pub(crate) cost: Cost,
    /// Why it ended before its last seed, if something broke.
    pub(crate) broken: Option<SweepError>,
}

impl Batch {
    /// Makes the runs of `seeds` with the scenario at `place`, up to the failure of number `most` and as long as nobody
    /// says stop.
    pub(crate) fn make(
        points: &[Point],
        place: usize,
        seeds: Range<u64>,
        most: u64,
        stop: &AtomicBool,
    ) -> Batch {
        let scenario = &*points[place].scenario;
        let mut batch = Batch::of(seeds.clone());
        let mut columns = Columns::default();
        let watch = Stopwatch::start();
        for seed in seeds {
            if stop.load(Ordering::Relaxed) || batch.failed.len() as u64 >= most {
                break;
            }
            // A run that panics leaves nothing behind that another one sees.
            match panic::catch_unwind(AssertUnwindSafe(|| scenario.run(seed, None))) {
                Ok(Ok(outcome)) => {
                    columns.enter(&outcome);
                    batch.enter(outcome);
                }
                Ok(Err(error)) => {
                    batch.broken = Some(SweepError::Scenario(error));
                    break;
                }
                Err(_) => {
                    batch.broken = Some(SweepError::Panicked { point: place, seed });
                    break;
                }
            }
        }
        batch.metrics = columns.close();
        let host = watch.stop();
        batch.cost.wall_us = (host.wall_ms * 1e3) as u64;
        batch.cost.cpu_us = (host.cpu_ms.unwrap_or_default() * 1e3) as u64;
        batch.cost.rss_bytes = host.rss_bytes.unwrap_or_default();
        batch
    }

    fn of(seeds: Range<u64>) -> Batch {
        Batch {
            seeds,
            digests: Vec::new(),
            failed: Vec::new(),
            unjudged: Vec::new(),
            metrics: BTreeMap::new(),
            coverage: BTreeMap::new(),
            checked: BTreeMap::new(),
            violations: BTreeMap::new(),
            unmet: BTreeMap::new(),
            faults: BTreeMap::new(),
            plans: BTreeMap::new(),
            broken_runs: 0,
            stuck_runs: 0,
            drift: None,
            cost: Cost::default(),
            broken: None,
        }
    }

    /// Returns true if all its runs were made.
    pub(crate) fn is_whole(&self) -> bool {
        self.digests.len() as u64 == self.seeds.end - self.seeds.start
    }

    /// Enters the run of the seed that follows.
    fn enter(&mut self, outcome: Outcome) {
        self.digests.push(outcome.end.digest.0);
        self.cost.events += outcome.end.events;
        match outcome.verdict {
            RunVerdict::Pass => {}
            RunVerdict::Fail => self.failed.push((outcome.seed, reason(&outcome))),
            RunVerdict::Unknown => {
                let oracle = outcome.unjudged().next().map_or("", |report| report.name);
                self.unjudged.push((outcome.seed, oracle));
            }
        }
        let has_violated = |grants: bool| {
            let of = |oracle| outcome.oracles.iter().find(|report| report.name == oracle);
            let grants_time = |oracle| of(oracle).is_some_and(|report| report.bound.is_some());
            outcome.violations.iter().any(|violation| grants_time(violation.oracle) == grants)
        };
        let is_undecided = outcome.metrics.of(&metric::UNDECIDED) != Some(Measure::Count(0));
        self.broken_runs += u64::from(has_violated(false));
        self.stuck_runs += u64::from(is_undecided || has_violated(true));
        for (mark, hits) in &outcome.coverage {
            add(&mut self.coverage, mark, *hits);
        }
        for report in &outcome.oracles {
            add(&mut self.checked, report.name, report.checked);
        }
        for violation in &outcome.violations {
            add(&mut self.violations, violation.oracle, 1);
        }
        for expectation in outcome.expectations.iter().filter(|expectation| !expectation.verdict.passed()) {
            add(&mut self.unmet, &expectation.metric, 1);
        }
        for fault in &outcome.faults {
            add(&mut self.faults, &fault.name, u64::from(fault.effect.total() > 0));
        }
        for plan in &outcome.plans {
            add(&mut self.plans, &plan.name, u64::from(plan.took_effect));
        }
        self.drift = self.drift.take().or(outcome.drift);
    }
}

/// The values of each metric, in the order of their names.
#[derive(Default)]
struct Columns(Vec<(String, Vec<f64>)>);

impl Columns {
    fn enter(&mut self, outcome: &Outcome) {
        // Metrics come in the order of their names, and mostly the same ones in every run.
        let mut place = 0;
        for MetricValue { name, value, .. } in outcome.metrics.iter() {
            while self.0.get(place).is_some_and(|(other, _)| other.as_str() < name) {
                place += 1;
            }
            if self.0.get(place).is_none_or(|(other, _)| other != name) {
                self.0.insert(place, (name.to_owned(), Vec::new()));
            }
            self.0[place].1.push(value.value());
        }
    }

    fn close(self) -> BTreeMap<String, Histogram> {
        self.0.into_iter().map(|(name, mut values)| (name, Histogram::of(&mut values))).collect()
    }
}

fn add(counts: &mut BTreeMap<String, u64>, name: &str, more: u64) {
    match counts.get_mut(name) {
        Some(count) => *count += more,
        None => drop(counts.insert(name.to_owned(), more)),
    }
}

/// Returns the oracle that was violated first though it should not be, or else the first expectation that was not met.
fn reason(outcome: &Outcome) -> String {
    let mut unmet = outcome.expectations.iter().filter(|expectation| expectation.verdict.failed());
    let Some(first) = unmet.next() else { return "verdict".to_owned() };
    let is_expected = |oracle: &str| first.bound.split(", ").any(|name| name == oracle);
    let violated = || outcome.violations.iter().find(|violation| !is_expected(violation.oracle));
    if first.metric == "violates" {
        violated().map_or("violates", |violation| violation.oracle).to_owned()
    } else {
        first.metric.clone()
    }
}
