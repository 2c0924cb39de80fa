//! What coordinator and voters send each other, and what they wait for.

use crate::rule::{TallyResult, UndecidedReason};
use crate::tally::Ballot;
use serde::Serialize;
use std::rc::Rc;
use synod_common::schedule::SessionId;
use synod_sim::auth::Forge;
use synod_sim::inject::Alteration;
use synod_sim::{Body, Digest, Kind, Message as KernelMessage, Signed};

/// REQUEST: the coordinator opens a session.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Proposal {
    /// The session.
    pub session: SessionId,
    /// Digest of the weights that count in it.
    pub snapshot: Digest,
}

/// VOTE: a voter's ballot in a session. It names the weights, so that it counts under no others.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Vote {
    /// The session.
    pub session: SessionId,
    /// The digest of the weights.
    pub snapshot: Digest,
    /// The ballot.
    pub ballot: Ballot,
}

/// RESULT: the outcome of a session.
#[derive(Clone, Debug, Serialize)]
pub struct SessionResult {
    /// The session.
    pub session: SessionId,
    /// What came of it.
    pub outcome: Outcome,
    /// The certificate, where voters may lie: votes for the winning option.
    pub certificate: Vec<Signed<Vote>>,
}

/// Outcome of a session at one observer.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Serialize)]
pub enum Outcome {
    /// This option has won.
    Decided(u64),
    /// None has.
    Undecided(UndecidedReason),
    /// The observer gave up.
    Aborted(AbortReason),
}

/// Why an observer gave up.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Serialize)]
pub enum AbortReason {
    /// It has heard no result in time.
    Silence,
    /// The coordinator crashed while the session was open, and is back.
    Restart,
}

impl From<TallyResult> for Outcome {
    fn from(verdict: TallyResult) -> Outcome {
        match verdict {
            TallyResult::Accepted(option) => Outcome::Decided(option),
            TallyResult::Undecided(why) => Outcome::Undecided(why),
        }
    }
}

impl Body for Proposal {
    const KIND: &'static str = "weighted.proposal";
    fn size(&self) -> usize {
        40
    }
}

impl Body for Vote {
    const KIND: &'static str = "weighted.vote";
    fn size(&self) -> usize {
        52
    }
}

/// A message between nodes.
#[derive(Clone, Debug, Serialize)]
pub enum Message {
    /// The coordinator opens a session.
    Request(Signed<Proposal>),
    /// A voter votes.
    Vote(Signed<Vote>),
    /// A session's result.
    Result(Rc<SessionResult>),
    /// A voter queries the outcome of a session, and repeats its vote.
    Ask(SessionId, Option<Signed<Vote>>),
}

/// Timers.
#[derive(Copy, Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub enum Timer {
    /// The next session opens.
    Open,
    /// A voter's thinking time is over.
    Thought(SessionId),
    /// A voter has waited for half of the deadline, or until it gives up.
    Waited(SessionId),
    /// The coordinator: half of the deadline is over.
    HalfTime(SessionId),
    /// The coordinator: the deadline is over.
    Deadline(SessionId),
}

impl KernelMessage for Message {
    const KINDS: &'static [Kind] =
        &[Kind::protocol("request"), Kind::protocol("vote"), Kind::protocol("result"), Kind::upkeep("ask")];

    fn kind(&self) -> usize {
        match self {
            Message::Request(_) => 0,
            Message::Vote(_) => 1,
            Message::Result(_) => 2,
            Message::Ask(..) => 3,
        }
    }

    fn size(&self) -> usize {
        match self {
            Message::Request(body) => body.size(),
            Message::Vote(body) => body.size(),
            Message::Result(result) => 17 + result.certificate.iter().map(Signed::size).sum::<usize>(),
            Message::Ask(_, vote) => 8 + vote.as_ref().map_or(0, Signed::size),
        }
    }

    fn damaged(&self) -> Option<Message> {
        Some(match self {
            Message::Request(body) => Message::Request(body.damaged()?),
            Message::Vote(body) => Message::Vote(body.damaged()?),
            Message::Ask(session, Some(vote)) => Message::Ask(*session, Some(vote.damaged()?)),
            // Nothing in it is signed, and a damaged frame is discarded.
            Message::Ask(_, None) | Message::Result(_) => return None,
        })
    }

    fn altered(&self, alteration: Alteration, forge: &Forge<'_>) -> Option<Message> {
        Some(match (self, alteration) {
            (Message::Request(body), Alteration::Header { draw }) => Message::Request(
                forge.reseal(body, Proposal { session: moved(body.session, draw), ..(**body).clone() })?,
            ),
            (Message::Request(body), Alteration::Contents { draw }) => Message::Request(
                forge.reseal(body, Proposal { snapshot: Digest::of(&draw), ..(**body).clone() })?,
            ),
            (Message::Request(body), Alteration::Name(node)) => {
                Message::Request(forge.impersonate(body, node))
            }
            (Message::Vote(vote), Alteration::Header { draw }) => Message::Vote(
                forge.reseal(vote, Vote { session: moved(vote.session, draw), ..(**vote).clone() })?,
            ),
            (Message::Vote(vote), Alteration::Contents { draw }) => {
                let ballot = Ballot { option: vote.ballot.option ^ (draw % 2), ..vote.ballot };
                Message::Vote(forge.reseal(vote, Vote { ballot, ..(**vote).clone() })?)
            }
            (Message::Vote(vote), Alteration::Name(node)) => Message::Vote(forge.impersonate(vote, node)),
            (Message::Result(result), Alteration::Header { draw }) => {
                Message::Result(Rc::new(SessionResult {
                    session: moved(result.session, draw),
                    ..(**result).clone()
                }))
            }
            (Message::Result(result), Alteration::Contents { draw }) => {
                Message::Result(Rc::new(SessionResult {
                    outcome: Outcome::Decided(draw % 2),
                    ..(**result).clone()
                }))
            }
            _ => return None,
        })
    }
}

/// A session next to `session`.
fn moved(session: SessionId, draw: u64) -> SessionId {
    if draw.is_multiple_of(2) { session + 1 } else { session.saturating_sub(1) }
}
