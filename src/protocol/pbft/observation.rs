//! What replicas and clients claim to the world outside.

use super::message::{ClientId, Commit, PrePrepare, Prepare, Request, Sequence, View};
use crate::sim::{Digest, Milestone, NodeId, Observation as KernelObservation, OperationId, Signed};
use serde::Serialize;

/// A claim.
#[derive(Clone, Debug, Serialize)]
pub enum Observation {
    /// A request, or a session's proposal, was handed in.
    Submitted {
        /// Which.
        request: OperationId,
    },
    /// A replica accepted a proposal.
    Accepted {
        /// The view.
        view: View,
        /// The slot.
        sequence: Sequence,
        /// The batch's digest.
        digest: Digest,
        /// The replica's low watermark then.
        low: Sequence,
    },
    /// A replica holds a quorum of commits for a slot that it has prepared.
    Committed {
        /// The view.
        view: View,
        /// The slot.
        sequence: Sequence,
        /// The batch's digest.
        digest: Digest,
    },
    /// A replica executed a slot.
    Executed {
        /// The slot.
        sequence: Sequence,
        /// The batch's digest.
        digest: Digest,
    },
    /// A replica executed one request of a slot; requests skipped as duplicates are not claimed.
    Applied {
        /// The slot.
        sequence: Sequence,
        /// The request.
        request: Request,
        /// What the replica answers.
        outcome: super::ledger::Outcome,
    },
    /// A replica took a snapshot at a checkpoint.
    Checkpointed {
        /// The slot.
        sequence: Sequence,
        /// The snapshot's digest.
        digest: Digest,
    },
    /// A replica's low watermark rose: it forgot the slots up to here.
    Stable {
        /// The slot.
        sequence: Sequence,
        /// The digest that a quorum vouched for.
        digest: Digest,
        /// How many vouchers it holds.
        vouchers: u32,
    },
    /// A replica took over a state, from a peer or, after a restart, from its own storage.
    Installed {
        /// The slot after which the state stood.
        sequence: Sequence,
        /// The snapshot's digest.
        digest: Digest,
        /// True if it came from a peer.
        transferred: bool,
    },
    /// A replica gave up its view.
    ViewChangeStarted {
        /// The view that it wants.
        target: View,
        /// How many changes in a row it has started.
        attempt: u32,
    },
    /// A replica works in a view from now on.
    ViewEntered {
        /// The view.
        view: View,
        /// What the view started with, by slot: the proposals of its NEW-VIEW.
        proposals: Vec<(Sequence, Digest)>,
        /// The checkpoint that it started from.
        low: Sequence,
    },
    /// A replica holds proof that another is faulty: two signed proposals for one slot of one view.
    Equivocation {
        /// One.
        first: Signed<PrePrepare>,
        /// The other.
        second: Signed<PrePrepare>,
    },
    /// A replica holds proof that another is faulty: two signed prepares for one slot of one view.
    DoublePrepare {
        /// One.
        first: Signed<Prepare>,
        /// The other.
        second: Signed<Prepare>,
    },
    /// A replica holds proof that another is faulty: two signed commits for one slot of one view.
    DoubleCommit {
        /// One.
        first: Signed<Commit>,
        /// The other.
        second: Signed<Commit>,
    },
    /// A replica says that another is provably faulty, without showing why. Only a mutant does.
    Accused {
        /// Whom.
        replica: NodeId,
    },
    /// A single-decision session has its outcome at this replica.
    Decided {
        /// The proposal.
        request: OperationId,
        /// The digest of the batch that holds it.
        digest: Digest,
        /// The quorum of commits.
        certificate: Vec<Signed<Commit>>,
    },
    /// A replica gave a session up at its deadline.
    Aborted {
        /// The proposal.
        request: OperationId,
    },
    /// A client holds a weak quorum of equal replies.
    Completed {
        /// Who.
        client: ClientId,
        /// Its request.
        request: OperationId,
        /// The result.
        outcome: super::ledger::Outcome,
    },
    /// A message was refused.
    Rejected {
        /// Why.
        reason: Reason,
        /// Its signer, as far as it names one.
        signer: NodeId,
    },
}

/// Why a message was refused.
#[derive(Copy, Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub enum Reason {
    /// Its signature is not its signer's.
    BadSignature,
    /// Its signer has no business saying this.
    WrongSigner,
    /// Its slot lies outside the watermarks.
    OutsideWindow,
    /// Its contents contradict its digest, or the session's validity rule.
    Invalid,
    /// It does not prove what it claims.
    Unproven,
}

/// The coverage marks that claims hit.
pub const MARKS: &[&str] = &[
    "view_change",
    "view_change_retried",
    "stable_checkpoint",
    "state_transfer",
    "recovery",
    "equivocation_proven",
    "double_vote_proven",
    "session_aborted",
    "rejected_bad_signature",
    "rejected_wrong_signer",
    "rejected_outside_window",
    "rejected_invalid",
    "rejected_unproven",
];

impl KernelObservation for Observation {
    fn milestone(&self) -> Option<Milestone> {
        Some(match self {
            Observation::Submitted { request } => Milestone::Submitted(*request),
            Observation::Applied { sequence, request, .. } => Milestone::Decided(request.id(), *sequence),
            Observation::Installed { sequence, transferred: true, .. } => Milestone::CaughtUp(*sequence),
            Observation::Completed { request, .. } => Milestone::Completed(*request),
            Observation::Aborted { request } => Milestone::Abandoned(*request),
            _ => return None,
        })
    }

    fn peak(&self) -> Option<(&'static str, u64)> {
        match self {
            Observation::ViewEntered { view, .. } => Some(("view", *view)),
            _ => None,
        }
    }

    fn mark(&self) -> Option<&'static str> {
        Some(match self {
            Observation::ViewEntered { .. } => "view_change",
            Observation::ViewChangeStarted { attempt: 2.., .. } => "view_change_retried",
            Observation::Stable { .. } => "stable_checkpoint",
            Observation::Installed { transferred: true, .. } => "state_transfer",
            Observation::Installed { transferred: false, .. } => "recovery",
            Observation::Equivocation { .. } => "equivocation_proven",
            Observation::DoublePrepare { .. } | Observation::DoubleCommit { .. } => "double_vote_proven",
            Observation::Aborted { .. } => "session_aborted",
            Observation::Rejected { reason, .. } => match reason {
                Reason::BadSignature => "rejected_bad_signature",
                Reason::WrongSigner => "rejected_wrong_signer",
                Reason::OutsideWindow => "rejected_outside_window",
                Reason::Invalid => "rejected_invalid",
                Reason::Unproven => "rejected_unproven",
            },
            _ => return None,
        })
    }
}
