//! Iterative refinement: agents propose, review each other's proposals, and move towards the best one, round by round,
//! until they have converged.
//!
//! The life of a session: the coordinator calls a round (`coordinator.rs`); every agent proposes what it thinks
//! (`agent.rs`); the proposals are handed out, each to k agents that a seeded circulant assigns to it ([`assignment`]);
//! their reviews make its score, a mean without what liars could have made up ([`score`]); the best proposal so far is
//! selected, and keeps its score until a better one comes. The round says how far the agents have come towards each
//! other: how dispersed the proposals are, by distances that suit their type ([`Domain::distance`]), how far the selection
//! has moved, and how much of it is approved ([`measure`]). A phase ends once all have answered, or n − f and its time is
//! up ([`gathering`]); what still comes is late, and counts for nothing.
//!
//! The coordinator is trusted. Agents may be silent, or lie; up to f of them move no score out of the range of the honest
//! reviews, and delay no phase beyond its time. If the coordinator crashes its sessions are given up or, where agents do
//! not lie, another one leads on from where it was (`election.rs`).
//!
//! Numbers can be agreed upon without a coordinator: `agreement.rs`, by the averages of [`averaging`].

mod agent;
mod agreement;
pub mod assignment;
mod attack;
pub mod averaging;
mod bug;
mod config;
mod coordinator;
mod decide;
mod distance;
mod domain;
mod durable;
pub mod gathering;
mod handover;
#[cfg(feature = "harness")]
pub mod harness;
mod leader_election;
pub mod measure;
mod message;
mod observation;
mod observer;
pub mod oracle;
mod progress;
mod protocol;
pub mod score;
mod selection;
mod state;
#[cfg(test)]
mod tests;

pub use bug::Bug;
pub use config::{Config, Method};
pub use distance::WHOLE;
pub use domain::{Domain, Field, Scale, Value};
pub use durable::Record;
pub use measure::{Measures, Thresholds};
pub use message::{
    AbortReason, Call, Estimate, Gathered, Message, Outcome, Promise, Proposal, Review, Round, SessionResult,
    Step, StepAction, Success, Term, Timer,
};
pub use observation::{Closing, Mark, Observation, Phase, Reason};
pub use progress::RefinementProgress;
pub use state::Iterative;
pub use synod_common::schedule::{Schedule, SessionId};
