//! A member: it works in a rung, leaves it for a reason, and enters the next with those who have left.

use super::Config;
use super::bug::Bug;
use super::closing;
use super::message::{Close, Message, Open, Settled, assert_kinds_fit, value};
use super::observation::{Observation, Reason, Trigger};
use crate::protocol::compose::lift::Holds;
use crate::protocol::compose::{Bound, Ending, Leave, Of};
use crate::sim::{Context, Durable, Duration, Lens, Members, NodeId, Protocol, Recipients, Signed, Time};
use serde::Serialize;
use std::fmt::Debug;
use std::rc::Rc;

/// A member.
pub struct Adaptive<C: Leave> {
    config: Rc<Config<C>>,
    me: NodeId,
    stage: Stage<C>,
    /// Its own last CLOSE.
    closed: Option<Word<C>>,
    /// The CLOSE of each member on each rung.
    words: Vec<Vec<Option<Word<C>>>>,
    /// The OPEN of the last rung that was opened for it, by itself or another.
    opened: Option<Rc<Signed<Open<C::Testimony>>>>,
    /// What members say the outcome is.
    settled: Vec<Option<Settled>>,
    /// When each member was last heard of, by this member's clock.
    heard: Vec<Time>,
    /// How the present rung ended for this member, if it did without a decision.
    failed: Option<&'static str>,
    outcome: Option<Ending>,
    /// What children left behind before a crash, by rung.
    records: Vec<Vec<C::Record>>,
    entry: Option<Entry>,
    /// True if a crash tore the last write: a child that is rebuilt hears of it.
    torn: bool,
}

/// Where a member is.
enum Stage<C> {
    /// It works in a rung.
    Working(Working<C>),
    /// It has left this rung, at this time, and waits for the next.
    Left(u32, Time),
}

/// Work in a rung.
struct Working<C> {
    rung: u32,
    child: C,
    entered: Time,
}

/// What a member wrote down when it entered a rung.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Entry {
    rung: u32,
    bound: Bound,
    at: Time,
}

/// What a timer is for, where `T` is what children name theirs.
#[derive(Copy, Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub enum Timer<T> {
    /// A child's.
    Within(Of<T>),
    /// It is time to say that one is there, and to see who is not.
    Beat,
    /// The next rung has just time enough.
    Pressure(u32),
    /// The rung has had its time to dwell.
    Dwelt(u32),
    /// All time is over.
    Deadline,
}

/// What a member remembers after a crash, where `R` is what children do and `T` how they are left.
#[derive(Clone, Debug, Serialize)]
pub enum Record<R, T: Serialize> {
    /// A child's.
    Within(Of<R>),
    /// It entered a rung.
    Entered(Entry),
    /// It left one.
    Closed(Signed<Close<T>>),
    /// It opened one.
    Opened(Rc<Signed<Open<T>>>),
    /// It has its outcome.
    Concluded(Ending),
}

type Ctx<'a, C> = Context<'a, Adaptive<C>>;

/// What a member says when it leaves.
type Word<C> = Signed<Close<<C as Leave>::Testimony>>;

/// The lens of a rung: it looks out for the child's ending.
struct Window {
    rung: u32,
    ending: Option<Ending>,
}

impl<C: Leave> Lens<C, Adaptive<C>> for Window {
    fn message(&mut self, message: C::Message) -> Message<C::Message, C::Testimony> {
        Message::Within(Of(self.rung, message))
    }

    fn timer(&mut self, timer: C::Timer) -> Timer<C::Timer> {
        Timer::Within(Of(self.rung, timer))
    }

    fn record(&mut self, record: C::Record) -> Record<C::Record, C::Testimony> {
        Record::Within(Of(self.rung, record))
    }

    fn observation(&mut self, claim: C::Observation) -> Option<Observation<C::Observation>> {
        self.ending = self.ending.or(C::ending(&claim));
        Some(Observation::Within(Of(self.rung, claim)))
    }
}

impl<C: Leave> Debug for Adaptive<C> {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut shown = out.debug_struct("Adaptive");
        match &self.stage {
            Stage::Working(Working { rung, child, entered }) => {
                shown.field("rung", rung).field("entered", entered).field("child", child)
            }
            Stage::Left(rung, _) => shown.field("left", rung),
        };
        shown.field("failed", &self.failed).field("outcome", &self.outcome).finish()
    }
}

impl<C: Leave> Protocol for Adaptive<C> {
    type Config = Config<C>;
    type Message = Message<C::Message, C::Testimony>;
    type Timer = Timer<C::Timer>;
    type Record = Record<C::Record, C::Testimony>;
    type Observation = Observation<C::Observation>;

    fn new(
        config: &Rc<Config<C>>,
        me: NodeId,
        nodes: usize,
        durable: Durable<'_, Self::Record>,
    ) -> Adaptive<C> {
        const { assert_kinds_fit::<C::Message>() };
        config.assert_sound();
        assert_eq!(config.members as usize, nodes, "every node is a member");
        let rungs = config.chain.len();
        let mut member = Adaptive {
            config: Rc::clone(config),
            me,
            stage: Stage::Left(0, Time::ZERO),
            closed: None,
            words: (0..rungs).map(|_| vec![None; nodes]).collect(),
            opened: None,
            settled: vec![None; nodes],
            heard: vec![Time::ZERO; nodes],
            failed: None,
            outcome: None,
            records: vec![Vec::new(); rungs],
            entry: None,
            torn: durable.torn,
        };
        for record in durable.records {
            match record {
                Record::Within(Of(rung, record)) => member.records[*rung as usize].push(record.clone()),
                Record::Entered(entry) => member.entry = Some(*entry),
                Record::Closed(close) => member.closed = Some(close.clone()),
                Record::Opened(open) => member.opened = Some(Rc::clone(open)),
                Record::Concluded(ending) => member.outcome = Some(*ending),
            }
        }
        member
    }

    fn on_start(&mut self, ctx: &mut Ctx<'_, C>) {
        self.heard.fill(ctx.now());
        ctx.set_timer(Timer::Beat, self.config.heartbeat);
        let end = Time::ZERO + self.config.max_time;
        if self.outcome.is_none() {
            ctx.set_timer(Timer::Deadline, end.since(ctx.now()));
        }
        match (self.entry, &self.closed) {
            (None, None) => self.enter(ctx, 0, Bound::Free),
            (_, Some(close)) if self.entry.is_none_or(|entry| entry.rung <= close.rung) => {
                let close = close.clone();
                self.stage = Stage::Left(close.rung, ctx.now());
                self.take_word(ctx, close);
            }
            (Some(entry), _) => self.work(ctx, entry),
            (None, Some(_)) => unreachable!("who has closed and entered nothing has left"),
        }
    }

    fn on_message(&mut self, ctx: &mut Ctx<'_, C>, from: NodeId, message: &Self::Message) {
        self.heard[from.index()] = ctx.now();
        match message {
            Message::Within(Of(rung, message)) => match self.rung() == Some(*rung) {
                true => self.drive(ctx, |child, ctx| child.on_message(ctx, from, message)),
                false => self.refuse(ctx, Reason::WrongRung, from),
            },
            Message::Close(close) => self.on_close(ctx, close),
            Message::Open(open) => self.on_open(ctx, from, open),
            Message::Settled(settled) => self.on_settled(ctx, settled),
            Message::Alive => {}
        }
    }

    fn on_timer(&mut self, ctx: &mut Ctx<'_, C>, timer: Self::Timer) {
        match timer {
            Timer::Within(Of(rung, timer)) => {
                if self.rung() == Some(rung) {
                    self.drive(ctx, |child, ctx| child.on_timer(ctx, timer));
                }
            }
            Timer::Beat => self.beat(ctx),
            Timer::Pressure(rung) => self.trigger(ctx, rung, Trigger::Time),
            Timer::Dwelt(rung) => {
                if self.failed.is_some() {
                    self.trigger(ctx, rung, Trigger::Quality);
                }
            }
            Timer::Deadline => {
                if self.outcome.is_none() {
                    let why = self.failed.unwrap_or("out_of_time");
                    self.conclude(ctx, Ending::Undecided(why));
                }
            }
        }
    }

    fn state(&self) -> Option<&dyn Debug> {
        Some(self)
    }

    fn leader(&self) -> Option<(u64, NodeId)> {
        match &self.stage {
            Stage::Working(work) => work.child.leader(),
            Stage::Left(..) => None,
        }
    }

    fn twin(config: &Rc<Config<C>>, life: u32) -> Rc<Config<C>> {
        let rung = |rung: &super::Rung<C>| super::Rung { child: C::twin(&rung.child, life), ..*rung };
        Rc::new(Config { chain: config.chain.iter().map(rung).collect(), ..**config })
    }

    fn retained_bytes(&self) -> usize {
        let child = match &self.stage {
            Stage::Working(work) => work.child.retained_bytes(),
            Stage::Left(..) => 0,
        };
        child + self.words.iter().flatten().flatten().map(Signed::size).sum::<usize>()
    }
}

impl<C: Leave> Adaptive<C> {
    /// The rung that it works in.
    fn rung(&self) -> Option<u32> {
        match &self.stage {
            Stage::Working(work) => Some(work.rung),
            Stage::Left(..) => None,
        }
    }

    fn refuse(&self, ctx: &mut Ctx<'_, C>, reason: Reason, from: NodeId) {
        ctx.observe(Observation::Rejected { reason, from });
    }

    // ---- Rungs ----

    /// Starts `rung`, and writes down how.
    fn enter(&mut self, ctx: &mut Ctx<'_, C>, rung: u32, bound: Bound) {
        let bound = if self.config.has(Bug::BoundForgotten) { Bound::Free } else { bound };
        let entry = Entry { rung, bound, at: ctx.now() };
        ctx.persist(Record::Entered(entry));
        ctx.sync();
        ctx.observe(Observation::Entered { rung, bound });
        self.failed = None;
        self.work(ctx, entry);
    }

    /// Builds the child of a rung, with what it left behind if it was there before, and sets it to work.
    fn work(&mut self, ctx: &mut Ctx<'_, C>, Entry { rung, bound, at }: Entry) {
        let config = Rc::clone(&self.config);
        let mut told = Rc::clone(&config.chain[rung as usize].child);
        if rung > 0 {
            told = Rc::new(C::starting(&told, at, None));
        }
        if let Bound::Value(value) = bound {
            told = Rc::new(C::settled_on(&told, value));
        }
        let records = std::mem::take(&mut self.records[rung as usize]);
        let durable = Durable { records: &records, torn: self.torn && !records.is_empty() };
        let child = C::new(&told, self.me, self.config.members as usize, durable);
        self.stage = Stage::Working(Working { rung, child, entered: at });
        if let Some(next) = config.next(rung) {
            let end = Time::ZERO + config.max_time;
            let left = end.since(ctx.now() + config.notice(next));
            let dwell = (at + config.dwell).since(ctx.now());
            let patience =
                if config.has(Bug::OscillatingTriggers) { Duration::ZERO } else { left.max(dwell) };
            ctx.set_timer(Timer::Pressure(rung), patience);
        }
        self.drive(ctx, C::on_start);
    }

    /// Lets the child do something, and sees whether it has ended.
    fn drive(&mut self, ctx: &mut Ctx<'_, C>, act: impl FnOnce(&mut C, &mut Context<'_, C>)) {
        let Stage::Working(work) = &mut self.stage else { return };
        let mut window = Window { rung: work.rung, ending: None };
        ctx.narrow(u64::from(work.rung), Members::All, &mut window, |ctx| act(&mut work.child, ctx));
        match window.ending {
            Some(Ending::Decided(value)) => self.decided(ctx, value),
            Some(ending @ Ending::Undecided(why)) if self.outcome.is_none() => {
                self.fell_short(ctx, why, ending.is_unheard());
            }
            Some(Ending::Undecided(_)) | None => {}
        }
    }

    fn decided(&mut self, ctx: &mut Ctx<'_, C>, decision: u64) {
        match self.outcome {
            None => self.conclude(ctx, Ending::Decided(decision)),
            Some(outcome) => {
                let is_same = value(outcome).is_none_or(|held| held == decision);
                assert!(is_same || self.config.bug.is_some(), "rungs never decide differently");
            }
        }
    }

    /// The rung has ended without a decision: the next is tried, once it has dwelt.
    fn fell_short(&mut self, ctx: &mut Ctx<'_, C>, why: &'static str, is_unheard: bool) {
        let Stage::Working(Working { rung, entered, .. }) = self.stage else { return };
        self.failed = Some(why);
        match self.config.next(rung) {
            Some(_) => {
                let dwell = (entered + self.config.dwell).since(ctx.now());
                ctx.set_timer(Timer::Dwelt(rung), dwell);
            }
            // Others may have decided, and answer who has left and asks.
            None if is_unheard => {
                self.leave(ctx, rung, Trigger::Unheard);
                self.say_closed(ctx);
            }
            None => self.conclude(ctx, Ending::Undecided(why)),
        }
    }

    /// Says to all that it has left.
    fn say_closed(&mut self, ctx: &mut Ctx<'_, C>) {
        let close = self.closed.clone().expect("it has left");
        ctx.broadcast(Message::Close(close.clone()));
        self.take_word(ctx, close);
    }

    fn conclude(&mut self, ctx: &mut Ctx<'_, C>, ending: Ending) {
        assert!(self.outcome.is_none(), "a member has one outcome");
        self.outcome = Some(ending);
        let rung = match self.stage {
            Stage::Working(Working { rung, .. }) | Stage::Left(rung, _) => rung,
        };
        ctx.cancel_timer(Timer::Deadline);
        ctx.cancel_timer(Timer::Pressure(rung));
        ctx.persist(Record::Concluded(ending));
        ctx.sync();
        ctx.observe(Observation::Concluded { rung, ending });
    }

    // ---- Leaving ----

    /// There is a reason to leave `rung`: it does, if that is where it is, and if there is a next.
    fn trigger(&mut self, ctx: &mut Ctx<'_, C>, rung: u32, trigger: Trigger) {
        let is_over = match self.outcome {
            None => false,
            Some(Ending::Undecided(_)) => trigger.is_own(),
            Some(Ending::Decided(_)) => trigger.is_own() || !self.config.may_lie(),
        };
        if is_over || self.config.next(rung).is_none() {
            return;
        }
        if self.config.has(Bug::FallbackWithoutClose) && trigger.is_own() {
            ctx.observe(Observation::Left { rung, trigger });
            return self.enter(ctx, rung + 1, Bound::Free);
        }
        if self.rung() == Some(rung) {
            self.leave(ctx, rung, trigger);
            self.say_closed(ctx);
        }
    }

    /// Leaves all rungs up to `rung`, and says what it leaves behind.
    fn leave(&mut self, ctx: &mut Ctx<'_, C>, rung: u32, trigger: Trigger) {
        let mut words = self.closed.as_ref().map_or(Vec::new(), |close| close.words.clone());
        words.resize_with(rung as usize + 1, || None);
        if let Stage::Working(work) = &self.stage {
            assert!(work.rung <= rung, "rungs are left downwards");
            words[work.rung as usize] = Some(work.child.testimony());
        }
        let bytes = words.iter().flatten().map(C::size).sum();
        let close = ctx.sign(Close { rung, words, bytes });
        ctx.persist(Record::Closed(close.clone()));
        ctx.sync();
        ctx.observe(Observation::Left { rung, trigger });
        ctx.cancel_timer(Timer::Pressure(rung));
        self.stage = Stage::Left(rung, ctx.now());
        self.closed = Some(close);
    }

    /// A member says that it has left.
    fn on_close(&mut self, ctx: &mut Ctx<'_, C>, close: &Word<C>) {
        let from = close.signer();
        let is_one = |held: &Word<C>| held.digest() == close.digest();
        let held = self.words.get(close.rung as usize).and_then(|words| words.get(from.index()));
        let Some(held) = held else { return self.refuse(ctx, Reason::Unproven, from) };
        let is_known = held.as_ref().is_some_and(is_one);
        if !is_known && !self.is_true(ctx, close) {
            return self.refuse(ctx, Reason::Unproven, from);
        }
        if let Some(Ending::Decided(value)) = self.outcome {
            let rung = self.rung().unwrap_or(close.rung);
            let settled = ctx.sign(Settled { rung, value });
            ctx.resend(Recipients::One(from), Message::Settled(settled));
        }
        match &self.opened {
            // It asks, so it has not heard.
            Some(open) if open.rung > close.rung => {
                ctx.resend(Recipients::One(from), Message::Open(Rc::clone(open)));
            }
            _ if !is_known => self.take_word(ctx, close.clone()),
            _ => {}
        }
    }

    /// True if a CLOSE is its signer's and proves what it says.
    fn is_true(&self, ctx: &mut Ctx<'_, C>, close: &Word<C>) -> bool {
        let rungs = close.words.len();
        if rungs != close.rung as usize + 1 || rungs > self.config.chain.len() || !ctx.verify(close) {
            return false;
        }
        close.words.iter().enumerate().all(|(rung, word)| {
            let Some(word) = word else { return true };
            let child = &self.config.chain[rung].child;
            let mut window = Window { rung: rung as u32, ending: None };
            ctx.narrow(rung as u64, Members::All, &mut window, |ctx: &mut Context<'_, C>| {
                C::is_proven(child, ctx, close.signer(), word)
            })
        })
    }

    /// Counts a word that is true: with f + 1 this member leaves too, with n − f the next rung can be opened.
    fn take_word(&mut self, ctx: &mut Ctx<'_, C>, close: Word<C>) {
        let rung = close.rung;
        let place = close.signer().index();
        let words = &mut self.words[rung as usize];
        if words[place].is_some() {
            // Its first word is its word.
            return;
        }
        words[place] = Some(close);
        let count = words.iter().flatten().count();
        if count > self.config.faulty as usize {
            match self.stage {
                Stage::Left(left, _) if left + 1 == rung => self.pass_over(ctx, rung),
                _ => self.trigger(ctx, rung, Trigger::Others),
            }
        }
        self.open(ctx, rung);
    }

    /// Opens the rung after `rung`, if that is this member's task and enough have left.
    fn open(&mut self, ctx: &mut Ctx<'_, C>, rung: u32) {
        let Some(next) = self.config.next(rung) else { return };
        let has_left = matches!(self.stage, Stage::Left(left, _) if left == rung);
        let is_due = self.config.chain[next as usize].opener == self.me
            && has_left
            && self.opened.as_ref().is_none_or(|open| open.rung < next);
        if !is_due {
            return;
        }
        let certificate: Vec<_> = self.words[rung as usize].iter().flatten().cloned().collect();
        if !closing::is_complete(&self.config, rung, &certificate) {
            return;
        }
        let bound = closing::bound(&self.config, rung, &certificate);
        if bound == Bound::Unclear {
            return;
        }
        let open = Rc::new(ctx.sign(Open { rung: next, certificate }));
        self.opened = Some(Rc::clone(&open));
        ctx.persist(Record::Opened(Rc::clone(&open)));
        ctx.sync();
        ctx.broadcast(Message::Open(open));
        self.enter(ctx, next, bound);
    }

    /// Leaves `rung`, which was not opened for this member in its time, without having been there.
    fn pass_over(&mut self, ctx: &mut Ctx<'_, C>, rung: u32) {
        if self.config.next(rung).is_some() {
            self.leave(ctx, rung, Trigger::Unopened);
            self.say_closed(ctx);
        }
    }

    /// The next rung was opened.
    fn on_open(&mut self, ctx: &mut Ctx<'_, C>, from: NodeId, open: &Rc<Signed<Open<C::Testimony>>>) {
        let rung = open.rung;
        let is_ahead = match &self.stage {
            Stage::Working(work) => rung > work.rung,
            Stage::Left(left, _) => rung > *left,
        };
        let is_over = match self.outcome {
            None => false,
            Some(Ending::Undecided(_)) => true,
            Some(Ending::Decided(_)) => !self.config.may_lie(),
        };
        if !is_ahead || is_over {
            return self.refuse(ctx, Reason::WrongRung, from);
        }
        let Some(place) = self.config.chain.get(rung as usize) else {
            return self.refuse(ctx, Reason::Unproven, from);
        };
        // Others pass on what its opener has signed.
        if place.opener != open.signer()
            || place.level < self.config.floor && !self.config.has(Bug::FloorIgnored)
        {
            return self.refuse(ctx, Reason::WrongSender, from);
        }
        let before = rung - 1;
        let is_proven = closing::is_complete(&self.config, before, &open.certificate)
            && ctx.verify(open)
            && open.certificate.iter().all(|close| self.is_true(ctx, close));
        if !is_proven {
            return self.refuse(ctx, Reason::Unproven, from);
        }
        let bound = closing::bound(&self.config, before, &open.certificate);
        if bound == Bound::Unclear {
            return self.refuse(ctx, Reason::Unproven, from);
        }
        if !matches!(self.stage, Stage::Left(left, _) if left == before) {
            self.leave(ctx, before, Trigger::Opened);
        }
        self.opened = Some(Rc::clone(open));
        self.enter(ctx, rung, bound);
    }

    /// A member that has its outcome tells it.
    fn on_settled(&mut self, ctx: &mut Ctx<'_, C>, settled: &Signed<Settled>) {
        let from = settled.signer();
        if !ctx.verify(settled) {
            return self.refuse(ctx, Reason::BadSignature, from);
        }
        self.settled[from.index()].get_or_insert((**settled).clone());
        let alike = self.settled.iter().flatten().filter(|held| held.value == settled.value).count();
        let may_lie = self.config.may_lie() && !self.config.has(Bug::OneVoiceSettles);
        let liars = if may_lie { self.config.faulty } else { 0 };
        if alike > liars as usize && self.outcome.is_none() {
            self.conclude(ctx, Ending::Decided(settled.value));
        }
    }

    // ---- Beats ----

    /// Says that it is there, asks again for what it waits for, and sees who has failed.
    fn beat(&mut self, ctx: &mut Ctx<'_, C>) {
        if ctx.now() >= Time::ZERO + self.config.max_time {
            return;
        }
        ctx.set_timer(Timer::Beat, self.config.heartbeat);
        ctx.resend(Recipients::Peers(0..self.config.members), Message::Alive);
        match &self.stage {
            Stage::Left(left, since) => {
                let (left, since) = (*left, *since);
                let close = self.closed.clone().expect("it has left");
                ctx.resend(Recipients::Peers(0..self.config.members), Message::Close(close));
                if let Some(next) = self.config.next(left) {
                    let patience =
                        self.config.dwell.as_nanos().saturating_add(self.config.notice(next).as_nanos());
                    if ctx.now().since(since).as_nanos() >= patience {
                        self.pass_over(ctx, next);
                    }
                }
            }
            Stage::Working(Working { rung, entered, .. }) => {
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

impl<C: Leave> Holds<C> for Adaptive<C> {
    fn message(message: &Self::Message) -> Option<(u32, &C::Message)> {
        match message {
            Message::Within(Of(rung, message)) => Some((*rung, message)),
            _ => None,
        }
    }

    fn timer(timer: Self::Timer) -> Option<(u32, C::Timer)> {
        match timer {
            Timer::Within(Of(rung, timer)) => Some((rung, timer)),
            _ => None,
        }
    }

    fn claim(claim: &Self::Observation) -> Option<(u32, &C::Observation)> {
        match claim {
            Observation::Within(Of(rung, claim)) => Some((*rung, claim)),
            _ => None,
        }
    }

    fn starts(claim: &Self::Observation) -> Option<(u32, u64)> {
        match *claim {
            Observation::Entered { rung, bound: Bound::Value(value) } => Some((rung, value)),
            _ => None,
        }
    }
}
