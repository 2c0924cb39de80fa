//! A node at work: what it hears, and what it waits for, goes to its roles.

use super::agent::Response;
use super::attack;
use super::config::{Config, Method};
use super::durable::Record;
use super::leader_election;
use super::message::{Message, Timer};
use super::observation::{Observation, Reason};
use super::state::{Agent, Agreement, Coordinator, Iterative, Role};
use std::rc::Rc;
use synod_common::schedule::Item;
use synod_sim::inject::Interceptor;
use synod_sim::{Attack, Context, Durable, Insiders, NodeId, Protocol};

impl Protocol for Iterative {
    type Config = Config;
    type Message = Message;
    type Timer = Timer;
    type Record = Record;
    type Observation = Observation;

    fn new(config: &Rc<Config>, me: NodeId, nodes: usize, _: u64, durable: Durable<'_, Record>) -> Iterative {
        assert_eq!(config.agents.len(), nodes, "every agent is a node");
        config.assert_sound();
        let coordinates = me == config.coordinator || config.failover.is_some();
        let role = match config.method {
            Method::Agreement { .. } => Role::Agreeing(Agreement::new(config, me, durable.records)),
            Method::Refinement => Role::Refining {
                agent: Agent::new(config, me, durable.records),
                coordinator: coordinates.then(|| Box::new(Coordinator::new(config, me, durable.records))),
            },
        };
        Iterative { config: Rc::clone(config), role, agenda: config.schedule.agenda() }
    }

    fn on_start(&mut self, ctx: &mut Context<'_, Iterative>) {
        if let Role::Refining { agent, coordinator: Some(coordinator) } = &mut self.role {
            coordinator.recover(ctx, agent);
        }
        self.open(ctx);
    }

    fn on_message(&mut self, ctx: &mut Context<'_, Iterative>, from: NodeId, message: &Message) {
        match (&mut self.role, message) {
            (Role::Refining { agent, coordinator: Some(coordinator) }, message) => match message {
                Message::Proposal(proposal) => coordinator.on_proposal(ctx, agent, proposal),
                Message::Review(review) => coordinator.on_review(ctx, agent, review),
                Message::Ask(session) => coordinator.on_ask(ctx, from, *session),
                _ if agent.election.is_some() => {
                    leader_election::on_message(ctx, agent, coordinator, from, message)
                }
                _ => stray(ctx, from),
            },
            (Role::Refining { agent, coordinator: None }, message) => {
                let response = match message {
                    Message::Call(call) => agent.on_call(ctx, from, call),
                    Message::Gathered(gathered) => agent.on_gathered(ctx, from, gathered),
                    Message::Result(result) => return agent.on_result(ctx, from, result),
                    _ => return stray(ctx, from),
                };
                if let Some(response) = response {
                    response.send(ctx, from);
                }
            }
            (Role::Agreeing(agreement), Message::Estimate(estimate)) => {
                agreement.on_estimate(ctx, from, estimate)
            }
            (Role::Agreeing(_), _) => stray(ctx, from),
        }
    }

    fn on_timer(&mut self, ctx: &mut Context<'_, Iterative>, timer: Timer) {
        match (&mut self.role, timer) {
            (_, Timer::Open) => self.open(ctx),
            (Role::Agreeing(agreement), Timer::Round(session)) => agreement.finish_round(ctx, session),
            (Role::Refining { agent, coordinator: Some(coordinator) }, timer) => match timer {
                Timer::Thought(session) => {
                    let response = agent.on_thought(ctx, session).map(Response::New);
                    coordinator.route_response(ctx, agent, response);
                }
                Timer::Waited(session) if agent.election.is_some() => {
                    agent.on_waited(ctx, session);
                    if !agent.awaits(session) {
                        coordinator.step_down(ctx);
                    }
                }
                Timer::Waited(session) if !coordinator.leads(session) => agent.on_waited(ctx, session),
                Timer::Failover => leader_election::campaign(ctx, agent, coordinator),
                Timer::Heartbeat(session) => coordinator.on_heartbeat_timer(ctx, agent, session),
                Timer::Remind(session) => coordinator.remind(ctx, session),
                Timer::Phase(session) => coordinator.on_phase_timeout(ctx, agent, session),
                Timer::Grace(session) => coordinator.on_grace_over(ctx, agent, session),
                Timer::Deadline(session) => coordinator.on_deadline(ctx, agent, session),
                _ => {}
            },
            (Role::Refining { agent, coordinator: None }, Timer::Thought(session)) => {
                if let Some(answer) = agent.on_thought(ctx, session) {
                    Response::New(answer).send(ctx, self.config.coordinator);
                }
            }
            (Role::Refining { agent, coordinator: None }, Timer::Waited(session)) => {
                agent.on_waited(ctx, session)
            }
            (_, timer) => unreachable!("nobody of this role arms {timer:?}"),
        }
    }

    fn state(&self) -> Option<&dyn std::fmt::Debug> {
        Some(self)
    }

    fn leader(&self) -> Option<(u64, NodeId)> {
        match &self.role {
            Role::Refining { agent, .. } => Some((agent.term(), agent.leader())),
            Role::Agreeing(_) => Some((0, self.config.coordinator)),
        }
    }

    /// A twin has another opinion.
    fn twin(config: &Rc<Config>, life: u32) -> Rc<Config> {
        Rc::new(Config { life, ..Config::clone(config) })
    }

    const ATTACKS: &'static [Attack] = attack::ATTACKS;

    fn attack(name: &str, insiders: Insiders<Iterative>) -> Box<dyn Interceptor<Message>> {
        attack::mount(name, insiders)
    }

    fn retained_bytes(&self) -> usize {
        match &self.role {
            Role::Agreeing(agreement) => agreement.retained_bytes(),
            Role::Refining { agent, coordinator } => {
                agent.retained_bytes() + coordinator.as_ref().map_or(0, |chair| chair.retained_bytes())
            }
        }
    }
}

impl Iterative {
    /// Opens all sessions that are due, and sets the timer for the next.
    fn open(&mut self, ctx: &mut Context<'_, Iterative>) {
        loop {
            let session = match self.agenda.take(ctx.now()) {
                Item::Opens(session) => session,
                Item::In(wait) => return ctx.set_timer(Timer::Open, wait),
                Item::Nothing => return,
            };
            match &mut self.role {
                Role::Agreeing(agreement) => agreement.open(ctx, session),
                Role::Refining { agent, coordinator } => {
                    agent.open(ctx, session);
                    if let Some(coordinator) = coordinator
                        && agent.may_open()
                    {
                        coordinator.open(ctx, agent, session);
                    }
                }
            }
        }
    }
}

/// Rejects a message that its receiver does not handle.
fn stray(ctx: &mut Context<'_, Iterative>, from: NodeId) {
    ctx.observe(Observation::Rejected { reason: Reason::WrongSender, from });
}
