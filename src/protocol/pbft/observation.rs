//! Observations of replicas and clients.

use super::basis::Basis;
use super::ledger::{ClientId, Outcome, Sequence, Snapshot};
use super::message::{Batch, Checkpoint, Commit, NewView, PrePrepare, Prepare, Request, View, ViewChange};
use serde::Serialize;
use std::rc::Rc;
use synod_log::Executed;
use synod_log::history::Call;
use synod_sim::{
    CoverageMark, Digest, Milestone, NodeId, Observation as KernelObservation, OperationId, Settled, Signed,
    Time,
};

/// An observation.
#[derive(Clone, Debug, Serialize)]
pub enum Observation {
    /// A request, or a session's proposal, was handed in.
    Submitted {
        /// The request.
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
        /// The result.
        outcome: Outcome,
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
        /// Number of checkpoints in the certificate.
        signers: u32,
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
    /// A replica started a view change.
    ViewChangeStarted {
        /// The view that it wants.
        target: View,
        /// Number of consecutive view changes.
        attempt: u32,
    },
    /// A replica entered a view.
    ViewEntered {
        /// The view.
        view: View,
        /// The set O of its NEW-VIEW, by slot.
        proposals: Vec<(Sequence, Digest)>,
        /// The checkpoint that it started from.
        low: Sequence,
    },
    /// A replica holds proof that another is faulty: two signed proposals for one slot of one view.
    Equivocation {
        /// The first.
        first: Signed<PrePrepare>,
        /// The second.
        second: Signed<PrePrepare>,
    },
    /// A replica holds proof that another is faulty: two signed prepares for one slot of one view.
    DoublePrepare {
        /// The first.
        first: Signed<Prepare>,
        /// The second.
        second: Signed<Prepare>,
    },
    /// A replica holds proof that another is faulty: two signed commits for one slot of one view.
    DoubleCommit {
        /// The first.
        first: Signed<Commit>,
        /// The second.
        second: Signed<Commit>,
    },
    /// An accusation without proof, which only a mutant makes.
    Accused {
        /// The replica.
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
    /// A replica aborted a session at its deadline.
    Aborted {
        /// The proposal.
        request: OperationId,
    },
    /// A client holds a weak quorum of equal replies.
    Completed {
        /// The client.
        client: ClientId,
        /// Its request.
        request: OperationId,
        /// The result.
        outcome: Outcome,
    },
    /// A message was rejected.
    Rejected {
        /// The reason.
        reason: Reason,
        /// Its signer, as far as it names one.
        signer: NodeId,
    },
    /// A replica holds proof that another is faulty: two signed votes of different rounds for one slot of one view, for
    /// different batches.
    Contradiction {
        /// The one of the earlier round.
        first: PhaseVote,
        /// The second.
        second: PhaseVote,
    },
    /// A replica holds proof that another is faulty: two signed checkpoints of different states after one slot.
    DoubleCheckpoint {
        /// The first.
        first: Signed<Checkpoint>,
        /// The second.
        second: Signed<Checkpoint>,
    },
    /// A replica holds proof that another is faulty: its signed checkpoint is not the one that a quorum vouches for.
    FalseCheckpoint {
        /// The false one.
        lie: Signed<Checkpoint>,
        /// The quorum's.
        proof: Vec<Signed<Checkpoint>>,
    },
    /// A replica holds proof that another is faulty: a signed proposal that no correct replica makes.
    InvalidProposal {
        /// The proposal.
        proposal: Signed<PrePrepare>,
        /// The batch that came with it.
        batch: Batch,
    },
    /// A replica holds proof that another is faulty: a signed view change that does not prove what it claims.
    InvalidViewChange {
        /// The view change.
        change: Signed<ViewChange>,
    },
    /// A replica holds proof that another is faulty: a signed new view that does not follow from its view changes.
    InvalidNewView {
        /// The new view.
        new_view: Signed<NewView>,
    },
    /// A replica holds proof that another is faulty: its signed view change lacks the certificate on which it had
    /// committed.
    OmittedCertificate {
        /// The commit.
        commit: Signed<Commit>,
        /// The later view change.
        change: Signed<ViewChange>,
    },
    /// An event of a client's history at the replicated service.
    Called(Call),
    /// A replica answered a read from its state.
    ReadServed {
        /// The read.
        request: OperationId,
    },
    /// A client holds a quorum of equal answers to a read.
    ReadCompleted {
        /// The client.
        client: ClientId,
        /// The read.
        request: OperationId,
    },
    /// A replica executed a slot that tells the time.
    Ticked {
        /// The slot.
        sequence: Sequence,
        /// The batch's digest.
        digest: Digest,
        /// The time that its primary proposed.
        tick: Time,
        /// The log's time from there on.
        now: Time,
    },
    /// A command of a service that knows the time has taken effect.
    TookEffect(Executed),
    /// A replica or a client accepted what others say. This is shown, not claimed.
    WentBy(Basis),
    /// A replica executes a slot. This is shown, not claimed.
    Executing {
        /// The slot.
        sequence: Sequence,
        /// The batch's digest.
        digest: Digest,
        /// What it decides.
        batch: Batch,
    },
    /// A replica has this state from now on: its own after a checkpoint, or a peer's. This is shown, not claimed.
    Holding(Rc<Snapshot>),
}

/// A signed vote of any phase: pre-prepare, prepare or commit.
#[derive(Clone, Debug, Serialize)]
pub enum PhaseVote {
    /// A primary's proposal.
    PrePrepare(Signed<PrePrepare>),
    /// A backup's vote for it.
    Prepare(Signed<Prepare>),
    /// A vote for committing.
    Commit(Signed<Commit>),
}

impl PhaseVote {
    /// Its signer.
    pub fn signer(&self) -> NodeId {
        match self {
            PhaseVote::PrePrepare(vote) => vote.signer(),
            PhaseVote::Prepare(vote) => vote.signer(),
            PhaseVote::Commit(vote) => vote.signer(),
        }
    }

    /// The view and the slot.
    pub fn slot(&self) -> (View, Sequence) {
        match self {
            PhaseVote::PrePrepare(vote) => (vote.view, vote.sequence),
            PhaseVote::Prepare(vote) => (vote.view, vote.sequence),
            PhaseVote::Commit(vote) => (vote.view, vote.sequence),
        }
    }

    /// The batch that it is for.
    pub fn digest(&self) -> Digest {
        match self {
            PhaseVote::PrePrepare(vote) => vote.digest,
            PhaseVote::Prepare(vote) => vote.digest,
            PhaseVote::Commit(vote) => vote.digest,
        }
    }
}

/// Reason why a message was rejected.
#[derive(Copy, Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub enum Reason {
    /// Its signature is invalid.
    BadSignature,
    /// Its signer is not entitled to sign it.
    WrongSigner,
    /// Its slot lies outside the watermarks.
    OutsideWindow,
    /// Its contents contradict its digest, or the session's validity rule.
    Invalid,
    /// Its proof is incomplete.
    Unproven,
}

synod_sim::marks! {
    /// What should sometimes happen in PBFT.
    pub enum Mark {
        ViewChange = "view_change": "A replica entered a view.",
        ViewChangeRetried = "view_change_retried": "A replica gave a view up before it had entered it.",
        StableCheckpoint = "stable_checkpoint": "A quorum vouched for a checkpoint, and a replica forgot the slots up to it.",
        StateTransfer = "state_transfer": "A replica took a state over from a peer.",
        Recovery = "recovery": "A replica restarted from its own storage.",
        EquivocationProven = "equivocation_proven": "A primary was proven to have proposed two batches for one slot of one view.",
        DoubleVoteProven = "double_vote_proven": "A replica was proven to have voted for two batches in one round of one slot.",
        ContradictionProven = "contradiction_proven": "A replica was proven to have voted for different batches in different rounds of one slot.",
        DoubleCheckpointProven = "double_checkpoint_proven": "A replica was proven to have signed two states after one slot.",
        FalseCheckpointProven = "false_checkpoint_proven": "A replica was proven to have signed another state than a quorum vouches for.",
        InvalidProposalProven = "invalid_proposal_proven": "A primary was proven to have made a proposal that no correct one makes.",
        InvalidViewChangeProven = "invalid_view_change_proven": "A replica was proven to have signed a view change that does not prove what it claims.",
        InvalidNewViewProven = "invalid_new_view_proven": "A primary was proven to have signed a new view that does not follow from its view changes.",
        OmittedCertificateProven = "omitted_certificate_proven": "A replica was proven to have left out of its view change what it had committed on.",
        SessionAborted = "session_aborted": "A replica gave a session up at its deadline.",
        RejectedBadSignature = "rejected_bad_signature": "A message was refused: its signature is not its signer's.",
        RejectedWrongSigner = "rejected_wrong_signer": "A message was refused: its signer has no business saying this.",
        RejectedOutsideWindow = "rejected_outside_window": "A message was refused: its slot lies outside the watermarks.",
        RejectedInvalid = "rejected_invalid": "A message was refused: its contents contradict its digest or what is valid.",
        RejectedUnproven = "rejected_unproven": "A message was refused: it does not prove what it claims.",
    }
}

impl KernelObservation for Observation {
    fn milestone(&self) -> Option<Milestone> {
        Some(match self {
            Observation::Submitted { request } => Milestone::Submitted(*request),
            Observation::Applied { sequence, request, .. } => Milestone::Decided(request.id(), *sequence),
            Observation::Installed { sequence, transferred: true, .. } => Milestone::CaughtUp(*sequence),
            Observation::ReadServed { request } => Milestone::Served(*request),
            Observation::ReadCompleted { request, .. } => Milestone::Completed(*request),
            Observation::Completed { request, .. } => Milestone::Completed(*request),
            Observation::Aborted { request } => Milestone::Abandoned(*request),
            _ => return None,
        })
    }

    fn settles(&self) -> Option<Settled> {
        match *self {
            Observation::Committed { sequence, digest, .. } | Observation::Executed { sequence, digest } => {
                Some(Settled::digest(sequence, digest))
            }
            _ => None,
        }
    }

    fn peak(&self) -> Option<(&'static str, u64)> {
        match self {
            Observation::ViewEntered { view, .. } => Some(("view", *view)),
            _ => None,
        }
    }

    fn accuses(&self) -> Option<NodeId> {
        Some(match self {
            Observation::Equivocation { first, .. } => first.signer(),
            Observation::DoublePrepare { first, .. } => first.signer(),
            Observation::DoubleCommit { first, .. } => first.signer(),
            Observation::Contradiction { first, .. } => first.signer(),
            Observation::DoubleCheckpoint { first, .. } => first.signer(),
            Observation::FalseCheckpoint { lie, .. } => lie.signer(),
            Observation::InvalidProposal { proposal, .. } => proposal.signer(),
            Observation::InvalidViewChange { change } => change.signer(),
            Observation::InvalidNewView { new_view } => new_view.signer(),
            Observation::OmittedCertificate { change, .. } => change.signer(),
            Observation::Accused { replica } => *replica,
            _ => return None,
        })
    }

    fn suspects(&self) -> bool {
        matches!(self, Observation::ViewChangeStarted { .. })
    }

    fn mark(&self) -> Option<&'static CoverageMark> {
        let mark = match self {
            Observation::ViewEntered { .. } => Mark::ViewChange,
            Observation::ViewChangeStarted { attempt: 2.., .. } => Mark::ViewChangeRetried,
            Observation::Stable { .. } => Mark::StableCheckpoint,
            Observation::Installed { transferred: true, .. } => Mark::StateTransfer,
            Observation::Installed { transferred: false, .. } => Mark::Recovery,
            Observation::Equivocation { .. } => Mark::EquivocationProven,
            Observation::DoublePrepare { .. } | Observation::DoubleCommit { .. } => Mark::DoubleVoteProven,
            Observation::Contradiction { .. } => Mark::ContradictionProven,
            Observation::DoubleCheckpoint { .. } => Mark::DoubleCheckpointProven,
            Observation::FalseCheckpoint { .. } => Mark::FalseCheckpointProven,
            Observation::InvalidProposal { .. } => Mark::InvalidProposalProven,
            Observation::InvalidViewChange { .. } => Mark::InvalidViewChangeProven,
            Observation::InvalidNewView { .. } => Mark::InvalidNewViewProven,
            Observation::OmittedCertificate { .. } => Mark::OmittedCertificateProven,
            Observation::Aborted { .. } => Mark::SessionAborted,
            Observation::Rejected { reason, .. } => match reason {
                Reason::BadSignature => Mark::RejectedBadSignature,
                Reason::WrongSigner => Mark::RejectedWrongSigner,
                Reason::OutsideWindow => Mark::RejectedOutsideWindow,
                Reason::Invalid => Mark::RejectedInvalid,
                Reason::Unproven => Mark::RejectedUnproven,
            },
            _ => return None,
        };
        Some(mark.declared())
    }
}
