//! How long blocks should be: about a minute, and so many that shards end at about the same time.

use super::block::MOST_RUNS;
use crate::host::Stopwatch;
use crate::sweep::{Point, SweepError};

/// How long a block should take, in milliseconds.
const BLOCK_MS: f64 = 60_000.0;

/// How long runs may be made to find out, in milliseconds, but for the last one.
const TRIAL_MS: f64 = 2_000.0;

/// How many points are tried.
const TRIED: usize = 64;

/// How many runs of a point are made at most.
const RUNS: usize = 16;

/// How many blocks a shard should have at least.
const LEAST: u64 = 8;

/// Returns the runs of a block: a power of two.
///
/// # Errors
/// If a run cannot be made.
pub(super) fn block(points: &[&Point], shards: u32) -> Result<u64, SweepError> {
    let watch = Stopwatch::start();
    let step = points.len().div_ceil(TRIED);
    let each = TRIAL_MS / points.len().div_ceil(step) as f64;
    // The slowest point tells: blocks that are too short for others cost nothing.
    let mut slowest: f64 = 0.0;
    for point in points.iter().step_by(step) {
        let begin = watch.stop().wall_ms;
        if begin > TRIAL_MS {
            break;
        }
        let mut made = 0;
        for seed in point.seeds.0.clone().take(RUNS) {
            point.scenario.run(seed, None).map_err(SweepError::Scenario)?;
            made += 1;
            if watch.stop().wall_ms - begin > each {
                break;
            }
        }
        slowest = slowest.max((watch.stop().wall_ms - begin) / f64::from(made));
    }
    let minute = (BLOCK_MS / slowest.max(1e-3)).clamp(1.0, MOST_RUNS as f64) as u64;
    Ok(shorter(floor(minute), points, u64::from(shards) * LEAST))
}

/// Returns the greatest power of two up to `number`, which is not 0.
fn floor(number: u64) -> u64 {
    1 << number.ilog2()
}

/// Halves blocks until there are `least` of them, as far as that goes.
fn shorter(mut block: u64, points: &[&Point], least: u64) -> u64 {
    let blocks = |block: u64| points.iter().map(|point| point.seeds.count().div_ceil(block)).sum::<u64>();
    while block > 1 && blocks(block) < least {
        block /= 2;
    }
    block
}
