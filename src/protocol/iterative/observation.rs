//! What agents and their coordinator claim to the world outside.

use super::domain::Value;
use super::measure::Measures;
use super::message::{AbortReason, Outcome, Proposal, Review, Round, Success, Term};
use serde::Serialize;
use std::rc::Rc;
use synod_common::schedule::SessionId;
use synod_sim::{CoverageMark, Milestone, NodeId, Observation as KernelObservation, OperationId, Signed};

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

synod_sim::marks! {
    /// What should sometimes happen in iterative refinement.
    pub enum Mark {
        PhaseComplete = "phase_complete": "A phase ended: all had answered.",
        PhaseGrace = "phase_grace": "A phase ended: enough had answered, and the others had had some more time.",
        PhaseDeadline = "phase_deadline": "A phase ended at its deadline, when enough had answered.",
        PhaseExtended = "phase_extended": "The time of a phase was doubled.",
        Converged = "converged": "A session was closed: the proposals had converged.",
        GoodEnough = "good_enough": "A session was closed: a proposal was good enough.",
        Agreed = "agreed": "A session was closed: the numbers were near enough to each other.",
        Stagnation = "stagnation": "A session was given up: it got no better.",
        RoundsExhausted = "rounds_exhausted": "A session was given up: it had had all its rounds.",
        SessionDeadline = "session_deadline": "A session was given up at its deadline.",
        InsufficientParticipation = "insufficient_participation": "A session was given up: too few took part.",
        DecidedRight = "decided_right": "An observer learned of a decision, and it is near what is true.",
        DecidedWrong = "decided_wrong": "An observer learned of a decision, and it is not near what is true.",
        Aborted = "aborted": "An observer learned that a session was given up.",
        GaveUp = "gave_up": "An observer gave up waiting for an outcome.",
        CoordinatorRestarted = "coordinator_restarted": "A session was given up: its coordinator had restarted.",
        Claimed = "claimed": "An agent wanted to lead a session, for whoever led it was silent.",
        TookOver = "took_over": "An agent took the lead of a session over.",
        Late = "late": "A proposal or a review came after its phase.",
        DoubleProposalProven = "double_proposal_proven": "An agent was proven to have made two proposals in one round.",
        DoubleReviewProven = "double_review_proven": "An agent was proven to have made two reviews of one proposal.",
        RejectedBadSignature = "rejected_bad_signature": "A message was refused: its signature is not its signer's.",
        RejectedWrongSender = "rejected_wrong_sender": "A message was refused: its sender has no business saying this.",
        RejectedWrongSession = "rejected_wrong_session": "A message was refused: it names no session, or one that is over.",
        RejectedWrongRound = "rejected_wrong_round": "A message was refused: its round is over, or has not begun.",
        RejectedUnassigned = "rejected_unassigned": "A message was refused: it reviews what its sender is not to review.",
        RejectedInvalid = "rejected_invalid": "A message was refused: it says what nobody can say.",
    }
}

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

    fn mark(&self) -> Option<&'static CoverageMark> {
        let mark = match self {
            Observation::Ended { closing: Closing::Complete, .. } => Mark::PhaseComplete,
            Observation::Ended { closing: Closing::Grace, .. } => Mark::PhaseGrace,
            Observation::Ended { closing: Closing::Deadline, .. } => Mark::PhaseDeadline,
            Observation::Extended { .. } => Mark::PhaseExtended,
            Observation::Closed { outcome, .. } => match outcome {
                Outcome::Decided(Success::Converged) => Mark::Converged,
                Outcome::Decided(Success::GoodEnough) => Mark::GoodEnough,
                Outcome::Decided(Success::Agreed) => Mark::Agreed,
                Outcome::Aborted(AbortReason::Stagnation) => Mark::Stagnation,
                Outcome::Aborted(AbortReason::RoundsExhausted) => Mark::RoundsExhausted,
                Outcome::Aborted(AbortReason::Deadline) => Mark::SessionDeadline,
                Outcome::Aborted(AbortReason::InsufficientParticipation) => Mark::InsufficientParticipation,
                Outcome::Aborted(AbortReason::Restart) => Mark::CoordinatorRestarted,
                Outcome::Aborted(AbortReason::Silence) => return None,
            },
            Observation::Concluded { outcome, right, .. } => match outcome {
                Outcome::Decided(_) if *right => Mark::DecidedRight,
                Outcome::Decided(_) => Mark::DecidedWrong,
                Outcome::Aborted(AbortReason::Silence) => Mark::GaveUp,
                Outcome::Aborted(_) => Mark::Aborted,
            },
            Observation::Claimed { .. } => Mark::Claimed,
            Observation::TookOver { .. } => Mark::TookOver,
            Observation::Late { .. } => Mark::Late,
            Observation::DoubleProposal { .. } => Mark::DoubleProposalProven,
            Observation::DoubleReview { .. } => Mark::DoubleReviewProven,
            Observation::Rejected { reason, .. } => match reason {
                Reason::BadSignature => Mark::RejectedBadSignature,
                Reason::WrongSender => Mark::RejectedWrongSender,
                Reason::WrongSession => Mark::RejectedWrongSession,
                Reason::WrongRound => Mark::RejectedWrongRound,
                Reason::Unassigned => Mark::RejectedUnassigned,
                Reason::Invalid => Mark::RejectedInvalid,
            },
            _ => return None,
        };
        Some(mark.declared())
    }
}
