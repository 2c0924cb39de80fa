//! Raft: a majority of the members agrees on a log though the others crash and come back, and the network loses,
//! delays and reorders. Replicas keep a key-value store by it, and clients record what they see.
//!
//! Sources: D. Ongaro and J. Ousterhout, *In Search of an Understandable Consensus Algorithm*, USENIX ATC 2014; D.
//! Ongaro, *Consensus: Bridging Theory and Practice*, PhD thesis, Stanford 2014.

mod bug;
mod config;
mod durable;
mod entry;
mod membership;
mod message;
mod observation;
mod session;
mod snapshot;

pub use bug::Bug;
pub use config::{Change, Clients, Config, Reads};
pub use durable::{Corruption, Record};
pub use entry::{Entry, Index, Payload, Term};
pub use membership::Configuration;
pub use message::{
    Answer, Append, AppendReply, Campaign, ClientId, InstallSnapshot, Message, Outcome, Reply, Request,
    RequestVote, Vote,
};
pub use observation::{MARKS, Observation, Reason};
pub use session::Sessions;
pub use snapshot::Snapshot;

use crate::sim::{Context, Durable, NodeId, Protocol};
use serde::Serialize;
use std::rc::Rc;

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
pub struct Raft;

impl Protocol for Raft {
    type Config = Config;
    type Message = Message;
    type Timer = Timer;
    type Record = Record;
    type Observation = Observation;

    fn new(config: &Rc<Config>, _: NodeId, nodes: usize, _: Durable<'_, Record>) -> Raft {
        assert_eq!(config.nodes(), nodes, "every replica and client host is a node");
        config.assert_sound();
        Raft
    }

    fn on_start(&mut self, _: &mut Context<'_, Raft>) {}

    fn on_message(&mut self, _: &mut Context<'_, Raft>, _: NodeId, _: &Message) {}

    fn on_timer(&mut self, _: &mut Context<'_, Raft>, _: Timer) {}
}
