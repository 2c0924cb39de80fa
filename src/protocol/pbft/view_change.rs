//! View changes: a primary that is too slow or equivocates is replaced, and what may have been committed is proposed
//! again.
//!
//! Why it is safe: a slot that is committed at a correct replica has certificates at q − f correct replicas; every
//! quorum of view changes meets them in a correct one, which reports its certificate; and the certificate of the
//! highest view is kept.

use super::basis::Basis;
use super::bug::Kept;
use super::config::Config;
use super::durable::Record;
use super::ledger::Sequence;
use super::message::{
    Batch, Checkpoint, Message, NULL_BATCH, NewView, PrePrepare, Prepared, View, ViewChange,
};
use super::observation::{Observation, Reason};
use super::state::{Ctx, Mode, ProgressTimer, Replica, Timer};
use std::rc::Rc;
use synod_sim::collections::SortedMap;
use synod_sim::{Digest, Duration, NodeId, Recipients, Signed, sort};

/// The decision procedure of a new view: starting checkpoint and the set O of proposals that follow from a quorum V of
/// view changes (OSDI 1999, §4.4).
#[derive(Clone, Debug)]
struct NewViewDecision {
    /// The highest checkpoint that any of them proves.
    low: Sequence,
    /// Its proof.
    stable: Vec<Signed<Checkpoint>>,
    /// For every slot above it up to the highest prepared one, what to propose again, with its certificate; no
    /// certificate, and the null batch, where nothing can have been committed.
    proposals: Vec<(Sequence, Digest, Option<Rc<Prepared>>)>,
}

impl NewViewDecision {
    /// Runs the decision procedure on `changes`.
    fn of(config: &Config, changes: &[Signed<ViewChange>]) -> NewViewDecision {
        let highest = changes.iter().max_by_key(|change| change.low).expect("there are view changes");
        let low = highest.low;
        let mut best: SortedMap<Sequence, &Rc<Prepared>> = SortedMap::new();
        for certificate in changes.iter().flat_map(|change| &change.prepared) {
            let PrePrepare { view, sequence, .. } = *certificate.pre_prepare;
            if sequence <= low {
                continue;
            }
            let held = best.entry(sequence).or_insert(certificate);
            let is_better = match config.rules().kept_certificate {
                Kept::HighestView => view > held.pre_prepare.view,
                Kept::LowestView => view < held.pre_prepare.view,
                Kept::First => false,
            };
            if is_better {
                *held = certificate;
            }
        }
        let high = best.last_key_value().map_or(low, |(&sequence, _)| sequence);
        let proposals = (low + 1..=high)
            .map(|sequence| match best.get(&sequence) {
                Some(&certificate) => {
                    (sequence, certificate.pre_prepare.digest, Some(Rc::clone(certificate)))
                }
                None => (sequence, NULL_BATCH, None),
            })
            .collect();
        NewViewDecision { low, stable: highest.stable.clone(), proposals }
    }
}

impl Replica {
    // ---- Timers ----

    /// Starts the request timer for the oldest request, if this replica is a backup in normal operation and the timer
    /// does not run.
    pub(super) fn start_request_timer(&mut self, ctx: &mut Ctx<'_>) {
        if self.progress_timer == ProgressTimer::Idle
            && self.mode == Mode::Normal
            && !self.is_primary()
            && let Some(oldest) = self.pending.oldest()
        {
            self.progress_timer = ProgressTimer::Request(oldest);
            ctx.set_timer(Timer::Progress, self.config.timeout);
        }
    }

    /// Restarts the request timer for the oldest request, if one waits.
    pub(super) fn restart_request_timer(&mut self, ctx: &mut Ctx<'_>) {
        self.progress_timer = ProgressTimer::Idle;
        ctx.cancel_timer(Timer::Progress);
        self.start_request_timer(ctx);
    }

    /// The length of the timer of the present attempt: T doubles with each, up to the cap.
    fn attempt_timeout(&self) -> Duration {
        if !self.config.rules().doubles_timers {
            return self.config.timeout;
        }
        let doublings = (self.attempt.max(1) - 1).min(63);
        self.config.timeout.saturating_mul(1 << doublings).min(self.config.timeout_max)
    }

    /// Starts the view-change timer of the present attempt.
    fn start_attempt_timer(&mut self, ctx: &mut Ctx<'_>) {
        self.progress_timer = ProgressTimer::Attempt;
        ctx.set_timer(Timer::Progress, self.attempt_timeout());
    }

    pub(super) fn on_progress_timeout(&mut self, ctx: &mut Ctx<'_>) {
        self.progress_timer = ProgressTimer::Idle;
        if !self.config.rules().suspicion_is_no_proof {
            ctx.observe(Observation::Accused { replica: self.primary() });
        }
        let abandoned = match self.mode {
            Mode::Normal => self.view,
            Mode::Changing(target) => target,
        };
        self.start_view_change(ctx, abandoned + 1);
    }

    // ---- VIEW-CHANGE ----

    /// Starts a view change to `target`.
    pub(super) fn start_view_change(&mut self, ctx: &mut Ctx<'_>, target: View) {
        assert!(target > self.wanted(), "views only rise");
        self.attempt += 1;
        self.mode = Mode::Changing(target);
        self.progress_timer = ProgressTimer::AwaitingQuorum;
        self.batch_armed = false;
        ctx.cancel_timer(Timer::Progress);
        ctx.cancel_timer(Timer::Batch);
        ctx.cancel_timer(Timer::Tick);
        ctx.observe(Observation::ViewChangeStarted { target, attempt: self.attempt });
        let high = self.low + self.config.window();
        let prepared = if self.config.rules().reports_certificates {
            let open = self.log.iter().filter(|&(sequence, _)| sequence > self.low && sequence <= high);
            open.filter_map(|(_, slot)| slot.certificate.clone()).collect()
        } else {
            Vec::new()
        };
        let body = ViewChange { view: target, low: self.low, stable: self.stable.to_vec(), prepared };
        let change = ctx.sign(body);
        ctx.persist(Record::Changing(change.clone()));
        ctx.sync();
        self.changes[self.me.index()] = Some(change.clone());
        ctx.multicast(self.replicas(), Message::ViewChange(change));
        if !self.config.rules().timer_awaits_quorum {
            self.start_attempt_timer(ctx);
        }
        self.check_view_change_quorum(ctx);
    }

    /// The current view, or the target of a view change.
    pub(super) fn wanted(&self) -> View {
        match self.mode {
            Mode::Normal => self.view,
            Mode::Changing(target) => target,
        }
    }

    pub(super) fn on_view_change(&mut self, ctx: &mut Ctx<'_>, change: &Signed<ViewChange>) {
        let sender = change.signer();
        if sender.0 >= self.config.quorum.n || sender == self.me {
            return;
        }
        let held = self.changes[sender.index()].as_ref().map_or(0, |held| held.view);
        if change.view <= self.view || change.view <= held {
            return;
        }
        if !self.authentic(ctx, change) {
            return self.reject(ctx, Reason::BadSignature, sender);
        }
        if !self.is_valid_change(ctx, change) {
            self.judge_invalid_change(ctx, change);
            return self.reject(ctx, Reason::Unproven, sender);
        }
        ctx.show(|| Observation::WentBy(Basis::ViewChange(change.clone())));
        self.judge_valid_change(ctx, change);
        self.changes[sender.index()] = Some(change.clone());
        self.join_others(ctx);
        self.check_view_change_quorum(ctx);
    }

    /// Returns true if `change` proves its watermark and every certificate in it.
    fn is_valid_change(&self, ctx: &mut Ctx<'_>, change: &ViewChange) -> bool {
        let low_proven = change.low == 0 && change.stable.is_empty()
            || self.proves_stable(ctx, &change.stable, change.low, None)
            || (!self.config.rules().checkpoint_takes_a_quorum && !change.stable.is_empty());
        let high = change.low.saturating_add(self.config.window());
        let ascending = change.prepared.is_sorted_by(|a, b| a.pre_prepare.sequence < b.pre_prepare.sequence);
        low_proven
            && ascending
            && change.prepared.iter().all(|certificate| {
                let PrePrepare { view, sequence, .. } = *certificate.pre_prepare;
                view < change.view
                    && sequence > change.low
                    && (sequence <= high || !self.config.rules().has_upper_watermark)
                    && self.is_complete(ctx, certificate)
            })
    }

    /// Returns true if `certificate` holds its primary's proposal and q − 1 distinct backups' prepares for it.
    fn is_complete(&self, ctx: &mut Ctx<'_>, certificate: &Prepared) -> bool {
        let proposal = &certificate.pre_prepare;
        let primary = self.config.primary(proposal.view);
        let signers = sort::distinct(certificate.prepares.iter().map(Signed::signer).collect());
        let rules = self.config.rules();
        let counted =
            if rules.certificate_counts_signers { signers.len() } else { certificate.prepares.len() };
        let enough = counted + 1 >= self.config.strong() || !rules.one_vote_a_sender;
        proposal.signer() == primary
            && self.authentic(ctx, proposal)
            && enough
            && counted == certificate.prepares.len()
            && signers.iter().all(|&signer| signer.0 < self.config.quorum.n && signer != primary)
            && certificate.prepares.iter().all(|prepare| {
                let same_digest = prepare.digest == proposal.digest || !rules.compares_digests;
                let same_view = prepare.view == proposal.view || !rules.prepares_keep_their_view;
                (same_view && same_digest || !rules.compares_proofs)
                    && prepare.sequence == proposal.sequence
                    && self.authentic(ctx, prepare)
            })
    }

    /// Joins f + 1 others that have moved to later views, at the earliest of these views: one of them is correct.
    fn join_others(&mut self, ctx: &mut Ctx<'_>) {
        if !self.config.rules().joins_view_changes {
            return;
        }
        let wanted = self.wanted();
        let later = || {
            let others = self.changes.iter().flatten().filter(|change| change.signer() != self.me);
            others.map(|change| change.view).filter(|&view| view > wanted)
        };
        if later().count() >= self.config.weak()
            && let Some(earliest) = later().min()
        {
            self.start_view_change(ctx, earliest);
        }
    }

    /// With a quorum for the target view, starts its timer; its primary starts the view.
    fn check_view_change_quorum(&mut self, ctx: &mut Ctx<'_>) {
        let Mode::Changing(target) = self.mode else { return };
        let wanting = |is_wanted: &dyn Fn(View) -> bool| {
            self.changes.iter().flatten().filter(|change| is_wanted(change.view)).count()
        };
        let (later, same) = (wanting(&|view| view >= target), wanting(&|view| view == target));
        // Who wants a later view has given this one up as well. Were it not counted, those whom it left behind might
        // wait for its vote for ever.
        if later >= self.new_view_quorum() && self.progress_timer == ProgressTimer::AwaitingQuorum {
            self.start_attempt_timer(ctx);
        }
        if same >= self.new_view_quorum() && self.config.primary(target) == self.me {
            self.begin_view(ctx, target);
        }
    }

    fn new_view_quorum(&self) -> usize {
        if self.config.rules().new_view_takes_a_quorum { self.config.strong() } else { self.config.weak() }
    }

    // ---- NEW-VIEW ----

    /// Starts `view` as its primary, with a quorum of view changes.
    fn begin_view(&mut self, ctx: &mut Ctx<'_>, view: View) {
        let wanting = self.changes.iter().flatten().filter(|change| change.view == view);
        // Its own first: it must not propose less than what it has itself promised.
        let (own, others): (Vec<_>, Vec<_>) = wanting.cloned().partition(|change| change.signer() == self.me);
        let changes: Vec<_> = own.into_iter().chain(others).take(self.new_view_quorum()).collect();
        let decision = NewViewDecision::of(&self.config, &changes);
        let proposals: Vec<_> = decision
            .proposals
            .iter()
            .map(|&(sequence, digest, _)| ctx.sign(PrePrepare { view, sequence, digest }))
            .collect();
        let new_view = ctx.sign(NewView { view, changes, proposals: proposals.clone() });
        self.enter_view(ctx, view, decision, &proposals, &new_view);
        ctx.sync();
        ctx.multicast(self.replicas(), Message::NewView(new_view));
        self.on_view_entered(ctx);
    }

    pub(super) fn on_new_view(&mut self, ctx: &mut Ctx<'_>, new_view: &Signed<NewView>) {
        let view = new_view.view;
        let is_stale = match self.mode {
            Mode::Normal => view <= self.view,
            Mode::Changing(target) => view < target,
        };
        if is_stale {
            return;
        }
        let primary = self.config.primary(view);
        if new_view.signer() != primary || primary == self.me {
            return self.reject(ctx, Reason::WrongSigner, new_view.signer());
        }
        if !self.authentic(ctx, new_view) {
            return self.reject(ctx, Reason::BadSignature, new_view.signer());
        }
        let Some(decision) = self.check_new_view(ctx, new_view) else {
            self.judge_invalid_new_view(ctx, new_view);
            return self.reject(ctx, Reason::Unproven, new_view.signer());
        };
        ctx.show(|| Observation::WentBy(Basis::NewView(new_view.clone())));
        self.enter_view(ctx, view, decision, &new_view.proposals, new_view);
        for proposal in &new_view.proposals {
            // A vote may complete a checkpoint, and so close the slots that follow.
            if proposal.sequence > self.low {
                self.vote_prepare(ctx, view, proposal.sequence, proposal.digest);
            }
        }
        self.on_view_entered(ctx);
    }

    /// Validates `new_view`, which needs a quorum of valid view changes and exactly the proposals that follow from
    /// them; returns its decision.
    fn check_new_view(&self, ctx: &mut Ctx<'_>, new_view: &NewView) -> Option<NewViewDecision> {
        let mut signers: Vec<NodeId> = new_view.changes.iter().map(Signed::signer).collect();
        sort::nodes(&mut signers);
        if self.config.rules().one_view_change_a_sender {
            signers.dedup();
        }
        let is_supported = signers.len() >= self.new_view_quorum()
            && signers.iter().all(|signer| signer.0 < self.config.quorum.n)
            && new_view.changes.iter().all(|change| {
                change.view == new_view.view
                    && self.authentic(ctx, change)
                    && self.is_valid_change(ctx, change)
            });
        if !is_supported {
            return None;
        }
        let mut decision = NewViewDecision::of(&self.config, &new_view.changes);
        if !self.config.rules().recomputes_new_views {
            decision.proposals = new_view.proposals.iter().map(|p| (p.sequence, p.digest, None)).collect();
        }
        let matches = new_view.proposals.len() == decision.proposals.len()
            && new_view.proposals.iter().zip(&decision.proposals).all(|(proposal, obliged)| {
                proposal.signer() == self.config.primary(new_view.view)
                    && proposal.view == new_view.view
                    && (proposal.sequence, proposal.digest) == (obliged.0, obliged.1)
                    && self.authentic(ctx, proposal)
            });
        matches.then_some(decision)
    }

    /// Enters `view` with the proposals of its NEW-VIEW.
    fn enter_view(
        &mut self,
        ctx: &mut Ctx<'_>,
        view: View,
        decision: NewViewDecision,
        proposals: &[Signed<PrePrepare>],
        new_view: &Signed<NewView>,
    ) {
        assert!(view > self.view, "views only rise");
        self.view = view;
        self.mode = Mode::Normal;
        self.new_view = Some(new_view.clone());
        self.log.discard_earlier_views(view, self.config.strong());
        if !self.config.rules().certificates_outlive_views {
            self.log.forget_certificates();
        }
        ctx.observe(Observation::ViewEntered {
            view,
            proposals: proposals.iter().map(|proposal| (proposal.sequence, proposal.digest)).collect(),
            low: decision.low,
        });
        ctx.persist(Record::Entered(new_view.clone()));
        if decision.low > self.low {
            self.stabilise(ctx, decision.low, decision.stable.into());
            self.fetch_if_stuck(ctx);
        }
        self.next_sequence = proposals.last().map_or(self.low, |last| last.sequence).max(self.low) + 1;
        for (proposal, (sequence, digest, certificate)) in proposals.iter().zip(&decision.proposals) {
            if *sequence <= self.low {
                continue;
            }
            let batch = self.log.batch(*digest);
            self.record_accepted(ctx, proposal, batch.as_ref());
            match batch {
                Some(batch) => self.await_execution(&batch),
                None => self.fetch_batch(ctx, *digest, certificate.as_deref()),
            }
        }
        self.assert_sound();
    }

    /// Votes that came before the view count now, and waiting requests find their new primary.
    ///
    /// The timer of the attempt goes on until something new is executed. It starts here where NEW-VIEW brings the
    /// quorum of view changes that its start waits for: with the timer of a request instead, the shortest, a replica
    /// would give up views that the others still wait for.
    fn on_view_entered(&mut self, ctx: &mut Ctx<'_>) {
        let open: Vec<Sequence> = self.log.iter().map(|(sequence, _)| sequence).collect();
        let view = self.view;
        for sequence in open {
            let Some(slot) = self.log.get_mut(sequence) else { continue };
            if let Some((pre_prepare, batch)) = slot.round(view).early.take() {
                self.on_message(ctx, pre_prepare.signer(), &Message::PrePrepare(pre_prepare.clone(), batch));
            }
            // A proposal that contradicts another makes this replica leave the view that it has just entered.
            if self.mode != Mode::Normal || self.view != view {
                return;
            }
            self.check_prepared(ctx, sequence);
            self.check_committed(ctx, sequence);
        }
        if self.is_primary() {
            self.progress_timer = ProgressTimer::Idle;
            ctx.cancel_timer(Timer::Progress);
            let proposed = self.open_batches();
            self.pending.restart(|request| {
                proposed.iter().any(|batch| batch.requests.iter().any(|proposed| **proposed == *request))
            });
            self.propose(ctx, false);
            self.await_deadline(ctx);
        } else {
            for request in self.pending.iter() {
                ctx.resend(Recipients::One(self.primary()), Message::Request(request.clone()));
            }
            if self.pending.is_empty() {
                self.restart_request_timer(ctx);
            } else if self.progress_timer != ProgressTimer::Attempt {
                self.start_attempt_timer(ctx);
            }
        }
    }

    /// The batches that the present view has proposed and this replica has not executed.
    pub(super) fn open_batches(&self) -> Vec<Batch> {
        let unexecuted = self.log.iter().filter(|&(sequence, _)| sequence > self.last_executed);
        let proposals = unexecuted.filter_map(|(_, slot)| slot.get_round(self.view)?.pre_prepare.as_ref());
        proposals.filter_map(|proposal| self.log.batch(proposal.digest)).collect()
    }
}
