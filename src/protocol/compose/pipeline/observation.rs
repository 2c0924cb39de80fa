//! Observations of members of a pipeline.

use super::message::Handover;
use serde::Serialize;
use synod_common::decide::Ending;
use synod_common::decide::Tagged;
use synod_sim::{
    CoverageMark, Milestone, NodeId, Observation as KernelObservation, OperationId, Settled, Signed,
};

/// Observations, where `O` is the children's.
#[derive(Debug, Serialize)]
pub enum Observation<O> {
    /// A child's own.
    Within {
        /// The stage, and what its member claims, under the numbers of its members.
        claim: Tagged<O>,
        /// The node that it proves faulty, by its number in the pipeline.
        accused: Option<NodeId>,
    },
    /// A member starts a stage.
    Entered {
        /// The stage.
        stage: u32,
        /// The proposal: the decision of the stage before.
        proposal: Option<u64>,
    },
    /// A member has the ending of its stage.
    Ended {
        /// The stage.
        stage: u32,
        /// The ending.
        ending: Ending,
    },
    /// A member of the last stage has the pipeline's outcome.
    Concluded {
        /// The decision, or why there is none.
        ending: Ending,
        /// The stage.
        stage: u32,
    },
    /// A member of the next stage holds proof that one of this stage is faulty: two different words on how it ended.
    DoubleHandover {
        /// The first.
        first: Signed<Handover>,
        /// The second.
        second: Signed<Handover>,
    },
    /// A message was rejected.
    Rejected {
        /// The reason.
        reason: Reason,
        /// The sender.
        from: NodeId,
    },
}

/// Reason why a message was rejected.
#[derive(Copy, Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub enum Reason {
    /// Its signature is invalid.
    BadSignature,
    /// Its sender is no member of the stage.
    NotAMember,
    /// It is about another proposal than this member's.
    OtherProposal,
    /// Too much has come for a stage that has not started.
    TooEarly,
}

synod_sim::marks! {
    /// What should sometimes happen in a pipeline, beside what does in its stages.
    pub enum Mark {
        StageEntered = "stage_entered": "A member started a stage.",
        StageDecided = "stage_decided": "A member learned what its stage had decided.",
        StageUndecided = "stage_undecided": "A member learned that its stage had decided nothing.",
        PipelineDecided = "pipeline_decided": "A member of the last stage learned the decision.",
        PipelineUndecided = "pipeline_undecided": "A member of the last stage learned that there is no decision.",
        DoubleHandoverProven = "double_handover_proven": "A member was proven to have said two things about how its stage ended.",
        RejectedHandover = "rejected_handover": "A message was refused: its signature is not its signer's.",
        RejectedOutsider = "rejected_outsider": "A message was refused: its sender is no member of the stage.",
        RejectedOtherProposal = "rejected_other_proposal": "A message was refused: it is about another proposal.",
        RejectedTooEarly = "rejected_too_early": "A message was refused: too much had come for a stage that had not started.",
    }
}

/// A pipeline makes one decision.
const DECISION: OperationId = OperationId(0);

impl<O: KernelObservation> KernelObservation for Observation<O> {
    fn milestone(&self) -> Option<Milestone> {
        match self {
            Observation::Entered { stage: 0, .. } => Some(Milestone::Submitted(DECISION)),
            Observation::Concluded { ending: Ending::Decided(_), .. } => {
                Some(Milestone::Decided(DECISION, 1))
            }
            Observation::Concluded { ending: Ending::Undecided(_), .. } => {
                Some(Milestone::Abandoned(DECISION))
            }
            _ => None,
        }
    }

    fn settles(&self) -> Option<Settled> {
        match *self {
            Observation::Concluded { ending: Ending::Decided(value), .. } => Some(Settled::number(0, value)),
            _ => None,
        }
    }

    fn peak(&self) -> Option<(&'static str, u64)> {
        match self {
            Observation::Within { claim, .. } => claim.peak(),
            Observation::Entered { stage, .. } => Some(("stage", u64::from(*stage))),
            _ => None,
        }
    }

    fn accuses(&self) -> Option<NodeId> {
        match self {
            Observation::Within { accused, .. } => *accused,
            Observation::DoubleHandover { first, .. } => Some(first.signer()),
            _ => None,
        }
    }

    fn suspects(&self) -> bool {
        matches!(self, Observation::Within { claim, .. } if claim.suspects())
    }

    fn mark(&self) -> Option<&'static CoverageMark> {
        let mark = match self {
            Observation::Within { claim, .. } => return claim.mark(),
            Observation::Entered { .. } => Mark::StageEntered,
            Observation::Ended { ending: Ending::Decided(_), .. } => Mark::StageDecided,
            Observation::Ended { ending: Ending::Undecided(_), .. } => Mark::StageUndecided,
            Observation::Concluded { ending: Ending::Decided(_), .. } => Mark::PipelineDecided,
            Observation::Concluded { ending: Ending::Undecided(_), .. } => Mark::PipelineUndecided,
            Observation::DoubleHandover { .. } => Mark::DoubleHandoverProven,
            Observation::Rejected { reason, .. } => match reason {
                Reason::BadSignature => Mark::RejectedHandover,
                Reason::NotAMember => Mark::RejectedOutsider,
                Reason::OtherProposal => Mark::RejectedOtherProposal,
                Reason::TooEarly => Mark::RejectedTooEarly,
            },
        };
        Some(mark.declared())
    }
}
