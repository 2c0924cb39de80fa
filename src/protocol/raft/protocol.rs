//! Raft as the simulator runs it.

use super::config::Config;
use super::durable::Record;
use super::message::Message;
use super::observation::Observation;
use super::state::{ClientHost, Raft, Replica, Timer};
use std::rc::Rc;
use synod_sim::{Context, Durable, NodeId, Protocol};

impl Protocol for Raft {
    type Config = Config;
    type Message = Message;
    type Timer = Timer;
    type Record = Record;
    type Observation = Observation;

    fn new(config: &Rc<Config>, me: NodeId, nodes: usize, _: u64, durable: Durable<'_, Record>) -> Raft {
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
