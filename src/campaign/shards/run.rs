//! Making the blocks of a shard.

use super::block::Block;
use super::result::ShardResult;
use super::shrunk;
use super::{CampaignFolder, Shard};
use crate::host::Stopwatch;
use crate::sweep::{Batch, Point, SweepError, SweepProgress, keep};
use rayon::prelude::*;
use rayon::{ThreadPool, ThreadPoolBuilder};
use std::fs;
use std::sync::atomic::{AtomicBool, Ordering};
use synod_harness::Registry;

/// What to make of a campaign.
#[derive(Copy, Clone)]
pub struct ShardPlan<'a> {
    /// The protocols that there are.
    pub registry: &'a Registry,
    /// The campaign.
    pub folder: &'a CampaignFolder,
    /// Its points.
    pub points: &'a [Point],
    /// Which shard.
    pub shard: Shard,
    /// How many threads work, a block each; 0 for as many as there are processors.
    pub jobs: usize,
    /// True to wait while another process makes the shard; false to refuse then.
    pub waits: bool,
}

/// What a shard has come to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ShardSummary {
    /// Runs that were made, now or before.
    pub runs: u64,
    /// How many of them failed.
    pub failed: u64,
    /// Blocks that were made, now or before.
    pub blocks: u64,
    /// Blocks that there are.
    pub of_blocks: u64,
    /// False if it was interrupted.
    pub finished: bool,
    /// True if there was nothing to do.
    pub was_finished: bool,
}

/// How much time may pass between two results, in milliseconds.
const SAVE_MS: f64 = 1_000.0;

/// Makes the blocks of a shard that are left, and shrinks its first failures. `stop`, once true, ends it: blocks in flight
/// are made again the next time, and whole ones are kept. A result that is there already is left as it is.
///
/// # Errors
/// As for a sweep; or if another process on this machine makes the shard, or the plan is of another build.
pub fn run_shard(
    plan: &ShardPlan<'_>,
    on_progress: &mut dyn FnMut(SweepProgress<'_>),
    stop: &AtomicBool,
) -> Result<ShardSummary, SweepError> {
    let ShardPlan { folder, shard, .. } = *plan;
    folder.check_build()?;
    let _lock = folder.lock(shard, plan.waits, stop)?;
    let found = folder.load(shard)?;
    let was_finished = found.as_ref().is_some_and(|result| result.finished);
    let mut result = found.unwrap_or_else(|| ShardResult::new(folder.hash(), shard));
    let of_blocks = folder.blocks().count_of(shard);
    if !was_finished {
        let threads = ThreadPoolBuilder::new()
            .num_threads(plan.jobs)
            .build()
            .map_err(|error| SweepError::Threads(error.to_string()))?;
        let ended = make_blocks(plan, &threads, &mut result, on_progress, stop);
        let ended = ended.and_then(|()| shrunk::shrink_first(plan.registry, folder, &mut result, stop));
        let has_all = result.block_count() == of_blocks;
        result.finished = ended.is_ok() && has_all && !stop.load(Ordering::Relaxed);
        if folder.save(&result, is_pure(plan))? {
            result = folder.load(shard)?.expect("it is there");
        }
        ended?;
    }
    Ok(ShardSummary {
        runs: result.runs(),
        failed: result.failed(),
        blocks: result.block_count(),
        of_blocks,
        finished: result.finished,
        was_finished,
    })
}

fn is_pure(plan: &ShardPlan<'_>) -> bool {
    plan.points.iter().all(|point| point.scenario.is_reproducible())
}

fn make_blocks(
    plan: &ShardPlan<'_>,
    threads: &ThreadPool,
    result: &mut ShardResult,
    on_progress: &mut dyn FnMut(SweepProgress<'_>),
    stop: &AtomicBool,
) -> Result<(), SweepError> {
    let left: Vec<Block> = plan.folder.blocks().of_shard(plan.shard).collect();
    let left: Vec<Block> = left.into_iter().filter(|block| !result.has(block.place, block.part)).collect();
    let mut saved: Option<Stopwatch> = None;
    for blocks in left.chunks(threads.current_num_threads()) {
        on_progress(SweepProgress { runs: result.runs(), failed: result.failed(), tallies: &[] });
        if stop.load(Ordering::Relaxed) {
            break;
        }
        let make = |block: &Block| Batch::make(plan.points, block.place, block.seeds.clone(), u64::MAX, stop);
        let made: Vec<Batch> = threads.install(|| blocks.par_iter().with_max_len(1).map(make).collect());
        for (block, mut batch) in blocks.iter().zip(made) {
            if let Some(broken) = batch.broken.take() {
                return Err(broken);
            }
            if batch.is_whole() {
                enter(plan, result, block, batch)?;
            }
        }
        if saved.as_ref().is_none_or(|saved| saved.stop().wall_ms > SAVE_MS) {
            if plan.folder.save(result, is_pure(plan))? {
                break;
            }
            saved = Some(Stopwatch::start());
        }
    }
    on_progress(SweepProgress { runs: result.runs(), failed: result.failed(), tallies: &[] });
    Ok(())
}

/// Enters a block, and keeps the repro files of its failures.
fn enter(
    plan: &ShardPlan<'_>,
    result: &mut ShardResult,
    block: &Block,
    batch: Batch,
) -> Result<(), SweepError> {
    let of_point = result.points.get(&block.place);
    let room =
        plan.folder.plan().kept.saturating_sub(of_point.map_or(0, |point| point.tally.failures.len() as u64));
    let folder = plan.folder.repros(plan.shard);
    if !batch.failed.is_empty() {
        fs::create_dir_all(&folder)
            .map_err(|error| SweepError::unwritable(folder.clone(), &error, error.to_string()))?;
    }
    let failures = keep(plan.points, block.place, &batch, room, &folder)?;
    result.enter(block.place, block.part, batch);
    let tally = &mut result.points.get_mut(&block.place).expect("it was entered").tally;
    tally.failures.extend(failures);
    Ok(())
}
