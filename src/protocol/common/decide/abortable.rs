//! Abortable protocols: a decision can be aborted before it is made, and a successor takes over from what may have been
//! decided.
//!
//! This is the idea of Abstract (R. Guerraoui, N. Knežević, V. Quéma and M. Vukolić, *The Next 700 BFT Protocols*,
//! EuroSys 2010): an instance either decides or aborts, and the abort histories of its members determine the init
//! history of the next instance. Here a history is one value at most.

use super::deciding::Decide;
use serde::{Deserialize, Serialize};
use std::fmt::Debug;
use synod_sim::{Context, NodeId};

/// A protocol that can be aborted undecided, so that a successor decides in its place and never contradicts it:
/// *Abstract* in Guerraoui et al., EuroSys 2010.
pub trait Abortable: Decide {
    /// The abort history of a member, with its proof. The member sends nothing more in this instance.
    type AbortProof: Clone + Debug + Serialize + 'static;

    /// This member's abort history.
    fn abort_proof(&self) -> Self::AbortProof;

    /// Returns true if `abort_proof` is by `witness` and proves what it states.
    fn is_proven(
        config: &Self::Config,
        ctx: &mut Context<'_, Self>,
        witness: NodeId,
        abort_proof: &Self::AbortProof,
    ) -> bool;

    /// The init history of the successor, from the abort histories of all but f members; `None` for a member that took
    /// no part.
    fn init_history(config: &Self::Config, proofs: &[(NodeId, Option<&Self::AbortProof>)]) -> InitHistory;

    /// The same configuration, initialized with `value`: nothing else can be decided.
    fn with_init_value(config: &Self::Config, value: u64) -> Self::Config;

    /// Size of an abort history on the wire, in bytes.
    fn size(abort_proof: &Self::AbortProof) -> usize;
}

/// The init history of an instance: what may have been decided in those before it.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Serialize)]
pub enum InitHistory {
    /// Nothing: the successor is free.
    Free,
    /// This.
    Value(u64),
    /// One of several values, or one that no aborted member knows: more members have to abort.
    Unclear,
}

/// How much a protocol bears: the security lattice, from the least.
#[derive(
    Copy, Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, schemars::JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Level {
    /// One voter, one vote; voters may crash.
    Majority,
    /// Words weigh differently; voters may crash.
    Crash,
    /// Members may do what they like.
    Byzantine,
}
