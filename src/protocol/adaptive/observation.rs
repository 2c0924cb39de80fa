//! What members claim to the world outside.

use serde::Serialize;
use synod_compose::{Bound, Ending, Of};
use synod_sim::{Milestone, NodeId, Observation as KernelObservation, OperationId};

/// A claim, where `O` is what children claim.
#[derive(Debug, Serialize)]
pub enum Observation<O> {
    /// A child's.
    Within(Of<O>),
    /// A member starts a rung.
    Entered {
        /// Which.
        rung: u32,
        /// What it may decide.
        bound: Bound,
    },
    /// A member leaves a rung.
    Left {
        /// Which.
        rung: u32,
        /// Why.
        trigger: Trigger,
    },
    /// A member has its outcome.
    Concluded {
        /// In which rung.
        rung: u32,
        /// What it is.
        ending: Ending,
    },
    /// A message was refused.
    Rejected {
        /// Why.
        reason: Reason,
        /// Whose.
        from: NodeId,
    },
}

/// Why a member leaves a rung.
#[derive(Copy, Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub enum Trigger {
    /// There is just time enough for the next.
    Time,
    /// Too many members have failed.
    Failures,
    /// The rung ended, and its agreement was not good enough to decide.
    Quality,
    /// f + 1 others leave, so a correct one has a reason.
    Others,
    /// The next rung was opened.
    Opened,
    /// The rung was never opened for this member: whoever ought to have done that may be down.
    Unopened,
    /// The last rung ended, and this member has not heard how.
    Unheard,
}

impl Trigger {
    /// True if it is the member's own reason, rather than others'.
    pub fn is_own(self) -> bool {
        matches!(self, Trigger::Time | Trigger::Failures | Trigger::Quality)
    }
}

/// Why a message was refused.
#[derive(Copy, Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub enum Reason {
    /// Its signature is not its signer's.
    BadSignature,
    /// It does not prove what it claims.
    Unproven,
    /// Its sender has no business saying this.
    WrongSender,
    /// It is of a rung that was left, or that has not started.
    WrongRung,
}

/// The coverage marks that claims of the chain itself hit.
pub const MARKS: &[&str] = &[
    "rung_entered",
    "rung_bound",
    "left_for_time",
    "left_for_failures",
    "left_for_quality",
    "left_with_others",
    "left_when_opened",
    "left_unopened",
    "left_unheard",
    "adaptive_decided",
    "undecided_no_consensus",
    "undecided_insufficient_participation",
    "undecided_threshold_infeasible",
    "undecided_out_of_time",
    "undecided_otherwise",
    "rejected_word",
    "rejected_stale_rung",
];

/// The chain makes one decision.
const DECISION: OperationId = OperationId(0);

impl<O: KernelObservation> KernelObservation for Observation<O> {
    fn milestone(&self) -> Option<Milestone> {
        match self {
            Observation::Entered { rung: 0, .. } => Some(Milestone::Submitted(DECISION)),
            Observation::Concluded { ending: Ending::Decided(_), .. } => {
                Some(Milestone::Decided(DECISION, 1))
            }
            Observation::Concluded { ending: Ending::Undecided(_), .. } => {
                Some(Milestone::Abandoned(DECISION))
            }
            _ => None,
        }
    }

    fn peak(&self) -> Option<(&'static str, u64)> {
        match self {
            Observation::Within(claim) => claim.peak(),
            Observation::Entered { rung, .. } => Some(("rung", u64::from(*rung))),
            _ => None,
        }
    }

    fn accuses(&self) -> Option<NodeId> {
        match self {
            Observation::Within(claim) => claim.accuses(),
            _ => None,
        }
    }

    fn suspects(&self) -> bool {
        match self {
            Observation::Within(claim) => claim.suspects(),
            Observation::Left { trigger: Trigger::Failures, .. } => true,
            _ => false,
        }
    }

    fn mark(&self) -> Option<&'static str> {
        Some(match self {
            Observation::Within(claim) => return claim.mark(),
            Observation::Entered { bound: Bound::Value(_), .. } => "rung_bound",
            Observation::Entered { .. } => "rung_entered",
            Observation::Left { trigger, .. } => match trigger {
                Trigger::Time => "left_for_time",
                Trigger::Failures => "left_for_failures",
                Trigger::Quality => "left_for_quality",
                Trigger::Others => "left_with_others",
                Trigger::Opened => "left_when_opened",
                Trigger::Unopened => "left_unopened",
                Trigger::Unheard => "left_unheard",
            },
            Observation::Concluded { ending: Ending::Decided(_), .. } => "adaptive_decided",
            Observation::Concluded { ending: Ending::Undecided(why), .. } => match *why {
                "no_consensus" => "undecided_no_consensus",
                "insufficient_participation" => "undecided_insufficient_participation",
                "threshold_infeasible" => "undecided_threshold_infeasible",
                "out_of_time" => "undecided_out_of_time",
                _ => "undecided_otherwise",
            },
            Observation::Rejected { reason: Reason::WrongRung, .. } => "rejected_stale_rung",
            Observation::Rejected { .. } => "rejected_word",
        })
    }
}
