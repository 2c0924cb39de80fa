//! What agents and their coordinator send each other, and what they wait for.

use super::domain::Value;
use super::progress::RefinementProgress;
use serde::Serialize;
use std::rc::Rc;
use synod_common::schedule::SessionId;
use synod_sim::auth::Forge;
use synod_sim::digest::encoded_len;
use synod_sim::inject::Alteration;
use synod_sim::{Body, Digest, Kind, Message as KernelMessage, NodeId, Signed};

/// A round's number within its session, from 1.
pub type Round = u32;

/// Who leads, from 0: see [`Config::leader`](super::Config::leader).
pub type Term = u64;

/// CALL: the coordinator starts a round.
#[derive(Clone, Debug, Serialize)]
pub struct Call {
    /// The session.
    pub session: SessionId,
    /// The round.
    pub round: Round,
    /// Selection of the round before.
    pub selected: Option<Rc<Value>>,
}

/// PROPOSAL: an agent's proposal in a round.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Proposal {
    /// The session.
    pub session: SessionId,
    /// The round.
    pub round: Round,
    /// The value.
    pub value: Rc<Value>,
    /// Confidence of its proposer, in parts per million: recorded, and never used.
    pub confidence_ppm: u32,
}

/// GATHERED: the proposals of a round, to be reviewed as assigned.
#[derive(Clone, Debug, Serialize)]
pub struct Gathered {
    /// The session.
    pub session: SessionId,
    /// The round.
    pub round: Round,
    /// The proposals that came in time.
    pub proposals: Vec<Signed<Proposal>>,
}

/// REVIEW: an agent's score of another's proposal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Review {
    /// The session.
    pub session: SessionId,
    /// The round.
    pub round: Round,
    /// Whose proposal.
    pub proposer: NodeId,
    /// Which: the digest of what its proposer has signed.
    pub proposal: Digest,
    /// How good it is, in parts per million.
    pub score_ppm: u32,
}

/// RESULT: the outcome of a session.
#[derive(Clone, Debug, Serialize)]
pub struct SessionResult {
    /// The session.
    pub session: SessionId,
    /// What came of it.
    pub outcome: Outcome,
    /// The best proposal, if there was any; of an agreement on numbers, the observer's own.
    pub value: Option<Rc<Value>>,
}

/// STEP: the state of a session under the leader of a term, from which another leader can continue; phase 2a of Paxos.
#[derive(Clone, Debug, Serialize)]
pub struct Step {
    /// The leader's term.
    pub term: Term,
    /// The session.
    pub session: SessionId,
    /// Progress of the rounds before.
    pub progress: RefinementProgress,
    /// The action requested from the agents.
    pub action: StepAction,
}

/// The action that a step requests from the agents.
#[derive(Clone, Debug, Serialize)]
pub enum StepAction {
    /// To propose.
    Propose(Rc<Call>),
    /// To review.
    Review(Rc<Gathered>),
    /// Persist the result, which counts once a majority has.
    Close(Rc<SessionResult>),
}

/// PROMISE: an agent ignores earlier terms from now on, and reports its last accepted step; phase 1b of Paxos.
#[derive(Clone, Debug, Serialize)]
pub struct Promise {
    /// The term.
    pub term: Term,
    /// The session that is to go on.
    pub session: SessionId,
    /// The last step that it has accepted in that session.
    pub accepted: Option<Rc<Step>>,
}

/// ESTIMATE: an agent's estimate in a round of numeric agreement.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Estimate {
    /// The session.
    pub session: SessionId,
    /// The round.
    pub round: Round,
    /// The number.
    pub number: i64,
}

/// Outcome of a session at one observer.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Serialize)]
pub enum Outcome {
    /// There is a result.
    Decided(Success),
    /// There is none.
    Aborted(AbortReason),
}

/// Reason for a decision.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Serialize)]
pub enum Success {
    /// The agents have converged.
    Converged,
    /// The best proposal is good enough, and approved of.
    GoodEnough,
    /// Numbers are as near to each other as they have to be.
    Agreed,
}

/// Reason for the absence of a decision.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Serialize)]
pub enum AbortReason {
    /// The best proposal gets no better.
    Stagnation,
    /// The last round is over.
    RoundsExhausted,
    /// The session's deadline.
    Deadline,
    /// Too few have answered.
    InsufficientParticipation,
    /// The observer has heard nothing in time.
    Silence,
    /// The coordinator crashed while the session was open, and is back.
    Restart,
}

impl Body for Proposal {
    const KIND: &'static str = "iterative.proposal";
}

impl Body for Review {
    const KIND: &'static str = "iterative.review";
    fn size(&self) -> usize {
        52
    }
}

/// A message between nodes.
#[derive(Clone, Debug, Serialize)]
pub enum Message {
    /// The coordinator begins a round.
    Call(Rc<Call>),
    /// An agent proposes.
    Proposal(Signed<Proposal>),
    /// The coordinator hands the proposals out.
    Gathered(Rc<Gathered>),
    /// An agent reviews a proposal.
    Review(Signed<Review>),
    /// A session's result.
    Result(Rc<SessionResult>),
    /// An agent queries the outcome of a session.
    Ask(SessionId),
    /// An agent tells its number.
    Estimate(Estimate),
    /// The leader replicates the state of a session.
    Step(Rc<Step>),
    /// An agent has persisted the result of a session in this term.
    Accepted(Term, SessionId),
    /// The leader's heartbeat in this term.
    Leading(Term, SessionId),
    /// An agent wants to lead a session in this term.
    Claim(Term, SessionId),
    /// An agent will follow it.
    Promise(Promise),
    /// The receiver's term is stale; the later one.
    Outdated(Term),
}

/// Timers.
#[derive(Copy, Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub enum Timer {
    /// The next session opens.
    Open,
    /// An agent's thinking time is over.
    Thought(SessionId),
    /// An agent has waited for a result until the session must be closed, or for as long as it will.
    Waited(SessionId),
    /// The coordinator: half of a phase is over.
    Remind(SessionId),
    /// The coordinator: the time of a phase is up.
    Phase(SessionId),
    /// The coordinator: those who had not answered when enough had, had their grace.
    Grace(SessionId),
    /// The coordinator: the time of a session is up.
    Deadline(SessionId),
    /// A round of numeric agreement is over.
    Round(SessionId),
    /// Failover: the leader has been silent for too long.
    Failover,
    /// The leader: time for a heartbeat.
    Heartbeat(SessionId),
}

impl KernelMessage for Message {
    const KINDS: &'static [Kind] = &[
        Kind::protocol("call"),
        Kind::protocol("proposal"),
        Kind::protocol("gathered"),
        Kind::protocol("review"),
        Kind::protocol("result"),
        Kind::upkeep("ask"),
        Kind::protocol("estimate"),
        Kind::protocol("step"),
        Kind::protocol("accepted"),
        Kind::upkeep("leading"),
        Kind::protocol("claim"),
        Kind::protocol("promise"),
        Kind::upkeep("outdated"),
    ];

    fn kind(&self) -> usize {
        match self {
            Message::Call(_) => 0,
            Message::Proposal(_) => 1,
            Message::Gathered(_) => 2,
            Message::Review(_) => 3,
            Message::Result(_) => 4,
            Message::Ask(_) => 5,
            Message::Estimate(_) => 6,
            Message::Step(_) => 7,
            Message::Accepted(..) => 8,
            Message::Leading(..) => 9,
            Message::Claim(..) => 10,
            Message::Promise(_) => 11,
            Message::Outdated(_) => 12,
        }
    }

    fn size(&self) -> usize {
        match self {
            Message::Proposal(proposal) => proposal.size(),
            Message::Gathered(gathered) => 12 + gathered.proposals.iter().map(Signed::size).sum::<usize>(),
            Message::Review(review) => review.size(),
            Message::Ask(_) | Message::Outdated(_) => 8,
            Message::Estimate(_) => 20,
            Message::Accepted(..) | Message::Leading(..) | Message::Claim(..) => 16,
            Message::Call(_) | Message::Result(_) | Message::Step(_) | Message::Promise(_) => {
                encoded_len(self)
            }
        }
    }

    fn damaged(&self) -> Option<Message> {
        Some(match self {
            Message::Proposal(proposal) => Message::Proposal(proposal.damaged()?),
            Message::Review(review) => Message::Review(review.damaged()?),
            // Nothing that could be damaged is signed, and a damaged frame is discarded.
            _ => return None,
        })
    }

    fn altered(&self, alteration: Alteration, forge: &Forge<'_>) -> Option<Message> {
        Some(match (self, alteration) {
            (Message::Proposal(proposal), Alteration::Header { draw }) => {
                let body = Proposal { round: moved(proposal.round, draw), ..(**proposal).clone() };
                Message::Proposal(forge.reseal(proposal, body)?)
            }
            (Message::Proposal(proposal), Alteration::Contents { draw }) => {
                let value = Rc::new(corrupted(&proposal.value, draw));
                Message::Proposal(forge.reseal(proposal, Proposal { value, ..(**proposal).clone() })?)
            }
            (Message::Proposal(proposal), Alteration::Name(node)) => {
                Message::Proposal(forge.impersonate(proposal, node))
            }
            (Message::Review(review), Alteration::Header { draw }) => {
                let body = Review { round: moved(review.round, draw), ..(**review).clone() };
                Message::Review(forge.reseal(review, body)?)
            }
            (Message::Review(review), Alteration::Contents { draw }) => {
                let score_ppm = (draw % 1_000_001) as u32;
                Message::Review(forge.reseal(review, Review { score_ppm, ..(**review).clone() })?)
            }
            (Message::Review(review), Alteration::Name(node)) => {
                Message::Review(forge.impersonate(review, node))
            }
            (Message::Estimate(estimate), Alteration::Header { draw }) => {
                Message::Estimate(Estimate { round: moved(estimate.round, draw), ..*estimate })
            }
            (Message::Estimate(estimate), Alteration::Contents { draw }) => {
                Message::Estimate(Estimate { number: estimate.number ^ (draw % 1_024) as i64, ..*estimate })
            }
            _ => return None,
        })
    }
}

/// A round next to `round`.
fn moved(round: Round, draw: u64) -> Round {
    if draw.is_multiple_of(2) { round + 1 } else { round.saturating_sub(1) }
}

/// Another value of the same kind, as a careless liar makes it.
fn corrupted(value: &Value, draw: u64) -> Value {
    match value {
        Value::Number(number) => Value::Number(number.wrapping_add((draw % 1_024) as i64 + 1)),
        Value::Category(option) => Value::Category(option ^ 1),
        Value::Set(elements) => Value::Set(elements.iter().copied().skip(1).collect()),
        Value::List(items) => Value::List(items.iter().rev().copied().collect()),
        Value::Text(words) => Value::Text(words.iter().rev().copied().collect()),
        Value::Record(fields) => Value::Record(vec![None; fields.len()]),
    }
}
