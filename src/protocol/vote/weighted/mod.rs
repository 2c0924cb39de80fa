//! Weighted voting: a coordinator asks, voters whose words weigh differently answer once, and a session ends as soon
//! as open votes cannot change its outcome.
//!
//! Sources: S. Nitzan and J. Paroush, *Optimal decision rules in uncertain dichotomous choice situations*, 1982, for
//! the weights; D. Gifford, *Weighted voting for replicated data*, SOSP 1979, for quorums of weight.
//!
//! The life of a session: at its time the coordinator freezes the weights ([`weighing`]) and requests votes
//! ([`coordinator`]); a voter makes up its mind once, writes it down and sends it ([`voter`]); the tally
//! ([`vote`](super::vote)) keeps first votes and knows when they suffice; the result goes to all. At half time the
//! coordinator requests the votes that it lacks once more and voters that wait ask; at the deadline the outcome is what
//! the votes so far make it, and who has not heard it after twice that time gives up.
//!
//! The coordinator is trusted unless some weight F may be faulty. Then an option wins with a certificate alone: signed
//! votes of weight Q > (W + F) / 2, under weights that every voter knows from the start. Two such certificates share
//! more than F, so a voter that is not faulty would have voted twice.

mod attack;
pub mod coordinator;
pub mod leaving;
mod message;
mod observation;
pub mod oracle;
pub mod voter;
pub mod weighing;

pub use crate::{Bug, Rules};
pub use message::{Cause, Message, Outcome, Proposal, Report, Vote};
pub use observation::{MARKS, Observation, Reason, Warning};
pub use synod_common::schedule::{Schedule, SessionId};
pub use weighing::{Source, VOTE, Weighing};

use crate::bug::Quorum;
use crate::expertise::Expertise;
use crate::{Rule, Terms, fairness};
use coordinator::Coordinator;
use serde::Serialize;
use std::rc::Rc;
use synod_common::opinion::Poll;
use synod_common::profile::Profile;
use synod_common::schedule::{Agenda, Item};
use synod_sim::fault::Interceptor;
use synod_sim::{Attack, Context, Durable, Duration, Insiders, NodeId, Protocol, Signed, Time};
use voter::Voter;

/// What every node is told.
#[derive(Clone, Debug)]
pub struct Config {
    /// Who coordinates; it votes as well.
    pub coordinator: NodeId,
    /// How votes decide.
    pub deciding: Deciding,
    /// How many options there are.
    pub options: u64,
    /// True if a vote weighs as much less as its voter is uncertain.
    pub confidence: bool,
    /// True if a session ends once open votes cannot change its outcome.
    pub early: bool,
    /// How long the coordinator waits for votes.
    pub deadline: Duration,
    /// When sessions open, by each node's own clock.
    pub schedule: Schedule,
    /// Where weights come from.
    pub source: Source,
    /// The largest share of all weight that one voter has, in parts per million.
    pub cap_ppm: Option<u32>,
    /// F, as a part of all weight, in parts per million: 0 if voters and coordinator do not lie.
    pub faulty_ppm: u32,
    /// What the voters are like, by number.
    pub agents: Rc<[Profile]>,
    /// What is true of each session, and what everyone thinks of it. A node looks at its own opinion alone; what was
    /// true, the coordinator learns once the session is over.
    pub polls: Rc<[Poll]>,
    /// The weights that everybody knows from the start.
    pub weighing: Rc<Weighing>,
    /// What else it goes by.
    pub rules: Rules,
    /// Which of the lives of a node that leads several is told this; 0 for a node as it should be.
    pub life: u32,
}

/// How votes decide, as shares of whatever weight there is.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub enum Deciding {
    /// More than half of all weight: ⌊W/2⌋ + 1.
    Majority,
    /// ⌈θW⌉.
    OfTotal {
        /// θ > ½, in parts per million.
        share_ppm: u32,
    },
    /// The most weight; of equal ones the lowest option.
    Plurality,
    /// A share of the weight cast.
    OfCast {
        /// θ > ½, in parts per million.
        share_ppm: u32,
        /// ρ, the share of all weight that must be cast, in parts per million.
        participation_ppm: u32,
    },
    /// The weighted median of numbers.
    Median {
        /// How far from the median of all votes it may lie.
        tolerance: u64,
    },
}

impl Config {
    /// A vote of `agents` on `polls`, among so many `options`: a majority of all weight, one vote each, with early
    /// stops, no faults, a deadline of 1 s and sessions 3 s apart.
    pub fn new(agents: impl Into<Rc<[Profile]>>, polls: impl Into<Rc<[Poll]>>, options: u64) -> Config {
        let (agents, polls) = (agents.into(), polls.into());
        let deadline = Duration::from_secs(1);
        let schedule = Schedule {
            sessions: polls.len() as u64,
            first: Duration::ZERO,
            every: deadline.saturating_mul(3),
        };
        let weighing = Rc::new(Weighing::new(Source::Equal, None, (&agents, &[]), Rules::PROTOCOL));
        Config {
            coordinator: NodeId(0),
            deciding: Deciding::Majority,
            options,
            confidence: false,
            early: true,
            deadline,
            schedule,
            source: Source::Equal,
            cap_ppm: None,
            faulty_ppm: 0,
            agents,
            polls,
            weighing,
            rules: Rules::PROTOCOL,
            life: 0,
        }
    }

    /// The same with weights by `source` under a cap.
    pub fn weighed(mut self, source: Source, cap_ppm: Option<u32>) -> Config {
        (self.source, self.cap_ppm) = (source, cap_ppm);
        self.weighing = Rc::new(self.weigh(&self.expertise()));
        self
    }

    /// The same under other rules.
    pub fn under(self, rules: Rules) -> Config {
        let (source, cap_ppm) = (self.source, self.cap_ppm);
        Config { rules, ..self }.weighed(source, cap_ppm)
    }

    /// What is known of the voters at the start.
    pub fn expertise(&self) -> Vec<Expertise> {
        self.agents.iter().map(|agent| Expertise::from(&agent.record)).collect()
    }

    /// The weights that follow from what is known.
    pub fn weigh(&self, known: &[Expertise]) -> Weighing {
        Weighing::new(self.source, self.cap_ppm, (&self.agents, known), self.rules)
    }

    /// How many vote.
    pub fn voters(&self) -> usize {
        self.agents.len()
    }

    /// F, of `total` weight.
    pub fn faulty(&self, total: u64) -> u64 {
        share(self.faulty_ppm, total, Round::Down)
    }

    /// Q, of `total` weight: two certificates of it share more than F. `None` where none are needed.
    pub fn quorum(&self, total: u64) -> Option<u64> {
        if self.faulty_ppm == 0 {
            return None;
        }
        match self.rules().quorum {
            Quorum::Intersecting => Some((total + self.faulty(total)) / 2 + 1),
            Quorum::Threshold => Some(self.threshold(total)),
        }
    }

    /// ⌈θW⌉, of `total` weight, where the rule has one.
    fn threshold(&self, total: u64) -> u64 {
        match self.deciding {
            Deciding::OfTotal { share_ppm } => share(share_ppm, total, Round::Up),
            _ => total / 2 + 1,
        }
    }

    /// What a tally of `total` weight is counted by.
    pub fn terms(&self, total: u64) -> Terms {
        let rule = match self.deciding {
            Deciding::Majority | Deciding::OfTotal { .. } => {
                Rule::OfTotal { threshold: self.threshold(total).max(self.quorum(total).unwrap_or(0)) }
            }
            Deciding::Plurality => Rule::Plurality,
            Deciding::OfCast { share_ppm, participation_ppm } => {
                Rule::OfCast { share_ppm, participation: share(participation_ppm, total, Round::Up) }
            }
            Deciding::Median { tolerance } => Rule::Median { tolerance },
        };
        Terms { rule, options: self.options, confidence: self.confidence, rules: self.rules }
    }

    /// What is questionable about sessions under these weights.
    pub fn warnings(&self, weighing: &Weighing) -> Vec<Warning> {
        let total = weighing.snapshot.total();
        let needed = match self.terms(total).rule {
            Rule::OfTotal { threshold } => threshold,
            _ => 0,
        };
        let infeasible = (needed > total - self.faulty(total)).then_some(Warning::ThresholdInfeasible);
        infeasible.into_iter().chain(weighing.warning()).collect()
    }

    /// Tells of a session that opens: what is questionable about it, and how its weights are spread.
    pub fn observe_opening(
        &self,
        ctx: &mut Context<'_, Weighted>,
        session: SessionId,
        weighing: &Rc<Weighing>,
    ) {
        for warning in self.warnings(weighing) {
            ctx.observe(Observation::Warned(warning));
        }
        let weights = weighing.snapshot.weights();
        ctx.observe(Observation::Spread("gini_ppm", fairness::gini_ppm(weights)));
        ctx.observe(Observation::Spread("entropy_ppm", fairness::entropy_ppm(weights)));
        ctx.observe(Observation::Spread("largest_weight_ppm", fairness::largest_ppm(weights)));
        ctx.observe(Observation::Opened { session, weighing: Rc::clone(weighing) });
    }

    /// When `session` opens.
    pub fn opens(&self, session: SessionId) -> Time {
        self.schedule.opens(session)
    }

    /// How long an observer waits for a result, from when the session opens.
    pub fn patience(&self) -> Duration {
        self.deadline.saturating_mul(2)
    }

    /// Half of the deadline: when what has not been heard is asked for again.
    pub fn half_time(&self) -> Duration {
        Duration::from_nanos(self.deadline.as_nanos() / 2)
    }

    /// What it goes by.
    #[inline]
    pub(crate) fn rules(&self) -> Rules {
        self.rules.in_force()
    }

    /// Checks what every configuration keeps to.
    ///
    /// # Panics
    /// If it does not.
    pub fn assert_sound(&self) {
        assert!(self.coordinator.index() < self.voters(), "the coordinator is a voter");
        assert!(self.deadline.as_nanos() > 1, "waiting takes time");
        assert_eq!(self.polls.len() as u64, self.schedule.sessions, "every session has its poll");
        assert!(
            self.polls.iter().all(|poll| poll.opinions.len() == self.voters()),
            "everyone has an opinion"
        );
        assert!(self.schedule.every >= self.patience(), "a session is over before the next one opens");
        let is_certified = matches!(self.deciding, Deciding::Majority | Deciding::OfTotal { .. });
        assert!(self.faulty_ppm == 0 || is_certified, "certificates are for shares of all weight");
        assert!(self.faulty_ppm == 0 || !self.learns(), "where the coordinator may lie, weights stay");
    }

    /// True if weights change from session to session.
    pub fn learns(&self) -> bool {
        self.source.learns()
    }
}

enum Round {
    Up,
    Down,
}

/// A part of `total`.
fn share(ppm: u32, total: u64, round: Round) -> u64 {
    let product = u128::from(ppm) * u128::from(total);
    match round {
        Round::Up => product.div_ceil(1_000_000) as u64,
        Round::Down => (product / 1_000_000) as u64,
    }
}

/// What a timer is for.
#[derive(Copy, Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub enum Timer {
    /// The next session opens.
    Open,
    /// A voter has thought long enough.
    Thought(SessionId),
    /// A voter has waited for a result for half of the deadline, or for as long as it will.
    Waited(SessionId),
    /// The coordinator: half of the deadline is over.
    HalfTime(SessionId),
    /// The coordinator: the deadline is over.
    Deadline(SessionId),
}

/// What a node remembers after a crash.
#[derive(Clone, Debug, Serialize)]
pub enum Record {
    /// A voter: how it votes.
    Voted(Signed<Vote>),
    /// An observer: what came of a session.
    Concluded(Rc<Report>),
    /// The coordinator: a session is open.
    Opened(SessionId),
    /// The coordinator: who was right in a session, and who was wrong, before the weights of the next.
    Learned(Vec<Option<bool>>),
}

/// A node: a voter, and one of them the coordinator.
#[derive(Debug)]
pub struct Weighted {
    config: Rc<Config>,
    voter: Voter,
    coordinator: Option<Box<Coordinator>>,
    agenda: Agenda,
}

impl Protocol for Weighted {
    type Config = Config;
    type Message = Message;
    type Timer = Timer;
    type Record = Record;
    type Observation = Observation;

    fn new(config: &Rc<Config>, me: NodeId, nodes: usize, durable: Durable<'_, Record>) -> Weighted {
        assert_eq!(config.voters(), nodes, "every voter is a node");
        config.assert_sound();
        let coordinates = me == config.coordinator;
        Weighted {
            config: Rc::clone(config),
            voter: Voter::new(config, me, durable.records),
            coordinator: coordinates.then(|| Box::new(Coordinator::new(config, durable.records))),
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
            (Message::Request(proposal), None) => voter.asked(ctx, from, proposal),
            (Message::Result(report), None) => voter.told(ctx, from, report),
            (Message::Vote(vote), Some(coordinator)) => coordinator.take(ctx, voter, vote),
            (Message::Ask(session, vote), Some(coordinator)) => {
                coordinator.answer(ctx, voter, from, *session, vote.as_ref());
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
            (Timer::Waited(session), _) => voter.waited(ctx, session),
            (Timer::Thought(session), Some(coordinator)) => {
                if let Some(vote) = voter.vote(ctx, session) {
                    coordinator.take(ctx, voter, &vote);
                }
            }
            (Timer::Thought(session), None) => {
                if let Some(vote) = voter.vote(ctx, session) {
                    ctx.send(self.config.coordinator, Message::Vote(vote));
                }
            }
            (Timer::HalfTime(session), Some(coordinator)) => coordinator.half_time(ctx, voter, session),
            (Timer::Deadline(session), Some(coordinator)) => coordinator.deadline(ctx, voter, session),
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

    /// A further life votes for another option.
    fn twin(config: &Rc<Config>, life: u32) -> Rc<Config> {
        Rc::new(Config { life, ..Config::clone(config) })
    }

    const ATTACKS: &'static [Attack] = attack::ATTACKS;

    fn attack(name: &str, insiders: Insiders<Weighted>) -> Box<dyn Interceptor<Weighted>> {
        attack::mount(name, insiders)
    }

    fn retained_bytes(&self) -> usize {
        self.voter.retained_bytes() + self.coordinator.as_ref().map_or(0, |chair| chair.retained_bytes())
    }
}

impl Weighted {
    /// Opens all sessions whose time has come, and waits for the next.
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
