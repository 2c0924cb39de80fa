//! Votes in scenario files.

mod simple;
pub mod voting;
mod weighted;

pub use simple::{SimpleHarness, SimpleParams};
pub use voting::VoteWorkload;
pub use weighted::{
    LegacyShape, LogOddsShape, MedianShape, OfCastShape, RuleShape, WeightedHarness, WeightedParams,
    WeightsShape,
};
pub use weighted::{Voting, check, tolerance};

use synod_harness::{Entry, entry};

/// Returns the protocols of this crate.
pub fn entries() -> Vec<Box<dyn Entry>> {
    vec![entry::<SimpleHarness>(), entry::<WeightedHarness>()]
}
