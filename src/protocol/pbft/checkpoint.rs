//! Checkpoints, garbage collection and state transfer.

use super::basis::Basis;
use super::durable::Record;
use super::ledger::{ClientTable, Sequence, Snapshot};
use super::message::{Checkpoint, Fetch, Message};
use super::observation::{Observation, Reason};
use super::state::{Ctx, Fetching, Mode, Replica, Timer};
use std::rc::Rc;
use synod_log::Malformed;
use synod_sim::{Digest, NodeId, Recipients, Signed, sort};

impl Replica {
    /// Takes a checkpoint after the slot just executed.
    pub(super) fn take_checkpoint(&mut self, ctx: &mut Ctx<'_>, sequence: Sequence) {
        let (ledger, image) = self.application.snapshot();
        let clients = if self.config.rules().snapshots_hold_clients {
            self.clients.clone()
        } else {
            ClientTable::new()
        };
        let snapshot = Rc::new(Snapshot { sequence, ledger, image, clients });
        let digest = snapshot.digest();
        self.snapshots.insert(sequence, Rc::clone(&snapshot));
        ctx.show(|| Observation::Holding(Rc::clone(&snapshot)));
        ctx.observe(Observation::Checkpointed { sequence, digest });
        ctx.persist(Record::Snapshot(snapshot));
        let vote = self.send_checkpoint(ctx, sequence, digest);
        if !self.config.rules().checkpoint_takes_a_quorum {
            return self.stabilise(ctx, sequence, Rc::new([vote]));
        }
        self.check_stable(ctx, sequence);
    }

    /// Persists the state after `sequence` and broadcasts its checkpoint vote.
    fn send_checkpoint(
        &mut self,
        ctx: &mut Ctx<'_>,
        sequence: Sequence,
        digest: Digest,
    ) -> Signed<Checkpoint> {
        let vote = ctx.sign(Checkpoint { sequence, digest });
        self.checkpoints.insert(&vote, self.low + self.config.window());
        ctx.sync();
        ctx.multicast(self.replicas(), Message::Checkpoint(vote.clone()));
        vote
    }

    /// Sends again the checkpoint votes that a crash may have lost: others may wait for them.
    pub(super) fn resend_checkpoints(&mut self, ctx: &mut Ctx<'_>) {
        let unstable = self.snapshots.range(self.low + 1..);
        let unstable: Vec<_> = unstable.map(|(&sequence, snapshot)| (sequence, snapshot.digest())).collect();
        for (sequence, digest) in unstable {
            let vote = ctx.sign(Checkpoint { sequence, digest });
            self.checkpoints.insert(&vote, self.low + self.config.window());
            ctx.resend(self.replicas(), Message::Checkpoint(vote));
        }
    }

    pub(super) fn on_checkpoint(&mut self, ctx: &mut Ctx<'_>, vote: &Signed<Checkpoint>) {
        let sequence = vote.sequence;
        if sequence <= self.low {
            return;
        }
        if vote.signer().0 >= self.config.quorum.n {
            return self.reject(ctx, Reason::WrongSigner, vote.signer());
        }
        if !sequence.is_multiple_of(self.config.checkpoint_interval) || self.config.session().is_some() {
            return self.reject(ctx, Reason::Invalid, vote.signer());
        }
        if !self.authentic(ctx, vote) {
            return self.reject(ctx, Reason::BadSignature, vote.signer());
        }
        self.judge_checkpoints(ctx, std::slice::from_ref(vote));
        self.checkpoints.insert(vote, self.low + self.config.window());
        self.check_stable(ctx, sequence);
        self.propose(ctx, false);
        self.fetch_if_behind(ctx, sequence);
    }

    /// Makes a checkpoint stable with a quorum of votes for this replica's own state.
    pub(super) fn check_stable(&mut self, ctx: &mut Ctx<'_>, sequence: Sequence) {
        let Some(digest) = self.checkpoints.certified_digest(sequence, self.config.strong()) else { return };
        if sequence > self.low && self.last_executed >= sequence {
            let proof = self.checkpoints.matching(sequence, digest);
            self.stabilise(ctx, sequence, proof.into());
        }
    }

    /// Handles a proof of a stable checkpoint.
    pub(super) fn on_stable(&mut self, ctx: &mut Ctx<'_>, from: NodeId, proof: &Rc<[Signed<Checkpoint>]>) {
        let Some(first) = proof.first() else { return self.reject(ctx, Reason::Unproven, from) };
        let Checkpoint { sequence, digest } = **first;
        if sequence <= self.low {
            return;
        }
        if !self.proves_stable(ctx, proof, sequence, Some(digest)) {
            return self.reject(ctx, Reason::Unproven, from);
        }
        show_stable(ctx, sequence, digest, proof);
        self.judge_checkpoints(ctx, proof);
        if self.last_executed >= sequence {
            self.stabilise(ctx, sequence, Rc::clone(proof));
            self.propose(ctx, false);
        } else {
            self.fetch(ctx, sequence, digest, proof);
        }
    }

    /// Raises the low watermark to `sequence`, and forgets what lies below.
    ///
    /// It proposes nothing, though the window moves: it may be called while a view is being entered.
    pub(super) fn stabilise(
        &mut self,
        ctx: &mut Ctx<'_>,
        sequence: Sequence,
        proof: Rc<[Signed<Checkpoint>]>,
    ) {
        assert!(sequence > self.low, "the low watermark only rises");
        self.judge_rivals(ctx, &proof);
        self.low = sequence;
        self.next_sequence = self.next_sequence.max(sequence + 1);
        ctx.observe(Observation::Stable { sequence, digest: proof[0].digest, signers: proof.len() as u32 });
        show_stable(ctx, sequence, proof[0].digest, &proof);
        self.stable = proof;
        self.log.forget(sequence);
        self.checkpoints.forget(sequence);
        // Without the state at the watermark, which a replica that is behind has yet to fetch, the last one stays.
        if self.snapshots.contains_key(&sequence) {
            self.snapshots = self.snapshots.split_off(&sequence);
        }
        self.assert_sound();
        self.rewrite_storage(ctx);
    }

    /// This replica's own votes for checkpoints above `low` that are not stable here yet.
    pub(super) fn own_checkpoints_above(&self, low: Sequence) -> impl Iterator<Item = Signed<Checkpoint>> {
        let own = self.checkpoints.votes.iter().filter(|((_, sender), _)| *sender == self.me);
        own.filter(move |((sequence, _), _)| *sequence > low).map(|(_, vote)| vote.clone())
    }

    // ---- State transfer ----

    /// Fetches a state that f + 1 replicas have signed, if it is so far ahead that the slots before it may be collected
    /// elsewhere.
    fn fetch_if_behind(&mut self, ctx: &mut Ctx<'_>, sequence: Sequence) {
        let is_far = sequence > self.last_executed + self.config.checkpoint_interval
            || sequence > self.low + self.config.window();
        if is_far && let Some(digest) = self.checkpoints.certified_digest(sequence, self.config.weak()) {
            self.fetch(ctx, sequence, digest, &[]);
        }
    }

    /// Fetches a state that a quorum has signed, however near it is, since the slots before it may be collected
    /// everywhere; and one that f + 1 have signed, if this replica makes no progress.
    pub(super) fn fetch_if_stuck(&mut self, ctx: &mut Ctx<'_>) {
        let is_stuck = self.last_executed == self.executed_at_status;
        let needed = if is_stuck { self.config.weak() } else { self.config.strong() };
        for sequence in self.checkpoints.sequences() {
            if sequence > self.last_executed
                && let Some(digest) = self.checkpoints.certified_digest(sequence, needed)
            {
                return self.fetch(ctx, sequence, digest, &[]);
            }
        }
        if self.low > self.last_executed {
            let stable = Rc::clone(&self.stable);
            self.fetch(ctx, self.low, stable[0].digest, &stable);
        }
    }

    /// Asks a voucher for the state after `sequence`, unless a newer one is already asked for.
    ///
    /// Vouchers are those whose votes are held, and those of `proof`.
    fn fetch(&mut self, ctx: &mut Ctx<'_>, sequence: Sequence, digest: Digest, proof: &[Signed<Checkpoint>]) {
        if sequence <= self.last_executed || self.fetching.as_ref().is_some_and(|f| f.sequence >= sequence) {
            return;
        }
        let votes = self.checkpoints.of(sequence).chain(proof);
        let signers: Vec<NodeId> = votes
            .filter(|vote| vote.digest == digest && vote.signer() != self.me)
            .map(Signed::signer)
            .collect();
        if signers.is_empty() {
            return;
        }
        // Different replicas begin with different vouchers, so that one is not asked by all.
        let turn = self.me.index() % signers.len();
        self.fetching = Some(Fetching { sequence, digest, signers, turn });
        self.rotate_fetch(ctx);
    }

    /// Asks the next signer.
    pub(super) fn rotate_fetch(&mut self, ctx: &mut Ctx<'_>) {
        let Some(fetching) = &mut self.fetching else { return };
        let signer = fetching.signers[fetching.turn % fetching.signers.len()];
        fetching.turn += 1;
        let body = Fetch { sequence: fetching.sequence, digest: fetching.digest };
        let fetch = ctx.authenticate(body);
        ctx.send(signer, Message::Fetch(fetch));
        ctx.set_timer(Timer::Fetch, self.config.timeout);
    }

    pub(super) fn on_fetch(&mut self, ctx: &mut Ctx<'_>, fetch: &Signed<Fetch>) {
        if fetch.signer().0 >= self.config.quorum.n || !self.authentic(ctx, fetch) {
            return self.reject(ctx, Reason::BadSignature, fetch.signer());
        }
        // What was asked for, or, if that is forgotten, the stable state that took its place.
        let sequence = if self.snapshots.contains_key(&fetch.sequence) { fetch.sequence } else { self.low };
        if let Some(snapshot) = self.snapshots.get(&sequence)
            && sequence >= fetch.sequence
        {
            let proof = if sequence == self.low { Rc::clone(&self.stable) } else { Rc::new([]) };
            ctx.multicast(Recipients::One(fetch.signer()), Message::State(Rc::clone(snapshot), proof));
        }
    }

    pub(super) fn on_state(
        &mut self,
        ctx: &mut Ctx<'_>,
        snapshot: &Rc<Snapshot>,
        proof: &Rc<[Signed<Checkpoint>]>,
    ) {
        let sequence = snapshot.sequence;
        if sequence <= self.last_executed {
            return;
        }
        let digest = snapshot.digest();
        let is_proven = self.proves_stable(ctx, proof, sequence, Some(digest));
        let is_wanted = self.fetching.as_ref().is_some_and(|fetching| {
            fetching.sequence == sequence
                && (fetching.digest == digest || !self.config.rules().checks_transferred_states)
        });
        if !is_proven && !is_wanted {
            return self.reject(ctx, Reason::Unproven, self.me);
        }
        if self.install(snapshot).is_err() {
            return self.reject(ctx, Reason::Invalid, self.me);
        }
        if is_proven {
            show_stable(ctx, sequence, digest, proof);
        }
        if !self.config.rules().transfers_client_table {
            self.clients = ClientTable::new();
        }
        if self.fetching.as_ref().is_some_and(|fetching| fetching.sequence <= sequence) {
            self.fetching = None;
            ctx.cancel_timer(Timer::Fetch);
        }
        ctx.show(|| Observation::Holding(Rc::clone(snapshot)));
        ctx.observe(Observation::Installed { sequence, digest, transferred: true });
        ctx.persist(Record::Snapshot(Rc::clone(snapshot)));
        ctx.sync();
        for (&client, &(timestamp, _)) in &self.clients {
            self.pending.executed(client, timestamp);
        }
        if is_proven && sequence > self.low {
            self.stabilise(ctx, sequence, Rc::clone(proof));
        } else if sequence > self.low {
            // It never executes the slot, so nothing else makes it vote; and a quorum may need its vote.
            self.send_checkpoint(ctx, sequence, digest);
            self.check_stable(ctx, sequence);
        }
        self.progress_after_transfer(ctx);
        self.execute(ctx);
    }

    /// Installs `snapshot`.
    ///
    /// # Errors
    /// If it holds no state of the machine. Then nothing has changed.
    pub(super) fn install(&mut self, snapshot: &Rc<Snapshot>) -> Result<(), Malformed> {
        assert!(snapshot.sequence >= self.last_executed, "an older state is never installed");
        self.application.restore(snapshot)?;
        self.last_executed = snapshot.sequence;
        self.tell_host_of_state(snapshot);
        self.clients = snapshot.clients.clone();
        self.snapshots.insert(snapshot.sequence, Rc::clone(snapshot));
        Ok(())
    }

    /// Returns true if `proof` holds a quorum of replicas' checkpoints for `sequence`, all of one digest: `digest` if
    /// given.
    pub(super) fn proves_stable(
        &self,
        ctx: &mut Ctx<'_>,
        proof: &[Signed<Checkpoint>],
        sequence: Sequence,
        digest: Option<Digest>,
    ) -> bool {
        let Some(first) = proof.first() else { return false };
        let digest = digest.unwrap_or(first.digest);
        let signers = sort::distinct(proof.iter().map(Signed::signer).collect());
        let rules = self.config.rules();
        let counted = if rules.proof_counts_signers { signers.len() } else { proof.len() };
        counted == proof.len()
            && counted >= self.config.strong()
            && signers.iter().all(|signer| signer.0 < self.config.quorum.n)
            && proof.iter().all(|vote| {
                let is_for_it = (vote.sequence, vote.digest) == (sequence, digest) || !rules.compares_proofs;
                is_for_it && self.authentic(ctx, vote)
            })
    }

    fn progress_after_transfer(&mut self, ctx: &mut Ctx<'_>) {
        if self.mode == Mode::Normal {
            self.restart_request_timer(ctx);
        }
    }
}

/// Shows by which proof the state after `sequence` is taken for stable.
fn show_stable(ctx: &mut Ctx<'_>, sequence: Sequence, digest: Digest, proof: &Rc<[Signed<Checkpoint>]>) {
    ctx.show(|| Observation::WentBy(Basis::Stable { sequence, digest, proof: Rc::clone(proof) }));
}
