//! What agents and their coordinator claim to the world outside.

use super::domain::Value;
use super::measure::Measures;
use super::message::{Cause, Outcome, Proposal, Review, Round, Success, Term};
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
    },
    /// The coordinator began a phase.
    Began {
        /// The session.
        session: SessionId,
        /// The round.
        round: Round,
        /// The phase.
        phase: Phase,
    },
    /// The coordinator ended the phase under way.
    Ended {
        /// The session.
        session: SessionId,
        /// How.
        closing: Closing,
    },
    /// The coordinator doubled the time of the phase under way.
    Extended {
        /// The session.
        session: SessionId,
    },
    /// The coordinator counts a review, the first one of this proposal by this reviewer.
    Counted(Signed<Review>),
    /// The coordinator worked out what a proposal of the round is worth.
    Scored {
        /// The session.
        session: SessionId,
        /// The round.
        round: Round,
        /// Whose proposal.
        proposer: NodeId,
        /// What it is worth, in parts per million.
        score_ppm: u32,
    },
    /// The coordinator selected the best proposal so far.
    Selected {
        /// The session.
        session: SessionId,
        /// The round.
        round: Round,
        /// The proposal.
        value: Rc<Value>,
        /// What it is worth, in parts per million.
        score_ppm: u32,
        /// How near the agents are.
        measures: Measures,
    },
    /// The coordinator closed a session.
    Closed {
        /// Which.
        session: SessionId,
        /// After so many rounds.
        round: Round,
        /// What came of it.
        outcome: Outcome,
    },
    /// An agent has a number of its own, in numeric agreement: after so many rounds, 0 at first.
    Averaged {
        /// The session.
        session: SessionId,
        /// The round.
        round: Round,
        /// The number.
        number: i64,
    },
    /// A figure of a session that is over: its name and its value.
    Figure(&'static str, u64),
    /// An observer knows what came of a session.
    Concluded {
        /// Which.
        session: SessionId,
        /// What came of it.
        outcome: Outcome,
        /// What was decided, if anything was.
        value: Option<Rc<Value>>,
        /// True if what was decided is near what is true, as only the world outside knows.
        right: bool,
    },
    /// A proposal or review came after its phase: it counts for nothing, and its sender remains welcome.
    Late {
        /// Whose.
        from: NodeId,
    },
    /// The coordinator holds proof that an agent is faulty: two different proposals in one round.
    DoubleProposal {
        /// One.
        first: Signed<Proposal>,
        /// The other.
        second: Signed<Proposal>,
    },
    /// The coordinator holds proof that an agent is faulty: two different reviews of one proposal.
    DoubleReview {
        /// One.
        first: Signed<Review>,
        /// The other.
        second: Signed<Review>,
    },
    /// A message was refused.
    Rejected {
        /// Why.
        reason: Reason,
        /// Whose.
        from: NodeId,
    },
    /// An agent has heard nothing of who leads a session for too long, and wants to lead it in this term.
    Claimed {
        /// The session.
        session: SessionId,
        /// The term.
        term: Term,
    },
    /// An agent leads a session from now on, and goes on from where the leader of another term was.
    TookOver {
        /// The session.
        session: SessionId,
        /// Its own term.
        term: Term,
        /// Whose steps it has found, and how many rounds were over by them; `None` if it found none.
        from: Option<(Term, Round)>,
    },
}

/// The phases of a round that take time.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Serialize)]
pub enum Phase {
    /// Agents propose.
    Propose,
    /// Agents review what is proposed.
    Review,
}

/// How a phase ended.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Serialize)]
pub enum Closing {
    /// All have answered.
    Complete,
    /// Enough have answered, and the others had some more time.
    Grace,
    /// Enough had answered when the time was up.
    Deadline,
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
    /// It names a round that is over for its receiver, or has not begun.
    WrongRound,
    /// It reviews what its sender is not to review.
    Unassigned,
    /// It says what nobody can say.
    Invalid,
}

/// The coverage marks that claims hit.
pub const MARKS: &[&str] = &[
    "phase_complete",
    "phase_grace",
    "phase_deadline",
    "phase_extended",
    "converged",
    "good_enough",
    "agreed",
    "stagnation",
    "rounds_exhausted",
    "session_deadline",
    "insufficient_participation",
    "decided_right",
    "decided_wrong",
    "aborted",
    "gave_up",
    "coordinator_restarted",
    "claimed",
    "took_over",
    "late",
    "double_proposal_proven",
    "double_review_proven",
    "rejected_bad_signature",
    "rejected_wrong_sender",
    "rejected_wrong_session",
    "rejected_wrong_round",
    "rejected_unassigned",
    "rejected_invalid",
];

/// The operation that a session is.
fn operation(session: SessionId) -> OperationId {
    OperationId(session)
}

impl KernelObservation for Observation {
    fn milestone(&self) -> Option<Milestone> {
        match *self {
            Observation::Opened { session } => Some(Milestone::Submitted(operation(session))),
            Observation::Concluded { session, outcome, .. } => Some(match outcome {
                Outcome::Decided(_) => Milestone::Decided(operation(session), 1),
                Outcome::Aborted(_) => Milestone::Abandoned(operation(session)),
            }),
            _ => None,
        }
    }

    fn peak(&self) -> Option<(&'static str, u64)> {
        match *self {
            Observation::Figure(figure, value) => Some((figure, value)),
            _ => None,
        }
    }

    fn accuses(&self) -> Option<NodeId> {
        match self {
            Observation::DoubleProposal { first, .. } => Some(first.signer()),
            Observation::DoubleReview { first, .. } => Some(first.signer()),
            _ => None,
        }
    }

    fn suspects(&self) -> bool {
        matches!(self, Observation::Claimed { .. })
    }

    fn mark(&self) -> Option<&'static str> {
        Some(match self {
            Observation::Ended { closing: Closing::Complete, .. } => "phase_complete",
            Observation::Ended { closing: Closing::Grace, .. } => "phase_grace",
            Observation::Ended { closing: Closing::Deadline, .. } => "phase_deadline",
            Observation::Extended { .. } => "phase_extended",
            Observation::Closed { outcome, .. } => match outcome {
                Outcome::Decided(Success::Converged) => "converged",
                Outcome::Decided(Success::GoodEnough) => "good_enough",
                Outcome::Decided(Success::Agreed) => "agreed",
                Outcome::Aborted(Cause::Stagnation) => "stagnation",
                Outcome::Aborted(Cause::RoundsExhausted) => "rounds_exhausted",
                Outcome::Aborted(Cause::Deadline) => "session_deadline",
                Outcome::Aborted(Cause::InsufficientParticipation) => "insufficient_participation",
                Outcome::Aborted(Cause::Restart) => "coordinator_restarted",
                Outcome::Aborted(Cause::Silence) => return None,
            },
            Observation::Concluded { outcome, right, .. } => match outcome {
                Outcome::Decided(_) if *right => "decided_right",
                Outcome::Decided(_) => "decided_wrong",
                Outcome::Aborted(Cause::Silence) => "gave_up",
                Outcome::Aborted(_) => "aborted",
            },
            Observation::Claimed { .. } => "claimed",
            Observation::TookOver { .. } => "took_over",
            Observation::Late { .. } => "late",
            Observation::DoubleProposal { .. } => "double_proposal_proven",
            Observation::DoubleReview { .. } => "double_review_proven",
            Observation::Rejected { reason, .. } => match reason {
                Reason::BadSignature => "rejected_bad_signature",
                Reason::WrongSender => "rejected_wrong_sender",
                Reason::WrongSession => "rejected_wrong_session",
                Reason::WrongRound => "rejected_wrong_round",
                Reason::Unassigned => "rejected_unassigned",
                Reason::Invalid => "rejected_invalid",
            },
            _ => return None,
        })
    }
}
