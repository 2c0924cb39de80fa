//! Observations of agents and their coordinator.

use super::domain::Value;
use super::measure::Measures;
use super::message::{AbortReason, Outcome, Proposal, Review, Round, Success, Term};
use serde::Serialize;
use std::rc::Rc;
use synod_common::schedule::SessionId;
use synod_sim::{
    CoverageMark, Digest, Milestone, NodeId, Observation as KernelObservation, OperationId, Settled, Signed,
};

/// An observation.
#[derive(Clone, Debug, Serialize)]
pub enum Observation {
    /// The coordinator opened a session.
    Opened {
        /// The session.
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
        /// The closing.
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
        /// Its score, in parts per million.
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
        /// Its score, in parts per million.
        score_ppm: u32,
        /// The measures of convergence.
        measures: Measures,
    },
    /// The coordinator closed a session.
    Closed {
        /// The session.
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
        /// The session.
        session: SessionId,
        /// What came of it.
        outcome: Outcome,
        /// The decision, if there is one.
        value: Option<Rc<Value>>,
        /// True if the decision is near the truth, which only the simulator knows.
        right: bool,
    },
    /// A proposal or review came after its phase, and is ignored.
    Late {
        /// The sender.
        from: NodeId,
    },
    /// The coordinator holds proof that an agent is faulty: two different proposals in one round.
    DoubleProposal {
        /// The first.
        first: Signed<Proposal>,
        /// The second.
        second: Signed<Proposal>,
    },
    /// The coordinator holds proof that an agent is faulty: two different reviews of one proposal.
    DoubleReview {
        /// The first.
        first: Signed<Review>,
        /// The second.
        second: Signed<Review>,
    },
    /// A message was rejected.
    Rejected {
        /// The reason.
        reason: Reason,
        /// The sender.
        from: NodeId,
    },
    /// An agent campaigns to lead a session in this term.
    Claimed {
        /// The session.
        session: SessionId,
        /// The term.
        term: Term,
    },
    /// An agent has taken over a session, from the last step of an earlier leader.
    TookOver {
        /// The session.
        session: SessionId,
        /// Its own term.
        term: Term,
        /// Term of that step, and number of rounds over by it; `None` without one.
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
    /// Enough have answered, and the grace period is over.
    Grace,
    /// Enough had answered when the time was up.
    Deadline,
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
    /// Its round is over at the receiver, or has not begun.
    WrongRound,
    /// Its sender is not assigned to the proposal.
    Unassigned,
    /// Its contents are impossible.
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

    /// Numeric agreement is approximate, and everybody has a number of its own.
    fn settles(&self) -> Option<Settled> {
        match self {
            Observation::Concluded {
                session,
                value: Some(value),
                outcome: Outcome::Decided(success),
                ..
            } if *success != Success::Agreed => Some(Settled::digest(*session, Digest::of(&**value))),
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
