//! Shrinking the first failures of a shard, by counts alone, so that any machine comes to the same files.

use super::CampaignFolder;
use super::result::ShardResult;
use crate::shrink::shrink;
use crate::sweep::{Failed, SweepError};
use std::ops::ControlFlow;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use synod_harness::Registry;
use synod_scenario::{Document, read};

/// The most candidates that are run for one failure.
const MOST_CANDIDATES: u64 = 2_000;

/// Returns the name of the file that a repro file is shrunk to.
pub(super) fn shrunk_name(repro: &str) -> String {
    format!("{}.shrunk.yaml", repro.trim_end_matches(".yaml"))
}

/// Returns the first `most` of these failures, in the order of points and seeds.
pub(super) fn first<'a>(
    failures: impl Iterator<Item = (usize, &'a Failed)>,
    most: u64,
) -> Vec<(usize, &'a Failed)> {
    let mut failures: Vec<(usize, &Failed)> = failures.collect();
    failures.sort_by_key(|(place, failed)| (*place, failed.seed));
    failures.truncate(usize::try_from(most).unwrap_or(usize::MAX));
    failures
}

/// Shrinks the shard's first failures, as many as may be among the first of the campaign. Those that are shrunk already
/// are left as they are.
pub(super) fn shrink_first(
    registry: &Registry,
    folder: &CampaignFolder,
    result: &mut ShardResult,
    stop: &AtomicBool,
) -> Result<(), SweepError> {
    let repros = folder.repros(result.shard());
    let failures =
        result.points.iter().flat_map(|(place, point)| point.tally.failures.iter().map(|one| (*place, one)));
    let names: Vec<String> =
        first(failures, folder.plan().shrunk).into_iter().map(|(_, failed)| failed.repro.clone()).collect();
    for name in names {
        let output = repros.join(shrunk_name(&name));
        if stop.load(Ordering::Relaxed)
            || output.symlink_metadata().is_ok()
            || result.unshrunk.contains_key(&name)
        {
            continue;
        }
        match shrink_file(registry, &repros.join(&name), &output, stop) {
            Ok(()) => {}
            Err(Obstacle::Broken(error)) => return Err(error),
            Err(Obstacle::Refused(why)) => {
                result.unshrunk.insert(name, why);
            }
        }
    }
    Ok(())
}

/// Why a failure was not shrunk.
enum Obstacle {
    /// The campaign cannot go on.
    Broken(SweepError),
    /// It does not shrink.
    Refused(String),
}

fn shrink_file(registry: &Registry, repro: &Path, output: &Path, stop: &AtomicBool) -> Result<(), Obstacle> {
    let refused = |error: &dyn std::fmt::Display| Obstacle::Refused(error.to_string());
    let text = read(repro).map_err(|error| refused(&error))?;
    let name = repro.file_name().unwrap_or_default().to_string_lossy();
    let document = Document::parse(&name, &text).map_err(|error| refused(&error))?;
    let scenario = document.prepare(registry).map_err(|error| refused(&error))?;
    let shrunk = shrink(registry, &*scenario, &mut |progress| {
        let is_over = progress.tried >= MOST_CANDIDATES || stop.load(Ordering::Relaxed);
        if is_over { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    });
    if stop.load(Ordering::Relaxed) {
        // What a search comes to that was broken off by a clock is worth nothing.
        return Ok(());
    }
    let shrunk = shrunk.map_err(|error| refused(&error))?;
    let written = shrunk.repro.write(output);
    written.map_err(|error| {
        Obstacle::Broken(SweepError::unwritable(output.to_owned(), &error, error.to_string()))
    })
}
