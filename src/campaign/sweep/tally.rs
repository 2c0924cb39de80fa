//! What many runs came to, in space that does not grow with their number.

use super::batch::Batch;
use super::cost::Cost;
use super::hash_tree::HashTree;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::ops::Range;
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
    /// The digests of the runs; over several points, those of the points.
    tree: HashTree,
}

impl Tally {
    /// Returns the digest of all run digests, in the order of their seeds; over several points, of the points' digests
    /// in order. `none` of a protocol that is no pure function.
    pub fn digest(&self) -> String {
        if self.tree.leaves() == 0 && self.runs > 0 { "none".to_owned() } else { self.tree.digest() }
    }

    /// Says that there is no digest, since the runs may come to something else the next time.
    pub(super) fn forget_digest(&mut self) {
        self.tree = HashTree::default();
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
            total.failures.extend_from_slice(&point.failures);
            total.unjudged.extend_from_slice(&point.unjudged);
            total.tree.push_digest(&point.tree);
            total.count(point);
        }
        if points.iter().any(|point| point.runs > 0 && point.tree.leaves() == 0) {
            total.forget_digest();
        }
        total
    }

    /// Adds the counts and histograms of `other`.
    fn count(&mut self, other: &Tally) {
        self.runs += other.runs;
        self.failed += other.failed;
        self.unknown += other.unknown;
        self.cost.absorb(other.cost);
        self.broken_runs += other.broken_runs;
        self.stuck_runs += other.stuck_runs;
        for (name, histogram) in &other.metrics {
            self.metrics.entry(name.clone()).or_default().absorb(histogram);
        }
        add(&mut self.coverage, &other.coverage);
        add(&mut self.checked, &other.checked);
        add(&mut self.violations, &other.violations);
        add(&mut self.unmet, &other.unmet);
        add(&mut self.faults, &other.faults);
        add(&mut self.plans, &other.plans);
    }

    /// Adds what other runs of the same point came to, of which `kept` failures are kept. The digests of runs are left as
    /// they are: [`follow`](Self::follow) adds them, in order.
    pub(crate) fn merge(&mut self, other: &Tally, kept: u64) {
        self.count(other);
        self.failures.extend_from_slice(&other.failures);
        self.failures.sort_by_key(|failed| failed.seed);
        self.failures.truncate(usize::try_from(kept).unwrap_or(usize::MAX));
        self.unjudged.extend_from_slice(&other.unjudged);
        self.unjudged.sort_by_key(|unjudged| unjudged.seed);
        self.unjudged.truncate(UNJUDGED);
        self.drift = self.drift.take().or(other.drift.clone());
    }

    /// Adds the digests of the runs that follow.
    pub(crate) fn follow(&mut self, tree: &HashTree) {
        self.tree.append(tree);
    }

    /// False for what no runs from the seed `start` on can have come to, of which so many failures are `kept`, each under
    /// its `name`.
    pub(super) fn is_sound(&self, start: u64, kept: u64, name: &dyn Fn(u64) -> String) -> bool {
        start.checked_add(self.runs).is_some_and(|end| self.is_sound_within(&(start..end), kept))
            && self.tree.leaves() == self.runs
            && self.failures.iter().all(|failed| failed.repro == name(failed.seed))
    }

    /// False for what no runs of some of these seeds can have come to, of which so many failures are `kept`.
    pub(crate) fn is_sound_within(&self, seeds: &Range<u64>, kept: u64) -> bool {
        let failures: Vec<u64> = self.failures.iter().map(|failed| failed.seed).collect();
        let unjudged: Vec<u64> = self.unjudged.iter().map(|unjudged| unjudged.seed).collect();
        let are_made = |made: &[u64]| {
            made.iter().all(|seed| seeds.contains(seed)) && made.windows(2).all(|pair| pair[0] < pair[1])
        };
        self.failed.checked_add(self.unknown).is_some_and(|sum| sum <= self.runs)
            && failures.len() as u64 == self.failed.min(kept)
            && unjudged.len() as u64 == self.unknown.min(UNJUDGED as u64)
            && are_made(&failures)
            && are_made(&unjudged)
            && unjudged.iter().all(|seed| !failures.contains(seed))
            && self
                .faults
                .values()
                .chain([&self.broken_runs, &self.stuck_runs])
                .all(|count| *count <= self.runs)
            && self.metrics.values().all(|histogram| histogram.count() <= self.runs)
    }

    /// Adds a batch of the seeds that follow.
    pub(super) fn absorb(&mut self, batch: Batch) {
        self.tree.extend(&batch.digests);
        self.enter(batch);
    }

    /// Adds a batch, but for the digests of its runs and for its failures.
    pub(crate) fn enter(&mut self, batch: Batch) {
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
}

fn add(into: &mut BTreeMap<String, u64>, from: &BTreeMap<String, u64>) {
    for (name, count) in from {
        *into.entry(name.clone()).or_default() += count;
    }
}
