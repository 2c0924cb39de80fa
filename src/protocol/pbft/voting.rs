//! Voting: prepares turn an accepted proposal into a prepared certificate, commits turn that into a commitment.

use super::durable::Record;
use super::ledger::Sequence;
use super::message::{Commit, Message, Prepare, Prepared, View};
use super::observation::{Observation, Reason};
use super::state::{Ctx, Mode, Replica};
use super::votes::Cast;
use std::rc::Rc;
use synod_sim::{Body, Digest, Signed};

impl Replica {
    /// Votes for an accepted proposal.
    pub(super) fn vote_prepare(&mut self, ctx: &mut Ctx<'_>, view: View, sequence: Sequence, digest: Digest) {
        let prepare = ctx.sign(Prepare { view, sequence, digest });
        if self.config.rules().counts_own_votes {
            let n = self.n();
            self.log.slot(sequence).round(view).prepares.cast(n, &prepare, digest);
        }
        self.persist_vote(ctx, Record::Prepare(prepare.clone()));
        ctx.sync();
        ctx.multicast(self.replicas(), Message::Prepare(prepare));
        self.check_prepared(ctx, sequence);
    }

    pub(super) fn on_prepare(&mut self, ctx: &mut Ctx<'_>, prepare: &Signed<Prepare>) {
        let Prepare { view, sequence, digest } = **prepare;
        if prepare.signer() == self.config.primary(view)
            && self.config.rules().proposal_is_all_a_primary_sends
        {
            return self.reject(ctx, Reason::WrongSigner, prepare.signer());
        }
        let view = if self.config.rules().prepares_keep_their_view { view } else { self.view };
        let Some(view) = self.admit_vote(ctx, prepare, view, sequence) else { return };
        let n = self.n();
        let round = self.log.slot(sequence).round(view);
        let cast = round.prepares.cast(n, prepare, digest);
        if matches!(cast, Cast::Repeated) && !self.config.rules().one_vote_a_sender {
            round.prepares.add(digest);
        } else if !matches!(cast, Cast::Counted) {
            if let Cast::Conflicting { first, second } = cast {
                ctx.observe(Observation::DoublePrepare { first, second });
            }
            return;
        }
        let sent_commit = round.prepared;
        self.judge_prepare(ctx, prepare);
        if view == self.view && self.mode == Mode::Normal {
            if sent_commit && !self.config.rules().commits_once {
                return self.rebroadcast_commit(ctx, sequence);
            }
            self.check_prepared(ctx, sequence);
        }
    }

    pub(super) fn on_commit(&mut self, ctx: &mut Ctx<'_>, commit: &Signed<Commit>) {
        let Commit { view, sequence, digest } = **commit;
        let view = if self.config.rules().commits_keep_their_view { view } else { self.view };
        let Some(view) = self.admit_vote(ctx, commit, view, sequence) else { return };
        let n = self.n();
        let round = self.log.slot(sequence).round(view);
        let cast = round.commits.cast(n, commit, digest);
        if matches!(cast, Cast::Repeated) && !self.config.rules().one_vote_a_sender {
            round.commits.add(digest);
        } else if !matches!(cast, Cast::Counted) {
            if let Cast::Conflicting { first, second } = cast {
                ctx.observe(Observation::DoubleCommit { first, second });
            }
            return;
        }
        self.judge_commit(ctx, commit);
        if view == self.view && self.mode == Mode::Normal {
            self.check_committed(ctx, sequence);
        }
    }

    /// Admits a replica's vote for (`view`, `sequence`), and returns the view under which it is kept.
    fn admit_vote<B: ViewBound>(
        &mut self,
        ctx: &mut Ctx<'_>,
        vote: &Signed<B>,
        view: View,
        sequence: Sequence,
    ) -> Option<View> {
        if !self.is_current_or_next(view) {
            return None;
        }
        if vote.signer().0 >= self.config.quorum.n {
            self.reject(ctx, Reason::WrongSigner, vote.signer());
            return None;
        }
        if !self.in_window(sequence) {
            // What a slot that is done with still brings is late, not wrong.
            if sequence > self.low {
                self.reject(ctx, Reason::OutsideWindow, vote.signer());
            }
            return None;
        }
        let signed = self.authentic(ctx, vote)
            || (!self.config.rules().signatures_cover_the_view && self.signed_for_some_view(ctx, vote));
        if !signed {
            self.reject(ctx, Reason::BadSignature, vote.signer());
            return None;
        }
        if !self.config.rules().keeps_early_messages
            && self
                .log
                .get(sequence)
                .and_then(|slot| slot.get_round(view))
                .is_none_or(|r| r.pre_prepare.is_none())
        {
            return None;
        }
        Some(view)
    }

    /// A mutant's check: the signature does not cover the view.
    fn signed_for_some_view<B: ViewBound>(&self, ctx: &mut Ctx<'_>, vote: &Signed<B>) -> bool {
        (0..=self.view).any(|view| {
            let body = vote.with_view(view);
            ctx.verify(&Signed::with_tag(body, vote.signer(), ctx.scope(), vote.tag().clone()))
        })
    }

    /// Prepared: an accepted proposal and q − 1 backups' prepares for it.
    pub(super) fn check_prepared(&mut self, ctx: &mut Ctx<'_>, sequence: Sequence) {
        if self.mode != Mode::Normal {
            return;
        }
        let (view, strong) = (self.view, self.config.strong());
        let needed = if self.config.rules().proposal_counts_as_prepare { strong - 1 } else { strong };
        let any_digest = !self.config.rules().compares_digests;
        let Some(slot) = self.log.get_mut(sequence) else { return };
        let round = slot.round(view);
        let Some(pre_prepare) = &round.pre_prepare else { return };
        let digest = pre_prepare.digest;
        let prepares = if any_digest { round.prepares.total() } else { round.prepares.count(digest) };
        if round.prepared || prepares < needed {
            return;
        }
        round.prepared = true;
        let matching = round.prepares.iter().filter(|prepare| prepare.digest == digest || any_digest);
        let certificate = Rc::new(Prepared {
            pre_prepare: pre_prepare.clone(),
            prepares: matching.take(strong - 1).cloned().collect(),
        });
        slot.certify(Rc::clone(&certificate));
        let commit = ctx.sign(Commit { view, sequence, digest });
        if self.config.rules().counts_own_votes {
            let n = self.n();
            self.log.slot(sequence).round(view).commits.cast(n, &commit, digest);
        }
        self.persist_vote(ctx, Record::Certificate(certificate));
        self.persist_vote(ctx, Record::Commit(commit.clone()));
        ctx.sync();
        ctx.multicast(self.replicas(), Message::Commit(commit));
        self.check_committed(ctx, sequence);
    }

    fn rebroadcast_commit(&mut self, ctx: &mut Ctx<'_>, sequence: Sequence) {
        let me = self.me;
        if let Some(commit) = self.log.slot(sequence).round(self.view).commits.of(me).cloned() {
            ctx.multicast(self.replicas(), Message::Commit(commit));
        }
    }

    /// Committed: prepared, and commits from a quorum.
    pub(super) fn check_committed(&mut self, ctx: &mut Ctx<'_>, sequence: Sequence) {
        let (view, strong) = (self.view, self.config.strong());
        let any_digest = !self.config.rules().compares_digests;
        let Some(slot) = self.log.get_mut(sequence) else { return };
        let round = slot.round(view);
        let Some(pre_prepare) = &round.pre_prepare else { return };
        let digest = pre_prepare.digest;
        let commits = if any_digest { round.commits.total() } else { round.commits.count(digest) };
        if !round.prepared || round.committed || commits < strong {
            return;
        }
        round.committed = true;
        ctx.observe(Observation::Committed { view, sequence, digest });
        if slot.committed.is_none() || !self.config.rules().executes_once {
            slot.committed = Some((view, digest));
        }
        if !self.config.rules().executes_once && sequence <= self.last_executed {
            return self.execute_again(ctx, sequence);
        }
        self.execute(ctx);
    }
}

/// A vote that names a view.
pub(super) trait ViewBound: Body {
    /// The same vote for another view.
    fn with_view(&self, view: View) -> Self;
}

impl ViewBound for Prepare {
    fn with_view(&self, view: View) -> Prepare {
        Prepare { view, ..self.clone() }
    }
}

impl ViewBound for Commit {
    fn with_view(&self, view: View) -> Commit {
        Commit { view, ..self.clone() }
    }
}
