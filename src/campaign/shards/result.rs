//! What a shard has come to so far.

use super::block::Blocks;
use super::{CampaignPlan, Shard};
use crate::sealed::Seal;
use crate::sweep::{Batch, HashTree, Tally, repro_name};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

pub(super) const SEAL: Seal = Seal { kind: "shard", form: 1 };

/// What a shard has come to so far. Whole blocks count, and no others.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct ShardResult {
    /// The plan, by its hash.
    pub(super) plan: String,
    index: u32,
    of: u32,
    /// True once all blocks are made and failures are shrunk.
    pub(super) finished: bool,
    /// What its blocks came to, by point.
    pub(super) points: BTreeMap<usize, PointResult>,
    /// Failures that could not be shrunk: the repro file, and why.
    pub(super) unshrunk: BTreeMap<String, String>,
}

/// What a shard's blocks of one point came to.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct PointResult {
    /// What the runs came to, but for their digest.
    pub(super) tally: Tally,
    /// The digests of the runs of each block.
    pub(super) blocks: BTreeMap<u64, HashTree>,
}

impl ShardResult {
    pub(super) fn new(plan: &str, shard: Shard) -> ShardResult {
        ShardResult {
            plan: plan.to_owned(),
            index: shard.index(),
            of: shard.of(),
            finished: false,
            points: BTreeMap::new(),
            unshrunk: BTreeMap::new(),
        }
    }

    /// Returns which shard it is of.
    ///
    /// # Panics
    /// If it is not sound.
    pub(super) fn shard(&self) -> Shard {
        Shard::new(self.index, self.of).expect("a result is of a shard")
    }

    /// Returns true if it has this block.
    pub(super) fn has(&self, place: usize, part: u64) -> bool {
        self.points.get(&place).is_some_and(|point| point.blocks.contains_key(&part))
    }

    /// Adds a block of a point.
    pub(super) fn enter(&mut self, place: usize, part: u64, mut batch: Batch) {
        if part > 0 {
            // What drifts is told of a point's first run.
            batch.drift = None;
        }
        let point = self.points.entry(place).or_default();
        let before = point.blocks.insert(part, HashTree::of(&batch.digests));
        assert!(before.is_none(), "block {part} of point {place} is there already");
        point.tally.enter(batch);
    }

    /// Returns true if blocks that both have came to the same runs.
    pub(super) fn agrees_with(&self, other: &ShardResult) -> bool {
        let is_same = |place: &usize, (part, tree): (&u64, &HashTree)| {
            let there = other.points.get(place).and_then(|point| point.blocks.get(part));
            there.is_none_or(|there| there == tree)
        };
        self.points.iter().all(|(place, point)| point.blocks.iter().all(|block| is_same(place, block)))
    }

    /// Returns how many blocks it has.
    pub(super) fn block_count(&self) -> u64 {
        self.points.values().map(|point| point.blocks.len() as u64).sum()
    }

    /// Returns how many runs were made.
    pub(super) fn runs(&self) -> u64 {
        self.points.values().map(|point| point.tally.runs).sum()
    }

    /// Returns how many of them failed.
    pub(super) fn failed(&self) -> u64 {
        self.points.values().map(|point| point.tally.failed).sum()
    }

    /// False for what no shard of `plan` comes to.
    pub(super) fn is_sound(&self, plan: &CampaignPlan, blocks: &Blocks) -> bool {
        let Ok(shard) = Shard::new(self.index, self.of) else { return false };
        let seeds: Vec<_> = plan.seeds().collect();
        let is_known = |place: &usize| *place < seeds.len();
        if !self.points.keys().all(is_known) {
            return false;
        }
        let mut left: BTreeSet<(usize, u64)> = self
            .points
            .iter()
            .flat_map(|(place, point)| point.blocks.keys().map(|part| (*place, *part)))
            .collect();
        let mut has_all = true;
        for block in blocks.of_shard(shard) {
            if left.remove(&(block.place, block.part)) {
                if self.points[&block.place].blocks[&block.part].leaves() != block.runs() {
                    return false;
                }
            } else {
                has_all = false;
            }
        }
        let fits = |(place, point): (&usize, &PointResult)| {
            let runs: u64 = point.blocks.values().map(HashTree::leaves).sum();
            // Names of files come from nowhere else.
            let name = |seed| repro_name((seeds.len() > 1).then_some(*place), seed);
            runs == point.tally.runs
                && point.tally.failures.iter().all(|failed| failed.repro == name(failed.seed))
                && point.tally.is_sound_within(&seeds[*place].0, plan.kept)
        };
        left.is_empty() && (has_all || !self.finished) && self.points.iter().all(fits)
    }
}
