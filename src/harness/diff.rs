//! Comparison of two runs: the first event at which they diverge.

use super::determinism::{Divergence, compare};
use super::entry::Prepared;
use crate::ScenarioError;
use synod_sim::{Ending, RunDigest};

/// The result of two runs that do not diverge.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub struct NoDivergence {
    /// Why both ended.
    pub ending: Ending,
    /// Number of events.
    pub events: u64,
    /// Their digest.
    pub digest: RunDigest,
}

/// Makes two runs side by side, each of a scenario and a seed.
///
/// # Errors
/// If the network of one of the seeds cannot be made.
pub fn diff(
    one: (&dyn Prepared, u64),
    other: (&dyn Prepared, u64),
) -> Result<Result<NoDivergence, Divergence>, ScenarioError> {
    let mut first = one.0.steps(one.1)?;
    let mut second = other.0.steps(other.1)?;
    let compared = compare(&mut *first, &mut *second);
    Ok(compared.map(|(ending, events)| NoDivergence { ending, events, digest: first.digest(ending) }))
}
