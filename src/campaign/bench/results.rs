//! What a benchmark has shown: everything in it is a function of suite, seeds and version.

use super::matrix::{Matrix, PointSpec};
use super::suite::Failures;
use super::timeline::Timeline;
use crate::sweep::{Point, Tally};
use serde::{Deserialize, Serialize, Serializer};
use std::collections::BTreeMap;
use synod_harness::{RunVerdict, Theory};
use synod_oracle::Drift;
use synod_oracle::metric::{self, Metric, PercentileMetrics};
use synod_stats::{Histogram, order_statistics_interval, wilson};

/// What a benchmark has shown. Reads back from the JSON that it is written as.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Results {
    /// The suite's name.
    pub suite: String,
    /// What it measures.
    pub about: String,
    /// The version of Synod.
    pub version: String,
    /// True if nothing failed that may not, and every run could be judged.
    pub passed: bool,
    /// How many runs did not fail, but could not be judged.
    #[serde(default)]
    pub unknown: u64,
    /// Marks that some scenario expects to be hit and no run has.
    pub uncovered: Vec<String>,
    /// Expectations that were missed in more runs than they may be, in words.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub excesses: Vec<String>,
    /// The series, in the suite's order.
    pub series: Vec<SeriesTitle>,
    /// The points, in the suite's order.
    pub points: Vec<PointResult>,
    /// The digest of all runs.
    pub digest: String,
}

/// A series and what it measures.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SeriesTitle {
    /// The name.
    pub name: String,
    /// What it measures.
    pub about: String,
}

/// What the runs of a point have shown.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PointResult {
    /// Its name, which no other point of the suite has.
    pub point: String,
    /// The series that it belongs to.
    pub series: String,
    /// The scenario's name.
    pub scenario: String,
    /// The protocol.
    pub protocol: String,
    /// Number of agents.
    pub agents: u32,
    /// How many faulty ones the protocol claims to tolerate.
    pub tolerated: Option<u32>,
    /// The name of the faults that strike.
    pub fault: Option<String>,
    /// The other parameters, by path.
    pub parameters: BTreeMap<String, String>,
    /// What a run that fails means.
    pub failures: Failures,
    /// True if it measures the simulator rather than what it simulates.
    pub measures_host: bool,
    /// The seeds.
    pub seeds: String,
    /// Number of runs.
    pub runs: u64,
    /// How many passed.
    pub passed: u64,
    /// How many did not fail, but could not be judged.
    #[serde(default)]
    pub unknown: u64,
    /// The share that passed.
    pub success_rate: Number,
    /// Its 95 % interval, by Wilson.
    pub ci95: [Number; 2],
    /// In how many runs safety was broken.
    pub unsafe_runs: u64,
    /// In how many runs progress was missed.
    pub stuck_runs: u64,
    /// In how many runs each oracle was violated.
    pub violations: BTreeMap<String, u64>,
    /// In how many runs each fault had an effect.
    pub faults: BTreeMap<String, u64>,
    /// The latency, where something was decided.
    pub latency: Option<Latency>,
    /// Every metric over the runs that have it; those that are 0 in all runs are left out.
    pub metrics: BTreeMap<String, Percentiles>,
    /// What theory says.
    pub theory: Vec<Law>,
    /// The digest of the runs.
    pub digest: String,
    /// The first run over time, where the suite asks for it.
    pub timeline: Option<Timeline>,
    /// How the figures of the first run drifted, where its scenario asks for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub drift: Option<Drift>,
}

/// How long decisions take, in nanoseconds.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Latency {
    /// What the sample is made of.
    pub sample: Sample,
    /// The mean over the runs; where runs decide often, of each run's own mean. Reports of earlier versions have none.
    #[serde(default)]
    pub mean: Option<Number>,
    /// The standard error of the mean; none of fewer than two runs.
    #[serde(default)]
    pub standard_error: Option<Number>,
    /// The median.
    pub p50: Estimate,
    /// The 95th percentile.
    pub p95: Estimate,
    /// The 99th percentile.
    pub p99: Estimate,
}

/// What a sample of latencies is made of.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Sample {
    /// Every run decides once: percentiles over the runs.
    Decisions,
    /// Runs decide often, and decisions of one run depend on each other: the median, over the runs, of each run's own
    /// percentile.
    Runs,
}

/// A percentile, and where the true one lies with 95 % confidence, by order statistics.
#[derive(Copy, Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Estimate {
    /// The percentile of the sample.
    pub value: Number,
    /// The lower bound; none where the sample is too small for one.
    pub low: Option<Number>,
    /// The upper bound; none where the sample is too small for one.
    pub high: Option<Number>,
}

/// Percentiles and mean of a metric over runs.
#[derive(Copy, Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Percentiles {
    /// The median.
    pub p50: Number,
    /// The 95th percentile.
    pub p95: Number,
    /// The 99th percentile.
    pub p99: Number,
    /// The greatest value.
    pub max: Number,
    /// The mean. Reports of earlier versions have none.
    #[serde(default)]
    pub mean: Option<Number>,
    /// The standard error of the mean; none of fewer than two runs.
    #[serde(default)]
    pub standard_error: Option<Number>,
}

/// A figure that theory gives.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Law {
    /// The metric.
    pub metric: String,
    /// Its value.
    pub value: Number,
    /// The law, as people write it.
    pub law: String,
}

/// A number, serialized without a decimal point if it is whole.
#[derive(Copy, Clone, Debug, Default, PartialEq, PartialOrd, Deserialize)]
#[serde(transparent)]
pub struct Number(pub f64);

impl Serialize for Number {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0 {
            whole if whole.fract() == 0.0 && (0.0..9e15).contains(&whole) => {
                serializer.serialize_u64(whole as u64)
            }
            value => serializer.serialize_f64(value),
        }
    }
}

impl PointResult {
    /// Returns the median of a metric, if the runs have it.
    pub fn median(&self, metric: &Metric) -> Option<f64> {
        self.metrics.get(metric.name).map(|percentiles| percentiles.p50.0)
    }

    /// Returns the theoretical value of a metric in every run.
    pub fn law(&self, metric: &Metric) -> Option<&Law> {
        self.theory.iter().find(|law| law.metric == Theory::name_of(metric, false))
    }

    /// Returns the theoretical value of a latency percentile: in every run, or else over the runs.
    pub fn latency_law(&self, percentile: &Metric) -> Option<&Law> {
        let over_runs = || self.theory.iter().find(|law| law.metric == Theory::name_of(percentile, true));
        self.law(percentile).or_else(over_runs)
    }

    /// Returns how many runs failed.
    pub fn failed(&self) -> u64 {
        self.runs - self.passed - self.unknown
    }

    /// Returns the share of the runs that is counted by `runs`.
    pub fn share(&self, runs: u64) -> f64 {
        if self.runs == 0 { 0.0 } else { runs as f64 / self.runs as f64 }
    }

    /// Returns the number of rounds that a run takes, where the protocol has rounds.
    pub fn rounds(&self) -> Option<f64> {
        self.median(&metric::ROUNDS)
    }

    /// From the end of a fault until every side of it decides again, in the median run, where a fault has sides.
    pub fn recovery(&self) -> Option<f64> {
        self.recoveries().map(|percentiles| percentiles.p50.0)
    }

    /// Returns the same over the runs. Of several such faults it is the one whose name comes first.
    pub fn recoveries(&self) -> Option<&Percentiles> {
        let mut named = self.metrics.iter().filter(|(name, _)| metric::RECOVERY.is_called(name));
        named.next().map(|(_, percentiles)| percentiles)
    }

    /// Returns what a point is of apart from its size: points that share it make a curve.
    pub fn curve(&self) -> String {
        let size = format!("n={}", self.agents);
        self.point.split(' ').filter(|word| *word != size).collect::<Vec<_>>().join(" ")
    }

    pub(super) fn of(spec: &PointSpec, point: &Point, tally: &Tally) -> PointResult {
        let scenario = &point.scenario;
        let passed = tally.passed();
        let law = |theory: Theory| Law {
            metric: theory.name().into_owned(),
            value: Number(theory.value),
            law: theory.law,
        };
        PointResult {
            point: point.label.clone(),
            series: spec.series.clone(),
            scenario: scenario.name().to_owned(),
            protocol: scenario.protocol().to_owned(),
            agents: scenario.agents(),
            tolerated: scenario.tolerance(),
            fault: spec.fault.clone(),
            parameters: spec.parameters.iter().cloned().collect(),
            failures: spec.failures,
            measures_host: spec.host,
            seeds: point.seeds.to_string(),
            runs: tally.runs,
            passed,
            unknown: tally.unknown,
            success_rate: Number(if tally.runs == 0 { 0.0 } else { passed as f64 / tally.runs as f64 }),
            ci95: wilson(passed, tally.runs).map(|rate| Number(rounded(rate))),
            unsafe_runs: tally.broken_runs,
            stuck_runs: tally.stuck_runs,
            violations: tally.violations.clone(),
            faults: tally.faults.clone(),
            latency: latency(tally),
            metrics: tally
                .metrics
                .iter()
                .filter(|(_, of)| !of.is_zero())
                .filter_map(|(name, of)| Some((name.clone(), percentiles(of)?)))
                .collect(),
            theory: scenario.theory().into_iter().map(law).collect(),
            digest: tally.digest(),
            timeline: None,
            drift: tally.drift.clone(),
        }
    }
}

impl Results {
    /// Returns the verdict over all runs that were made: what may fail and is only counted fails nothing.
    pub fn verdict(&self) -> RunVerdict {
        let has_failed = |point: &PointResult| point.failures == Failures::Forbidden && point.failed() > 0;
        let is_short = !self.uncovered.is_empty() || !self.excesses.is_empty();
        if is_short || self.points.iter().any(has_failed) {
            RunVerdict::Fail
        } else if self.unknown > 0 {
            RunVerdict::Unknown
        } else {
            RunVerdict::Pass
        }
    }

    pub(super) fn of(matrix: &Matrix, tallies: &[Tally]) -> Vec<PointResult> {
        let points = matrix.specs.iter().zip(&matrix.points).zip(tallies);
        points.map(|((spec, point), tally)| PointResult::of(spec, point, tally)).collect()
    }
}

/// To nine places: what is beyond is rounding.
pub(crate) fn rounded(value: f64) -> f64 {
    libm::round(value * 1e9) / 1e9
}

fn percentiles(histogram: &Histogram) -> Option<Percentiles> {
    let of = |percent| histogram.percentile(percent).map(Number);
    let [mean, standard_error] = [histogram.mean(), histogram.standard_error()].map(|of| of.map(Number));
    Some(Percentiles {
        p50: of(50)?,
        p95: of(95)?,
        p99: of(99)?,
        max: Number(histogram.max()?),
        mean,
        standard_error,
    })
}

fn latency(tally: &Tally) -> Option<Latency> {
    let decides_once =
        tally.metrics.get(metric::DECISIONS.name).and_then(Histogram::max).is_some_and(|most| most <= 1.0);
    let of = |metric: &Metric, percent: u64| {
        let histogram = tally.metrics.get(metric.name)?;
        let percent = if decides_once { percent } else { 50 };
        let at = |rank: Option<u64>| rank.and_then(|rank| histogram.at_rank(rank)).map(Number);
        let [low, high] = order_statistics_interval(histogram.count(), percent).map(at);
        Some(Estimate { value: histogram.percentile(percent).map(Number)?, low, high })
    };
    let sample = if decides_once { Sample::Decisions } else { Sample::Runs };
    let PercentileMetrics { mean, p50, p95, p99, .. } = &metric::LATENCY;
    let over_runs = tally.metrics.get(mean.name)?;
    let [mean, standard_error] = [over_runs.mean(), over_runs.standard_error()].map(|of| of.map(Number));
    Some(Latency { sample, mean, standard_error, p50: of(p50, 50)?, p95: of(p95, 95)?, p99: of(p99, 99)? })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_baseline_has_the_very_numbers_that_were_written() {
        // Digits that are read as a neighbour where reading only nearly rounds to the nearest.
        for number in [0.1 + 0.2, 1.0 / 3.0, 36_893_488_147.419_1, 5e-324, 8.442_911_973_260_991e-11] {
            let text = serde_json::to_string(&Number(number)).expect("it is a number");
            assert_eq!(serde_json::from_str::<Number>(&text).expect("it reads"), Number(number), "{text}");
        }
        let mut state = 1_u64;
        for _ in 0..10_000 {
            // A generator of 64 bits whose period is full (Knuth).
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            let number = state as f64 / 7_919.0;
            let text = serde_json::to_string(&Number(number)).expect("it is a number");
            assert_eq!(serde_json::from_str::<Number>(&text).expect("it reads"), Number(number), "{text}");
        }
    }
}
