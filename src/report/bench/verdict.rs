//! What a benchmark has come to, in words: the same on the terminal, in Markdown and on the page.

use crate::format;
use synod_campaign::Results;
use synod_harness::RunVerdict;

/// How a verdict looks.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub(super) enum Tone {
    /// Every run passed.
    Good,
    /// Nothing failed that may not, but not every run passed.
    Open,
    /// Something failed that may not.
    Bad,
}

/// Returns the tone of the verdict, and the verdict in words. That all held is said only where every run passed.
pub(super) fn verdict(results: &Results) -> (Tone, String) {
    let runs: u64 = results.points.iter().map(|point| point.runs).sum();
    let failed: u64 = results.points.iter().map(|point| point.failed()).sum();
    let of_runs = |count: u64| format!("{} of {}", format::count(count as f64), format::plural(runs, "run"));
    match (results.verdict(), failed) {
        (RunVerdict::Pass, 0) => (Tone::Good, "All held".to_owned()),
        (RunVerdict::Pass, _) => (Tone::Open, format!("Failures are counted: {} failed", of_runs(failed))),
        (RunVerdict::Unknown, _) => (Tone::Open, format!("{} could not be judged", of_runs(results.unknown))),
        (RunVerdict::Fail, _) => (Tone::Bad, "Not all held".to_owned()),
    }
}
