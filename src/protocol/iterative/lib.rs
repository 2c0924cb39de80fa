//! Iterative refinement: agents propose, review each other's proposals, and move towards the best one, round by round,
//! until they have converged.
//!
//! The life of a session: the coordinator calls a round ([`coordinator`]); every agent proposes what it thinks
//! ([`agent`]); the proposals are handed out, each to k agents that a seeded circulant assigns to it ([`assignment`]);
//! their reviews make its score, a mean without what liars could have made up ([`score`]); the best proposal so far is
//! selected, and keeps its score until a better one comes. The round says how far the agents have come towards each
//! other: how dispersed the proposals are, by distances that suit their type ([`Domain::distance`]), how far the selection
//! has moved, and how much of it is approved ([`measure`]). A phase ends once all have answered, or n − f and its time is
//! up ([`gathering`]); what still comes is late, and counts for nothing.
//!
//! The coordinator is trusted. Agents may be silent, or lie; up to f of them move no score out of the range of the honest
//! reviews, and delay no phase beyond its time. If the coordinator crashes its sessions are given up or, where agents do
//! not lie, another one leads on from where it was ([`succession`]).
//!
//! Numbers can be agreed upon without a coordinator: [`agreement`].

pub mod agent;
pub mod agreement;
pub mod assignment;
mod attack;
mod bug;
mod config;
pub mod coordinator;
mod distance;
mod domain;
pub mod gathering;
#[cfg(feature = "harness")]
pub mod harness;
pub mod measure;
mod message;
mod observation;
mod observer;
pub mod oracle;
pub mod score;
mod selection;
pub mod succession;
mod value;

pub use bug::{Bug, Rules};
pub use config::{Config, Method};
pub use distance::WHOLE;
pub use domain::{Domain, Field, Scale};
pub use measure::{Measures, Thresholds};
pub use message::{
    Call, Cause, Estimate, Gathered, Message, Outcome, Promise, Proposal, Report, Review, Round, Stage, Step,
    Success,
};
pub use observation::{Closing, MARKS, Observation, Phase, Reason};
pub use synod_common::schedule::{Schedule, SessionId};
pub use value::Value;

use agent::Agent;
use agreement::Agreement;
use coordinator::Coordinator;
use serde::Serialize;
use std::rc::Rc;
use succession::Term;
use synod_common::schedule::{Agenda, Item};
use synod_sim::fault::Interceptor;
use synod_sim::{Attack, Context, Durable, Insiders, NodeId, Protocol, Signed};

/// What a timer is for.
#[derive(Copy, Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub enum Timer {
    /// The next session opens.
    Open,
    /// An agent has thought long enough.
    Thought(SessionId),
    /// An agent has waited for a result until the session must be closed, or for as long as it will.
    Waited(SessionId),
    /// The coordinator: half of a phase is over.
    Remind(SessionId),
    /// The coordinator: the time of a phase is up.
    Phase(SessionId),
    /// The coordinator: those who had not answered when enough had, had their grace.
    Grace(SessionId),
    /// The coordinator: the time of a session is up.
    Deadline(SessionId),
    /// A round of numeric agreement is over.
    Round(SessionId),
    /// An agent has heard nothing of whoever leads for too long.
    Failover,
    /// Whoever leads: time to say that it is there.
    Heartbeat(SessionId),
}

/// What a node remembers after a crash.
#[derive(Clone, Debug, Serialize)]
pub enum Record {
    /// An agent: what it proposes.
    Proposed(Signed<Proposal>),
    /// An agent: what it thinks of others' proposals.
    Reviewed {
        /// The session.
        session: SessionId,
        /// The round.
        round: Round,
        /// Its reviews.
        reviews: Rc<[Signed<Review>]>,
    },
    /// An agent in numeric agreement: its number after a round.
    Averaged {
        /// The session.
        session: SessionId,
        /// The round.
        round: Round,
        /// The number.
        number: i64,
    },
    /// An observer: what came of a session.
    Concluded(Rc<Report>),
    /// The coordinator: a session is open.
    Opened(SessionId),
    /// An agent whose coordinator is replaced: it heeds no earlier term.
    Promised(Term),
    /// An agent whose coordinator is replaced: where a session stands.
    Accepted(Rc<Step>),
}

/// A node: an agent, and one of them the coordinator.
#[derive(Debug)]
pub struct Iterative {
    config: Rc<Config>,
    role: Role,
    agenda: Agenda,
}

#[derive(Debug)]
enum Role {
    Refining { agent: Agent, coordinator: Option<Box<Coordinator>> },
    Agreeing(Agreement),
}

impl Protocol for Iterative {
    type Config = Config;
    type Message = Message;
    type Timer = Timer;
    type Record = Record;
    type Observation = Observation;

    fn new(config: &Rc<Config>, me: NodeId, nodes: usize, durable: Durable<'_, Record>) -> Iterative {
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
                Message::Proposal(proposal) => coordinator.take_proposal(ctx, agent, proposal),
                Message::Review(review) => coordinator.take_review(ctx, agent, review),
                Message::Ask(session) => coordinator.asked(ctx, from, *session),
                _ if agent.succession.is_some() => {
                    succession::on_message(ctx, agent, coordinator, from, message)
                }
                _ => stray(ctx, from),
            },
            (Role::Refining { agent, coordinator: None }, message) => {
                let said = match message {
                    Message::Call(call) => agent.called(ctx, from, call),
                    Message::Gathered(gathered) => agent.handed(ctx, from, gathered),
                    Message::Result(report) => return agent.told(ctx, from, report),
                    _ => return stray(ctx, from),
                };
                if let Some(said) = said {
                    said.send(ctx, from);
                }
            }
            (Role::Agreeing(agreement), Message::Estimate(estimate)) => agreement.told(ctx, from, estimate),
            (Role::Agreeing(_), _) => stray(ctx, from),
        }
    }

    fn on_timer(&mut self, ctx: &mut Context<'_, Iterative>, timer: Timer) {
        match (&mut self.role, timer) {
            (_, Timer::Open) => self.open(ctx),
            (Role::Agreeing(agreement), Timer::Round(session)) => agreement.round_over(ctx, session),
            (Role::Refining { agent, coordinator: Some(coordinator) }, timer) => match timer {
                Timer::Thought(session) => {
                    let said = agent.thought(ctx, session).map(agent::Said::Now);
                    coordinator.hear(ctx, agent, said);
                }
                Timer::Waited(session) if agent.succession.is_some() => {
                    agent.waited(ctx, session);
                    if !agent.awaits(session) {
                        coordinator.resign(ctx);
                    }
                }
                Timer::Waited(session) if !coordinator.leads(session) => agent.waited(ctx, session),
                Timer::Failover => succession::claim(ctx, agent, coordinator),
                Timer::Heartbeat(session) => coordinator.beat(ctx, agent, session),
                Timer::Remind(session) => coordinator.remind(ctx, session),
                Timer::Phase(session) => coordinator.phase_over(ctx, agent, session),
                Timer::Grace(session) => coordinator.grace(ctx, agent, session),
                Timer::Deadline(session) => coordinator.deadline(ctx, agent, session),
                _ => {}
            },
            (Role::Refining { agent, coordinator: None }, Timer::Thought(session)) => {
                if let Some(answer) = agent.thought(ctx, session) {
                    agent::Said::Now(answer).send(ctx, self.config.coordinator);
                }
            }
            (Role::Refining { agent, coordinator: None }, Timer::Waited(session)) => {
                agent.waited(ctx, session)
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

    /// A further life has another opinion.
    fn twin(config: &Rc<Config>, life: u32) -> Rc<Config> {
        Rc::new(Config { life, ..Config::clone(config) })
    }

    const ATTACKS: &'static [Attack] = attack::ATTACKS;

    fn attack(name: &str, insiders: Insiders<Iterative>) -> Box<dyn Interceptor<Iterative>> {
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
    /// Opens all sessions whose time has come, and waits for the next.
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

/// A message that its receiver has no use for.
fn stray(ctx: &mut Context<'_, Iterative>, from: NodeId) {
    ctx.observe(Observation::Rejected { reason: Reason::WrongSender, from });
}
