//! The state machine of a node: it passes messages and timers to its roles, voter and coordinator.

use super::attack;
use super::config::Config;
use super::durable::Record;
use super::message::{Message, Timer};
use super::observation::{Observation, Reason};
use super::state::{Coordinator, Voter, Weighted};
use std::rc::Rc;
use synod_common::schedule::Item;
use synod_sim::inject::Interceptor;
use synod_sim::{Attack, Context, Durable, Insiders, NodeId, Protocol};

impl Protocol for Weighted {
    type Config = Config;
    type Message = Message;
    type Timer = Timer;
    type Record = Record;
    type Observation = Observation;

    fn new(config: &Rc<Config>, me: NodeId, nodes: usize, _: u64, durable: Durable<'_, Record>) -> Weighted {
        assert_eq!(config.voters(), nodes, "every voter is a node");
        config.assert_sound();
        let is_coordinator = me == config.coordinator;
        Weighted {
            config: Rc::clone(config),
            voter: Voter::new(config, me, durable.records),
            coordinator: is_coordinator.then(|| Box::new(Coordinator::new(config, durable.records))),
            agenda: config.schedule.agenda(),
        }
    }

    fn on_start(&mut self, ctx: &mut Context<'_, Weighted>) {
        if let Some(coordinator) = &mut self.coordinator {
            coordinator.recover(ctx, &mut self.voter);
        }
        self.open(ctx);
    }

    fn on_message(&mut self, ctx: &mut Context<'_, Weighted>, from: NodeId, message: &Message) {
        let Weighted { voter, coordinator, .. } = self;
        match (message, coordinator) {
            (Message::Request(proposal), None) => voter.on_request(ctx, from, proposal),
            (Message::Result(result), None) => voter.on_result(ctx, from, result),
            (Message::Vote(vote), Some(coordinator)) => coordinator.on_vote(ctx, voter, vote),
            (Message::Ask(session, vote), Some(coordinator)) => {
                coordinator.on_ask(ctx, voter, from, *session, vote.as_ref());
            }
            (Message::Vote(_) | Message::Ask(..), None)
            | (Message::Request(_) | Message::Result(_), Some(_)) => {
                ctx.observe(Observation::Rejected { reason: Reason::WrongSender, from });
            }
        }
    }

    fn on_timer(&mut self, ctx: &mut Context<'_, Weighted>, timer: Timer) {
        let Weighted { voter, coordinator, .. } = self;
        match (timer, coordinator) {
            (Timer::Open, _) => self.open(ctx),
            (Timer::Waited(session), _) => voter.on_waited(ctx, session),
            (Timer::Thought(session), Some(coordinator)) => {
                if let Some(vote) = voter.vote(ctx, session) {
                    coordinator.on_vote(ctx, voter, &vote);
                }
            }
            (Timer::Thought(session), None) => {
                if let Some(vote) = voter.vote(ctx, session) {
                    ctx.send(self.config.coordinator, Message::Vote(vote));
                }
            }
            (Timer::HalfTime(session), Some(coordinator)) => coordinator.on_half_time(ctx, voter, session),
            (Timer::Deadline(session), Some(coordinator)) => coordinator.on_deadline(ctx, voter, session),
            (Timer::HalfTime(_) | Timer::Deadline(_), None) => {
                unreachable!("only the coordinator arms its timers")
            }
        }
    }

    fn state(&self) -> Option<&dyn std::fmt::Debug> {
        Some(self)
    }

    fn leader(&self) -> Option<(u64, NodeId)> {
        Some((0, self.config.coordinator))
    }

    /// Returns the configuration of a node's twin, which votes for another option.
    fn twin(config: &Rc<Config>, life: u32) -> Rc<Config> {
        Rc::new(Config { life, ..Config::clone(config) })
    }

    const ATTACKS: &'static [Attack] = attack::ATTACKS;

    fn attack(name: &str, insiders: Insiders<Weighted>) -> Box<dyn Interceptor<Message>> {
        attack::mount(name, insiders)
    }

    fn retained_bytes(&self) -> usize {
        self.voter.retained_bytes() + self.coordinator.as_ref().map_or(0, |role| role.retained_bytes())
    }
}

impl Weighted {
    /// Opens all sessions that are due, and arms the timer for the next.
    fn open(&mut self, ctx: &mut Context<'_, Weighted>) {
        loop {
            let session = match self.agenda.take(ctx.now()) {
                Item::Opens(session) => session,
                Item::In(wait) => return ctx.set_timer(Timer::Open, wait),
                Item::Nothing => return,
            };
            self.voter.open(ctx, session);
            if let Some(coordinator) = &mut self.coordinator {
                coordinator.open(ctx, &mut self.voter, session);
            }
        }
    }
}
