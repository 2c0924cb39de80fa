//! A member: it runs a rung, aborts it when triggered, and enters the next with the other members.

use super::config::{Config, Rung};
use super::durable::{Entry, Record};
use super::message::{Close, Message, Open, Settled, Timer, kinds, value};
use super::observation::{Observation, Reason, Trigger};
use std::borrow::Cow;
use std::fmt::Debug;
use std::rc::Rc;
use synod_common::decide::lift::ParentOf;
use synod_common::decide::{Abortable, Ending, InitHistory, Tagged, Tokens, Undecided};
use synod_sim::{
    Context, Durable, Duration, Kind, Lens, Members, NodeId, Protocol, Recipients, Signed, Time,
};

/// A member.
pub struct Adaptive<C: Abortable> {
    pub(super) config: Rc<Config<C>>,
    pub(super) me: NodeId,
    pub(super) state: MemberState<C>,
    /// Its own latest abort message.
    pub(super) own_abort: Option<AbortMessage<C>>,
    /// The abort message of each member for each rung.
    pub(super) aborts: Vec<Vec<Option<AbortMessage<C>>>>,
    /// The OPEN of the latest rung.
    pub(super) opened: Option<Rc<Signed<Open<C::AbortProof>>>>,
    /// The first SETTLED of each member.
    pub(super) settled: Vec<Option<Settled>>,
    /// Time of the last message of each member, by this member's clock.
    heard: Vec<Time>,
    /// The ending of the present rung, if it ended without a decision.
    failed: Option<Undecided>,
    pub(super) outcome: Option<Ending>,
    /// Durable records of children, by rung.
    records: Vec<Vec<C::Record>>,
    entry: Option<Entry>,
    /// The children's syncs under way.
    tokens: Tokens,
    /// True if a crash tore the last write, which a rebuilt child is informed of.
    torn: bool,
}

/// State of a member.
pub(super) enum MemberState<C> {
    /// Running a rung.
    Working(Working<C>),
    /// Aborted this rung, at this time, and waiting for the next.
    Aborted(u32, Time),
}

/// A rung that runs.
pub(super) struct Working<C> {
    pub(super) rung: u32,
    pub(super) child: C,
    pub(super) entered: Time,
}

pub(super) type Ctx<'a, C> = Context<'a, Adaptive<C>>;

/// A signed abort: the message with which a member leaves a rung.
pub(super) type AbortMessage<C> = Signed<Close<<C as Abortable>::AbortProof>>;

impl<C: Abortable> Debug for Adaptive<C> {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut shown = out.debug_struct("Adaptive");
        match &self.state {
            MemberState::Working(Working { rung, child, entered }) => {
                shown.field("rung", rung).field("entered", entered).field("child", child)
            }
            MemberState::Aborted(rung, _) => shown.field("left", rung),
        };
        shown.field("failed", &self.failed).field("outcome", &self.outcome).finish()
    }
}

impl<C: Abortable> Protocol for Adaptive<C> {
    type Config = Config<C>;
    type Message = Message<C::Message, C::AbortProof>;
    type Timer = Timer<C::Timer>;
    type Record = Record<C::Record, C::AbortProof>;
    type Observation = Observation<C::Observation>;

    fn new(
        config: &Rc<Config<C>>,
        me: NodeId,
        nodes: usize,
        _: u64,
        durable: Durable<'_, Self::Record>,
    ) -> Adaptive<C> {
        config.assert_sound();
        assert_eq!(config.members as usize, nodes, "every node is a member");
        let rungs = config.chain.len();
        let mut member = Adaptive {
            config: Rc::clone(config),
            me,
            state: MemberState::Aborted(0, Time::ZERO),
            own_abort: None,
            aborts: (0..rungs).map(|_| vec![None; nodes]).collect(),
            opened: None,
            settled: vec![None; nodes],
            heard: vec![Time::ZERO; nodes],
            failed: None,
            outcome: None,
            records: vec![Vec::new(); rungs],
            entry: None,
            tokens: Tokens::default(),
            torn: durable.torn,
        };
        for record in durable.records {
            match record {
                Record::Within(Tagged(rung, record)) => member.records[*rung as usize].push(record.clone()),
                Record::Entered(entry) => member.entry = Some(*entry),
                Record::Closed(close) => member.own_abort = Some(close.clone()),
                Record::Opened(open) => member.opened = Some(Rc::clone(open)),
                Record::Concluded(ending) => member.outcome = Some(*ending),
            }
        }
        member
    }

    fn on_start(&mut self, ctx: &mut Ctx<'_, C>) {
        self.heard.fill(ctx.now());
        ctx.set_timer(Timer::Heartbeat, self.config.heartbeat);
        let end = Time::ZERO + self.config.max_time;
        if self.outcome.is_none() {
            ctx.set_timer(Timer::Deadline, end.since(ctx.now()));
        }
        match (self.entry, &self.own_abort) {
            (None, None) => self.enter(ctx, 0, InitHistory::Free),
            (_, Some(close)) if self.entry.is_none_or(|entry| entry.rung <= close.rung) => {
                let close = close.clone();
                self.state = MemberState::Aborted(close.rung, ctx.now());
                self.record_abort(ctx, close);
            }
            (Some(entry), _) => self.start_child(ctx, entry),
            (None, Some(_)) => unreachable!("who has closed and entered nothing has left"),
        }
    }

    fn on_message(&mut self, ctx: &mut Ctx<'_, C>, from: NodeId, message: &Self::Message) {
        self.heard[from.index()] = ctx.now();
        match message {
            Message::Within(Tagged(rung, message)) => {
                if self.rung() == Some(*rung) {
                    self.drive(ctx, |child, ctx| child.on_message(ctx, from, message))
                } else {
                    self.refuse(ctx, Reason::WrongRung, from)
                }
            }
            Message::Close(close) => self.on_close(ctx, close),
            Message::Open(open) => self.on_open(ctx, from, open),
            Message::Settled(settled) => self.on_settled(ctx, settled),
            Message::Alive => {}
        }
    }

    fn on_timer(&mut self, ctx: &mut Ctx<'_, C>, timer: Self::Timer) {
        match timer {
            Timer::Within(Tagged(rung, timer)) => {
                if self.rung() == Some(rung) {
                    self.drive(ctx, |child, ctx| child.on_timer(ctx, timer));
                }
            }
            Timer::Heartbeat => self.on_heartbeat_timer(ctx),
            Timer::Pressure(rung) => self.trigger(ctx, rung, Trigger::Time),
            Timer::Dwelt(rung) => {
                if self.failed.is_some() {
                    self.trigger(ctx, rung, Trigger::Quality);
                }
            }
            Timer::Deadline => {
                if self.outcome.is_none() {
                    let why = self.failed.unwrap_or(Undecided::OutOfTime);
                    self.conclude(ctx, Ending::Undecided(why));
                }
            }
        }
    }

    fn on_synced(&mut self, ctx: &mut Ctx<'_, C>, token: u64) {
        let (rung, token) = self.tokens.take(token);
        if self.rung() == Some(rung) {
            self.drive(ctx, |child, ctx| child.on_synced(ctx, token));
        }
    }

    fn state(&self) -> Option<&dyn Debug> {
        Some(self)
    }

    fn leader(&self) -> Option<(u64, NodeId)> {
        match &self.state {
            MemberState::Working(work) => work.child.leader(),
            MemberState::Aborted(..) => None,
        }
    }

    fn twin(config: &Rc<Config<C>>, life: u32) -> Rc<Config<C>> {
        let rung = |rung: &Rung<C>| Rung { child: C::twin(&rung.child, life), ..*rung };
        Rc::new(Config { chain: config.chain.iter().map(rung).collect(), ..**config })
    }

    fn kinds(config: &Config<C>) -> Cow<'static, [Kind]> {
        // The children of a run share what kinds they have.
        kinds(&C::kinds(&config.chain[0].child)).into()
    }

    fn retained_bytes(&self) -> usize {
        let child = match &self.state {
            MemberState::Working(work) => work.child.retained_bytes(),
            MemberState::Aborted(..) => 0,
        };
        child + self.aborts.iter().flatten().flatten().map(Signed::size).sum::<usize>()
    }
}

impl<C: Abortable> Adaptive<C> {
    /// The rung that it runs.
    pub(super) fn rung(&self) -> Option<u32> {
        match &self.state {
            MemberState::Working(work) => Some(work.rung),
            MemberState::Aborted(..) => None,
        }
    }

    pub(super) fn refuse(&self, ctx: &mut Ctx<'_, C>, reason: Reason, from: NodeId) {
        ctx.observe(Observation::Rejected { reason, from });
    }

    // ---- Rungs ----

    /// Starts `rung`, and persists its init history.
    pub(super) fn enter(&mut self, ctx: &mut Ctx<'_, C>, rung: u32, init_history: InitHistory) {
        let init_history = if self.config.rules().keeps_bounds { init_history } else { InitHistory::Free };
        self.assert_descends(rung);
        let entry = Entry { rung, init_history, at: ctx.now() };
        ctx.persist(Record::Entered(entry));
        ctx.sync();
        ctx.observe(Observation::Entered { rung, init_history });
        self.failed = None;
        self.start_child(ctx, entry);
    }

    /// Rungs are entered downwards, each once, and none that bears less than is demanded.
    fn assert_descends(&self, rung: u32) {
        let rules = self.config.rules();
        let is_below = match &self.state {
            MemberState::Working(work) => work.rung < rung,
            // Where it starts it has left nothing.
            MemberState::Aborted(left, _) => *left < rung || (rung == 0 && self.own_abort.is_none()),
        };
        assert!(is_below || !rules.closes_before_next, "rungs are entered downwards");
        let bears_enough = self.config.chain[rung as usize].level >= self.config.floor;
        assert!(bears_enough || !rules.keeps_floor, "a rung bears what is demanded");
    }

    /// Builds the child of a rung from its durable records and starts it.
    fn start_child(&mut self, ctx: &mut Ctx<'_, C>, Entry { rung, init_history, at }: Entry) {
        let config = Rc::clone(&self.config);
        let mut child_config = Rc::clone(&config.chain[rung as usize].child);
        if rung > 0 {
            child_config = Rc::new(C::starting(&child_config, at, None));
        }
        if let InitHistory::Value(value) = init_history {
            child_config = Rc::new(C::with_init_value(&child_config, value));
        }
        let records = std::mem::take(&mut self.records[rung as usize]);
        let durable = Durable { records: &records, torn: self.torn && !records.is_empty() };
        let seed = ctx.fork(u64::from(rung)).into_seed();
        let child = C::new(&child_config, self.me, self.config.members as usize, seed, durable);
        self.state = MemberState::Working(Working { rung, child, entered: at });
        if let Some(next) = config.next(rung) {
            let end = Time::ZERO + config.max_time;
            let left = end.since(ctx.now() + config.lead_time(next));
            let dwell = (at + config.dwell).since(ctx.now());
            let patience = if config.rules().dwells { left.max(dwell) } else { Duration::ZERO };
            ctx.set_timer(Timer::Pressure(rung), patience);
        }
        self.drive(ctx, C::on_start);
    }

    /// Runs a handler of the child, and checks whether it has ended.
    fn drive(&mut self, ctx: &mut Ctx<'_, C>, act: impl FnOnce(&mut C, &mut Context<'_, C>)) {
        let MemberState::Working(work) = &mut self.state else { return };
        let mut lens = RungLens { tokens: &mut self.tokens, rung: work.rung, ending: None };
        ctx.narrow(u64::from(work.rung), Members::All, &mut lens, |ctx| act(&mut work.child, ctx));
        match lens.ending {
            Some(Ending::Decided(value)) => self.on_decided(ctx, value),
            Some(ending @ Ending::Undecided(why)) if self.outcome.is_none() => {
                self.on_undecided(ctx, why, ending.is_unheard());
            }
            Some(Ending::Undecided(_)) | None => {}
        }
    }

    fn on_decided(&mut self, ctx: &mut Ctx<'_, C>, decision: u64) {
        match self.outcome {
            None => self.conclude(ctx, Ending::Decided(decision)),
            Some(outcome) => {
                let is_same = value(outcome).is_none_or(|held| held == decision);
                assert!(is_same || self.config.bug.is_some(), "rungs never decide differently");
            }
        }
    }

    /// Handles a rung that ended without a decision: the next is tried after the minimum time.
    fn on_undecided(&mut self, ctx: &mut Ctx<'_, C>, why: Undecided, is_unheard: bool) {
        let MemberState::Working(Working { rung, entered, .. }) = self.state else { return };
        self.failed = Some(why);
        match self.config.next(rung) {
            Some(_) => {
                let dwell = (entered + self.config.dwell).since(ctx.now());
                ctx.set_timer(Timer::Dwelt(rung), dwell);
            }
            // Others may have decided, and answer who has left and asks.
            None if is_unheard => {
                self.abort(ctx, rung, Trigger::Unheard);
                self.broadcast_abort(ctx);
            }
            None => self.conclude(ctx, Ending::Undecided(why)),
        }
    }

    pub(super) fn conclude(&mut self, ctx: &mut Ctx<'_, C>, ending: Ending) {
        assert!(self.outcome.is_none(), "a member has one outcome");
        self.outcome = Some(ending);
        let rung = match self.state {
            MemberState::Working(Working { rung, .. }) | MemberState::Aborted(rung, _) => rung,
        };
        ctx.cancel_timer(Timer::Deadline);
        ctx.cancel_timer(Timer::Pressure(rung));
        ctx.persist(Record::Concluded(ending));
        ctx.sync();
        ctx.observe(Observation::Concluded { rung, ending });
    }

    // ---- Beats ----

    /// Sends a heartbeat, repeats its abort message, and checks for failed members.
    fn on_heartbeat_timer(&mut self, ctx: &mut Ctx<'_, C>) {
        if ctx.now() >= Time::ZERO + self.config.max_time {
            return;
        }
        ctx.set_timer(Timer::Heartbeat, self.config.heartbeat);
        ctx.resend(Recipients::Peers(0..self.config.members), Message::Alive);
        match &self.state {
            MemberState::Aborted(left, since) => {
                let (left, since) = (*left, *since);
                let close = self.own_abort.clone().expect("it has left");
                ctx.resend(Recipients::Peers(0..self.config.members), Message::Close(close));
                if let Some(next) = self.config.next(left) {
                    let patience =
                        self.config.dwell.as_nanos().saturating_add(self.config.lead_time(next).as_nanos());
                    if ctx.now().since(since).as_nanos() >= patience {
                        self.skip_unopened(ctx, next);
                    }
                }
            }
            MemberState::Working(Working { rung, entered, .. }) => {
                let (rung, entered) = (*rung, *entered);
                let patience = self.config.heartbeat.saturating_mul(3);
                let is_silent = |heard: &Time| ctx.now().since(*heard) > patience;
                let others = self.heard.iter().enumerate().filter(|(node, _)| *node != self.me.index());
                let silent = others.filter(|(_, heard)| is_silent(heard)).count() as u64;
                let share = u64::from(self.config.failures_ppm) * u64::from(self.config.members);
                let has_dwelt = ctx.now() >= entered + self.config.dwell;
                if silent > 0 && silent * 1_000_000 >= share && has_dwelt {
                    self.trigger(ctx, rung, Trigger::Failures);
                }
            }
        }
    }
}

/// The lens of a rung, which notes the child's ending.
pub(super) struct RungLens<'a> {
    pub(super) tokens: &'a mut Tokens,
    pub(super) rung: u32,
    pub(super) ending: Option<Ending>,
}

impl<C: Abortable> Lens<C, Adaptive<C>> for RungLens<'_> {
    fn message(&mut self, message: C::Message) -> Message<C::Message, C::AbortProof> {
        Message::Within(Tagged(self.rung, message))
    }

    fn timer(&mut self, timer: C::Timer) -> Timer<C::Timer> {
        Timer::Within(Tagged(self.rung, timer))
    }

    fn record(&mut self, record: C::Record) -> Record<C::Record, C::AbortProof> {
        Record::Within(Tagged(self.rung, record))
    }

    fn observation(&mut self, claim: C::Observation) -> Option<Observation<C::Observation>> {
        self.ending = self.ending.or(C::ending(&claim));
        Some(Observation::Within(Tagged(self.rung, claim)))
    }

    fn token(&mut self, token: u64) -> u64 {
        self.tokens.enter(self.rung, token)
    }
}

impl<C: Abortable> ParentOf<C> for Adaptive<C> {
    fn message(message: &Self::Message) -> Option<(u32, &C::Message)> {
        match message {
            Message::Within(Tagged(rung, message)) => Some((*rung, message)),
            _ => None,
        }
    }

    fn timer(timer: &Self::Timer) -> Option<(u32, &C::Timer)> {
        match timer {
            Timer::Within(Tagged(rung, timer)) => Some((*rung, timer)),
            _ => None,
        }
    }

    fn claim(claim: &Self::Observation) -> Option<(u32, &C::Observation)> {
        match claim {
            Observation::Within(Tagged(rung, claim)) => Some((*rung, claim)),
            _ => None,
        }
    }

    fn starts(claim: &Self::Observation) -> Option<(u32, u64)> {
        match *claim {
            Observation::Entered { rung, init_history: InitHistory::Value(value) } => Some((rung, value)),
            _ => None,
        }
    }
}
