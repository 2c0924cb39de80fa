//! What coordinator and voters claim to the world outside.

use super::message::{Cause, Outcome, Vote};
use super::weighing::{Warning, Weighing};
use crate::rule::Why;
use serde::Serialize;
use std::rc::Rc;
use synod_common::schedule::SessionId;
use synod_sim::{Milestone, NodeId, Observation as KernelObservation, OperationId, Signed};

/// A claim.
#[derive(Clone, Debug, Serialize)]
pub enum Observation {
    /// The coordinator opened a session.
    Opened {
        /// Which.
        session: SessionId,
        /// The weights that count in it, and what they come from.
        weighing: Rc<Weighing>,
    },
    /// Something about a session that is about to open is questionable.
    Warned(Warning),
    /// How the weights of a session are spread: a figure, and its value in parts per million.
    Spread(&'static str, u64),
    /// A voter made up its mind.
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
        /// Which.
        session: SessionId,
        /// Its outcome.
        outcome: Outcome,
        /// True if it came before the deadline.
        early: bool,
        /// How many votes it took.
        votes: u32,
        /// The weight of the votes for each option that has some.
        sums: Vec<(u64, u64)>,
    },
    /// An observer knows what came of a session.
    Concluded {
        /// Which.
        session: SessionId,
        /// What came of it.
        outcome: Outcome,
        /// True if that is what is true, as only the world outside knows.
        right: bool,
    },
    /// The coordinator holds proof that a voter is faulty: two different votes in one session.
    DoubleVote {
        /// One.
        first: Signed<Vote>,
        /// The other.
        second: Signed<Vote>,
    },
    /// A message was refused.
    Rejected {
        /// Why.
        reason: Reason,
        /// Whose.
        from: NodeId,
    },
}

/// Why a message was refused.
#[derive(Copy, Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub enum Reason {
    /// Its signature is not its signer's.
    BadSignature,
    /// Its sender has no business saying this.
    WrongSender,
    /// It names no session, or one that this observer is done with.
    WrongSession,
    /// It names other weights than count.
    WrongSnapshot,
    /// It says what nobody can say.
    Invalid,
    /// It does not prove what it claims.
    Unproven,
}

/// The coverage marks that claims hit.
pub const MARKS: &[&str] = &[
    "threshold_infeasible_warned",
    "cap_tight",
    "cap_relaxed",
    "vote_counted",
    "early_stop",
    "deadline",
    "decided_right",
    "decided_wrong",
    "no_consensus",
    "insufficient_participation",
    "threshold_infeasible",
    "gave_up",
    "coordinator_restarted",
    "double_vote_proven",
    "rejected_bad_signature",
    "rejected_wrong_sender",
    "rejected_wrong_session",
    "rejected_wrong_snapshot",
    "rejected_invalid",
    "rejected_unproven",
];

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

    fn mark(&self) -> Option<&'static str> {
        Some(match self {
            Observation::Warned(Warning::ThresholdInfeasible) => "threshold_infeasible_warned",
            Observation::Warned(Warning::CapTight) => "cap_tight",
            Observation::Warned(Warning::CapRelaxed) => "cap_relaxed",
            Observation::Counted { .. } => "vote_counted",
            Observation::Closed { early: true, .. } => "early_stop",
            Observation::Closed { early: false, .. } => "deadline",
            Observation::Concluded { outcome, right, .. } => match outcome {
                Outcome::Decided(_) if *right => "decided_right",
                Outcome::Decided(_) => "decided_wrong",
                Outcome::Undecided(Why::NoConsensus) => "no_consensus",
                Outcome::Undecided(Why::InsufficientParticipation) => "insufficient_participation",
                Outcome::Undecided(Why::ThresholdInfeasible) => "threshold_infeasible",
                Outcome::Aborted(Cause::Silence) => "gave_up",
                Outcome::Aborted(Cause::Restart) => "coordinator_restarted",
            },
            Observation::DoubleVote { .. } => "double_vote_proven",
            Observation::Rejected { reason, .. } => match reason {
                Reason::BadSignature => "rejected_bad_signature",
                Reason::WrongSender => "rejected_wrong_sender",
                Reason::WrongSession => "rejected_wrong_session",
                Reason::WrongSnapshot => "rejected_wrong_snapshot",
                Reason::Invalid => "rejected_invalid",
                Reason::Unproven => "rejected_unproven",
            },
            Observation::Opened { .. } | Observation::Spread(..) | Observation::Voted { .. } => return None,
        })
    }
}
