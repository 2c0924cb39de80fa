//! PBFT as the simulator runs it.

use super::attack;
use super::config::{Config, Workload};
use super::durable::Record;
use super::message::Message;
use super::observation::Observation;
use super::state::{ClientHost, Pbft, Replica, Timer};
use std::rc::Rc;
use synod_sim::inject::Interceptor;
use synod_sim::{Attack, Context, Durable, Insiders, NodeId, Protocol};

impl Protocol for Pbft {
    type Config = Config;
    type Message = Message;
    type Timer = Timer;
    type Record = Record;
    type Observation = Observation;

    fn new(config: &Rc<Config>, me: NodeId, nodes: usize, _: u64, durable: Durable<'_, Record>) -> Pbft {
        assert_eq!(config.nodes(), nodes, "every replica and client host is a node");
        config.assert_sound();
        if me.0 < config.quorum.n {
            Pbft::Replica(Box::new(Replica::new(Rc::clone(config), me, durable)))
        } else {
            Pbft::Clients(Box::new(ClientHost::new(Rc::clone(config), me)))
        }
    }

    fn on_start(&mut self, ctx: &mut Context<'_, Pbft>) {
        match self {
            Pbft::Replica(replica) => replica.on_start(ctx),
            Pbft::Clients(host) => host.on_start(ctx),
        }
    }

    fn on_message(&mut self, ctx: &mut Context<'_, Pbft>, from: NodeId, message: &Message) {
        match self {
            Pbft::Replica(replica) => replica.on_message(ctx, from, message),
            Pbft::Clients(host) => host.on_message(ctx, message),
        }
    }

    fn on_timer(&mut self, ctx: &mut Context<'_, Pbft>, timer: Timer) {
        match self {
            Pbft::Replica(replica) => replica.on_timer(ctx, timer),
            Pbft::Clients(host) => host.on_timer(ctx, timer),
        }
    }

    fn state(&self) -> Option<&dyn std::fmt::Debug> {
        Some(match self {
            Pbft::Replica(replica) => replica,
            Pbft::Clients(host) => host,
        })
    }

    fn leader(&self) -> Option<(u64, NodeId)> {
        match self {
            Pbft::Replica(replica) => Some((replica.view(), replica.primary())),
            Pbft::Clients(_) => None,
        }
    }

    /// A twin proposes differently: as a primary the same requests in another batch, as a session's initiator another
    /// valid value.
    fn twin(config: &Rc<Config>, life: u32) -> Rc<Config> {
        let mut told = Config { life, ..Config::clone(config) };
        if let Workload::Session(session) = &mut told.workload {
            let (least, most) = (*session.valid.start(), *session.valid.end());
            let from_least = session.operation.value.saturating_sub(least);
            let place = (u128::from(from_least) + u128::from(life)) % (u128::from(most - least) + 1);
            session.operation.value = least + place as u64;
        }
        Rc::new(told)
    }

    const ATTACKS: &'static [Attack] = attack::ATTACKS;

    fn attack(name: &str, insiders: Insiders<Pbft>) -> Box<dyn Interceptor<Message>> {
        attack::mount(name, insiders)
    }

    fn retained_bytes(&self) -> usize {
        match self {
            Pbft::Replica(replica) => replica.retained_bytes(),
            Pbft::Clients(_) => 0,
        }
    }
}
