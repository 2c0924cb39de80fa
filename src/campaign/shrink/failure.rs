//! The failure that shrinking preserves.

use std::fmt;
use synod_harness::Finding;
use synod_harness::Outcome;

/// The failure of a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FailureSignature {
    /// This oracle is violated.
    Oracle(String),
    /// The protocol panics at this place: file, line and column.
    Panic(String),
    /// The expectation of this metric is not met.
    Expectation(String),
}

impl FailureSignature {
    /// Returns what fails in a run: the first oracle that is violated, or else the first expectation that is not met.
    /// Where the scenario wants its violations, the expectation comes first. `None` if nothing fails and nothing is
    /// violated.
    pub fn of(outcome: &Outcome) -> Option<FailureSignature> {
        let missed: Vec<&str> = missed(outcome).collect();
        let oracle = outcome.violations.first().map(|violation| (violation.oracle, violation.place()));
        FailureSignature::pick(oracle, &missed)
    }

    /// Returns what failed when a repro file was written.
    pub(super) fn of_finding(finding: &Finding) -> Option<FailureSignature> {
        let missed: Vec<&str> = finding.unmet.iter().map(|unmet| unmet.metric.as_str()).collect();
        let oracle = finding.violations.first();
        let oracle = oracle.map(|violation| (violation.oracle.as_str(), violation.place.as_deref()));
        FailureSignature::pick(oracle, &missed)
    }

    fn pick(oracle: Option<(&str, Option<&str>)>, missed: &[&str]) -> Option<FailureSignature> {
        let wants_its_violations = !missed.contains(&"violates");
        match (oracle, missed.first()) {
            (Some(_), Some(metric)) if wants_its_violations => {
                Some(FailureSignature::Expectation(metric.to_string()))
            }
            (Some((_, Some(place))), _) => Some(FailureSignature::Panic(place.to_owned())),
            (Some((oracle, None)), _) => Some(FailureSignature::Oracle(oracle.to_owned())),
            (None, Some(metric)) => Some(FailureSignature::Expectation(metric.to_string())),
            (None, None) => None,
        }
    }

    /// Returns true if `outcome` fails in this way.
    pub fn occurs_in(&self, outcome: &Outcome) -> bool {
        match self {
            FailureSignature::Oracle(name) => {
                outcome.violations.iter().any(|violation| violation.oracle == name)
            }
            FailureSignature::Panic(place) => {
                outcome.violations.iter().any(|violation| violation.place() == Some(place))
            }
            FailureSignature::Expectation(metric) => missed(outcome).any(|missed| missed == metric),
        }
    }
}

fn missed(outcome: &Outcome) -> impl Iterator<Item = &str> {
    let missed = outcome.expectations.iter().filter(|expectation| expectation.verdict.failed());
    missed.map(|expectation| expectation.metric.as_str())
}

impl fmt::Display for FailureSignature {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            FailureSignature::Oracle(name) => write!(out, "{name} was violated"),
            FailureSignature::Panic(place) => write!(out, "a panic at {place}"),
            FailureSignature::Expectation(metric) => write!(out, "the expectation of {metric} was missed"),
        }
    }
}
