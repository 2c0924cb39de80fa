//! Observations of agents.

use super::message::Partial;
use super::misreport::Misreport;
use super::tree::{CellId, Epoch};
use super::voters::Voters;
use serde::Serialize;
use synod_sim::{CoverageMark, Milestone, NodeId, Observation as KernelObservation, Settled, Signed};
use synod_vote::weighted::{self, SessionId};

/// An observation.
#[derive(Clone, Debug, Serialize)]
pub enum Observation {
    /// An observation of the flat vote. A vote is counted where it arrives first.
    FlatVote(weighted::Observation),
    /// The root is about to close a session, with the votes of these voters.
    Heard {
        /// The session.
        session: SessionId,
        /// The voters, by position.
        voters: Voters,
    },
    /// An agent represents its cell.
    TookOver {
        /// The cell.
        cell: CellId,
        /// The epoch.
        epoch: Epoch,
    },
    /// An agent has adopted a new epoch.
    Followed {
        /// The cell.
        cell: CellId,
        /// The epoch.
        epoch: Epoch,
    },
    /// An agent no longer represents its cell.
    Stopped {
        /// The cell.
        cell: CellId,
        /// The epoch that is over.
        epoch: Epoch,
    },
    /// An agent suspects a representative.
    Suspected {
        /// The cell.
        cell: CellId,
        /// The epoch.
        epoch: Epoch,
    },
    /// A representative has merged a child's report.
    Merged {
        /// The session.
        session: SessionId,
        /// The child.
        cell: CellId,
        /// The epoch of its representative.
        epoch: Epoch,
    },
    /// A representative has fetched a vote that a child had omitted.
    Fetched {
        /// The session.
        session: SessionId,
        /// The voter.
        voter: NodeId,
        /// The child.
        cell: CellId,
    },
    /// Proof that a representative is faulty: a report that contradicts itself.
    Misreported {
        /// The report.
        partial: Signed<Partial>,
        /// What is wrong with it.
        why: Misreport,
    },
}

synod_sim::marks! {
    /// What should sometimes happen in a hierarchy, beside what does in a flat vote.
    pub enum Mark {
        RepresentativeSuspected = "representative_suspected": "An agent missed a representative.",
        RepresentativeReplaced = "representative_replaced": "An agent became the representative of its cell.",
        NewRepresentativeFollowed = "new_representative_followed": "An agent learned of a new representative.",
        RepresentativeStopped = "representative_stopped": "An agent ceased to be the representative of its cell.",
        PartialMerged = "partial_merged": "A representative took what a child reported.",
        OmittedVoteFetched = "omitted_vote_fetched": "A representative fetched a vote that a child had not reported.",
        MisreportProven = "misreport_proven": "A representative was proven to have signed a report that contradicts itself.",
    }
}

impl KernelObservation for Observation {
    fn milestone(&self) -> Option<Milestone> {
        match self {
            Observation::FlatVote(claim) => claim.milestone(),
            _ => None,
        }
    }

    fn settles(&self) -> Option<Settled> {
        match self {
            Observation::FlatVote(claim) => claim.settles(),
            _ => None,
        }
    }

    fn peak(&self) -> Option<(&'static str, u64)> {
        match self {
            Observation::FlatVote(claim) => claim.peak(),
            Observation::TookOver { epoch, .. } => Some(("highest_epoch", u64::from(*epoch))),
            _ => None,
        }
    }

    fn accuses(&self) -> Option<NodeId> {
        match self {
            Observation::FlatVote(claim) => claim.accuses(),
            Observation::Misreported { partial, .. } => Some(partial.signer()),
            _ => None,
        }
    }

    fn suspects(&self) -> bool {
        matches!(self, Observation::Suspected { .. })
    }

    fn mark(&self) -> Option<&'static CoverageMark> {
        let mark = match self {
            Observation::FlatVote(claim) => return claim.mark(),
            Observation::Suspected { .. } => Mark::RepresentativeSuspected,
            Observation::TookOver { .. } => Mark::RepresentativeReplaced,
            Observation::Followed { .. } => Mark::NewRepresentativeFollowed,
            Observation::Stopped { .. } => Mark::RepresentativeStopped,
            Observation::Merged { .. } => Mark::PartialMerged,
            Observation::Fetched { .. } => Mark::OmittedVoteFetched,
            Observation::Misreported { .. } => Mark::MisreportProven,
            Observation::Heard { .. } => return None,
        };
        Some(mark.declared())
    }
}
