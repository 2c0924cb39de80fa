//! What nodes hold. What they do is implemented in the modules that use this one; it uses none of them.

use super::config::Config;
use super::durable::Corruption;
use super::entry::{ClientId, Entry, Index, Request, Term};
use super::log::{Configurations, Log};
use super::message::Campaign;
use super::progress::Progress;
use super::snapshot::{Sessions, Snapshot};
use serde::Serialize;
use std::collections::VecDeque;
use std::rc::Rc;
use synod_common::workload::Pool;
use synod_log::{CommandSource, LogEvent, StateMachine};
use synod_sim::collections::TreeSet;
use synod_sim::{Context, Duration, NodeId, Recipients, Time};

/// A node: a replica, or a host of clients.
#[derive(Debug)]
pub enum Raft {
    /// One of the first nodes.
    Replica(Box<Replica>),
    /// One of the others.
    Clients(Box<ClientHost>),
}

/// What a handler can do.
pub(super) type Ctx<'a> = Context<'a, Raft>;

/// Timers.
#[derive(Copy, Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub enum Timer {
    /// A replica: the election timeout.
    Election,
    /// A leader: time for heartbeats.
    Heartbeat,
    /// A replica: a planned change is due.
    Change(u32),
    /// A leader: a leadership transfer has timed out.
    Transfer,
    /// A leader: the machine's deadline.
    Tick,
    /// A client: the request has timed out. Clients are identified by their place.
    Retry(u32),
    /// A client: its thinking time is over.
    Think(u32),
    /// A client host: the next arrival.
    Arrival,
}

// ---- Replicas ----

/// A replica.
#[derive(Debug)]
pub struct Replica {
    pub(super) config: Rc<Config>,
    pub(super) me: NodeId,
    // Durable.
    pub(super) term: Term,
    pub(super) voted_for: Option<NodeId>,
    pub(super) log: Log,
    pub(super) snapshot: Rc<Snapshot>,
    /// Corruption of the storage, if any: a corrupt replica stops.
    pub(super) corruption: Option<Corruption>,
    // What follows from the log.
    pub(super) configurations: Configurations,
    pub(super) commit: Index,
    pub(super) applied: Index,
    pub(super) machine: Box<dyn StateMachine>,
    /// By how much the machine's time may lag; `None` if it knows no time.
    pub(super) lag: Option<Duration>,
    pub(super) sessions: Sessions,
    // Volatile.
    pub(super) role: Role,
    /// Leader of the current term, if known.
    pub(super) leader: Option<NodeId>,
    /// Time of the leader's last message, by this node's clock; conservatively also that of the restart.
    pub(super) heard_at: Option<Time>,
    /// When the election timeout ends, by this node's clock.
    pub(super) deadline: Time,
    /// The planned changes of members whose time has come, by their place in the plan.
    pub(super) due: TreeSet<u32>,
    /// Scratch for counting majorities.
    pub(super) levels: Vec<u64>,
    /// What the protocol that hosts the log has not heard yet; empty if none does.
    pub(super) events: VecDeque<LogEvent>,
}

/// Role of a replica.
#[derive(Debug)]
pub enum Role {
    /// A follower.
    Follower,
    /// A candidate, or in pre-vote.
    Candidate(Candidacy),
    /// The leader.
    Leader(Box<Leadership>),
}

/// The votes or pre-votes of a candidate.
#[derive(Debug)]
pub struct Candidacy {
    /// The kind of campaign.
    pub(super) kind: Campaign,
    /// Voters that have granted, itself included.
    pub(super) granted: Vec<NodeId>,
    /// Voters that have answered.
    pub(super) answered: Vec<NodeId>,
}

/// A leader's volatile state.
#[derive(Debug)]
pub struct Leadership {
    /// The index of its first entry, which commits what came before.
    pub(super) first_index: Index,
    /// Nodes that it replicates to: all other members, and those that the latest change removes until that is
    /// committed.
    pub(super) peers: Rc<[NodeId]>,
    /// Replication progress of every replica; meaningful for peers alone.
    pub(super) progress: Vec<Progress>,
    pub(super) pending_reads: PendingReads,
    pub(super) transfer: Option<Transfer>,
    /// The last tick in its log, or the machine's time if that is later; zero for a machine without a clock.
    pub(super) last_tick: Time,
    /// The deadline for which the timer of ticks is set.
    pub(super) tick_due: Option<Time>,
    /// Scratch: the peers that the next message goes to.
    pub(super) group: Vec<NodeId>,
}

impl Leadership {
    /// Those of the group, for a message to them.
    pub(super) fn recipients(&self) -> Recipients {
        match self.group[..] {
            [one] => Recipients::One(one),
            _ if self.group.len() == self.peers.len() => Recipients::List(Rc::clone(&self.peers)),
            _ => Recipients::List(self.group.as_slice().into()),
        }
    }
}

/// A leader's heartbeat rounds, and the reads that wait for one.
#[derive(Debug, Default)]
pub(super) struct PendingReads {
    /// The latest round begun.
    pub(super) begun: u64,
    /// The latest that a majority has confirmed.
    pub(super) confirmed: u64,
    /// Reads with the round that each waits for, in that order.
    pub(super) waiting: VecDeque<(u64, Read)>,
    /// Reads that came before the first entry of the term was committed, with who asked.
    pub(super) deferred: Vec<(NodeId, Request)>,
    /// When the rounds began that are not confirmed yet, by this node's clock; of interest for leases alone.
    pub(super) begun_at: VecDeque<(u64, Time)>,
    /// When the lease began: when the confirmed round did.
    pub(super) lease_from: Option<Time>,
    /// True once this leader has sent TimeoutNow, whose receiver need not wait for the lease.
    pub(super) lease_is_lost: bool,
    /// The empty list of entries that heartbeats carry.
    pub(super) nothing: Rc<[Rc<Entry>]>,
}

/// A read that waits.
#[derive(Debug)]
pub(super) struct Read {
    /// Who asked.
    pub(super) from: NodeId,
    pub(super) request: Request,
    pub(super) index: Index,
}

impl PendingReads {
    /// The round that messages name.
    pub(super) fn round(&self) -> u64 {
        self.begun
    }
}

/// A leadership transfer in progress, during which the leader rejects requests.
#[derive(Debug)]
pub(super) struct Transfer {
    pub(super) target: NodeId,
    /// True once TimeoutNow was sent.
    pub(super) is_told: bool,
}

// ---- Clients ----

/// A host of clients.
#[derive(Debug)]
pub struct ClientHost {
    pub(super) config: Rc<Config>,
    pub(super) pool: Pool,
    /// The leader, as far as it knows.
    pub(super) leader: NodeId,
    /// The replica asked last in rotation: hints, which can be circular, do not count.
    pub(super) turn: NodeId,
    /// Its clients, by place: the first has the host's own place among the hosts.
    pub(super) clients: Vec<Client>,
}

/// One client.
#[derive(Debug)]
pub(super) struct Client {
    pub(super) id: ClientId,
    pub(super) sequence: u64,
    pub(super) source: Box<dyn CommandSource>,
    pub(super) outstanding: Option<Outstanding>,
}

/// An outstanding operation.
#[derive(Debug)]
pub(super) struct Outstanding {
    pub(super) request: Request,
    /// The replica that it was last sent to.
    pub(super) asked: NodeId,
    /// Number of redirections since the timer was last armed.
    pub(super) redirections: u32,
    /// Timeout of the present attempt.
    pub(super) wait: Duration,
    /// Time waited before the present attempt.
    pub(super) waited: Duration,
}
