//! An agent at work: what it hears, and what it waits for.

use super::attack;
use super::config::Config;
use super::durable::{Record, Remembered};
use super::message::{Message, Timer};
use super::observation::Observation;
use super::state::{Aggregator, Hierarchical, Succession, refuse, within};
use std::rc::Rc;
use synod_sim::inject::Interceptor;
use synod_sim::{Attack, Context, Durable, Insiders, NodeId, Protocol};
use synod_vote::weighted::{self, Reason, SessionId, Voter};

impl Protocol for Hierarchical {
    type Config = Config;
    type Message = Message;
    type Timer = Timer;
    type Record = Record;
    type Observation = Observation;

    fn new(
        config: &Rc<Config>,
        me: NodeId,
        nodes: usize,
        _: u64,
        durable: Durable<'_, Record>,
    ) -> Hierarchical {
        assert_eq!(config.vote.voters(), nodes, "every voter is a node");
        config.assert_sound();
        let Remembered { vote_records, certificates, results, interrupted } =
            Remembered::from(durable.records);
        let home = config.tree.home(me);
        let mut node = Hierarchical {
            config: Rc::clone(config),
            me,
            home,
            voter: Voter::new(&config.vote, me, &vote_records),
            succession: Succession::new(certificates),
            aggregator: Aggregator::default(),
            results,
            interrupted,
            next: 0,
        };
        node.voter.set_parent(node.parent());
        node
    }

    fn on_start(&mut self, ctx: &mut Context<'_, Hierarchical>) {
        self.open(ctx);
        // What those under it had told it is lost.
        if let Some(session) = self.session()
            && self.config.vote.opens(session) < ctx.now()
            && self.represents()
            && !self.is_root()
        {
            self.start_session(ctx, session, true);
        }
    }

    fn on_message(&mut self, ctx: &mut Context<'_, Hierarchical>, from: NodeId, message: &Message) {
        match message {
            Message::VoteRequest(request) => self.on_vote_request(ctx, from, request),
            Message::FlatVote(weighted::Message::Vote(vote)) => self.on_vote(ctx, from, vote),
            Message::FlatVote(weighted::Message::Ask(session, vote)) => {
                self.on_ask(ctx, from, *session, vote.as_ref());
            }
            Message::FlatVote(weighted::Message::Result(report)) => self.on_result(ctx, from, report),
            Message::FlatVote(weighted::Message::Request(_)) => refuse(ctx, Reason::WrongSender, from),
            Message::Partial(partial) => self.on_report(ctx, from, partial),
            Message::Alive(certificate) => {
                self.accept_epoch(ctx, from, certificate);
            }
            Message::Suspicion(suspicion) => self.on_suspicion(ctx, suspicion),
            Message::Challenge(partial) => self.on_challenge(ctx, from, partial),
            Message::Fetch(session) => self.on_fetch(ctx, from, *session),
        }
    }

    fn on_timer(&mut self, ctx: &mut Context<'_, Hierarchical>, timer: Timer) {
        match timer {
            Timer::Open => self.open(ctx),
            Timer::FlatVote(weighted::Timer::Waited(session)) => self.on_waited(ctx, session),
            Timer::FlatVote(weighted::Timer::Thought(session)) => self.on_thought(ctx, session),
            Timer::FlatVote(_) => unreachable!("a voter arms no other timer"),
            Timer::HalfTime(session) => self.on_half_time(ctx, session),
            Timer::LastQuarter(session) => self.fetch_missing(ctx, session),
            Timer::Close(session) => self.on_close(ctx, session),
            Timer::Overdue(session) => self.on_overdue(ctx, session),
            Timer::Heartbeat => self.on_heartbeat_timer(ctx),
            Timer::Watch(cell) => self.on_watch_timer(ctx, cell),
        }
    }

    fn state(&self) -> Option<&dyn std::fmt::Debug> {
        Some(self)
    }

    /// The root's representative, as far as this agent knows.
    fn leader(&self) -> Option<(u64, NodeId)> {
        let epoch = self.succession.epoch(0);
        Some((u64::from(epoch), self.config.tree.representative(0, epoch)))
    }

    /// A twin votes for another option.
    fn twin(config: &Rc<Config>, life: u32) -> Rc<Config> {
        let vote = Rc::new(weighted::Config { life, ..weighted::Config::clone(&config.vote) });
        Rc::new(Config { vote, ..Config::clone(config) })
    }

    const ATTACKS: &'static [Attack] = attack::ATTACKS;

    fn attack(name: &str, insiders: Insiders<Hierarchical>) -> Box<dyn Interceptor<Message>> {
        attack::mount(name, insiders)
    }

    fn retained_bytes(&self) -> usize {
        self.voter.retained_bytes() + self.aggregator.retained_bytes() + self.succession.retained_bytes()
    }
}

impl Hierarchical {
    /// Opens all sessions that are due, and sets the timer for the next.
    fn open(&mut self, ctx: &mut Context<'_, Hierarchical>) {
        while self.next < self.config.vote.schedule.sessions {
            let opens = self.config.vote.opens(self.next);
            if opens > ctx.now() {
                return ctx.set_timer(Timer::Open, opens.since(ctx.now()));
            }
            let session = self.next;
            self.next += 1;
            within(ctx, |ctx| self.voter.open(ctx, session));
            if self.is_open(session) {
                self.on_session_due(ctx, session);
            }
        }
    }

    /// Handles the opening time of `session`.
    fn on_session_due(&mut self, ctx: &mut Context<'_, Hierarchical>, session: SessionId) {
        self.aggregator.forget_before(session);
        self.results.retain(|&other, _| other + 1 >= session);
        self.succession.forget_suspicions();
        self.watch_neighbours(ctx);
        if self.config.is_certified() {
            let deadline = self.config.vote.opens(session) + self.config.vote.deadline;
            ctx.set_timer(Timer::Overdue(session), deadline.since(ctx.now()));
        }
        if self.represents() && self.is_root() {
            let is_interrupted = self.interrupted.contains(&session);
            self.start_session(ctx, session, is_interrupted);
        }
    }
}
