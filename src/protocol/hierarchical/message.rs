//! What agents send each other up, down and across the tree, and what they wait for.

use super::tree::{CellId, Epoch};
use super::voters::Voters;
use serde::Serialize;
use std::rc::Rc;
use synod_sim::auth::Forge;
use synod_sim::fault::Alteration;
use synod_sim::{Body, Digest, Kind, Message as KernelMessage, Signed};
use synod_vote::Sums;
use synod_vote::weighted::{self, SessionId, Vote};

/// A representative's claim to its cell: everything that it says as one comes with it.
#[derive(Clone, Debug, Serialize)]
pub struct Tenure {
    /// What it represents.
    pub cell: CellId,
    /// The how-manieth of its representatives it is, from 0; that says who it is.
    pub epoch: Epoch,
    /// From epoch 1 on: suspicions of the one before it.
    pub grounds: Vec<Signed<Suspicion>>,
}

/// SUSPICION: somebody who ought to hear of a representative does not.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Suspicion {
    /// The session in which it is missed.
    pub session: SessionId,
    /// What it represents.
    pub cell: CellId,
    /// Its epoch.
    pub epoch: Epoch,
}

/// REQUEST: a session is open. All that it names everybody can check, so that it needs no signature.
#[derive(Clone, Debug, Serialize)]
pub struct Call {
    /// Which.
    pub session: SessionId,
    /// The digest of the weights that count in it.
    pub snapshot: Digest,
    /// The digest of the tree.
    pub tree: Digest,
    /// Of whoever passes it on.
    pub tenure: Rc<Tenure>,
}

/// PARTIAL: what a cell has heard from all under it.
#[derive(Clone, Debug, Serialize)]
pub struct Partial {
    /// The session.
    pub session: SessionId,
    /// Of whoever reports.
    pub tenure: Rc<Tenure>,
    /// Who has voted.
    pub voters: Voters,
    /// What they have said.
    pub said: Said,
}

/// What a report says.
#[derive(Clone, Debug, Serialize)]
pub enum Said {
    /// What the votes add up to, with the weight still open.
    Sums(Sums),
    /// The same with the votes themselves, where representatives may lie.
    Votes(Sums, Vec<Signed<Vote>>),
    /// What the cluster has decided, where it decides for its members.
    Voice(Option<u64>),
}

impl Body for Suspicion {
    const KIND: &'static str = "hierarchical.suspicion";
    fn size(&self) -> usize {
        16
    }
}

impl Body for Partial {
    const KIND: &'static str = "hierarchical.partial";
    fn size(&self) -> usize {
        let sums = |sums: &Sums| 16 + 16 * sums.options.len();
        let said = match &self.said {
            Said::Sums(all) => sums(all),
            Said::Votes(all, votes) => sums(all) + votes.iter().map(Signed::size).sum::<usize>(),
            Said::Voice(_) => 9,
        };
        8 + self.tenure.bytes() + self.voters.bytes() + said
    }
}

impl Tenure {
    /// That of a cell's first representative, which needs no proof.
    pub fn first(cell: CellId) -> Tenure {
        Tenure { cell, epoch: 0, grounds: Vec::new() }
    }

    fn bytes(&self) -> usize {
        8 + self.grounds.iter().map(Signed::size).sum::<usize>()
    }
}

/// A message between agents.
#[derive(Clone, Debug, Serialize)]
pub enum Message {
    /// A session is open.
    Call(Rc<Call>),
    /// What a flat vote consists of as well: votes, results, and questions for them.
    Ballot(weighted::Message),
    /// A representative reports.
    Partial(Signed<Partial>),
    /// A representative is there.
    Alive(Rc<Tenure>),
    /// A representative is missed.
    Suspicion(Signed<Suspicion>),
    /// A report is shown to somebody whose vote is not in it.
    Challenge(Signed<Partial>),
    /// A representative further up asks for a vote of which it has not heard.
    Fetch(SessionId),
}

/// What a timer is for.
#[derive(Copy, Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub enum Timer {
    /// The next session opens.
    Open,
    /// A voter's own.
    Ballot(weighted::Timer),
    /// A representative: half of its time is over.
    HalfTime(SessionId),
    /// A representative: it is time to report, or to decide.
    Close(SessionId),
    /// The deadline is over, and where representatives may lie somebody has to be asked.
    Overdue(SessionId),
    /// A representative: time to say that it is there.
    Heartbeat,
    /// Nothing may have been heard of whoever represents this cell.
    Watch(CellId),
    /// A representative: three quarters of its time are over.
    LastQuarter(SessionId),
}

impl KernelMessage for Message {
    const KINDS: &'static [Kind] = &[
        Kind::protocol("request"),
        Kind::protocol("vote"),
        Kind::protocol("result"),
        Kind::upkeep("ask"),
        Kind::protocol("partial"),
        Kind::upkeep("alive"),
        Kind::upkeep("suspicion"),
        Kind::upkeep("challenge"),
        Kind::upkeep("fetch"),
    ];

    fn kind(&self) -> usize {
        match self {
            Message::Call(_) => 0,
            // The first four are a flat vote's.
            Message::Ballot(ballot) => ballot.kind(),
            Message::Partial(_) => 4,
            Message::Alive(_) => 5,
            Message::Suspicion(_) => 6,
            Message::Challenge(_) => 7,
            Message::Fetch(_) => 8,
        }
    }

    fn size(&self) -> usize {
        match self {
            Message::Call(call) => 72 + call.tenure.bytes(),
            Message::Ballot(ballot) => ballot.size(),
            Message::Partial(partial) | Message::Challenge(partial) => partial.size(),
            Message::Alive(tenure) => tenure.bytes(),
            Message::Suspicion(suspicion) => suspicion.size(),
            Message::Fetch(_) => 8,
        }
    }

    fn damaged(&self) -> Option<Message> {
        Some(match self {
            Message::Ballot(ballot) => Message::Ballot(ballot.damaged()?),
            Message::Partial(partial) => Message::Partial(partial.damaged()?),
            Message::Suspicion(suspicion) => Message::Suspicion(suspicion.damaged()?),
            Message::Challenge(partial) => Message::Challenge(partial.damaged()?),
            // Nothing of their own is signed, and a damaged frame is discarded.
            Message::Call(_) | Message::Alive(_) | Message::Fetch(_) => return None,
        })
    }

    fn altered(&self, alteration: Alteration, forge: &Forge<'_>) -> Option<Message> {
        Some(match (self, alteration) {
            (Message::Ballot(ballot), _) => Message::Ballot(ballot.altered(alteration, forge)?),
            (Message::Call(call), Alteration::Header { draw }) => {
                Message::Call(Rc::new(Call { session: draw % 2 + call.session, ..Call::clone(call) }))
            }
            (Message::Call(call), Alteration::Contents { draw }) => {
                Message::Call(Rc::new(Call { tree: Digest::of(&draw), ..Call::clone(call) }))
            }
            (Message::Alive(tenure), Alteration::Header { draw }) => {
                let epoch = tenure.epoch + 1 + (draw % 3) as Epoch;
                Message::Alive(Rc::new(Tenure { epoch, ..Tenure::clone(tenure) }))
            }
            (Message::Partial(partial), Alteration::Header { draw }) => {
                let session = draw % 2 + partial.session;
                Message::Partial(forge.reseal(partial, Partial { session, ..Partial::clone(partial) })?)
            }
            (Message::Partial(partial), Alteration::Contents { draw }) => {
                Message::Partial(forge.reseal(partial, partial.inflated(draw % 2))?)
            }
            (Message::Partial(partial), Alteration::Name(node)) => {
                Message::Partial(forge.impersonate(partial, node))
            }
            (Message::Suspicion(suspicion), Alteration::Contents { draw }) => {
                let epoch = suspicion.epoch + (draw % 2) as Epoch;
                Message::Suspicion(
                    forge.reseal(suspicion, Suspicion { epoch, ..Suspicion::clone(suspicion) })?,
                )
            }
            (Message::Suspicion(suspicion), Alteration::Name(node)) => {
                Message::Suspicion(forge.impersonate(suspicion, node))
            }
            _ => return None,
        })
    }
}

impl Partial {
    /// The same with all weight that is cast for one option.
    pub(super) fn inflated(&self, option: u64) -> Partial {
        let all_for = |sums: &Sums| Sums { options: [(option, sums.cast)].into(), ..sums.clone() };
        let said = match &self.said {
            Said::Sums(sums) => Said::Sums(all_for(sums)),
            Said::Votes(sums, votes) => Said::Votes(all_for(sums), votes.clone()),
            Said::Voice(_) => Said::Voice(Some(option)),
        };
        Partial { said, ..self.clone() }
    }
}
