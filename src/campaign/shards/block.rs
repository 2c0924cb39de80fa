//! Blocks: aligned pieces of a point's runs, each of which one thread makes in a row.

use super::Shard;
use std::ops::Range;

/// The most runs of a block.
pub(super) const MOST_RUNS: u64 = 1_024;

/// The most blocks of a campaign: what merging keeps in mind grows with them.
pub(super) const MOST_BLOCKS: u64 = 4_000_000;

/// A block of runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Block {
    /// The point.
    pub(super) place: usize,
    /// Which of the point's.
    pub(super) part: u64,
    pub(super) seeds: Range<u64>,
}

/// All blocks of a plan, numbered in the order of points and seeds.
#[derive(Debug)]
pub(super) struct Blocks {
    size: u64,
    /// Of each point its seeds and the number of its first block.
    points: Vec<(Range<u64>, u64)>,
    count: u64,
}

impl Block {
    /// Returns how many runs it has.
    pub(super) fn runs(&self) -> u64 {
        self.seeds.end - self.seeds.start
    }
}

impl Blocks {
    /// Cuts the seeds of each point into blocks of this size.
    pub(super) fn of(seeds: impl Iterator<Item = Range<u64>>, size: u64) -> Blocks {
        let mut count = 0;
        let points = seeds.map(|seeds| {
            let first = count;
            count += (seeds.end - seeds.start).div_ceil(size);
            (seeds, first)
        });
        Blocks { size, points: points.collect(), count }
    }

    /// Returns how many there are.
    pub(super) fn count(&self) -> u64 {
        self.count
    }

    /// Returns the number of a point's block.
    pub(super) fn number(&self, place: usize, part: u64) -> u64 {
        self.points[place].1 + part
    }

    /// Returns the numbers of a point's blocks.
    pub(super) fn of_point(&self, place: usize) -> Range<u64> {
        self.points[place].1..self.points.get(place + 1).map_or(self.count, |(_, first)| *first)
    }

    /// Returns the blocks of a shard, in order.
    pub(super) fn of_shard(&self, shard: Shard) -> impl Iterator<Item = Block> {
        (u64::from(shard.index())..self.count).step_by(shard.of() as usize).map(|number| self.get(number))
    }

    /// Returns how many blocks a shard has.
    pub(super) fn count_of(&self, shard: Shard) -> u64 {
        self.count.saturating_sub(shard.index().into()).div_ceil(shard.of().into())
    }

    fn get(&self, number: u64) -> Block {
        let place = self.points.partition_point(|(_, first)| *first <= number) - 1;
        let (seeds, first) = &self.points[place];
        let part = number - first;
        let start = seeds.start + part * self.size;
        Block { place, part, seeds: start..seeds.end.min(start + self.size) }
    }
}
