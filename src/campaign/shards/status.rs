//! How far a campaign is.

use super::Shard;
use super::folder::CampaignFolder;
use super::merge::{Cover, MergeError, MissingShards};
use crate::sweep::{Failed, Point};

/// How far a campaign is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CampaignStatus {
    /// Runs that results have, each counted once.
    pub runs: u64,
    /// How many of them failed.
    pub failed: u64,
    /// Runs that there are to be.
    pub of_runs: u64,
    /// The results, in the order of their files.
    pub shards: Vec<ShardStatus>,
    /// What is missing, if anything.
    pub missing: Option<MissingShards>,
    /// Of the shards that the plan has by itself, those that are not finished.
    pub left: Vec<Shard>,
    /// The first failures so far: the number of the point, the seed and what failed.
    pub failures: Vec<(usize, Failed)>,
}

/// How far a shard is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ShardStatus {
    /// Which one.
    pub shard: Shard,
    /// True once it has nothing left to do.
    pub finished: bool,
    /// Blocks that are made.
    pub blocks: u64,
    /// Blocks that it has.
    pub of_blocks: u64,
    /// Runs that are made.
    pub runs: u64,
    /// How many of them failed.
    pub failed: u64,
}

/// How many failures are named.
const NAMED: usize = 10;

/// Returns how far a campaign is, whose points are these.
///
/// # Errors
/// If a result is damaged or of another campaign, or if two do not agree.
pub fn status(folder: &CampaignFolder, points: &[Point]) -> Result<CampaignStatus, MergeError> {
    let cover = Cover::of(folder, points)?;
    let plan = folder.plan();
    let shards = cover.results.iter().map(|result| ShardStatus {
        shard: result.shard,
        finished: result.finished,
        blocks: result.blocks,
        of_blocks: folder.blocks().count_of(result.shard),
        runs: result.runs,
        failed: result.failed,
    });
    let mut failures: Vec<_> = cover.results.iter().flat_map(|result| result.failures.clone()).collect();
    failures.sort_by_key(|(place, failed)| (*place, failed.seed));
    failures.dedup();
    failures.truncate(NAMED);
    Ok(CampaignStatus {
        runs: cover.runs(),
        failed: cover.failed(),
        of_runs: plan.runs(),
        shards: shards.collect(),
        missing: cover.missing(),
        left: cover.left(),
        failures,
    })
}
