//! `synod campaign run`: one shard.

use super::open;
use crate::args::{Engine, Format, ShardArgs};
use crate::common::{again, catch_interrupts, catch_user_signal, failure, progress, settle, watch};
use crate::exit::{Exit, Failure};
use crate::output;
use std::env;
use synod_campaign::{CampaignFolder, Shard, ShardFrom, ShardPlan, run_shard};
use synod_harness::Registry;
use synod_report::{shard_object, shard_page};

pub(super) fn run_one(registry: &Registry, arguments: &ShardArgs) -> Result<Exit, Failure> {
    let folder = open(&arguments.folder)?;
    let shard = which(arguments, folder.plan().shards)?;
    let stop = catch_interrupts()?;
    catch_user_signal(&stop)?;
    settle(&stop, make(registry, arguments, &folder, shard, &stop))
}

/// Returns which shard is meant.
fn which(arguments: &ShardArgs, planned: u32) -> Result<Shard, Failure> {
    let variable = |name: &str| env::var_os(name).map(|value| value.to_string_lossy().into_owned());
    let shard = match (arguments.shard, arguments.shard_from) {
        (Some(shard), _) => Shard::named(variable).and_then(|named| shard.unless_named(named)),
        (None, Some(Engine::Slurm)) => Shard::of_environment(ShardFrom::Slurm, planned, variable),
        (None, _) => Shard::of_environment(ShardFrom::Environment, planned, variable),
    };
    shard.map_err(|why| Failure::input(format_args!("error: {why}")))
}

/// Makes the runs. Failing seeds are a result, not a failure.
fn make(
    registry: &Registry,
    arguments: &ShardArgs,
    folder: &CampaignFolder,
    shard: Shard,
    stop: &std::sync::atomic::AtomicBool,
) -> Result<Exit, Failure> {
    let points = folder.plan().points(registry)?;
    let bar = progress(folder.runs_of(shard))?;
    // A scheduler may start a task again while the first one still lives on a node that it has lost.
    let waits = arguments.shard_from.is_some();
    let plan = ShardPlan { registry, folder, points: &points, shard, jobs: arguments.jobs.into(), waits };
    let made = run_shard(&plan, &mut watch(&bar), stop);
    bar.finish_and_clear();
    let made = made.map_err(|error| failure(error, &points))?;
    match arguments.printing.format {
        Format::Json => output::json(&shard_object(folder, shard, &made))?,
        Format::Human => output::page(&shard_page(folder, shard, &made))?,
    }
    if !made.finished {
        output::note(&format!("interrupted; go on with:\n{}", again()));
    }
    Ok(if made.finished { Exit::Held } else { Exit::Interrupted })
}
