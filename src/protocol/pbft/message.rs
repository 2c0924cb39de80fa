//! What replicas and clients say. What a signature covers is a body; a message carries bodies.

use super::Config;
use super::alter::alter;
use super::ledger::{Outcome, Snapshot};
use serde::{Serialize, Serializer};
use std::rc::Rc;
use synod_common::kv::Command;
use synod_sim::auth::Forge;
use synod_sim::fault::Alteration;
use synod_sim::{Body, Digest, Kind, Message as KernelMessage, NodeId, OperationId, Signed};

/// A view's number.
pub type View = u64;

/// A slot's number in the log, from 1.
pub type Sequence = u64;

/// A client's number, over all client hosts.
#[derive(Copy, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize)]
#[serde(transparent)]
pub struct ClientId(pub u32);

/// What a client wants done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Operation {
    /// The value proposed or written.
    pub value: u64,
    /// How many bytes of payload go with it: modelled, not stored.
    pub payload_bytes: u32,
    /// What it asks of the key-value store, if it asks anything: part of the payload.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub command: Option<Rc<Command>>,
}

impl Operation {
    /// An operation that asks nothing of the key-value store.
    pub fn new(value: u64, payload_bytes: u32) -> Operation {
        Operation { value, payload_bytes, command: None }
    }
}

/// REQUEST(o, t, c): client c wants o done; t rises strictly with each of its requests.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Request {
    /// The client.
    pub client: ClientId,
    /// Its timestamp.
    pub timestamp: u64,
    /// What it wants.
    pub operation: Operation,
}

impl Request {
    /// The name under which the run's figures know the request: its operation's value, which no two requests of
    /// correct clients share.
    pub fn id(&self) -> OperationId {
        OperationId(self.operation.value)
    }
}

impl Body for Request {
    const KIND: &'static str = "pbft.request";
    fn size(&self) -> usize {
        16 + self.operation.payload_bytes as usize
    }
}

/// The requests that one slot decides, in order; none in a null batch.
#[derive(Clone, Debug, Serialize)]
pub struct Batch(pub Rc<[Signed<Request>]>);

impl Batch {
    /// The batch that fills a gap after a view change: it does nothing.
    pub fn null() -> Batch {
        Batch(Rc::new([]))
    }

    /// The batch's digest; [`Digest::ZERO`] for the null batch.
    pub fn digest(&self) -> Digest {
        if self.0.is_empty() {
            return Digest::ZERO;
        }
        let requests: Vec<_> = self.0.iter().map(|request| (request.signer(), request.digest())).collect();
        Digest::of(&requests)
    }

    /// Its size on the wire, in bytes.
    pub fn size(&self) -> usize {
        self.0.iter().map(Signed::size).sum()
    }
}

/// PRE-PREPARE(v, s, d): the primary of v proposes d for slot s. It is the primary's vote.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PrePrepare {
    /// The view.
    pub view: View,
    /// The slot.
    pub sequence: Sequence,
    /// The batch's digest.
    pub digest: Digest,
}

/// PREPARE(v, s, d): a backup has accepted the proposal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Prepare {
    /// The view.
    pub view: View,
    /// The slot.
    pub sequence: Sequence,
    /// The batch's digest.
    pub digest: Digest,
}

/// COMMIT(v, s, d): a replica holds a prepared certificate.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Commit {
    /// The view.
    pub view: View,
    /// The slot.
    pub sequence: Sequence,
    /// The batch's digest.
    pub digest: Digest,
}

/// REPLY(v, t, c, r): a replica has executed client c's request t with result r.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Reply {
    /// The replica's view: the client learns who leads.
    pub view: View,
    /// The client.
    pub client: ClientId,
    /// Its request.
    pub timestamp: u64,
    /// The result.
    pub outcome: Outcome,
}

/// CHECKPOINT(s, d): a replica's state after slot s has digest d.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Checkpoint {
    /// The slot.
    pub sequence: Sequence,
    /// The snapshot's digest.
    pub digest: Digest,
}

/// A prepared certificate: the proposal and q − 1 backups' prepares for it.
#[derive(Clone, Debug)]
pub struct Prepared {
    /// The proposal, which is its primary's vote.
    pub pre_prepare: Signed<PrePrepare>,
    /// The backups' votes.
    pub prepares: Vec<Signed<Prepare>>,
}

/// VIEW-CHANGE(v, h, C, P): a replica gives up the views before v.
#[derive(Clone, Debug, Serialize)]
pub struct ViewChange {
    /// The view that it wants.
    pub view: View,
    /// Its low watermark: its last stable checkpoint.
    pub low: Sequence,
    /// Proof of it: a quorum of checkpoints, none for 0.
    pub stable: Vec<Signed<Checkpoint>>,
    /// For every slot above it with a prepared certificate, the one of the highest view, by slot.
    pub prepared: Vec<Rc<Prepared>>,
}

/// NEW-VIEW(v, V, O): the primary of v starts it.
#[derive(Clone, Debug, Serialize)]
pub struct NewView {
    /// The view.
    pub view: View,
    /// A quorum of view changes.
    pub changes: Vec<Signed<ViewChange>>,
    /// What they oblige it to propose again, by slot.
    pub proposals: Vec<Signed<PrePrepare>>,
}

/// STATUS: what a replica has, so that others can send what it lacks.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Status {
    /// Its view.
    pub view: View,
    /// The view that it wants, if it is changing.
    pub changing: Option<View>,
    /// Its low watermark.
    pub low: Sequence,
    /// The last slot that it executed.
    pub last_executed: Sequence,
    /// The slots above `low` that it has not committed, and what it lacks of each. Of those that it has executed,
    /// just what its view proposed again.
    pub open: Vec<Lack>,
    /// For every replica the view of its latest view change that arrived, 0 for none.
    pub heard: Vec<View>,
}

/// What a replica lacks of a slot in its view.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Lack {
    /// The slot.
    pub sequence: Sequence,
    /// True if it lacks the proposal.
    pub pre_prepare: bool,
    /// True if it lacks the batch that the proposal names.
    pub batch: bool,
    /// True if it lacks prepares.
    pub prepares: bool,
}

/// FETCH: a replica that has fallen behind asks for the state after slot s.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Fetch {
    /// The slot.
    pub sequence: Sequence,
    /// The digest that a weak quorum vouches for.
    pub digest: Digest,
}

/// FETCH-BATCH: a replica asks for the batch that a proposal names.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct FetchBatch {
    /// The batch's digest.
    pub digest: Digest,
}

macro_rules! bodies {
    ($($body:ident $name:literal $size:expr;)*) => {$(
        impl Body for $body {
            const KIND: &'static str = concat!("pbft.", $name);
            fn size(&self) -> usize {
                let size: fn(&$body) -> usize = $size;
                size(self)
            }
        }
    )*};
}

bodies! {
    PrePrepare "pre-prepare" |_| 48;
    Prepare "prepare" |_| 48;
    Commit "commit" |_| 48;
    Reply "reply" |reply| 36 + reply.outcome.output_size();
    Checkpoint "checkpoint" |_| 40;
    Status "status" |status| 32 + 10 * status.open.len() + 8 * status.heard.len();
    Fetch "fetch" |_| 40;
    FetchBatch "fetch-batch" |_| 32;
    ViewChange "view-change" |change| 16 + sizes(&change.stable) + change.prepared.iter().map(|p| p.size()).sum::<usize>();
    NewView "new-view" |new| 8 + sizes(&new.changes) + sizes(&new.proposals);
}

fn sizes<B>(signed: &[Signed<B>]) -> usize {
    signed.iter().map(Signed::size).sum()
}

/// The proposal and its voters' numbers say all: every vote carries its own proof.
impl Serialize for Prepared {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let voters: Vec<NodeId> = self.prepares.iter().map(Signed::signer).collect();
        (&self.pre_prepare, voters).serialize(serializer)
    }
}

impl Prepared {
    /// True if it holds its primary's proposal and the votes of q − 1 different backups for it, whoever signed them.
    pub fn is_complete(&self, config: &Config) -> bool {
        let proposal = &self.pre_prepare;
        let primary = config.primary(proposal.view);
        let mut voters: Vec<NodeId> = self.prepares.iter().map(Signed::signer).collect();
        voters.sort_unstable();
        voters.dedup();
        proposal.signer() == primary
            && voters.len() == self.prepares.len()
            && voters.len() + 1 >= config.quorum.strong() as usize
            && voters.iter().all(|voter| voter.0 < config.quorum.n && *voter != primary)
            && self.prepares.iter().all(|vote| {
                (vote.view, vote.sequence, vote.digest) == (proposal.view, proposal.sequence, proposal.digest)
            })
    }

    /// Its size on the wire, in bytes.
    pub fn size(&self) -> usize {
        self.pre_prepare.size() + sizes(&self.prepares)
    }
}

/// A message between nodes.
#[derive(Clone, Debug, Serialize)]
pub enum Message {
    /// A client, or a backup on its behalf, asks.
    Request(Signed<Request>),
    /// A primary proposes a batch.
    PrePrepare(Signed<PrePrepare>, Batch),
    /// A backup votes for a proposal.
    Prepare(Signed<Prepare>),
    /// A replica that holds a prepared certificate votes for committing.
    Commit(Signed<Commit>),
    /// A replica answers a client.
    Reply(Signed<Reply>),
    /// A replica vouches for its state.
    Checkpoint(Signed<Checkpoint>),
    /// A replica gives its view up.
    ViewChange(Signed<ViewChange>),
    /// A primary starts its view.
    NewView(Signed<NewView>),
    /// A replica says what it has and lacks.
    Status(Signed<Status>),
    /// A replica asks for a state.
    Fetch(Signed<Fetch>),
    /// The state after a slot, with the quorum of checkpoints that makes it stable where the sender holds one.
    State(Rc<Snapshot>, Rc<[Signed<Checkpoint>]>),
    /// A replica asks for a batch.
    FetchBatch(Signed<FetchBatch>),
    /// A batch that was asked for.
    Batch(Batch),
    /// What a slot is committed to, with the quorum of commits that proves it, for a replica that cannot vote.
    Committed(Rc<[Signed<Commit>]>, Batch),
    /// A stable checkpoint's proof, whole: single votes may meet a liar's earlier ones, which would count first.
    Stable(Rc<[Signed<Checkpoint>]>),
}

impl KernelMessage for Message {
    const KINDS: &'static [Kind] = &[
        Kind::protocol("request"),
        Kind::protocol("pre-prepare"),
        Kind::protocol("prepare"),
        Kind::protocol("commit"),
        Kind::protocol("reply"),
        Kind::protocol("view-change"),
        Kind::protocol("new-view"),
        Kind::upkeep("checkpoint"),
        Kind::upkeep("status"),
        Kind::upkeep("fetch"),
        Kind::upkeep("state"),
        Kind::upkeep("fetch-batch"),
        Kind::upkeep("batch"),
        Kind::upkeep("committed"),
        Kind::upkeep("stable"),
    ];

    fn kind(&self) -> usize {
        match self {
            Message::Request(_) => 0,
            Message::PrePrepare(..) => 1,
            Message::Prepare(_) => 2,
            Message::Commit(_) => 3,
            Message::Reply(_) => 4,
            Message::ViewChange(_) => 5,
            Message::NewView(_) => 6,
            Message::Checkpoint(_) => 7,
            Message::Status(_) => 8,
            Message::Fetch(_) => 9,
            Message::State(..) => 10,
            Message::FetchBatch(_) => 11,
            Message::Batch(_) => 12,
            Message::Committed(..) => 13,
            Message::Stable(_) => 14,
        }
    }

    fn size(&self) -> usize {
        match self {
            Message::Request(body) => body.size(),
            Message::PrePrepare(body, batch) => body.size() + batch.size(),
            Message::Prepare(body) => body.size(),
            Message::Commit(body) => body.size(),
            Message::Reply(body) => body.size(),
            Message::Checkpoint(body) => body.size(),
            Message::ViewChange(body) => body.size(),
            Message::NewView(body) => body.size(),
            Message::Status(body) => body.size(),
            Message::Fetch(body) => body.size(),
            Message::State(snapshot, proof) => snapshot.size() + sizes(proof),
            Message::FetchBatch(body) => body.size(),
            Message::Batch(batch) => batch.size(),
            Message::Committed(commits, batch) => sizes(commits) + batch.size(),
            Message::Stable(proof) => sizes(proof),
        }
    }

    fn damaged(&self) -> Option<Message> {
        Some(match self {
            Message::Request(body) => Message::Request(body.damaged()?),
            Message::PrePrepare(body, batch) => Message::PrePrepare(body.damaged()?, batch.clone()),
            Message::Prepare(body) => Message::Prepare(body.damaged()?),
            Message::Commit(body) => Message::Commit(body.damaged()?),
            Message::Reply(body) => Message::Reply(body.damaged()?),
            Message::Checkpoint(body) => Message::Checkpoint(body.damaged()?),
            Message::ViewChange(body) => Message::ViewChange(body.damaged()?),
            Message::NewView(body) => Message::NewView(body.damaged()?),
            Message::Status(body) => Message::Status(body.damaged()?),
            Message::Fetch(body) => Message::Fetch(body.damaged()?),
            Message::FetchBatch(body) => Message::FetchBatch(body.damaged()?),
            // Unsigned: what they hold proves itself, and a damaged one is discarded.
            Message::State(..) | Message::Batch(_) | Message::Committed(..) | Message::Stable(_) => {
                return None;
            }
        })
    }

    fn altered(&self, alteration: Alteration, forge: &Forge<'_>) -> Option<Message> {
        alter(self, alteration, forge)
    }
}
