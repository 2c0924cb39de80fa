//! Votes: simple ([`Config::simple`](weighted::Config::simple)) and [weighted].
//!
//! Counting takes no messages and no time: weights, what they add up to, and when the outcome is certain.
//! Weights follow expertise ([`expertise`]), no voter's weighs more than a cap ([`cap`]), and all are frozen in a
//! [`Snapshot`]. A [`Tally`] keeps every voter's first vote and their [`Sums`]; a [`Rule`] judges sums, which can as
//! well come together from several tallies.

mod bug;
pub mod cap;
pub mod expertise;
pub mod fairness;
#[cfg(feature = "harness")]
pub mod harness;
mod rule;
mod sums;
mod tally;
pub mod weighted;
mod weights;

pub use bug::Bug;
pub use rule::{Rule, TallyResult, UndecidedReason, VoteTerms};
pub use sums::Sums;
pub use tally::{Ballot, Cast, Tally};
pub use weights::{Snapshot, WHOLE, apportion};
