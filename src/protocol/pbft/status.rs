//! Retransmission: replicas send STATUS periodically, and the others send exactly what is missing.
//!
//! Without it a lost message could stop a view for ever; none of the papers' safety depends on it, all of their
//! liveness does under loss.

use super::basis::Basis;
use super::ledger::Sequence;
use super::log::Round;
use super::message::{Batch, Commit, FetchBatch, Message, MissingParts, Prepared, Status};
use super::observation::{Observation, Reason};
use super::state::{Ctx, Mode, Replica, Timer};
use std::rc::Rc;
use synod_sim::{Digest, NodeId, Recipients, Signed, sort};

/// Maximum number of slots in a STATUS.
const SLOTS_MAX: usize = 64;

impl Replica {
    pub(super) fn on_status_timer(&mut self, ctx: &mut Ctx<'_>) {
        self.fetch_if_stuck(ctx);
        self.executed_at_status = self.last_executed;
        self.send_status(ctx);
        self.known_at_status = self.log.highest();
        ctx.set_timer(Timer::Status, self.config.status_interval);
    }

    pub(super) fn send_status(&mut self, ctx: &mut Ctx<'_>) {
        let status = Status {
            view: self.view,
            changing: match self.mode {
                Mode::Normal => None,
                Mode::Changing(target) => Some(target),
            },
            low: self.low,
            last_executed: self.last_executed,
            open: self.missing_parts(),
            heard: self
                .changes
                .iter()
                .map(|change| change.as_ref().map_or(0, |change| change.view))
                .collect(),
        };
        let status = ctx.authenticate(status);
        ctx.multicast(self.replicas(), Message::Status(status));
    }

    /// The parts that this replica misses of slots that it has not executed, up to one beyond the highest known at its
    /// last STATUS, since younger ones may be on their way; and of those that the view proposed again, for which others
    /// may need its vote.
    fn missing_parts(&self) -> Vec<MissingParts> {
        let last = self.log.highest().min(self.known_at_status).max(self.last_executed) + 1;
        (self.low + 1..=last)
            .filter(|&sequence| self.in_window(sequence))
            .filter_map(|sequence| {
                let round = self.log.get(sequence).and_then(|slot| slot.get_round(self.view));
                let proposal = round.and_then(|round| round.pre_prepare.as_ref());
                let lacks_batch = proposal.is_some_and(|proposal| self.log.batch(proposal.digest).is_none());
                let is_executed = sequence <= self.last_executed;
                if round.is_some_and(|round| round.committed) && (!lacks_batch || is_executed) {
                    return None;
                }
                if is_executed && proposal.is_none() {
                    return None;
                }
                Some(MissingParts {
                    sequence,
                    pre_prepare: proposal.is_none(),
                    batch: lacks_batch,
                    prepares: round.is_none_or(|round| !round.prepared),
                })
            })
            .take(SLOTS_MAX)
            .collect()
    }

    pub(super) fn on_status(&mut self, ctx: &mut Ctx<'_>, status: &Signed<Status>) {
        let peer = status.signer();
        if !self.config.rules().retransmits || peer == self.me {
            return;
        }
        if peer.0 >= self.config.quorum.n || !self.authentic(ctx, status) {
            return self.reject(ctx, Reason::BadSignature, peer);
        }
        let now = ctx.now();
        let last = self.answered.0.get(&peer).copied();
        // A clock that was set back says nothing about how long ago that was.
        if let Some((last, _)) = last
            && last <= now
            && now.since(last).as_nanos() < self.config.status_interval.as_nanos() / 2
        {
            return;
        }
        self.answered.0.insert(peer, (now, status.last_executed));
        let is_stuck = last.is_some_and(|(_, executed)| executed == status.last_executed);
        self.resend_view_messages(ctx, peer, status);
        self.resend_checkpoint(ctx, peer, status);
        if self.mode == Mode::Normal && status.view == self.view && status.changing.is_none() {
            for missing in status.open.iter().take(SLOTS_MAX) {
                self.resend_slot(ctx, peer, missing);
            }
        }
        if is_stuck {
            self.show_committed(ctx, peer, status);
        }
    }

    /// Sends a peer proofs of commitment for slots that it has not executed, where votes alone do not suffice.
    ///
    /// A replica that gives its view up too early votes in no view until the others come after it, which may be
    /// never. Meanwhile it learns; and so do those who miss its vote.
    fn show_committed(&self, ctx: &mut Ctx<'_>, peer: NodeId, status: &Status) {
        if !self.answers_for_primary(peer) {
            return;
        }
        let lacking = status.last_executed.saturating_add(1)..=self.last_executed;
        for sequence in lacking.filter(|sequence| *sequence > self.low).take(SLOTS_MAX) {
            let Some(slot) = self.log.get(sequence) else { continue };
            if let Some(commits) = slot.commit_proof(self.config.strong())
                && let Some(batch) = self.log.batch(commits[0].digest)
            {
                ctx.repeat(Recipients::One(peer), Message::Committed(commits, batch));
            }
        }
    }

    /// Handles a proof of commitment, valid in any view and mode.
    pub(super) fn on_committed(
        &mut self,
        ctx: &mut Ctx<'_>,
        from: NodeId,
        commits: &Rc<[Signed<Commit>]>,
        batch: &Batch,
    ) {
        let Some(first) = commits.first() else { return self.reject(ctx, Reason::Unproven, from) };
        let Commit { view, sequence, digest } = **first;
        if sequence <= self.last_executed || !self.in_window(sequence) {
            return;
        }
        let signers = sort::distinct(commits.iter().map(Signed::signer).collect());
        let is_proven = batch.digest() == digest
            && signers.len() == commits.len()
            && signers.len() >= self.config.strong()
            && signers.iter().all(|signer| signer.0 < self.config.quorum.n)
            && commits.iter().all(|commit| {
                let is_for_it = **commit == **first || !self.config.rules().compares_proofs;
                is_for_it && self.authentic(ctx, commit)
            });
        if !is_proven {
            return self.reject(ctx, Reason::Unproven, from);
        }
        let proof = || Basis::Committed { sequence, digest, proof: Rc::clone(commits) };
        ctx.show(|| Observation::WentBy(proof()));
        commits.iter().for_each(|commit| self.judge_commit(ctx, commit));
        let slot = self.log.slot(sequence);
        slot.keep_batch(digest, batch);
        if slot.committed.is_none() {
            slot.committed = Some((view, digest));
            slot.learnt = Some(Rc::clone(commits));
        }
        self.execute(ctx);
    }

    fn resend_view_messages(&self, ctx: &mut Ctx<'_>, peer: NodeId, status: &Status) {
        let wanted = status.changing.unwrap_or(status.view);
        if self.mode == Mode::Normal
            && (status.view < self.view && wanted <= self.view)
            && let Some(new_view) = &self.new_view
        {
            ctx.repeat(Recipients::One(peer), Message::NewView(new_view.clone()));
        }
        let heard = status.heard.get(self.me.index()).copied().unwrap_or(0);
        if let Some(own) = &self.changes[self.me.index()]
            && own.view > heard
            && own.view > status.view
        {
            ctx.repeat(Recipients::One(peer), Message::ViewChange(own.clone()));
        }
    }

    /// A peer that is behind the stable checkpoint is shown its proof, and fetches the state.
    fn resend_checkpoint(&self, ctx: &mut Ctx<'_>, peer: NodeId, status: &Status) {
        let is_behind = status.low < self.low || status.last_executed < self.low;
        if is_behind && self.answers_for_primary(peer) {
            ctx.repeat(Recipients::One(peer), Message::Stable(Rc::clone(&self.stable)));
        }
        // A checkpoint that is not stable yet may lack just this replica's lost vote.
        for vote in self.own_checkpoints_above(status.low) {
            ctx.repeat(Recipients::One(peer), Message::Checkpoint(vote));
        }
    }

    fn resend_slot(&self, ctx: &mut Ctx<'_>, peer: NodeId, missing: &MissingParts) {
        let Some(slot) = self.log.get(missing.sequence) else { return };
        let Some(round) = slot.get_round(self.view) else { return };
        if let Some(proposal) = &round.pre_prepare
            && (missing.pre_prepare || missing.batch)
            && (self.is_primary() || self.answers_for_primary(peer))
            && let Some(batch) = self.log.batch(proposal.digest)
        {
            let message = Message::PrePrepare(proposal.clone(), batch);
            if self.is_primary() || self.could_have_come(ctx, peer, round, &message) {
                ctx.repeat(Recipients::One(peer), message);
            }
        }
        let (prepare, commit) = self.own_votes(missing.sequence);
        if missing.prepares
            && let Some(prepare) = prepare
        {
            ctx.repeat(Recipients::One(peer), Message::Prepare(prepare));
        }
        if let Some(commit) = commit {
            ctx.repeat(Recipients::One(peer), Message::Commit(commit));
        }
    }

    /// Returns true once the primary has had time to send `message`, which this replica has accepted in `round`, to
    /// everyone, over an uplink like this replica's own.
    fn could_have_come(&self, ctx: &Ctx<'_>, peer: NodeId, round: &Round, message: &Message) -> bool {
        let each = ctx.transmission_time(peer, message);
        let all = each.saturating_mul(u64::from(self.config.quorum.n) - 1);
        // A clock that was set back says nothing about how long ago that was.
        round.accepted_at.is_none_or(|at| at > ctx.now() || ctx.now().since(at) >= all)
    }

    /// Returns true for the f + 1 replicas after `peer`, which answer in place of a primary that withholds a proposal:
    /// one of them is correct.
    fn answers_for_primary(&self, peer: NodeId) -> bool {
        let n = self.config.quorum.n;
        let distance = (self.me.0 + n - peer.0) % n;
        distance as usize <= self.config.weak()
    }

    // ---- Batches that a new view names ----

    /// Asks a signer of the certificate for its batch; STATUS goes on asking.
    pub(super) fn fetch_batch(&mut self, ctx: &mut Ctx<'_>, digest: Digest, certificate: Option<&Prepared>) {
        let signers =
            certificate.into_iter().flat_map(|certificate| &certificate.prepares).map(Signed::signer);
        if let Some(holder) = signers.into_iter().find(|&signer| signer != self.me) {
            let fetch = ctx.authenticate(FetchBatch { digest });
            ctx.send(holder, Message::FetchBatch(fetch));
        }
    }

    pub(super) fn on_fetch_batch(&mut self, ctx: &mut Ctx<'_>, fetch: &Signed<FetchBatch>) {
        if fetch.signer().0 >= self.config.quorum.n || !self.authentic(ctx, fetch) {
            return self.reject(ctx, Reason::BadSignature, fetch.signer());
        }
        if let Some(batch) = self.log.batch(fetch.digest) {
            ctx.send(fetch.signer(), Message::Batch(batch));
        }
    }

    /// A batch proves itself by its digest; it is kept only where a proposal names it.
    pub(super) fn on_batch(&mut self, ctx: &mut Ctx<'_>, batch: &Batch) {
        let digest = batch.digest();
        let wanted: Vec<Sequence> = self
            .log
            .iter()
            .filter(|(_, slot)| {
                slot.rounds().any(|r| r.pre_prepare.as_ref().is_some_and(|p| p.digest == digest))
            })
            .map(|(sequence, _)| sequence)
            .collect();
        for sequence in wanted {
            self.log.slot(sequence).keep_batch(digest, batch);
        }
        self.execute(ctx);
    }
}
