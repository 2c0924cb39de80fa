//! Raft: a majority of the members agrees on a log though the others crash and come back, and the network loses,
//! delays and reorders. Replicas keep a key-value store by it, and clients record what they see.
//!
//! Sources: D. Ongaro and J. Ousterhout, *In Search of an Understandable Consensus Algorithm*, USENIX ATC 2014; D.
//! Ongaro, *Consensus: Bridging Theory and Practice*, PhD thesis, Stanford 2014.
//!
//! The life of a command: a `client` sends it to whoever it takes for the leader (`replica`); the leader puts it into
//! its log and makes the others' logs like it (`replication`, `progress`); once a majority holds it, it is committed
//! and every replica executes it, once (`apply`, `session`). A leader that falls silent is replaced (`election`)
//! or steps aside (`transfer`); reads need not pass through the log (`read`); snapshots let the log forget
//! (`snapshot`); members change one set for another (`membership`, `reconfiguration`); and a replica that crashes
//! finds its promises in storage (`durable`).

mod apply;
mod bug;
mod client;
mod config;
mod durable;
mod election;
mod entry;
#[cfg(feature = "harness")]
pub mod harness;
mod log;
mod membership;
mod message;
mod observation;
pub mod oracle;
mod progress;
mod read;
mod reconfiguration;
mod replica;
mod replication;
mod session;
mod snapshot;
mod transfer;

pub use bug::Bug;
pub use client::ClientHost;
pub use config::{Change, Clients, Config, Reads};
pub use durable::{Corruption, Record};
pub use election::Candidacy;
pub use entry::{Entry, Index, Payload, Term};
pub use membership::{Configuration, majority};
pub use message::{
    Answer, Append, AppendReply, Campaign, ClientId, InstallSnapshot, Message, Outcome, Reply, Request,
    RequestVote, Vote,
};
pub use observation::{MARKS, Observation, Reason};
pub use replica::{Replica, Role};
pub use replication::Leadership;
pub use session::Sessions;
pub use snapshot::Snapshot;

use serde::Serialize;
use std::rc::Rc;
use synod_sim::{Context, Durable, NodeId, Protocol};

/// What a timer is for.
#[derive(Copy, Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub enum Timer {
    /// A replica: the leader may have been silent for too long.
    Election,
    /// A leader: time to say that it leads.
    Heartbeat,
    /// A replica: this change of the plan is due.
    Change(u32),
    /// A leader: the one that it wants to lead has not taken over.
    Transfer,
    /// A client: the answer has taken too long. Clients are named by their place.
    Retry(u32),
    /// A client: it has thought long enough.
    Think(u32),
    /// A client host: the next operation arises.
    Arrival,
}

/// A node: a replica, or a host of clients.
#[derive(Debug)]
pub enum Raft {
    /// One of the first nodes.
    Replica(Box<Replica>),
    /// One of the others.
    Clients(Box<ClientHost>),
}

impl Protocol for Raft {
    type Config = Config;
    type Message = Message;
    type Timer = Timer;
    type Record = Record;
    type Observation = Observation;

    fn new(config: &Rc<Config>, me: NodeId, nodes: usize, durable: Durable<'_, Record>) -> Raft {
        assert_eq!(config.nodes(), nodes, "every replica and client host is a node");
        config.assert_sound();
        if me.0 < config.replicas {
            Raft::Replica(Box::new(Replica::new(Rc::clone(config), me, durable)))
        } else {
            Raft::Clients(Box::new(ClientHost::new(Rc::clone(config), me)))
        }
    }

    fn on_start(&mut self, ctx: &mut Context<'_, Raft>) {
        match self {
            Raft::Replica(replica) => replica.on_start(ctx),
            Raft::Clients(host) => host.on_start(ctx),
        }
    }

    fn on_message(&mut self, ctx: &mut Context<'_, Raft>, from: NodeId, message: &Message) {
        match self {
            Raft::Replica(replica) => replica.on_message(ctx, from, message),
            Raft::Clients(host) => host.on_message(ctx, from, message),
        }
    }

    fn on_timer(&mut self, ctx: &mut Context<'_, Raft>, timer: Timer) {
        match self {
            Raft::Replica(replica) => replica.on_timer(ctx, timer),
            Raft::Clients(host) => host.on_timer(ctx, timer),
        }
    }

    fn state(&self) -> Option<&dyn std::fmt::Debug> {
        Some(match self {
            Raft::Replica(replica) => replica,
            Raft::Clients(host) => host,
        })
    }

    fn leader(&self) -> Option<(u64, NodeId)> {
        match self {
            Raft::Replica(replica) => Some((replica.term(), replica.leader()?)),
            Raft::Clients(_) => None,
        }
    }

    fn retained_bytes(&self) -> usize {
        match self {
            Raft::Replica(replica) => replica.retained_bytes(),
            Raft::Clients(_) => 0,
        }
    }
}
