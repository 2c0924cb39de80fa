//! Observations: what nodes claim to the outside world.

use super::mark::CoverageMark;
use super::{Digest, NodeId};
use serde::Serialize;
use std::fmt::{self, Debug};

/// What a node claims. The kernel records observations; oracles check them.
pub trait Observation: Debug + Serialize + 'static {
    /// Returns its meaning for the metrics that all protocols share.
    fn milestone(&self) -> Option<Milestone> {
        None
    }

    /// Returns what it settles, where all correct nodes have to settle the same: agreement follows from it alone.
    /// Nodes that may well differ, as in approximate agreement, settle nothing.
    fn settles(&self) -> Option<Settled> {
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

/// An instance of agreement, and the value that a node has for it from now on.
#[derive(Copy, Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Settled {
    /// The instance: a slot of a log, a session, 0 where there is one decision.
    pub instance: u64,
    /// The value.
    pub value: SettledValue,
}

/// A value that nodes agree on.
#[derive(Copy, Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum SettledValue {
    /// A number.
    Number(u64),
    /// Anything else, by its digest.
    Digest(Digest),
}

impl Settled {
    /// An instance whose value is a number.
    pub fn number(instance: u64, value: u64) -> Settled {
        Settled { instance, value: SettledValue::Number(value) }
    }

    /// An instance whose value has a digest.
    pub fn digest(instance: u64, digest: Digest) -> Settled {
        Settled { instance, value: SettledValue::Digest(digest) }
    }
}

impl fmt::Display for SettledValue {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            SettledValue::Number(number) => fmt::Display::fmt(number, out),
            SettledValue::Digest(digest) => fmt::Display::fmt(digest, out),
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
