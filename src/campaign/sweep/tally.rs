//! What many runs came to, in space that does not grow with their number.

use super::histogram::Histogram;
use crate::campaign::outcome::Outcome;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A run that failed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failed {
    /// Its seed.
    pub seed: u64,
    /// The oracle that was violated first, or else the expectation that was not met.
    pub oracle: String,
    /// The name of its repro file in the output folder.
    pub repro: String,
}

/// What the runs of one point of a sweep came to.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tally {
    /// How many runs there were.
    pub runs: u64,
    /// How many of them failed.
    pub failed: u64,
    /// The first failures; the rest are counted only.
    pub failures: Vec<Failed>,
    /// Each metric over the runs that have it.
    pub metrics: BTreeMap<String, Histogram>,
    /// How often each mark was hit.
    pub coverage: BTreeMap<String, u64>,
    /// In how many runs each oracle was violated.
    pub violations: BTreeMap<String, u64>,
    /// In how many runs each fault had an effect.
    pub faults: BTreeMap<String, u64>,
    chain: [u8; 16],
}

impl Tally {
    /// The digest of all run digests, in the order of their seeds.
    pub fn digest(&self) -> String {
        self.chain.iter().map(|byte| format!("{byte:02x}")).collect()
    }

    /// Adds a batch of the seeds that follow.
    pub(super) fn absorb(&mut self, batch: Batch) {
        self.runs += batch.digests.len() as u64;
        self.failed += batch.failed.len() as u64;
        for digest in &batch.digests {
            let mut link = [0; 32];
            link[..16].copy_from_slice(&self.chain);
            link[16..].copy_from_slice(&digest.to_be_bytes());
            self.chain.copy_from_slice(&blake3::hash(&link).as_bytes()[..16]);
        }
        for (name, mut values) in batch.columns {
            let column = Histogram::of(&mut values);
            self.metrics.entry(name).or_default().absorb(&column);
        }
        for (into, from) in [
            (&mut self.coverage, batch.coverage),
            (&mut self.violations, batch.violations),
            (&mut self.faults, batch.faults),
        ] {
            from.into_iter().for_each(|(name, count)| *into.entry(name).or_default() += count);
        }
    }
}

/// A few runs of successive seeds.
#[derive(Default)]
pub(super) struct Batch {
    digests: Vec<u128>,
    /// Seeds that failed, and why.
    pub(super) failed: Vec<(u64, String)>,
    columns: Vec<(String, Vec<f64>)>,
    coverage: BTreeMap<String, u64>,
    violations: BTreeMap<String, u64>,
    faults: BTreeMap<String, u64>,
}

impl Batch {
    /// How many runs it holds.
    pub(super) fn runs(&self) -> u64 {
        self.digests.len() as u64
    }

    /// Enters the run of the seed that follows.
    pub(super) fn enter(&mut self, outcome: &Outcome) {
        self.digests.push(outcome.end.digest.0);
        if !outcome.verdict.passed() {
            self.failed.push((outcome.seed, reason(outcome)));
        }
        // Metrics come in the order of their names, and mostly the same ones in every run.
        let mut place = 0;
        for (name, measure) in &outcome.metrics {
            while self.columns.get(place).is_some_and(|(other, _)| other < name) {
                place += 1;
            }
            if self.columns.get(place).is_none_or(|(other, _)| other != name) {
                self.columns.insert(place, (name.clone(), Vec::new()));
            }
            self.columns[place].1.push(measure.value());
        }
        for (mark, hits) in &outcome.coverage {
            add(&mut self.coverage, mark, *hits);
        }
        for violation in &outcome.violations {
            add(&mut self.violations, violation.oracle, 1);
        }
        for fault in &outcome.faults {
            add(&mut self.faults, &fault.name, u64::from(fault.effect.total() > 0));
        }
    }
}

fn add(counts: &mut BTreeMap<String, u64>, name: &str, more: u64) {
    match counts.get_mut(name) {
        Some(count) => *count += more,
        None => drop(counts.insert(name.to_owned(), more)),
    }
}

fn reason(outcome: &Outcome) -> String {
    let unmet = outcome.expectations.iter().find(|expectation| !expectation.verdict.passed());
    match (outcome.violations.first(), unmet) {
        (Some(violation), _) => violation.oracle.to_owned(),
        (None, Some(expectation)) => expectation.metric.clone(),
        (None, None) => "verdict".to_owned(),
    }
}
