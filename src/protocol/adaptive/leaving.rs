//! From one rung to the next: members leave with their word on what was decided, and go on together, bound by it.

use super::closing;
use super::durable::Record;
use super::message::{Close, Message, Open, Settled, Timer};
use super::node::{Adaptive, Ctx, Stage, Window, Word};
use super::observation::{Observation, Reason, Trigger};
use std::rc::Rc;
use synod_compose::{Bound, Ending, Leave};
use synod_sim::{Context, Members, NodeId, Recipients, Signed};

impl<C: Leave> Adaptive<C> {
    /// There is a reason to leave `rung`: it does, if that is where it is, and if there is a next.
    pub(super) fn trigger(&mut self, ctx: &mut Ctx<'_, C>, rung: u32, trigger: Trigger) {
        let is_over = match self.outcome {
            None => false,
            Some(Ending::Undecided(_)) => trigger.is_own(),
            Some(Ending::Decided(_)) => trigger.is_own() || !self.config.may_lie(),
        };
        if is_over || self.config.next(rung).is_none() {
            return;
        }
        if !self.config.rules().closes_before_next && trigger.is_own() {
            ctx.observe(Observation::Left { rung, trigger });
            return self.enter(ctx, rung + 1, Bound::Free);
        }
        if self.rung() == Some(rung) {
            self.leave(ctx, rung, trigger);
            self.say_closed(ctx);
        }
    }

    /// Leaves all rungs up to `rung`, and says what it leaves behind.
    pub(super) fn leave(&mut self, ctx: &mut Ctx<'_, C>, rung: u32, trigger: Trigger) {
        let mut words = self.closed.as_ref().map_or(Vec::new(), |close| close.words.clone());
        words.resize_with(rung as usize + 1, || None);
        match &self.stage {
            Stage::Working(work) => {
                assert!(work.rung <= rung, "rungs are left downwards");
                words[work.rung as usize] = Some(work.child.testimony());
            }
            Stage::Left(left, _) => assert!(*left <= rung, "rungs are left downwards"),
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

    /// Says to all that it has left.
    pub(super) fn say_closed(&mut self, ctx: &mut Ctx<'_, C>) {
        let close = self.closed.clone().expect("it has left");
        ctx.broadcast(Message::Close(close.clone()));
        self.take_word(ctx, close);
    }

    /// A member says that it has left.
    pub(super) fn on_close(&mut self, ctx: &mut Ctx<'_, C>, close: &Word<C>) {
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
    pub(super) fn take_word(&mut self, ctx: &mut Ctx<'_, C>, close: Word<C>) {
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
        assert!(certificate.len() >= self.config.closing(), "n - f words close a rung");
        let open = Rc::new(ctx.sign(Open { rung: next, certificate }));
        self.opened = Some(Rc::clone(&open));
        ctx.persist(Record::Opened(Rc::clone(&open)));
        ctx.sync();
        ctx.broadcast(Message::Open(open));
        self.enter(ctx, next, bound);
    }

    /// Leaves `rung`, which was not opened for this member in its time, without having been there.
    pub(super) fn pass_over(&mut self, ctx: &mut Ctx<'_, C>, rung: u32) {
        if self.config.next(rung).is_some() {
            self.leave(ctx, rung, Trigger::Unopened);
            self.say_closed(ctx);
        }
    }

    /// The next rung was opened.
    pub(super) fn on_open(
        &mut self,
        ctx: &mut Ctx<'_, C>,
        from: NodeId,
        open: &Rc<Signed<Open<C::Testimony>>>,
    ) {
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
        if place.opener != open.signer() || place.level < self.config.floor && self.config.rules().keeps_floor
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
        let is_later = self.opened.as_ref().is_none_or(|before| before.rung < rung);
        assert!(is_later || !self.config.rules().closes_before_next, "rungs are opened downwards");
        self.opened = Some(Rc::clone(open));
        self.enter(ctx, rung, bound);
    }

    /// A member that has its outcome tells it.
    pub(super) fn on_settled(&mut self, ctx: &mut Ctx<'_, C>, settled: &Signed<Settled>) {
        let from = settled.signer();
        if !ctx.verify(settled) {
            return self.refuse(ctx, Reason::BadSignature, from);
        }
        self.settled[from.index()].get_or_insert((**settled).clone());
        let alike = self.settled.iter().flatten().filter(|held| held.value == settled.value).count();
        let may_lie = self.config.may_lie() && self.config.rules().doubts_one_voice;
        let liars = if may_lie { self.config.faulty } else { 0 };
        if alike > liars as usize && self.outcome.is_none() {
            self.conclude(ctx, Ending::Decided(settled.value));
        }
    }
}
