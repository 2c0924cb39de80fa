//! Abortable protocols: a decision can be aborted before it is made, and a successor takes over from what may have been
//! decided.
//!
//! This is the idea of Abstract (R. Guerraoui, N. Knežević, V. Quéma and M. Vukolić, *The Next 700 BFT Protocols*,
//! EuroSys 2010): an instance either decides or aborts, and the abort histories of its members determine the init
//! history of the next instance. Here a history is one value at most.

use super::decide::Decide;
use super::decider::{Decider, DeciderConfig, SingleChild};
use serde::Serialize;
use std::fmt::Debug;
use std::rc::Rc;
use synod_pbft::Pbft;
use synod_sim::{Context, Members, NodeId};
use synod_vote::weighted::abort::Possible;
use synod_vote::weighted::{self, Weighted};

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

impl Abortable for Pbft {
    type AbortProof = synod_pbft::abort::AbortProof;

    fn abort_proof(&self) -> Self::AbortProof {
        Pbft::abort_proof(self)
    }

    fn is_proven(
        config: &synod_pbft::Config,
        ctx: &mut Context<'_, Pbft>,
        _: NodeId,
        abort_proof: &Self::AbortProof,
    ) -> bool {
        abort_proof.is_proven(config, ctx)
    }

    fn init_history(_: &synod_pbft::Config, proofs: &[(NodeId, Option<&Self::AbortProof>)]) -> InitHistory {
        match Self::AbortProof::outcome(proofs.iter().filter_map(|(_, proof)| *proof)) {
            None => InitHistory::Free,
            Some(Some(value)) => InitHistory::Value(value),
            Some(None) => InitHistory::Unclear,
        }
    }

    fn with_init_value(config: &synod_pbft::Config, value: u64) -> synod_pbft::Config {
        Pbft::starting(config, synod_sim::Time::ZERO, Some(value))
    }

    fn size(abort_proof: &Self::AbortProof) -> usize {
        abort_proof.size()
    }
}

impl Abortable for Weighted {
    type AbortProof = weighted::abort::AbortProof;

    fn abort_proof(&self) -> Self::AbortProof {
        Weighted::abort_proof(self)
    }

    fn is_proven(
        _: &weighted::Config,
        ctx: &mut Context<'_, Weighted>,
        witness: NodeId,
        abort_proof: &Self::AbortProof,
    ) -> bool {
        abort_proof.is_proven(witness, ctx)
    }

    fn init_history(
        config: &weighted::Config,
        proofs: &[(NodeId, Option<&Self::AbortProof>)],
    ) -> InitHistory {
        let silent = Self::AbortProof::default();
        let proofs = proofs.iter().map(|(witness, proof)| (*witness, proof.unwrap_or(&silent)));
        match Self::AbortProof::possible(config, proofs) {
            Possible::Nothing => InitHistory::Free,
            Possible::Only(option) => InitHistory::Value(option),
            Possible::Several => InitHistory::Unclear,
        }
    }

    fn with_init_value(config: &weighted::Config, value: u64) -> weighted::Config {
        config.with_init_value(value)
    }

    fn size(abort_proof: &Self::AbortProof) -> usize {
        abort_proof.size()
    }
}

/// The abort history of one of Synod's own protocols.
#[derive(Clone, Debug, Serialize)]
pub enum DeciderAbortProof {
    /// PBFT's.
    Pbft(synod_pbft::abort::AbortProof),
    /// A vote's.
    Weighted(weighted::abort::AbortProof),
}

impl DeciderAbortProof {
    fn pbft(&self) -> Option<&synod_pbft::abort::AbortProof> {
        match self {
            DeciderAbortProof::Pbft(proof) => Some(proof),
            DeciderAbortProof::Weighted(_) => None,
        }
    }

    fn weighted(&self) -> Option<&weighted::abort::AbortProof> {
        match self {
            DeciderAbortProof::Weighted(proof) => Some(proof),
            DeciderAbortProof::Pbft(_) => None,
        }
    }
}

/// Why some are not abortable: nobody but a refinement's coordinator, or the root of a tree, knows what it has selected
/// or counted.
const NO_RUNG: &str = "refinements and trees are no rungs of a chain";

impl Abortable for Decider {
    type AbortProof = DeciderAbortProof;

    fn abort_proof(&self) -> DeciderAbortProof {
        match self {
            Decider::Pbft(node) => DeciderAbortProof::Pbft(node.abort_proof()),
            Decider::Weighted(node) => DeciderAbortProof::Weighted(node.abort_proof()),
            Decider::Iterative(_) | Decider::Hierarchical(_) => unreachable!("{NO_RUNG}"),
        }
    }

    fn is_proven(
        config: &DeciderConfig,
        ctx: &mut Context<'_, Decider>,
        witness: NodeId,
        abort_proof: &DeciderAbortProof,
    ) -> bool {
        match (config, abort_proof) {
            (DeciderConfig::Pbft(config), DeciderAbortProof::Pbft(proof)) => {
                ctx.narrow(0, Members::All, &mut SingleChild, |ctx: &mut Context<'_, Pbft>| {
                    <Pbft as Abortable>::is_proven(config, ctx, witness, proof)
                })
            }
            (DeciderConfig::Weighted(config), DeciderAbortProof::Weighted(proof)) => {
                ctx.narrow(0, Members::All, &mut SingleChild, |ctx: &mut Context<'_, Weighted>| {
                    <Weighted as Abortable>::is_proven(config, ctx, witness, proof)
                })
            }
            _ => false,
        }
    }

    fn init_history(config: &DeciderConfig, proofs: &[(NodeId, Option<&DeciderAbortProof>)]) -> InitHistory {
        match config {
            DeciderConfig::Pbft(config) => {
                let own =
                    proofs.iter().map(|&(witness, proof)| (witness, proof.and_then(DeciderAbortProof::pbft)));
                Pbft::init_history(config, &own.collect::<Vec<_>>())
            }
            DeciderConfig::Weighted(config) => {
                let own = proofs
                    .iter()
                    .map(|&(witness, proof)| (witness, proof.and_then(DeciderAbortProof::weighted)));
                Weighted::init_history(config, &own.collect::<Vec<_>>())
            }
            DeciderConfig::Iterative(_) | DeciderConfig::Hierarchical(_) => unreachable!("{NO_RUNG}"),
        }
    }

    fn with_init_value(config: &DeciderConfig, value: u64) -> DeciderConfig {
        match config {
            DeciderConfig::Pbft(config) => DeciderConfig::Pbft(Rc::new(Pbft::with_init_value(config, value))),
            DeciderConfig::Weighted(config) => {
                DeciderConfig::Weighted(Rc::new(<Weighted as Abortable>::with_init_value(config, value)))
            }
            DeciderConfig::Iterative(_) | DeciderConfig::Hierarchical(_) => unreachable!("{NO_RUNG}"),
        }
    }

    fn size(abort_proof: &DeciderAbortProof) -> usize {
        match abort_proof {
            DeciderAbortProof::Pbft(proof) => proof.size(),
            DeciderAbortProof::Weighted(proof) => proof.size(),
        }
    }
}
