//! Proposals: the primary batches pending requests and assigns slots; backups accept one proposal for each slot and
//! view.

use super::clock::Tick;
use super::durable::Record;
use super::ledger::Sequence;
use super::message::{Batch, Message, PrePrepare, Prepare, Request};
use super::observation::{Observation, Reason};
use super::state::{Ctx, Mode, Replica, Timer};
use synod_sim::{Digest, Signed};

impl Replica {
    /// Proposes pending requests as primary, as far as watermarks and flow control allow; an incomplete batch waits for
    /// more unless it `is_due`.
    pub(super) fn propose(&mut self, ctx: &mut Ctx<'_>, is_due: bool) {
        if self.mode != Mode::Normal || !self.is_primary() {
            return;
        }
        self.assert_sound();
        let mut is_due = is_due || self.config.batch_delay.is_zero();
        loop {
            let waiting = self.pending.unproposed(self.config.batch_max);
            let is_tick_due = self.is_tick_due(ctx.now());
            let within_window = self.next_sequence <= self.low + self.config.window()
                || !self.config.rules().has_upper_watermark;
            let in_flight = self.next_sequence.saturating_sub(self.last_executed + 1);
            let session_over = self.config.session().is_some() && self.next_sequence > 1;
            if (waiting == 0 && !is_tick_due)
                || !within_window
                || in_flight >= self.config.in_flight_max
                || session_over
            {
                return;
            }
            let Some(tick) = self.next_tick(ctx.now()) else { return };
            if waiting < self.config.batch_max && !is_due && !is_tick_due {
                if !self.batch_armed {
                    self.batch_armed = true;
                    ctx.set_timer(Timer::Batch, self.config.batch_delay);
                }
                return;
            }
            let requests = self.pending.propose(self.config.batch_max);
            let batch = match self.config.session() {
                None if self.config.life > 0 => other_batch(&requests, self.config.life),
                _ => Batch::of(requests),
            };
            let batch = Batch { tick, ..batch };
            self.propose_batch(ctx, batch);
            is_due = self.config.batch_delay.is_zero();
        }
    }

    fn propose_batch(&mut self, ctx: &mut Ctx<'_>, batch: Batch) {
        let (view, sequence, digest) = (self.view, self.next_sequence, batch.digest());
        self.next_sequence += 1;
        assert!(
            self.log.slot(sequence).round(view).pre_prepare.is_none(),
            "a slot is proposed for once in a view"
        );
        let pre_prepare = ctx.sign(PrePrepare { view, sequence, digest });
        self.record_accepted(ctx, &pre_prepare, Some(&batch));
        ctx.sync();
        ctx.multicast(self.replicas(), Message::PrePrepare(pre_prepare, batch));
        if !self.config.rules().proposal_is_all_a_primary_sends {
            let prepare = ctx.sign(Prepare { view, sequence, digest });
            ctx.multicast(self.replicas(), Message::Prepare(prepare));
        }
        self.check_prepared(ctx, sequence);
    }

    /// Records a proposal of the present view in the log, durably.
    pub(super) fn record_accepted(
        &mut self,
        ctx: &mut Ctx<'_>,
        pre_prepare: &Signed<PrePrepare>,
        batch: Option<&Batch>,
    ) {
        let PrePrepare { view, sequence, digest } = **pre_prepare;
        let slot = self.log.slot(sequence);
        if let Some(batch) = batch {
            slot.keep_batch(digest, batch);
        }
        let round = slot.round(view);
        round.pre_prepare = Some(pre_prepare.clone());
        round.accepted_at = Some(ctx.now());
        ctx.observe(Observation::Accepted { view, sequence, digest, low: self.low });
        self.persist_vote(ctx, Record::PrePrepare(pre_prepare.clone(), batch.cloned()));
    }

    pub(super) fn on_pre_prepare(
        &mut self,
        ctx: &mut Ctx<'_>,
        pre_prepare: &Signed<PrePrepare>,
        batch: &Batch,
    ) {
        let PrePrepare { view, sequence, digest } = **pre_prepare;
        if !self.is_current_or_next(view) {
            return;
        }
        if pre_prepare.signer() != self.config.primary(view) {
            self.judge_author(ctx, pre_prepare, batch);
            return self.reject(ctx, Reason::WrongSigner, pre_prepare.signer());
        }
        if !self.in_window(sequence) {
            return self.reject(ctx, Reason::OutsideWindow, pre_prepare.signer());
        }
        if !self.config.rules().verifies_evidence
            && let Some(first) = self.log.slot(sequence).round(view).pre_prepare.clone()
            && first.digest() != pre_prepare.digest()
        {
            let second = pre_prepare.clone();
            return ctx.observe(Observation::Equivocation { first, second });
        }
        if !self.authentic(ctx, pre_prepare) {
            if !self.config.rules().unsigned_proposals_change_nothing {
                return self.start_view_change(ctx, self.view + 1);
            }
            return self.reject(ctx, Reason::BadSignature, pre_prepare.signer());
        }
        let round = self.log.slot(sequence).round(view);
        let early = round.early.as_ref().map(|(proposal, _)| proposal);
        let accepted = round.pre_prepare.as_ref().or(early).cloned();
        if let Some(first) = accepted {
            let contradicts = first.digest() != pre_prepare.digest();
            if contradicts && self.config.rules().first_proposal_stands {
                let second = pre_prepare.clone();
                ctx.observe(Observation::Equivocation { first, second });
                if view == self.view && self.mode == Mode::Normal {
                    self.start_view_change(ctx, view + 1);
                }
                return;
            }
            if !contradicts {
                return self.keep_batch(ctx, sequence, digest, batch);
            }
        }
        // What the primary has proposed it knows; what others say that it did, its keys being stolen, it did not.
        if pre_prepare.signer() == self.me {
            return self.reject(ctx, Reason::Invalid, self.me);
        }
        if !self.acceptable_batch(ctx, digest, batch) {
            self.judge_contents(ctx, pre_prepare, batch);
            return self.reject(ctx, Reason::Invalid, pre_prepare.signer());
        }
        let tick = self.judge_tick(ctx.now(), sequence, batch);
        if tick == Tick::Impossible && view == self.view && self.mode == Mode::Normal {
            self.reject(ctx, Reason::Invalid, pre_prepare.signer());
            return self.start_view_change(ctx, view + 1);
        }
        if view != self.view || self.mode != Mode::Normal {
            let early = self.config.rules().keeps_early_messages;
            self.log.slot(sequence).round(view).early = early.then(|| (pre_prepare.clone(), batch.clone()));
            return;
        }
        self.record_accepted(ctx, pre_prepare, Some(batch));
        self.judge_early_votes(ctx, view, sequence);
        self.await_execution(batch);
        self.start_request_timer(ctx);
        if tick == Tick::Plausible {
            self.vote_prepare(ctx, view, sequence, digest);
        } else {
            self.check_prepared(ctx, sequence);
        }
    }

    /// Adds proposed requests to the pending ones: their clients may have sent them to the primary alone.
    pub(super) fn await_execution(&mut self, batch: &Batch) {
        for request in batch.requests.iter() {
            if self.clients.get(&request.client).is_none_or(|&(executed, _)| executed < request.timestamp) {
                self.pending.insert(request);
            }
        }
    }

    /// A batch that came with a repeated proposal, in case it was missing.
    fn keep_batch(&mut self, ctx: &mut Ctx<'_>, sequence: Sequence, digest: Digest, batch: &Batch) {
        if batch.digest() == digest && self.log.slot(sequence).batch(digest).is_none() {
            self.log.slot(sequence).keep_batch(digest, batch);
            self.execute(ctx);
        }
    }

    /// Returns true if `batch` is what `digest` names, and every request in it is its client's and not overtaken.
    pub(super) fn acceptable_batch(&mut self, ctx: &mut Ctx<'_>, digest: Digest, batch: &Batch) -> bool {
        // A null batch is a new view's to propose, and a session decides on one request.
        let is_sized = match self.config.session() {
            Some(_) => batch.requests.len() == 1,
            None => !batch.requests.is_empty() || batch.tick.is_some(),
        };
        is_sized
            && (batch.tick.is_none() || self.config.clock().is_some())
            && batch.digest() == digest
            && batch.requests.iter().all(|request| {
                self.config.host(request.client) == Some(request.signer())
                    && self.authentic(ctx, request)
                    && self.admissible(request)
                    && self
                        .clients
                        .get(&request.client)
                        .is_none_or(|&(executed, _)| executed <= request.timestamp)
            })
    }
}

/// A twin's batch for the same requests: each more than once, the last first.
fn other_batch(requests: &[Signed<Request>], life: u32) -> Batch {
    let again = |request| std::iter::repeat_n(request, life as usize + 1);
    Batch::of(requests.iter().rev().flat_map(again).cloned().collect::<Vec<_>>())
}
