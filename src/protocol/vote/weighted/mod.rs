//! Weighted voting: a coordinator asks, voters whose words weigh differently answer once, and a session ends as soon
//! as open votes cannot change its outcome.
//!
//! Sources: S. Nitzan and J. Paroush, *Optimal decision rules in uncertain dichotomous choice situations*, 1982, for
//! the weights; D. Gifford, *Weighted voting for replicated data*, SOSP 1979, for quorums of weight.
//!
//! The life of a session: at its time the coordinator freezes the weights ([`Weighing`]) and requests votes
//! (`coordinator.rs`); a voter makes up its mind once, writes it down and sends it (`voter.rs`); the tally
//! ([`Tally`](super::Tally)) keeps first votes and knows when they suffice; the result goes to all. At half time the
//! coordinator requests the votes that it lacks once more and voters that wait ask; at the deadline the outcome is what
//! the votes so far make it, and who has not heard it after twice that time gives up.
//!
//! The coordinator is trusted unless some weight F may be faulty. Then an option wins with a certificate alone: signed
//! votes of weight Q > (W + F) / 2, under weights that every voter knows from the start. Two such certificates share
//! more than F, so a voter that is not faulty would have voted twice.

pub mod abort;
mod attack;
mod config;
mod coordinator;
mod decide;
mod durable;
mod message;
mod observation;
pub mod oracle;
mod protocol;
mod state;
#[cfg(test)]
mod tests;
mod voter;
mod weighing;

pub use crate::bug::Bug;
pub use config::{Config, DecisionRule};
pub use durable::Record;
pub use message::{AbortReason, Message, Outcome, Proposal, SessionResult, Timer, Vote};
pub use observation::{Mark, Observation, Reason};
pub use state::{Voter, Weighted};
pub use synod_common::schedule::{Schedule, SessionId};
pub use voter::Deliberation;
pub use weighing::{Source, VOTE, Warning, Weighing};
