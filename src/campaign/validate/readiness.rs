//! What a validation has shown: everything in it is a function of catalogue, seeds and version.

use super::catalogue::Case;
use crate::bench::{Failures, Number};
use crate::sweep::{Failed, Point, Tally};
use serde::Serialize;
use std::collections::BTreeMap;
use std::path::PathBuf;
use synod_harness::Dimension;

/// What a validation has shown.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Readiness {
    /// The name of the suite that says what ready means.
    pub name: String,
    /// What it is about.
    pub about: String,
    /// The version of Synod.
    pub version: String,
    /// Whether the whole is ready.
    pub verdict: ReadinessVerdict,
    /// True if no run has failed that may not and no target was missed.
    pub passed: bool,
    /// False if it was interrupted.
    pub complete: bool,
    /// The mean score of the criteria that are no vetoes, where there are any.
    pub score: Option<Number>,
    /// The least score with which the whole is ready.
    pub needed: Option<Number>,
    /// The criteria, in the suite's order.
    pub criteria: Vec<CriterionResult>,
    /// What was asked for, in the suite's order.
    pub requirements: Vec<RequirementResult>,
    /// The scenarios, and then the suite's points.
    pub points: Vec<ScenarioResult>,
    /// The digest of all runs.
    pub digest: String,
}

/// Whether a whole is ready.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ReadinessVerdict {
    /// Every run has passed, nothing vetoes, and the score is high enough.
    Ready,
    /// Not so.
    NotReady,
    /// Nothing speaks against it, but not everything was measured that can be.
    Unknown,
}

/// What became of something that was to hold.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// It holds.
    Held,
    /// It does not.
    Missed,
    /// Nothing says whether it does, so it does not count as held.
    NotMeasured,
}

/// What became of a criterion.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct CriterionResult {
    /// The name.
    pub name: String,
    /// What it is about.
    pub about: String,
    /// True if nothing is ready unless it holds.
    pub veto: bool,
    /// It holds if all its targets do; it is missed if one of them is.
    pub state: State,
    /// The share of its targets that hold.
    pub score: Number,
    /// Its targets.
    pub targets: Vec<TargetResult>,
}

/// What became of a target.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct TargetResult {
    /// The name.
    pub name: String,
    /// What is measured.
    pub about: String,
    /// What became of it.
    pub state: State,
    /// What the figure is measured in.
    pub unit: Dimension,
    /// What the figure has to be, by `exactly`, `at_least`, `at_most`.
    pub expect: BTreeMap<&'static str, Number>,
    /// The figure.
    pub value: Option<Number>,
    /// Between what the true figure lies, each bound with 95 % confidence: by Clopper and Pearson for rates, by order
    /// statistics for percentiles.
    pub interval: Option<[Option<Number>; 2]>,
    /// Number of things that were looked at.
    pub samples: u64,
    /// What each of them is, in one word.
    pub sampled: &'static str,
    /// Where it was measured: the point that it is worst on, or how many there are.
    pub measured_on: Option<String>,
    /// Why it does not hold.
    pub why: Option<String>,
}

/// What became of something that was asked for.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct RequirementResult {
    /// What is asked for.
    pub asks: String,
    /// The kind of requirement.
    pub group: String,
    /// It holds if all its targets do.
    pub state: State,
    /// The names of the targets that answer it.
    pub by: Vec<String>,
    /// Why nothing answers it.
    pub why: Option<String>,
}

/// What the runs of a point have come to.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ScenarioResult {
    /// Its name: the path of a scenario, or that of a suite's point.
    pub point: String,
    /// The series of the suite that it belongs to; none of a scenario.
    pub series: Option<String>,
    /// The scenario's name.
    pub scenario: String,
    /// The scenario's file.
    pub file: PathBuf,
    /// What is laid over it, each `path=value`.
    pub settings: Vec<String>,
    /// The protocol.
    pub protocol: String,
    /// Number of agents.
    pub agents: u32,
    /// The seeds.
    pub seeds: String,
    /// Number of runs.
    pub runs: u64,
    /// How many passed.
    pub passed: u64,
    /// In how many runs safety was broken.
    pub unsafe_runs: u64,
    /// In how many runs progress was missed.
    pub stuck_runs: u64,
    /// The oracles that it means to violate.
    pub violates: Vec<String>,
    /// What a run that fails means.
    pub failing: Failures,
    /// The first runs that failed though none may: their seeds, and what was not as it should be.
    pub failures: Vec<FailedRun>,
    /// The digest of the runs.
    pub digest: String,
}

/// A run that failed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct FailedRun {
    /// Its seed.
    pub seed: u64,
    /// The oracle that was violated first though it should not be, or else the expectation that was not met.
    pub reason: String,
}

impl ScenarioResult {
    /// Returns what these runs came to.
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

    /// Returns true if no run has failed that may not.
    pub fn has_passed(&self) -> bool {
        self.passed == self.runs || self.failing == Failures::Counted
    }
}

impl FailedRun {
    fn of(failed: &Failed) -> FailedRun {
        FailedRun { seed: failed.seed, reason: failed.oracle.clone() }
    }
}
