//! What nodes claim to the world outside the protocol.

use super::NodeId;
use super::mark::CoverageMark;
use serde::Serialize;
use std::fmt::Debug;

/// What a node claims. The kernel records it; oracles judge it.
pub trait Observation: Debug + Serialize + 'static {
    /// What it means for the figures that every protocol is measured by.
    fn milestone(&self) -> Option<Milestone> {
        None
    }

    /// A figure of the protocol's own and its value now, of which a run reports the highest: the view reached, the
    /// term, the round.
    fn peak(&self) -> Option<(&'static str, u64)> {
        None
    }

    /// The node that the claim proves faulty, if it holds such a proof: two signed contents for one slot, an invalid
    /// signed message. Silence and delay prove nothing.
    fn accuses(&self) -> Option<NodeId> {
        None
    }

    /// True if it voices a suspicion, such as giving a leader up: of silence or delay, which prove nothing.
    fn suspects(&self) -> bool {
        false
    }

    /// The coverage mark that it hits: something that should sometimes happen, such as a view change.
    fn mark(&self) -> Option<&'static CoverageMark> {
        None
    }
}

/// A step in the life of an operation, which is whatever a run is asked to get done: a decision, a request.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub enum Milestone {
    /// The operation was handed in; its latency counts from here.
    Submitted(OperationId),
    /// A replica decided it, at this place in its order of decisions, from 1; all places are 1 where there is no
    /// order.
    Decided(OperationId, u64),
    /// A replica answered it from its own state: nobody else has to decide it.
    Served(OperationId),
    /// A replica took over a state that holds everything decided up to this place.
    CaughtUp(u64),
    /// Whoever handed it in knows its outcome.
    Completed(OperationId),
    /// The observer gave it up without an outcome. If that is whoever handed it in, nobody waits for it any more.
    Abandoned(OperationId),
}

impl Milestone {
    /// The operation that passed it, where it is one.
    pub fn operation(self) -> Option<OperationId> {
        match self {
            Milestone::Submitted(id)
            | Milestone::Decided(id, _)
            | Milestone::Served(id)
            | Milestone::Completed(id)
            | Milestone::Abandoned(id) => Some(id),
            Milestone::CaughtUp(_) => None,
        }
    }
}

/// Names an operation within a run.
#[derive(Copy, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize)]
pub struct OperationId(pub u64);

/// The observation of a protocol that claims nothing.
#[derive(Copy, Clone, Debug, Serialize)]
pub enum NoObservation {}

impl Observation for NoObservation {}

impl Observation for () {}
