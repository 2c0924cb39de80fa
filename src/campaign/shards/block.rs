//! Blocks: aligned pieces of a point's runs, each of which one thread makes in a row.

use super::{CampaignPlan, Shard};
use std::ops::Range;

/// A block of runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Block {
    /// Its number in the whole campaign.
    pub(super) number: u64,
    /// The point.
    pub(super) place: usize,
    /// Which of the point's.
    pub(super) part: u64,
    pub(super) seeds: Range<u64>,
}

impl Block {
    /// Returns how many runs it has.
    pub(super) fn runs(&self) -> u64 {
        self.seeds.end - self.seeds.start
    }
}

impl CampaignPlan {
    /// Returns all blocks, in the order of points and seeds.
    pub(super) fn blocks(&self) -> impl Iterator<Item = Block> {
        let size = self.block;
        let parts = move |(place, seeds): (usize, Range<u64>)| {
            let count = (seeds.end - seeds.start).div_ceil(size);
            (0..count).map(move |part| {
                let start = seeds.start + part * size;
                (place, part, start..seeds.end.min(start + size))
            })
        };
        let all = self.seeds().map(|seeds| seeds.0).enumerate().flat_map(parts);
        all.zip(0..).map(|((place, part, seeds), number)| Block { number, place, part, seeds })
    }

    /// Returns the blocks of a shard, in order.
    pub(super) fn blocks_of(&self, shard: Shard) -> impl Iterator<Item = Block> {
        self.blocks().skip(shard.index() as usize).step_by(shard.of() as usize)
    }

    /// Returns how many runs a shard has.
    pub fn runs_of(&self, shard: Shard) -> u64 {
        self.blocks_of(shard).map(|block| block.runs()).sum()
    }

    /// Returns how many blocks there are.
    pub fn block_count(&self) -> u64 {
        self.seeds().map(|seeds| seeds.count().div_ceil(self.block)).sum()
    }
}
