//! Evidence: transferable proofs of misbehaviour, which anyone can verify by signatures.
//!
//! Two signed contents where there can be one, a signed message that no correct replica signs. Silence, delay, slots
//! outside a window and signatures that do not verify prove nothing: there is always a correct replica to which they
//! could happen. Evidence never changes a quorum; two proposals for one slot end their primary's view, as the protocol
//! has it, and the rest is for the record.

use super::ledger::Sequence;
use super::message::{Batch, Checkpoint, Commit, Message, NewView, PrePrepare, Prepare, View, ViewChange};
use super::observation::{Observation, PhaseVote};
use super::state::{Ctx, Replica};
use synod_sim::{NodeId, Observation as _, Recipients, Signed};

impl Replica {
    /// Reports a proof, once for each replica and kind.
    fn prove(&mut self, ctx: &mut Ctx<'_>, proof: Observation) {
        let key = proof.accuses().zip(proof.mark()).expect("evidence names whom and what it proves");
        if key.0.0 < self.config.quorum.n && self.proven.insert(key) {
            ctx.observe(proof);
        }
    }

    // ---- Proposals ----

    /// A proposal that nobody but its primary may sign.
    pub(super) fn judge_author(&mut self, ctx: &mut Ctx<'_>, proposal: &Signed<PrePrepare>, batch: &Batch) {
        if proposal.signer().0 < self.config.quorum.n && ctx.verify(proposal) {
            let (proposal, batch) = (proposal.clone(), batch.clone());
            self.prove(ctx, Observation::InvalidProposal { proposal, batch });
        }
    }

    /// A proposal, its signature verified, that was refused: its contents prove its primary faulty if its digest
    /// vouches for them. A batch under another's digest, or with a client's signature damaged, may be a go-between's doing.
    pub(super) fn judge_contents(&mut self, ctx: &mut Ctx<'_>, proposal: &Signed<PrePrepare>, batch: &Batch) {
        if proposal.digest == batch.digest() && self.config.forbids(batch) {
            let (proposal, batch) = (proposal.clone(), batch.clone());
            self.prove(ctx, Observation::InvalidProposal { proposal, batch });
        }
    }

    /// Sends the accepted proposal to a replica that voted for another: if both proposals are signed, both replicas
    /// hold proof then.
    pub(super) fn show_accepted_proposal(
        &mut self,
        ctx: &mut Ctx<'_>,
        view: View,
        sequence: Sequence,
        voter: NodeId,
    ) {
        let Some(round) = self.log.get(sequence).and_then(|slot| slot.get_round(view)) else { return };
        if let Some(proposal) = &round.pre_prepare
            && voter != self.me
            && let Some(batch) = self.log.batch(proposal.digest)
        {
            ctx.resend(Recipients::One(voter), Message::PrePrepare(proposal.clone(), batch));
        }
    }

    /// The slot's proposal is accepted: votes that came before it may be for another.
    pub(super) fn judge_early_votes(&mut self, ctx: &mut Ctx<'_>, view: View, sequence: Sequence) {
        let Some(round) = self.log.get(sequence).and_then(|slot| slot.get_round(view)) else { return };
        let Some(proposal) = round.pre_prepare.clone() else { return };
        let digest = proposal.digest;
        if round.prepares.total() > round.prepares.count(digest) {
            let others = round.prepares.iter().filter(|vote| vote.digest != digest);
            for voter in others.map(Signed::signer).collect::<Vec<_>>() {
                self.show_accepted_proposal(ctx, view, sequence, voter);
            }
        }
        let Some(round) = self.log.get(sequence).and_then(|slot| slot.get_round(view)) else { return };
        if round.commits.total() > round.commits.count(digest)
            && let Some(commit) = round.commits.of(proposal.signer()).filter(|vote| vote.digest != digest)
        {
            let (first, second) = (PhaseVote::PrePrepare(proposal), PhaseVote::Commit(commit.clone()));
            self.prove(ctx, Observation::Contradiction { first, second });
        }
    }

    // ---- Votes ----

    /// A prepare that counts. A replica commits to what it has prepared, and to nothing else.
    pub(super) fn judge_prepare(&mut self, ctx: &mut Ctx<'_>, vote: &Signed<Prepare>) {
        let Prepare { view, sequence, digest } = **vote;
        let Some(round) = self.log.get(sequence).and_then(|slot| slot.get_round(view)) else { return };
        if round.pre_prepare.as_ref().is_none_or(|proposal| proposal.digest == digest) {
            return;
        }
        if let Some(commit) = round.commits.of(vote.signer()).filter(|commit| commit.digest != digest) {
            let (first, second) = (PhaseVote::Prepare(vote.clone()), PhaseVote::Commit(commit.clone()));
            self.prove(ctx, Observation::Contradiction { first, second });
        }
        self.show_accepted_proposal(ctx, view, sequence, vote.signer());
    }

    /// A commit, its signature verified.
    pub(super) fn judge_commit(&mut self, ctx: &mut Ctx<'_>, vote: &Signed<Commit>) {
        let Commit { view, sequence, digest } = **vote;
        let Some(round) = self.log.get(sequence).and_then(|slot| slot.get_round(view)) else { return };
        let Some(proposal) = &round.pre_prepare else { return };
        if proposal.digest == digest {
            return;
        }
        let promised = if vote.signer() == proposal.signer() {
            Some(PhaseVote::PrePrepare(proposal.clone()))
        } else {
            round.prepares.of(vote.signer()).cloned().map(PhaseVote::Prepare)
        };
        let second = PhaseVote::Commit(vote.clone());
        if let Some(first) = promised.filter(|first| first.digest() != digest) {
            self.prove(ctx, Observation::Contradiction { first, second });
        } else if let Some(first) = round.commits.of(vote.signer()).filter(|first| first.digest != digest) {
            let (first, second) = (first.clone(), vote.clone());
            self.prove(ctx, Observation::DoubleCommit { first, second });
        }
    }

    // ---- View changes ----

    /// A view change whose signature is right and that proves nothing.
    pub(super) fn judge_invalid_change(&mut self, ctx: &mut Ctx<'_>, change: &Signed<ViewChange>) {
        self.prove(ctx, Observation::InvalidViewChange { change: change.clone() });
    }

    /// A new view whose signature is right and that its view changes do not oblige to.
    pub(super) fn judge_invalid_new_view(&mut self, ctx: &mut Ctx<'_>, new_view: &Signed<NewView>) {
        self.prove(ctx, Observation::InvalidNewView { new_view: new_view.clone() });
    }

    /// A valid view change: what it holds may contradict what its sender, or others, signed before.
    pub(super) fn judge_valid_change(&mut self, ctx: &mut Ctx<'_>, change: &Signed<ViewChange>) {
        self.judge_checkpoints(ctx, &change.stable);
        let mut proofs = Vec::new();
        for (sequence, slot) in self.log.iter().filter(|&(sequence, _)| sequence > change.low) {
            let held = change.prepared.iter().find(|held| held.pre_prepare.sequence == sequence);
            for round in slot.rounds() {
                if let Some(commit) = round.commits.of(change.signer())
                    && commit.view < change.view
                    && held.is_none_or(|held| held.pre_prepare.view < commit.view)
                {
                    let (commit, change) = (commit.clone(), change.clone());
                    proofs.push(Observation::OmittedCertificate { commit, change });
                }
            }
            let Some(held) = held else { continue };
            let round = slot.get_round(held.pre_prepare.view);
            if let Some(first) = round.and_then(|round| round.pre_prepare.clone())
                && first.digest != held.pre_prepare.digest
            {
                let votes = round.map(|round| &round.prepares);
                for second in &held.prepares {
                    if let Some(first) = votes.and_then(|votes| votes.of(second.signer()))
                        && first.digest != second.digest
                    {
                        let (first, second) = (first.clone(), second.clone());
                        proofs.push(Observation::DoublePrepare { first, second });
                    }
                }
                let second = held.pre_prepare.clone();
                proofs.push(Observation::Equivocation { first, second });
            }
        }
        proofs.into_iter().for_each(|proof| self.prove(ctx, proof));
    }

    // ---- Checkpoints ----

    /// Checkpoints, their signatures verified, beside those that are held.
    pub(super) fn judge_checkpoints(&mut self, ctx: &mut Ctx<'_>, votes: &[Signed<Checkpoint>]) {
        for second in votes {
            if let Some(first) = self.checkpoints.contrary(second) {
                let second = second.clone();
                self.prove(ctx, Observation::DoubleCheckpoint { first, second });
            }
        }
    }

    /// A quorum vouches for one state: at least one of it is correct, so whoever vouches for another one is not.
    pub(super) fn judge_rivals(&mut self, ctx: &mut Ctx<'_>, proof: &[Signed<Checkpoint>]) {
        let lies = self.checkpoints.rivals(&proof[0]);
        for lie in lies {
            self.prove(ctx, Observation::FalseCheckpoint { lie, proof: proof.to_vec() });
        }
    }
}
