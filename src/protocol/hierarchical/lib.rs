//! Hierarchical consensus: a weighted vote that is counted along a tree.
//!
//! Agents stand in clusters of at most b, their representatives in clusters of at most b again, up to one (`tree.rs`).
//! A session's request goes down the tree; votes go to the representatives, who add up what those under them have said
//! and report that upwards (`aggregator.rs`); the root judges the sums by the rules of a flat vote, with open what it has not
//! heard of, and the result goes down. The outcome is that of the flat vote on the same votes, for the same 3(n − 1)
//! messages, and nobody hears from more than b − 1 others a level.
//!
//! A representative that is not heard of for two heartbeats is replaced by the next of its cell's succession, in a new
//! epoch that suspicions of its predecessor prove (`succession.rs`); its children report to the next one. Each level
//! closes at its part of the deadline, so that nothing waits for a dead subtree.
//!
//! Where some weight F may be faulty, so may representatives. Then reports carry the votes themselves: a
//! representative that reports other sums proves itself a liar, and one that leaves votes out is found by those above
//! it, who ask some of the voters that are missing (`audit.rs`); of one that reports nothing that is valid, they ask all.
//! Decisions need certificates, as in a flat vote.
//!
//! In [`Mode::Delegated`] each cluster decides for its members instead, and counts as one voice above: cheaper to
//! report, and fewer liars in the right places win.
//!
//! Sources: the aggregation tree is that of D. Peleg, *Distributed Computing: A Locality-Sensitive Approach*, 2000, chapter
//! 3; what delegation costs is Condorcet's theorem applied twice (P. Boland, *Majority systems and the Condorcet jury
//! theorem*, The Statistician 38, 1989).

mod aggregator;
mod attack;
mod audit;
mod bug;
mod config;
mod count;
mod decide;
mod durable;
#[cfg(feature = "harness")]
pub mod harness;
mod message;
mod misreport;
mod observation;
pub mod oracle;
mod protocol;
mod state;
mod succession;
#[cfg(test)]
mod tests;
mod tree;
mod voters;

pub use bug::Bug;
pub use config::{Config, Mode};
pub use durable::Record;
pub use message::{EpochCertificate, Message, Partial, ReportBody, Suspicion, Timer, VoteRequest};
pub use misreport::Misreport;
pub use observation::{Mark, Observation};
pub use state::Hierarchical;
pub use tree::{Cell, CellId, Epoch, Health, Shape, Tree};
pub use voters::Voters;
