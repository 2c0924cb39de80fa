//! Observations: what nodes claim to the outside world.

use super::NodeId;
use super::mark::CoverageMark;
use serde::Serialize;
use std::fmt::Debug;

/// What a node claims. The kernel records observations; oracles check them.
pub trait Observation: Debug + Serialize + 'static {
    /// Returns its meaning for the metrics that all protocols share.
    fn milestone(&self) -> Option<Milestone> {
        None
    }

    /// Returns a figure of the protocol's own and its value now, of which a run reports the highest: the view reached,
    /// the term, the round.
    fn peak(&self) -> Option<(&'static str, u64)> {
        None
    }

    /// Returns the node that it proves faulty, if it holds such proof: two signed contents for one slot, an invalid
    /// signed message. Silence and delay prove nothing.
    fn accuses(&self) -> Option<NodeId> {
        None
    }

    /// Returns true for a suspicion, such as giving a leader up: of silence or delay, which prove nothing.
    fn suspects(&self) -> bool {
        false
    }

    /// Returns the coverage mark that it hits: a *sometimes* assertion, such as a view change.
    fn mark(&self) -> Option<&'static CoverageMark> {
        None
    }
}

/// Progress of an operation: a decision, a client request.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub enum Milestone {
    /// The operation was submitted; its latency counts from here.
    Submitted(OperationId),
    /// A replica decided it, at this place in its order of decisions, from 1; all places are 1 where there is no
    /// order.
    Decided(OperationId, u64),
    /// A replica answered it from its local state: no other decision is needed.
    Served(OperationId),
    /// A replica installed a snapshot that covers everything decided up to this place.
    CaughtUp(u64),
    /// The submitter knows its outcome.
    Completed(OperationId),
    /// The observing node abandoned it without an outcome. If that is the submitter, nobody waits for it any more.
    Abandoned(OperationId),
}

impl Milestone {
    /// Returns the operation, if it concerns a single one.
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

/// The observation type of protocols without observations.
#[derive(Copy, Clone, Debug, Serialize)]
pub enum NoObservation {}

impl Observation for NoObservation {}

impl Observation for () {}
