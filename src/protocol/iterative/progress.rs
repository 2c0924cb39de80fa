//! How a session has come along: all that another coordinator needs to go on from there.

use super::domain::Value;
use super::measure::Measures;
use serde::Serialize;
use std::rc::Rc;
use synod_sim::collections::SortedMap;
use synod_sim::{Digest, NodeId};

/// A proposal with its score.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Candidate {
    pub(super) value: Rc<Value>,
    pub(super) digest: Digest,
    pub(super) proposer: NodeId,
    pub(super) score_ppm: u32,
    /// A: the weight of the reviewers who approve of it, as a part of all its reviewers.
    pub(super) approval_ppm: u32,
}

/// Progress of a session.
#[derive(Clone, Debug, Default, Serialize)]
pub struct RefinementProgress {
    /// The best proposal so far.
    pub(super) elite: Option<Candidate>,
    /// The score of the selected proposal, round by round.
    pub(super) best: Vec<u32>,
    /// The proposals of the last round.
    pub(super) proposals: SortedMap<NodeId, Rc<Value>>,
    pub(super) measures: Option<Measures>,
    /// Number of consecutive rounds in which the agents were near each other.
    pub(super) stable: u32,
}

impl RefinementProgress {
    pub(super) fn retained_bytes(&self) -> usize {
        4 * self.best.len() + 16 * self.proposals.len()
    }

    /// Number of rounds that are over.
    pub(super) fn rounds(&self) -> u32 {
        self.best.len() as u32
    }

    /// The best proposal so far.
    pub(super) fn value(&self) -> Option<Rc<Value>> {
        self.elite.as_ref().map(|elite| Rc::clone(&elite.value))
    }
}
