//! What agents send each other up, down and across the tree, and what they wait for.

use super::tree::{CellId, Epoch};
use super::voters::Voters;
use serde::Serialize;
use std::rc::Rc;
use synod_sim::auth::Forge;
use synod_sim::inject::Alteration;
use synod_sim::{Body, Digest, Kind, Message as KernelMessage, Signed};
use synod_vote::Sums;
use synod_vote::weighted::{self, SessionId, Vote};

/// An epoch certificate: proof that an agent represents its cell. It is attached to every message of a representative.
#[derive(Clone, Debug, Serialize)]
pub struct EpochCertificate {
    /// The cell.
    pub cell: CellId,
    /// The epoch, from 0, which determines the representative.
    pub epoch: Epoch,
    /// From epoch 1 on: f_c + 1 suspicions of the predecessor.
    pub suspicions: Vec<Signed<Suspicion>>,
}

/// SUSPICION: the signer has missed a representative's heartbeats.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Suspicion {
    /// The session in which it was missed.
    pub session: SessionId,
    /// The cell.
    pub cell: CellId,
    /// Its epoch.
    pub epoch: Epoch,
}

/// REQUEST: a session is open, and votes are requested. Every receiver can check all that it names, so it needs no
/// signature.
#[derive(Clone, Debug, Serialize)]
pub struct VoteRequest {
    /// The session.
    pub session: SessionId,
    /// Digest of the weights that count in it.
    pub snapshot: Digest,
    /// The digest of the tree.
    pub tree: Digest,
    /// The certificate of the sender.
    pub certificate: Rc<EpochCertificate>,
}

/// PARTIAL: the aggregate of a cell's subtree.
#[derive(Clone, Debug, Serialize)]
pub struct Partial {
    /// The session.
    pub session: SessionId,
    /// The certificate of the sender.
    pub certificate: Rc<EpochCertificate>,
    /// The voters.
    pub voters: Voters,
    /// The aggregate.
    pub body: ReportBody,
}

/// The body of a report.
#[derive(Clone, Debug, Serialize)]
pub enum ReportBody {
    /// Sums of the votes, with the weight still open.
    Sums(Sums),
    /// The same with the votes themselves, where representatives may lie.
    Votes(Sums, Vec<Signed<Vote>>),
    /// Decision of the cluster, where it decides for its members.
    Delegated(Option<u64>),
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
        let body = match &self.body {
            ReportBody::Sums(all) => sums(all),
            ReportBody::Votes(all, votes) => sums(all) + votes.iter().map(Signed::size).sum::<usize>(),
            ReportBody::Delegated(_) => 9,
        };
        8 + self.certificate.bytes() + self.voters.bytes() + body
    }
}

impl EpochCertificate {
    /// The certificate of a cell's first representative, which needs no proof.
    pub fn first(cell: CellId) -> EpochCertificate {
        EpochCertificate { cell, epoch: 0, suspicions: Vec::new() }
    }

    fn bytes(&self) -> usize {
        8 + self.suspicions.iter().map(Signed::size).sum::<usize>()
    }
}

/// A message between agents.
#[derive(Clone, Debug, Serialize)]
pub enum Message {
    /// A session is open.
    VoteRequest(Rc<VoteRequest>),
    /// A message of the flat vote: vote, result, or a query for one.
    FlatVote(weighted::Message),
    /// A representative reports.
    Partial(Signed<Partial>),
    /// A representative's heartbeat.
    Alive(Rc<EpochCertificate>),
    /// A suspicion of a representative.
    Suspicion(Signed<Suspicion>),
    /// An audit: a report is shown to a voter whose vote is not in it.
    Challenge(Signed<Partial>),
    /// An ancestor asks for a vote that it has not received.
    Fetch(SessionId),
}

/// Timers.
#[derive(Copy, Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub enum Timer {
    /// The next session opens.
    Open,
    /// A timer of the flat vote.
    FlatVote(weighted::Timer),
    /// A representative: half of its time has passed.
    HalfTime(SessionId),
    /// A representative: time to report, or to decide.
    Close(SessionId),
    /// The deadline has passed without a result, where representatives may lie.
    Overdue(SessionId),
    /// A representative: time for a heartbeat.
    Heartbeat,
    /// Failure detector of this cell's representative.
    Watch(CellId),
    /// A representative: three quarters of its time have passed.
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
            Message::VoteRequest(_) => 0,
            // The first four are a flat vote's.
            Message::FlatVote(inner) => inner.kind(),
            Message::Partial(_) => 4,
            Message::Alive(_) => 5,
            Message::Suspicion(_) => 6,
            Message::Challenge(_) => 7,
            Message::Fetch(_) => 8,
        }
    }

    fn size(&self) -> usize {
        match self {
            Message::VoteRequest(request) => 72 + request.certificate.bytes(),
            Message::FlatVote(inner) => inner.size(),
            Message::Partial(partial) | Message::Challenge(partial) => partial.size(),
            Message::Alive(certificate) => certificate.bytes(),
            Message::Suspicion(suspicion) => suspicion.size(),
            Message::Fetch(_) => 8,
        }
    }

    fn damaged(&self) -> Option<Message> {
        Some(match self {
            Message::FlatVote(inner) => Message::FlatVote(inner.damaged()?),
            Message::Partial(partial) => Message::Partial(partial.damaged()?),
            Message::Suspicion(suspicion) => Message::Suspicion(suspicion.damaged()?),
            Message::Challenge(partial) => Message::Challenge(partial.damaged()?),
            // Nothing of their own is signed, and a damaged frame is discarded.
            Message::VoteRequest(_) | Message::Alive(_) | Message::Fetch(_) => return None,
        })
    }

    fn altered(&self, alteration: Alteration, forge: &Forge<'_>) -> Option<Message> {
        Some(match (self, alteration) {
            (Message::FlatVote(inner), _) => Message::FlatVote(inner.altered(alteration, forge)?),
            (Message::VoteRequest(request), Alteration::Header { draw }) => {
                Message::VoteRequest(Rc::new(VoteRequest {
                    session: draw % 2 + request.session,
                    ..VoteRequest::clone(request)
                }))
            }
            (Message::VoteRequest(request), Alteration::Contents { draw }) => {
                Message::VoteRequest(Rc::new(VoteRequest {
                    tree: Digest::of(&draw),
                    ..VoteRequest::clone(request)
                }))
            }
            (Message::Alive(certificate), Alteration::Header { draw }) => {
                let epoch = certificate.epoch + 1 + (draw % 3) as Epoch;
                Message::Alive(Rc::new(EpochCertificate { epoch, ..EpochCertificate::clone(certificate) }))
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
    /// The same report with all cast weight moved to `option`.
    pub(super) fn inflated(&self, option: u64) -> Partial {
        let all_for = |sums: &Sums| Sums { options: [(option, sums.cast)].into(), ..sums.clone() };
        let body = match &self.body {
            ReportBody::Sums(sums) => ReportBody::Sums(all_for(sums)),
            ReportBody::Votes(sums, votes) => ReportBody::Votes(all_for(sums), votes.clone()),
            ReportBody::Delegated(_) => ReportBody::Delegated(Some(option)),
        };
        Partial { body, ..self.clone() }
    }
}
