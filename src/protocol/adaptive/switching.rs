//! Switching from one rung to the next: members abort with proof of what may have been decided, and enter the next rung
//! with the init history that follows from it.

use super::durable::Record;
use super::history;
use super::message::{Close, Message, Open, Settled, Timer};
use super::node::{AbortMessage, Adaptive, Ctx, MemberState, RungLens};
use super::observation::{Observation, Reason, Trigger};
use std::rc::Rc;
use synod_common::decide::{Abortable, Ending, InitHistory, Tokens};
use synod_sim::{Context, Members, NodeId, Recipients, Signed};

impl<C: Abortable> Adaptive<C> {
    /// Aborts `rung` for `trigger`, if it runs and there is a next one.
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
            return self.enter(ctx, rung + 1, InitHistory::Free);
        }
        if self.rung() == Some(rung) {
            self.abort(ctx, rung, trigger);
            self.broadcast_abort(ctx);
        }
    }

    /// Aborts all rungs up to `rung`, and records the abort histories.
    pub(super) fn abort(&mut self, ctx: &mut Ctx<'_, C>, rung: u32, trigger: Trigger) {
        let mut proofs = self.own_abort.as_ref().map_or(Vec::new(), |close| close.proofs.clone());
        proofs.resize_with(rung as usize + 1, || None);
        match &self.state {
            MemberState::Working(work) => {
                assert!(work.rung <= rung, "rungs are left downwards");
                proofs[work.rung as usize] = Some(work.child.abort_proof());
            }
            MemberState::Aborted(left, _) => assert!(*left <= rung, "rungs are left downwards"),
        }
        let bytes = proofs.iter().flatten().map(C::size).sum();
        let close = ctx.sign(Close { rung, proofs, bytes });
        ctx.persist(Record::Closed(close.clone()));
        ctx.sync();
        ctx.observe(Observation::Left { rung, trigger });
        ctx.cancel_timer(Timer::Pressure(rung));
        self.state = MemberState::Aborted(rung, ctx.now());
        self.own_abort = Some(close);
    }

    /// Broadcasts the abort message.
    pub(super) fn broadcast_abort(&mut self, ctx: &mut Ctx<'_, C>) {
        let close = self.own_abort.clone().expect("it has left");
        ctx.broadcast(Message::Close(close.clone()));
        self.record_abort(ctx, close);
    }

    /// Handles a member's abort message.
    pub(super) fn on_close(&mut self, ctx: &mut Ctx<'_, C>, close: &AbortMessage<C>) {
        let from = close.signer();
        let is_one = |held: &AbortMessage<C>| held.digest() == close.digest();
        let held = self.aborts.get(close.rung as usize).and_then(|aborts| aborts.get(from.index()));
        let Some(held) = held else { return self.refuse(ctx, Reason::Unproven, from) };
        let is_known = held.as_ref().is_some_and(is_one);
        if !is_known && !self.is_valid_abort(ctx, close) {
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
            _ if !is_known => self.record_abort(ctx, close.clone()),
            _ => {}
        }
    }

    /// Returns true if an abort message is signed by its signer and its histories are proven.
    fn is_valid_abort(&self, ctx: &mut Ctx<'_, C>, close: &AbortMessage<C>) -> bool {
        let rungs = close.proofs.len();
        if rungs != close.rung as usize + 1 || rungs > self.config.chain.len() || !ctx.verify(close) {
            return false;
        }
        close.proofs.iter().enumerate().all(|(rung, proof)| {
            let Some(proof) = proof else { return true };
            let child = &self.config.chain[rung].child;
            // A proof is judged, and nothing done.
            let mut tokens = Tokens::default();
            let mut lens = RungLens { tokens: &mut tokens, rung: rung as u32, ending: None };
            ctx.narrow(rung as u64, Members::All, &mut lens, |ctx: &mut Context<'_, C>| {
                C::is_proven(child, ctx, close.signer(), proof)
            })
        })
    }

    /// Counts a valid abort message: with f + 1 of them this member aborts too, with n − f the next rung can be opened.
    pub(super) fn record_abort(&mut self, ctx: &mut Ctx<'_, C>, close: AbortMessage<C>) {
        let rung = close.rung;
        let place = close.signer().index();
        let aborts = &mut self.aborts[rung as usize];
        if aborts[place].is_some() {
            // The first message of a member counts.
            return;
        }
        aborts[place] = Some(close);
        let count = aborts.iter().flatten().count();
        if count > self.config.faulty as usize {
            match self.state {
                MemberState::Aborted(left, _) if left + 1 == rung => self.skip_unopened(ctx, rung),
                _ => self.trigger(ctx, rung, Trigger::Others),
            }
        }
        self.open(ctx, rung);
    }

    /// Opens the rung after `rung`, if this member is its opener and enough members have aborted.
    fn open(&mut self, ctx: &mut Ctx<'_, C>, rung: u32) {
        let Some(next) = self.config.next(rung) else { return };
        let has_left = matches!(self.state, MemberState::Aborted(left, _) if left == rung);
        let is_due = self.config.chain[next as usize].opener == self.me
            && has_left
            && self.opened.as_ref().is_none_or(|open| open.rung < next);
        if !is_due {
            return;
        }
        let certificate: Vec<_> = self.aborts[rung as usize].iter().flatten().cloned().collect();
        if !history::is_complete(&self.config, rung, &certificate) {
            return;
        }
        let init_history = history::init_history(&self.config, rung, &certificate);
        if init_history == InitHistory::Unclear {
            return;
        }
        assert!(certificate.len() >= self.config.abort_quorum(), "n - f words close a rung");
        let open = Rc::new(ctx.sign(Open { rung: next, certificate }));
        self.opened = Some(Rc::clone(&open));
        ctx.persist(Record::Opened(Rc::clone(&open)));
        ctx.sync();
        ctx.broadcast(Message::Open(open));
        self.enter(ctx, next, init_history);
    }

    /// Aborts `rung`, which was not opened in time, without having entered it.
    pub(super) fn skip_unopened(&mut self, ctx: &mut Ctx<'_, C>, rung: u32) {
        if self.config.next(rung).is_some() {
            self.abort(ctx, rung, Trigger::Unopened);
            self.broadcast_abort(ctx);
        }
    }

    /// Handles the opening of the next rung.
    pub(super) fn on_open(
        &mut self,
        ctx: &mut Ctx<'_, C>,
        from: NodeId,
        open: &Rc<Signed<Open<C::AbortProof>>>,
    ) {
        let rung = open.rung;
        let is_ahead = match &self.state {
            MemberState::Working(work) => rung > work.rung,
            MemberState::Aborted(left, _) => rung > *left,
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
        let is_proven = history::is_complete(&self.config, before, &open.certificate)
            && ctx.verify(open)
            && open.certificate.iter().all(|close| self.is_valid_abort(ctx, close));
        if !is_proven {
            return self.refuse(ctx, Reason::Unproven, from);
        }
        let init_history = history::init_history(&self.config, before, &open.certificate);
        if init_history == InitHistory::Unclear {
            return self.refuse(ctx, Reason::Unproven, from);
        }
        if !matches!(self.state, MemberState::Aborted(left, _) if left == before) {
            self.abort(ctx, before, Trigger::Opened);
        }
        let is_later = self.opened.as_ref().is_none_or(|before| before.rung < rung);
        assert!(is_later || !self.config.rules().closes_before_next, "rungs are opened downwards");
        self.opened = Some(Rc::clone(open));
        self.enter(ctx, rung, init_history);
    }

    /// Handles a member's decision.
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
