//! Messages of replicas and clients. A signature covers a body; a message carries bodies.

use super::ledger::{ClientId, Operation, Outcome, Sequence, Snapshot};
use super::quorum::Quorum;
use serde::{Serialize, Serializer};
use std::rc::Rc;
use synod_sim::{Body, Digest, NodeId, OperationId, Signed, sort};

/// A view's number.
pub type View = u64;

/// REQUEST(o, t, c): client c wants o done; t rises strictly with each of its requests.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Request {
    /// The client.
    pub client: ClientId,
    /// Its timestamp.
    pub timestamp: u64,
    /// The operation.
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

/// The digest of the null batch.
pub const NULL_BATCH: Digest = Digest::ZERO;

/// PRE-PREPARE(v, s, d): the primary of v proposes d for slot s. It counts as the primary's prepare.
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

/// VIEW-CHANGE(v, h, C, P): a replica moves to view v.
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
    /// The set O of proposals that follow from them, by slot.
    pub proposals: Vec<Signed<PrePrepare>>,
}

/// STATUS: the state of a replica, so that others can retransmit what it misses.
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
    /// The slots above `low` that it has not committed, and what it misses of each; of executed slots, only those that
    /// its view proposed again.
    pub open: Vec<MissingParts>,
    /// For every replica the view of its latest view change that arrived, 0 for none.
    pub heard: Vec<View>,
}

/// The parts of a slot that a replica misses in its view.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Serialize)]
pub struct MissingParts {
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

pub(super) fn sizes<B>(signed: &[Signed<B>]) -> usize {
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
    /// Returns true if it holds its primary's proposal and the prepares of q − 1 distinct backups; signatures are
    /// checked elsewhere.
    pub fn is_complete(&self, quorum: Quorum) -> bool {
        let proposal = &self.pre_prepare;
        let primary = quorum.primary(proposal.view);
        let voters = sort::distinct(self.prepares.iter().map(Signed::signer).collect());
        proposal.signer() == primary
            && voters.len() == self.prepares.len()
            && voters.len() + 1 >= quorum.strong() as usize
            && voters.iter().all(|voter| voter.0 < quorum.n && *voter != primary)
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
    /// A replica's checkpoint vote.
    Checkpoint(Signed<Checkpoint>),
    /// A replica's view change.
    ViewChange(Signed<ViewChange>),
    /// A primary starts its view.
    NewView(Signed<NewView>),
    /// A replica's status.
    Status(Signed<Status>),
    /// A replica asks for a state.
    Fetch(Signed<Fetch>),
    /// The state after a slot, with the quorum of checkpoints that makes it stable where the sender holds one.
    State(Rc<Snapshot>, Rc<[Signed<Checkpoint>]>),
    /// A replica asks for a batch.
    FetchBatch(Signed<FetchBatch>),
    /// A batch that was asked for.
    Batch(Batch),
    /// A proof of commitment: a quorum of commits with the batch, for a replica that cannot vote.
    Committed(Rc<[Signed<Commit>]>, Batch),
    /// A stable checkpoint's complete proof: single votes might collide with a faulty replica's earlier ones.
    Stable(Rc<[Signed<Checkpoint>]>),
}
