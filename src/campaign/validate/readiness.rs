//! The result of a validation, which is a pure function of the catalogue of scenarios, the seeds and the version.

use super::catalogue::Case;
use crate::bench::{Failures, Number};
use crate::sweep::{Failed, Point, Tally};
use serde::Serialize;
use std::collections::BTreeMap;
use std::path::PathBuf;
use synod_harness::{Dimension, RunVerdict};

/// The result of a validation.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Readiness {
    /// The name of the suite, which defines the criteria of readiness.
    pub name: String,
    /// The description of the suite.
    pub about: String,
    /// The version of Synod.
    pub version: String,
    /// The overall verdict.
    pub verdict: ReadinessVerdict,
    /// True if no target was missed and no run failed, except where failures are only counted, and every run could be
    /// judged.
    pub passed: bool,
    /// How many runs did not fail, but could not be judged.
    pub unknown: u64,
    /// False if the validation was interrupted.
    pub complete: bool,
    /// The mean score of the criteria without a veto; `None` if there are none.
    pub score: Option<Number>,
    /// The least score for the verdict `Ready`.
    pub needed: Option<Number>,
    /// The criteria, in the suite's order.
    pub criteria: Vec<CriterionResult>,
    /// The requirements, in the suite's order.
    pub requirements: Vec<RequirementResult>,
    /// The results of the scenarios, followed by those of the suite's points.
    pub points: Vec<ScenarioResult>,
    /// The digest of all runs.
    pub digest: String,
}

impl Readiness {
    /// Returns the verdict over runs and goals together. A target that was not measured leaves it open whether the score
    /// is high enough; where there are no goals, runs are all there is.
    pub fn outcome(&self) -> RunVerdict {
        let has_failed = self.points.iter().any(|point| point.verdict() == RunVerdict::Fail);
        let targets = self.criteria.iter().flat_map(|criterion| &criterion.targets);
        let has_missed = targets.into_iter().any(|target| target.state == State::Missed);
        if has_failed || has_missed || self.verdict == ReadinessVerdict::NotReady {
            RunVerdict::Fail
        } else if self.unknown > 0 || (self.verdict == ReadinessVerdict::Unknown && self.needed.is_some()) {
            RunVerdict::Unknown
        } else {
            RunVerdict::Pass
        }
    }
}

/// The overall verdict of a validation.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ReadinessVerdict {
    /// Every run has passed, no criterion with a veto is missed, and the score is high enough.
    Ready,
    /// At least one of these conditions is violated.
    NotReady,
    /// No condition is known to be violated, but some targets were not measured, or some runs could not be judged.
    Unknown,
}

/// The state of a target, criterion or requirement.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// It holds: the whole interval of an estimate keeps the bounds.
    Held,
    /// Every run keeps a bound that allows no exception. It counts as held, though no number of runs proves it: the
    /// interval of the estimate always reaches beyond the bound.
    NoException,
    /// It does not hold.
    Missed,
    /// There is no measurement of it. It does not count as held.
    NotMeasured,
}

impl State {
    /// Returns true if it counts as held.
    pub fn is_held(self) -> bool {
        matches!(self, State::Held | State::NoException)
    }
}

/// The result of a criterion.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct CriterionResult {
    /// The name.
    pub name: String,
    /// The description.
    pub about: String,
    /// True if the verdict cannot be `Ready` unless the criterion holds.
    pub veto: bool,
    /// The worst state of its targets.
    pub state: State,
    /// The share of its targets that are held.
    pub score: Number,
    /// The results of its targets.
    pub targets: Vec<TargetResult>,
}

/// The result of a target.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct TargetResult {
    /// The name.
    pub name: String,
    /// A description of the figure that is measured.
    pub about: String,
    /// The state.
    pub state: State,
    /// The unit of the figure.
    pub unit: Dimension,
    /// The bounds of the figure, by `exactly`, `at_least` or `at_most`.
    pub expect: BTreeMap<&'static str, Number>,
    /// The measured figure, if there is one.
    pub value: Option<Number>,
    /// The bounds of the true figure, each with 95 % confidence: by Clopper and Pearson for rates, by order statistics
    /// for percentiles, by Student's t for means.
    pub interval: Option<[Option<Number>; 2]>,
    /// Sample size.
    pub samples: u64,
    /// The name of a single item of the sample, such as `run`.
    pub sampled: &'static str,
    /// The point with the worst figure, or the number of points measured.
    pub measured_on: Option<String>,
    /// The reason why it does not hold.
    pub why: Option<String>,
}

/// The result of a requirement.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct RequirementResult {
    /// The text of the requirement.
    pub asks: String,
    /// The kind of requirement.
    pub group: String,
    /// `Held` if all its targets are held.
    pub state: State,
    /// The names of the targets that cover it.
    pub by: Vec<String>,
    /// The reason why no target covers it.
    pub why: Option<String>,
}

/// The result of the runs of a point.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ScenarioResult {
    /// The name of the point: the path of a scenario, or the name of a suite's point.
    pub point: String,
    /// The series of the suite that the point belongs to; `None` for a scenario.
    pub series: Option<String>,
    /// The scenario's name.
    pub scenario: String,
    /// The scenario's file.
    pub file: PathBuf,
    /// The overrides of the file's settings, each as `path=value`.
    pub settings: Vec<String>,
    /// The protocol.
    pub protocol: String,
    /// Number of agents.
    pub agents: u32,
    /// The seeds.
    pub seeds: String,
    /// Number of runs.
    pub runs: u64,
    /// Number of runs that passed.
    pub passed: u64,
    /// Number of runs that did not fail, but could not be judged.
    pub unknown: u64,
    /// Number of runs in which safety was violated.
    pub unsafe_runs: u64,
    /// Number of runs without the expected progress.
    pub stuck_runs: u64,
    /// The oracles that the scenario is expected to violate, as a positive control.
    pub violates: Vec<String>,
    /// How failed runs are treated.
    pub failing: Failures,
    /// The first failed runs, where failures are forbidden.
    pub failures: Vec<FailedRun>,
    /// The digest of the runs.
    pub digest: String,
}

/// A run that failed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct FailedRun {
    /// The seed of the run.
    pub seed: u64,
    /// The oracle that was first violated unexpectedly, or else the expectation that was not met.
    pub reason: String,
}

impl ScenarioResult {
    /// Returns the result of the runs in `tally`.
    pub(super) fn of(point: &Point, case: &Case, tally: &Tally) -> ScenarioResult {
        let scenario = &point.scenario;
        ScenarioResult {
            point: point.label.clone(),
            series: case.series.clone(),
            scenario: scenario.name().to_owned(),
            file: case.file.clone(),
            settings: case.settings.clone(),
            protocol: scenario.protocol().to_owned(),
            agents: scenario.agents(),
            seeds: point.seeds.to_string(),
            runs: tally.runs,
            passed: tally.passed(),
            unknown: tally.unknown,
            unsafe_runs: tally.broken_runs,
            stuck_runs: tally.stuck_runs,
            violates: scenario.violates().to_vec(),
            failing: case.failures,
            failures: match case.failures {
                Failures::Forbidden => tally.failures.iter().map(FailedRun::of).collect(),
                Failures::Counted => Vec::new(),
            },
            digest: tally.digest(),
        }
    }

    /// Returns the verdict over its runs: what may fail and is only counted fails nothing.
    pub fn verdict(&self) -> RunVerdict {
        if self.failing == Failures::Forbidden && self.failed() > 0 {
            RunVerdict::Fail
        } else if self.unknown > 0 {
            RunVerdict::Unknown
        } else {
            RunVerdict::Pass
        }
    }

    /// Returns how many runs failed.
    pub fn failed(&self) -> u64 {
        self.runs - self.passed - self.unknown
    }
}

impl FailedRun {
    fn of(failed: &Failed) -> FailedRun {
        FailedRun { seed: failed.seed, reason: failed.oracle.clone() }
    }
}
