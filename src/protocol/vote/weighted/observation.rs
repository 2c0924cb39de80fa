//! Observations of coordinator and voters.

use super::message::{AbortReason, Outcome, Vote};
use super::weighing::{Warning, Weighing};
use crate::rule::UndecidedReason;
use serde::Serialize;
use std::rc::Rc;
use synod_common::schedule::SessionId;
use synod_sim::{
    CoverageMark, Milestone, NodeId, Observation as KernelObservation, OperationId, Settled, Signed,
};

/// An observation.
#[derive(Clone, Debug, Serialize)]
pub enum Observation {
    /// The coordinator opened a session.
    Opened {
        /// The session.
        session: SessionId,
        /// The weights that count in it, and what they come from.
        weighing: Rc<Weighing>,
    },
    /// Something about a session that is about to open is questionable.
    Warned(Warning),
    /// Distribution of a session's weights: a figure, and its value in parts per million.
    Spread(&'static str, u64),
    /// A voter cast its vote.
    Voted {
        /// The session.
        session: SessionId,
    },
    /// The coordinator counted a vote.
    Counted {
        /// The vote.
        vote: Signed<Vote>,
    },
    /// The coordinator has the outcome of a session.
    Closed {
        /// The session.
        session: SessionId,
        /// Its outcome.
        outcome: Outcome,
        /// True if it came before the deadline.
        early: bool,
        /// Number of votes counted.
        votes: u32,
        /// The weight of the votes for each option that has some.
        sums: Vec<(u64, u64)>,
    },
    /// An observer knows what came of a session.
    Concluded {
        /// The session.
        session: SessionId,
        /// What came of it.
        outcome: Outcome,
        /// True if it is the truth, which only the simulator knows.
        right: bool,
    },
    /// The coordinator holds proof that a voter is faulty: two different votes in one session.
    DoubleVote {
        /// The first.
        first: Signed<Vote>,
        /// The second.
        second: Signed<Vote>,
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
    /// Its sender is not entitled to send it.
    WrongSender,
    /// Its session does not exist, or is over at this observer.
    WrongSession,
    /// It names other weights than count.
    WrongSnapshot,
    /// Its contents are impossible.
    Invalid,
    /// Its proof is incomplete.
    Unproven,
}

synod_sim::marks! {
    /// What should sometimes happen in a vote.
    pub enum Mark {
        ThresholdInfeasibleWarned = "threshold_infeasible_warned": "A session opened whose threshold is out of reach if the faulty are silent.",
        CapTight = "cap_tight": "A session opened in which the cap erases much of what voters differ by.",
        CapRelaxed = "cap_relaxed": "A session opened in which the voters are too few for the cap.",
        VoteCounted = "vote_counted": "The coordinator counted a vote.",
        EarlyStop = "early_stop": "A session was closed before its deadline.",
        Deadline = "deadline": "A session was closed at its deadline.",
        DecidedRight = "decided_right": "An observer learned of a decision, and it is true.",
        DecidedWrong = "decided_wrong": "An observer learned of a decision, and it is not true.",
        NoConsensus = "no_consensus": "An observer learned that no option reached the threshold.",
        InsufficientParticipation = "insufficient_participation": "An observer learned that too few took part.",
        ThresholdInfeasible = "threshold_infeasible": "An observer learned that the threshold was out of reach.",
        GaveUp = "gave_up": "An observer gave up waiting for an outcome.",
        CoordinatorRestarted = "coordinator_restarted": "An observer learned that the coordinator had restarted during the session.",
        DoubleVoteProven = "double_vote_proven": "A voter was proven to have cast two votes in one session.",
        RejectedBadSignature = "rejected_bad_signature": "A message was refused: its signature is not its signer's.",
        RejectedWrongSender = "rejected_wrong_sender": "A message was refused: its sender has no business saying this.",
        RejectedWrongSession = "rejected_wrong_session": "A message was refused: it names no session, or one that is over.",
        RejectedWrongSnapshot = "rejected_wrong_snapshot": "A message was refused: it names other weights than count.",
        RejectedInvalid = "rejected_invalid": "A message was refused: it says what nobody can say.",
        RejectedUnproven = "rejected_unproven": "A message was refused: it does not prove what it claims.",
    }
}

/// The operation that a session is.
pub(super) fn operation(session: SessionId) -> OperationId {
    OperationId(session)
}

impl KernelObservation for Observation {
    fn milestone(&self) -> Option<Milestone> {
        match *self {
            Observation::Opened { session, .. } => Some(Milestone::Submitted(operation(session))),
            Observation::Concluded { session, outcome, .. } => Some(match outcome {
                Outcome::Decided(_) => Milestone::Decided(operation(session), 1),
                Outcome::Undecided(_) | Outcome::Aborted(_) => Milestone::Abandoned(operation(session)),
            }),
            _ => None,
        }
    }

    fn settles(&self) -> Option<Settled> {
        match *self {
            Observation::Concluded { session, outcome: Outcome::Decided(option), .. } => {
                Some(Settled::number(session, option))
            }
            _ => None,
        }
    }

    fn peak(&self) -> Option<(&'static str, u64)> {
        match *self {
            Observation::Spread(figure, value) => Some((figure, value)),
            _ => None,
        }
    }

    fn accuses(&self) -> Option<NodeId> {
        match self {
            Observation::DoubleVote { first, .. } => Some(first.signer()),
            _ => None,
        }
    }

    fn mark(&self) -> Option<&'static CoverageMark> {
        let mark = match self {
            Observation::Warned(Warning::ThresholdInfeasible) => Mark::ThresholdInfeasibleWarned,
            Observation::Warned(Warning::CapTight) => Mark::CapTight,
            Observation::Warned(Warning::CapRelaxed) => Mark::CapRelaxed,
            Observation::Counted { .. } => Mark::VoteCounted,
            Observation::Closed { early: true, .. } => Mark::EarlyStop,
            Observation::Closed { early: false, .. } => Mark::Deadline,
            Observation::Concluded { outcome, right, .. } => match outcome {
                Outcome::Decided(_) if *right => Mark::DecidedRight,
                Outcome::Decided(_) => Mark::DecidedWrong,
                Outcome::Undecided(UndecidedReason::NoConsensus) => Mark::NoConsensus,
                Outcome::Undecided(UndecidedReason::InsufficientParticipation) => {
                    Mark::InsufficientParticipation
                }
                Outcome::Undecided(UndecidedReason::ThresholdInfeasible) => Mark::ThresholdInfeasible,
                Outcome::Aborted(AbortReason::Silence) => Mark::GaveUp,
                Outcome::Aborted(AbortReason::Restart) => Mark::CoordinatorRestarted,
            },
            Observation::DoubleVote { .. } => Mark::DoubleVoteProven,
            Observation::Rejected { reason, .. } => match reason {
                Reason::BadSignature => Mark::RejectedBadSignature,
                Reason::WrongSender => Mark::RejectedWrongSender,
                Reason::WrongSession => Mark::RejectedWrongSession,
                Reason::WrongSnapshot => Mark::RejectedWrongSnapshot,
                Reason::Invalid => Mark::RejectedInvalid,
                Reason::Unproven => Mark::RejectedUnproven,
            },
            Observation::Opened { .. } | Observation::Spread(..) | Observation::Voted { .. } => return None,
        };
        Some(mark.declared())
    }
}
