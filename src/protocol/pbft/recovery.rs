//! Recovery: what a replica takes up after a crash, and what it keeps in storage for that.

use super::durable::Record;
use super::ledger::{Sequence, Snapshot};
use super::observation::Observation;
use super::state::{Ctx, Mode, ProgressTimer, Replica};
use std::rc::Rc;
use synod_sim::Durable;

impl Replica {
    /// Recovers from durable records.
    pub(super) fn recover(&mut self, durable: Durable<'_, Record>) {
        let n = self.n();
        self.recovered = !durable.records.is_empty();
        let stable = durable.records.iter().rev().find_map(|record| match record {
            Record::Stable(proof) => Some(proof),
            _ => None,
        });
        if let Some(proof) = stable {
            self.low = proof[0].sequence;
            self.stable = Rc::clone(proof);
            self.log.forget(self.low);
        }
        let is_open = |sequence: Sequence| sequence > stable.map_or(0, |proof| proof[0].sequence);
        for record in durable.records {
            match record {
                Record::Entered(new_view) => {
                    self.view = new_view.view;
                    self.new_view = Some(new_view.clone());
                    self.mode = Mode::Normal;
                    self.progress_timer = ProgressTimer::Idle;
                }
                Record::Changing(change) => {
                    self.mode = Mode::Changing(change.view);
                    self.progress_timer = ProgressTimer::AwaitingQuorum;
                    self.changes[self.me.index()] = Some(change.clone());
                }
                Record::PrePrepare(proposal, batch) if is_open(proposal.sequence) => {
                    let slot = self.log.slot(proposal.sequence);
                    if let Some(batch) = batch {
                        slot.keep_batch(proposal.digest, batch);
                    }
                    slot.round(proposal.view).pre_prepare = Some(proposal.clone());
                }
                Record::Prepare(vote) if is_open(vote.sequence) => {
                    let round = self.log.slot(vote.sequence).round(vote.view);
                    round.prepares.cast(n, vote, vote.digest);
                }
                Record::Commit(vote) if is_open(vote.sequence) => {
                    let round = self.log.slot(vote.sequence).round(vote.view);
                    round.prepared = true;
                    round.commits.cast(n, vote, vote.digest);
                }
                Record::Certificate(certificate) if is_open(certificate.pre_prepare.sequence) => {
                    self.log.slot(certificate.pre_prepare.sequence).certify(Rc::clone(certificate));
                }
                Record::Snapshot(snapshot) if snapshot.sequence >= self.last_executed => {
                    self.install(snapshot).expect("what is stored was this machine's state");
                }
                // A crash while the log was being rewritten leaves both the old log and the new.
                Record::Snapshot(snapshot) => {
                    self.snapshots.insert(snapshot.sequence, Rc::clone(snapshot));
                }
                // Superseded by the watermark, or taken up above.
                Record::PrePrepare(..)
                | Record::Prepare(_)
                | Record::Commit(_)
                | Record::Certificate(_)
                | Record::Stable(_) => {}
            }
        }
        self.log.discard_earlier_views(self.view, self.config.strong());
        self.known_at_status = self.log.highest();
        self.next_sequence = self.log.highest().max(self.last_executed).max(self.low) + 1;
        // A snapshot beyond the watermark is a checkpoint that the others may yet have to hear of: their STATUS asks.
        self.snapshots = self.snapshots.split_off(&self.low.min(self.last_executed));
        self.assert_sound();
    }

    /// Resumes after a crash.
    pub(super) fn resume(&mut self, ctx: &mut Ctx<'_>) {
        let sequence = self.last_executed;
        let digest = match self.snapshots.get(&sequence) {
            Some(snapshot) => snapshot.digest(),
            None => Snapshot::initial().digest(),
        };
        ctx.observe(Observation::Installed { sequence, digest, transferred: false });
        // What was proposed before waits for execution still, and the primary is given no more time than before.
        for batch in self.open_batches() {
            self.await_execution(&batch);
        }
        self.pending.restart(|_| true);
        self.start_request_timer(ctx);
        self.resend_checkpoints(ctx);
        self.fetch_if_stuck(ctx);
        if self.config.rules().retransmits {
            self.send_status(ctx);
        }
    }

    /// Rewrites storage with the records that are still needed.
    pub(super) fn rewrite_storage(&self, ctx: &mut Ctx<'_>) {
        ctx.truncate();
        if let Some(new_view) = &self.new_view {
            ctx.persist(Record::Entered(new_view.clone()));
        }
        if let (Mode::Changing(_), Some(change)) = (self.mode, &self.changes[self.me.index()]) {
            ctx.persist(Record::Changing(change.clone()));
        }
        for snapshot in self.snapshots.values() {
            ctx.persist(Record::Snapshot(Rc::clone(snapshot)));
        }
        if !self.stable.is_empty() {
            ctx.persist(Record::Stable(Rc::clone(&self.stable)));
        }
        for (sequence, slot) in self.log.iter() {
            for round in slot.rounds() {
                if let Some(proposal) = &round.pre_prepare {
                    let batch = slot.batch(proposal.digest);
                    self.persist_vote(ctx, Record::PrePrepare(proposal.clone(), batch));
                }
            }
            if let Some(certificate) = &slot.certificate {
                self.persist_vote(ctx, Record::Certificate(Rc::clone(certificate)));
            }
            let (prepare, commit) = self.own_votes(sequence);
            prepare.into_iter().for_each(|vote| self.persist_vote(ctx, Record::Prepare(vote)));
            commit.into_iter().for_each(|vote| self.persist_vote(ctx, Record::Commit(vote)));
        }
        ctx.sync();
    }
}
