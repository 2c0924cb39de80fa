//! What nodes hold. What they do is implemented in the modules that use this one; it uses none of them.

use super::config::Config;
use super::ledger::{ClientId, ClientTable, Ledger, Outcome, Sequence, Snapshot};
use super::log::Log;
use super::message::{Checkpoint, NewView, Request, View, ViewChange};
use super::pending::Pending;
use super::votes::Checkpoints;
use serde::Serialize;
use std::rc::Rc;
use synod_common::kv::Generator;
use synod_common::workload::Pool;
use synod_sim::collections::{SortedMap, SortedSet, TreeMap};
use synod_sim::{Context, CoverageMark, Digest, Duration, NodeId, Signed, Time};

/// A node: a replica, or a host of clients.
#[derive(Debug)]
pub enum Pbft {
    /// One of the first n nodes.
    Replica(Box<Replica>),
    /// One of the others.
    Clients(Box<ClientHost>),
}

/// What a handler can do.
pub(super) type Ctx<'a> = Context<'a, Pbft>;

/// Timers.
#[derive(Copy, Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub enum Timer {
    /// A replica: the request timer, or the timer of a view change.
    Progress,
    /// A primary: the batch delay is over.
    Batch,
    /// A replica: time for STATUS.
    Status,
    /// A replica: a state transfer has timed out.
    Fetch,
    /// A replica: a session's deadline.
    Deadline,
    /// A session's initiator: time to propose.
    Propose,
    /// A client, or a session's initiator: the request has timed out.
    Retry(ClientId),
    /// A client: its thinking time is over.
    Think(ClientId),
    /// A client host: the next arrival.
    Arrival,
}

// ---- Replicas ----

/// A replica.
#[derive(Debug)]
pub struct Replica {
    pub(super) config: Rc<Config>,
    pub(super) me: NodeId,
    pub(super) view: View,
    pub(super) mode: Mode,
    /// j: the number of consecutive view changes without a new execution.
    pub(super) attempt: u32,
    pub(super) progress_timer: ProgressTimer,
    /// h: the low watermark, with its proof.
    pub(super) low: Sequence,
    pub(super) stable: Rc<[Signed<Checkpoint>]>,
    pub(super) checkpoints: Checkpoints,
    pub(super) snapshots: SortedMap<Sequence, Rc<Snapshot>>,
    pub(super) fetching: Option<Fetching>,
    pub(super) log: Log,
    pub(super) last_executed: Sequence,
    /// The last executed slot at the last STATUS.
    pub(super) executed_at_status: Sequence,
    /// The highest slot that it knew of at its last STATUS.
    pub(super) known_at_status: Sequence,
    pub(super) ledger: Ledger,
    pub(super) clients: ClientTable,
    pub(super) pending: Pending,
    /// The slot of the next proposal, where this replica is the primary.
    pub(super) next_sequence: Sequence,
    pub(super) batch_armed: bool,
    /// The latest view change of every replica, this one's own included.
    pub(super) changes: Vec<Option<Signed<ViewChange>>>,
    /// NEW-VIEW of the current view; none for view 0.
    pub(super) new_view: Option<Signed<NewView>>,
    pub(super) answered: Answered,
    pub(super) proven: Proven,
    /// Retry interval of this replica's own session proposal.
    pub(super) retry: Duration,
    pub(super) recovered: bool,
    pub(super) decided: bool,
}

/// Mode of a replica.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub enum Mode {
    /// Normal operation in its view.
    Normal,
    /// Changing to this view.
    Changing(View),
}

/// State of the progress timer: what it runs for.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub(super) enum ProgressTimer {
    /// It does not run.
    Idle,
    /// The execution of the request with this arrival number.
    Request(u64),
    /// Waiting for a quorum of view changes.
    AwaitingQuorum,
    /// The new view, and something new executed in it.
    Attempt,
}

/// A state transfer in progress.
#[derive(Debug)]
pub(super) struct Fetching {
    pub(super) sequence: Sequence,
    pub(super) digest: Digest,
    /// Replicas that have signed its checkpoint, and whose turn it is.
    pub(super) signers: Vec<NodeId>,
    pub(super) turn: usize,
}

/// Replicas that are proven faulty, with the kind of proof.
pub(super) type Proven = SortedSet<(NodeId, &'static CoverageMark)>;

/// When each peer was last answered, and what it had executed then: one answer a peer every half period, so that a
/// flood of STATUS costs little.
#[derive(Debug, Default)]
pub(super) struct Answered(pub(super) SortedMap<NodeId, (Time, Sequence)>);

// ---- Clients ----

/// A host of clients.
#[derive(Debug)]
pub struct ClientHost {
    pub(super) config: Rc<Config>,
    pub(super) pool: Pool,
    /// The latest view known from replies.
    pub(super) view: View,
    pub(super) clients: TreeMap<ClientId, Client>,
}

/// One client.
#[derive(Debug)]
pub(super) struct Client {
    pub(super) timestamp: u64,
    pub(super) outstanding: Option<Outstanding>,
    /// Generator of its commands, with a key-value store.
    pub(super) generator: Option<Generator>,
}

/// An outstanding request.
#[derive(Debug)]
pub(super) struct Outstanding {
    pub(super) request: Signed<Request>,
    /// Reply of each replica, with its view.
    pub(super) replies: SortedMap<NodeId, (Outcome, View)>,
    pub(super) retry: Duration,
}
