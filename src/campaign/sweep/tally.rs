//! What many runs came to, in space that does not grow with their number.

use super::batch::Batch;
use super::cost::Cost;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use synod_oracle::Drift;
use synod_stats::Histogram;

/// How many runs of a point that could not be judged are named.
const UNJUDGED: usize = 10;

/// A run that failed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failed {
    /// Its seed.
    pub seed: u64,
    /// The oracle that was violated first though it should not be, or else the expectation that was not met.
    pub oracle: String,
    /// The name of its repro file in the output folder.
    pub repro: String,
}

/// A run that nothing failed in, though not everything could be judged.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unjudged {
    /// Its seed.
    pub seed: u64,
    /// The first oracle of safety that could not judge.
    pub oracle: String,
}

/// What the runs of one point of a sweep came to, or those of all.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tally {
    /// Number of runs.
    pub runs: u64,
    /// How many of them failed.
    pub failed: u64,
    /// The first failures; the rest are counted only.
    pub failures: Vec<Failed>,
    /// How many of the runs did not fail, but could not be judged.
    #[serde(default)]
    pub unknown: u64,
    /// The first of them; the rest are counted only.
    #[serde(default)]
    pub unjudged: Vec<Unjudged>,
    /// Each metric over the runs that have it.
    pub metrics: BTreeMap<String, Histogram>,
    /// How often each mark was hit.
    pub coverage: BTreeMap<String, u64>,
    /// How often the premise of each oracle held.
    #[serde(default)]
    pub checked: BTreeMap<String, u64>,
    /// In how many runs each oracle was violated.
    pub violations: BTreeMap<String, u64>,
    /// In how many runs each expectation was not met.
    pub unmet: BTreeMap<String, u64>,
    /// In how many runs each fault had an effect.
    pub faults: BTreeMap<String, u64>,
    /// In how many runs each thing that is planned apart from faults took effect.
    #[serde(default)]
    pub plans: BTreeMap<String, u64>,
    /// In how many runs safety was broken: an oracle objected that grants no time.
    #[serde(default)]
    pub broken_runs: u64,
    /// In how many runs progress was missed: something was left undecided, or an oracle objected that grants time.
    #[serde(default)]
    pub stuck_runs: u64,
    /// How the figures of the first run drifted, where its scenario asks for it; over several points there is none.
    #[serde(default)]
    pub drift: Option<Drift>,
    /// What the runs took of the machine.
    #[serde(default)]
    pub cost: Cost,
    chain: [u8; 16],
}

impl Tally {
    /// Returns the digest of all run digests, in the order of their seeds; over several points, of the points' digests
    /// in order.
    pub fn digest(&self) -> String {
        self.chain.iter().map(|byte| format!("{byte:02x}")).collect()
    }

    /// Returns the number of runs that passed.
    pub fn passed(&self) -> u64 {
        self.runs - self.failed - self.unknown
    }

    /// Faults that had no effect in any run.
    pub fn idle_faults(&self) -> impl Iterator<Item = &str> {
        self.faults.iter().filter(|(_, runs)| **runs == 0).map(|(name, _)| name.as_str())
    }

    /// Plans that took no effect in any run.
    pub fn idle_plans(&self) -> impl Iterator<Item = &str> {
        self.plans.iter().filter(|(_, runs)| **runs == 0).map(|(name, _)| name.as_str())
    }

    /// Returns what the runs of all `points` came to; of one point what its own did.
    pub(super) fn over(points: &[Tally]) -> Tally {
        if let [point] = points {
            return point.clone();
        }
        let mut total = Tally::default();
        for point in points {
            total.runs += point.runs;
            total.failed += point.failed;
            total.failures.extend_from_slice(&point.failures);
            total.unknown += point.unknown;
            total.unjudged.extend_from_slice(&point.unjudged);
            total.link(point.chain);
            total.cost.absorb(point.cost);
            total.broken_runs += point.broken_runs;
            total.stuck_runs += point.stuck_runs;
            for (name, histogram) in &point.metrics {
                total.metrics.entry(name.clone()).or_default().absorb(histogram);
            }
            add(&mut total.coverage, &point.coverage);
            add(&mut total.checked, &point.checked);
            add(&mut total.violations, &point.violations);
            add(&mut total.unmet, &point.unmet);
            add(&mut total.faults, &point.faults);
            add(&mut total.plans, &point.plans);
        }
        total
    }

    /// False for what no runs from the seed `start` on can have come to, of which so many failures are `kept`, each under
    /// its `name`.
    pub(super) fn is_sound(&self, start: u64, kept: u64, name: &dyn Fn(u64) -> String) -> bool {
        let Some(end) = start.checked_add(self.runs) else { return false };
        let are_made = |seeds: &[u64]| {
            seeds.iter().all(|seed| (start..end).contains(seed))
                && seeds.windows(2).all(|pair| pair[0] < pair[1])
        };
        let failures: Vec<u64> = self.failures.iter().map(|failed| failed.seed).collect();
        let unjudged: Vec<u64> = self.unjudged.iter().map(|unjudged| unjudged.seed).collect();
        let counts = self.faults.values();
        let of_runs = counts.chain([&self.broken_runs, &self.stuck_runs]);
        self.failed.checked_add(self.unknown).is_some_and(|sum| sum <= self.runs)
            && failures.len() as u64 == self.failed.min(kept)
            && unjudged.len() as u64 == self.unknown.min(UNJUDGED as u64)
            && are_made(&failures)
            && are_made(&unjudged)
            && unjudged.iter().all(|seed| !failures.contains(seed))
            && self.failures.iter().all(|failed| failed.repro == name(failed.seed))
            && of_runs.into_iter().all(|count| *count <= self.runs)
            && self.metrics.values().all(|histogram| histogram.count() <= self.runs)
    }

    /// Adds a batch of the seeds that follow.
    pub(super) fn absorb(&mut self, batch: Batch) {
        self.runs += batch.digests.len() as u64;
        self.failed += batch.failed.len() as u64;
        self.unknown += batch.unjudged.len() as u64;
        let room = UNJUDGED.saturating_sub(self.unjudged.len());
        let named = batch.unjudged.into_iter().take(room);
        self.unjudged.extend(named.map(|(seed, oracle)| Unjudged { seed, oracle: oracle.to_owned() }));
        self.cost.absorb(batch.cost);
        self.broken_runs += batch.broken_runs;
        self.stuck_runs += batch.stuck_runs;
        self.drift = self.drift.take().or(batch.drift);
        batch.digests.iter().for_each(|digest| self.link(digest.to_be_bytes()));
        for (name, histogram) in batch.metrics {
            self.metrics.entry(name).or_default().absorb(&histogram);
        }
        add(&mut self.coverage, &batch.coverage);
        add(&mut self.checked, &batch.checked);
        add(&mut self.violations, &batch.violations);
        add(&mut self.unmet, &batch.unmet);
        add(&mut self.faults, &batch.faults);
        add(&mut self.plans, &batch.plans);
    }

    fn link(&mut self, digest: [u8; 16]) {
        let mut link = [0; 32];
        link[..16].copy_from_slice(&self.chain);
        link[16..].copy_from_slice(&digest);
        self.chain.copy_from_slice(&blake3::hash(&link).as_bytes()[..16]);
    }
}

fn add(into: &mut BTreeMap<String, u64>, from: &BTreeMap<String, u64>) {
    for (name, count) in from {
        *into.entry(name.clone()).or_default() += count;
    }
}
