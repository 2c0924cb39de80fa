//! Observations of members.

use serde::Serialize;
use synod_common::decide::{Ending, InitHistory, Tagged, Undecided};
use synod_sim::{CoverageMark, Milestone, NodeId, Observation as KernelObservation, OperationId, Settled};

/// Observations, where `O` is the children's.
#[derive(Debug, Serialize)]
pub enum Observation<O> {
    /// A child's own.
    Within(Tagged<O>),
    /// A member starts a rung.
    Entered {
        /// The rung.
        rung: u32,
        /// Its init history.
        init_history: InitHistory,
    },
    /// A member aborts a rung.
    Left {
        /// The rung.
        rung: u32,
        /// The trigger.
        trigger: Trigger,
    },
    /// A member has its outcome.
    Concluded {
        /// The rung.
        rung: u32,
        /// What it is.
        ending: Ending,
    },
    /// A message was rejected.
    Rejected {
        /// The reason.
        reason: Reason,
        /// The sender.
        from: NodeId,
    },
}

/// Trigger of an abort.
#[derive(Copy, Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub enum Trigger {
    /// Time is just enough for the next rung.
    Time,
    /// Too many members have failed.
    Failures,
    /// The rung ended, and its agreement was not good enough to decide.
    Quality,
    /// f + 1 others have aborted, so a correct one had a reason.
    Others,
    /// The opening of the next rung.
    Opened,
    /// The rung was not opened in time: its opener may be down.
    Unopened,
    /// The last rung ended without this member having its outcome.
    Unheard,
}

impl Trigger {
    /// Returns true if it is the member's own trigger, rather than others'.
    pub fn is_own(self) -> bool {
        matches!(self, Trigger::Time | Trigger::Failures | Trigger::Quality)
    }
}

/// Reason why a message was rejected.
#[derive(Copy, Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub enum Reason {
    /// Its signature is invalid.
    BadSignature,
    /// Its proof is incomplete.
    Unproven,
    /// Its sender is not entitled to send it.
    WrongSender,
    /// It is for a rung that was aborted, or that has not started.
    WrongRung,
}

synod_sim::marks! {
    /// What should sometimes happen in a chain of protocols, beside what does in its rungs.
    pub enum Mark {
        RungEntered = "rung_entered": "A member started a rung that may decide anything.",
        RungBound = "rung_bound": "A member started a rung that may decide one value only.",
        LeftForTime = "left_for_time": "A member left a rung: there was just time enough for the next.",
        LeftForFailures = "left_for_failures": "A member left a rung: too many members had failed.",
        LeftForQuality = "left_for_quality": "A member left a rung: its agreement was not good enough.",
        LeftWithOthers = "left_with_others": "A member left a rung because f + 1 others did.",
        LeftWhenOpened = "left_when_opened": "A member left a rung because the next was opened.",
        LeftUnopened = "left_unopened": "A member left a rung that nobody had opened for it.",
        LeftUnheard = "left_unheard": "A member left the last rung without having heard how it ended.",
        AdaptiveDecided = "adaptive_decided": "A member learned the decision.",
        UndecidedNoConsensus = "undecided_no_consensus": "A member learned that there is no decision: no option reached the threshold.",
        UndecidedInsufficientParticipation = "undecided_insufficient_participation": "A member learned that there is no decision: too few took part.",
        UndecidedThresholdInfeasible = "undecided_threshold_infeasible": "A member learned that there is no decision: the threshold was out of reach.",
        UndecidedOutOfTime = "undecided_out_of_time": "A member learned that there is no decision: the time was up.",
        UndecidedOtherwise = "undecided_otherwise": "A member learned that there is no decision, for another reason.",
        RejectedWord = "rejected_word": "A message was refused: it is not signed, proven or said by whom it should be.",
        RejectedStaleRung = "rejected_stale_rung": "A message was refused: its rung was left, or had not started.",
    }
}

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

    fn settles(&self) -> Option<Settled> {
        match *self {
            Observation::Concluded { ending: Ending::Decided(value), .. } => Some(Settled::number(0, value)),
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

    fn mark(&self) -> Option<&'static CoverageMark> {
        let mark = match self {
            Observation::Within(claim) => return claim.mark(),
            Observation::Entered { init_history: InitHistory::Value(_), .. } => Mark::RungBound,
            Observation::Entered { .. } => Mark::RungEntered,
            Observation::Left { trigger, .. } => match trigger {
                Trigger::Time => Mark::LeftForTime,
                Trigger::Failures => Mark::LeftForFailures,
                Trigger::Quality => Mark::LeftForQuality,
                Trigger::Others => Mark::LeftWithOthers,
                Trigger::Opened => Mark::LeftWhenOpened,
                Trigger::Unopened => Mark::LeftUnopened,
                Trigger::Unheard => Mark::LeftUnheard,
            },
            Observation::Concluded { ending: Ending::Decided(_), .. } => Mark::AdaptiveDecided,
            Observation::Concluded { ending: Ending::Undecided(why), .. } => match why {
                Undecided::NoConsensus => Mark::UndecidedNoConsensus,
                Undecided::InsufficientParticipation => Mark::UndecidedInsufficientParticipation,
                Undecided::ThresholdInfeasible => Mark::UndecidedThresholdInfeasible,
                Undecided::OutOfTime => Mark::UndecidedOutOfTime,
                Undecided::Silence
                | Undecided::CoordinatorRestarted
                | Undecided::Stagnation
                | Undecided::RoundsExhausted => Mark::UndecidedOtherwise,
            },
            Observation::Rejected { reason: Reason::WrongRung, .. } => Mark::RejectedStaleRung,
            Observation::Rejected { .. } => Mark::RejectedWord,
        };
        Some(mark.declared())
    }
}
