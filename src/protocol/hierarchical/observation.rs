//! What agents claim to the world outside.

use super::message::Partial;
use super::tree::{CellId, Epoch};
use super::voters::Voters;
use serde::Serialize;
use synod_sim::{Milestone, NodeId, Observation as KernelObservation, Signed};
use synod_vote::weighted::{self, SessionId};

/// A claim.
#[derive(Clone, Debug, Serialize)]
pub enum Observation {
    /// What agents claim of a flat vote as well. Votes are counted by whoever hears them first.
    Ballot(weighted::Observation),
    /// The root is about to close a session, by what it has heard from these voters.
    Heard {
        /// The session.
        session: SessionId,
        /// Who they are, by position.
        voters: Voters,
    },
    /// An agent represents its cell from now on.
    Took {
        /// The cell.
        cell: CellId,
        /// In which epoch.
        epoch: Epoch,
    },
    /// An agent knows of a new representative.
    Followed {
        /// Of which cell.
        cell: CellId,
        /// In which epoch.
        epoch: Epoch,
    },
    /// An agent represents its cell no longer.
    Stopped {
        /// The cell.
        cell: CellId,
        /// The epoch that is over.
        epoch: Epoch,
    },
    /// An agent misses a representative.
    Suspected {
        /// Of which cell.
        cell: CellId,
        /// Of which epoch.
        epoch: Epoch,
    },
    /// A representative takes what a child reports.
    Merged {
        /// The session.
        session: SessionId,
        /// The child.
        cell: CellId,
        /// Of which epoch its representative is.
        epoch: Epoch,
    },
    /// A representative has fetched a vote that a child has not reported.
    Fetched {
        /// The session.
        session: SessionId,
        /// The voter.
        voter: NodeId,
        /// The child.
        cell: CellId,
    },
    /// A representative holds proof that another is faulty: a report that contradicts itself.
    Misreported {
        /// The report.
        partial: Signed<Partial>,
        /// What is wrong with it.
        why: &'static str,
    },
}

/// The coverage marks of the hierarchy itself, beside those of a flat vote.
pub const MARKS: &[&str] = &[
    "representative_suspected",
    "representative_replaced",
    "new_representative_followed",
    "representative_stopped",
    "partial_merged",
    "omitted_vote_fetched",
    "misreport_proven",
];

impl KernelObservation for Observation {
    fn milestone(&self) -> Option<Milestone> {
        match self {
            Observation::Ballot(claim) => claim.milestone(),
            _ => None,
        }
    }

    fn peak(&self) -> Option<(&'static str, u64)> {
        match self {
            Observation::Ballot(claim) => claim.peak(),
            Observation::Took { epoch, .. } => Some(("highest_epoch", u64::from(*epoch))),
            _ => None,
        }
    }

    fn accuses(&self) -> Option<NodeId> {
        match self {
            Observation::Ballot(claim) => claim.accuses(),
            Observation::Misreported { partial, .. } => Some(partial.signer()),
            _ => None,
        }
    }

    fn suspects(&self) -> bool {
        matches!(self, Observation::Suspected { .. })
    }

    fn mark(&self) -> Option<&'static str> {
        match self {
            Observation::Ballot(claim) => claim.mark(),
            Observation::Suspected { .. } => Some("representative_suspected"),
            Observation::Took { .. } => Some("representative_replaced"),
            Observation::Followed { .. } => Some("new_representative_followed"),
            Observation::Stopped { .. } => Some("representative_stopped"),
            Observation::Merged { .. } => Some("partial_merged"),
            Observation::Fetched { .. } => Some("omitted_vote_fetched"),
            Observation::Misreported { .. } => Some("misreport_proven"),
            Observation::Heard { .. } => None,
        }
    }
}
