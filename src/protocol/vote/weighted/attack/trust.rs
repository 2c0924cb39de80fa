//! Attacks 38, 39 and 41: weight that is earned to be abused, weight that is made up, weight of another time.

use super::super::{Message, Vote, Weighted};
use super::coalition::{AttackContext, Insiders, Recast};
use crate::Ballot;
use synod_common::coalition::Strategy;
use synod_sim::Digest;
use synod_sim::inject::{Action, Envelope};

/// On safety: insiders earn weight by being right, and spend it on one lie. The cap bounds what they can have.
#[derive(Debug)]
pub(super) struct Defect;

impl Strategy<Weighted> for Defect {
    fn on_send(
        &mut self,
        ctx: &mut AttackContext<'_, '_>,
        envelope: &Envelope<'_, Message>,
    ) -> Action<Message> {
        let Message::Vote(vote) = envelope.message else { return Action::Pass };
        let sessions = ctx.coalition.config.schedule.sessions;
        let defects = vote.session >= sessions - ctx.coalition.scaled(sessions).min(sessions);
        let lie = ctx.coalition.lie(vote.session);
        let option = match ctx.coalition.config.polls.get(vote.session as usize) {
            Some(poll) if !defects => poll.truth,
            _ => lie,
        };
        let ballot = Ballot { option, ..vote.ballot };
        Action::Replace(ctx.recast(vote, Vote { ballot, ..(**vote).clone() }))
    }
}

/// On safety: insiders lie together and claim a confidence above certainty, so that their votes would weigh more than
/// they do.
#[derive(Debug)]
pub(super) struct Inflate;

impl Strategy<Weighted> for Inflate {
    fn on_send(
        &mut self,
        ctx: &mut AttackContext<'_, '_>,
        envelope: &Envelope<'_, Message>,
    ) -> Action<Message> {
        let Message::Vote(vote) = envelope.message else { return Action::Pass };
        let confidence_ppm = 1_000_000 + ctx.coalition.scaled(1_000_000) as u32;
        let ballot = Ballot { option: ctx.coalition.lie(vote.session), confidence_ppm };
        Action::Replace(ctx.recast(vote, Vote { ballot, ..(**vote).clone() }))
    }
}

/// On safety: votes that name the weights of the start, which may not be those of the session, or such as never were.
#[derive(Debug)]
pub(super) struct OldWeights;

impl Strategy<Weighted> for OldWeights {
    fn on_send(
        &mut self,
        ctx: &mut AttackContext<'_, '_>,
        envelope: &Envelope<'_, Message>,
    ) -> Action<Message> {
        let Message::Vote(vote) = envelope.message else { return Action::Pass };
        if !ctx.coalition.should_act() {
            return Action::Pass;
        }
        let first = ctx.coalition.config.weighing.snapshot.digest();
        let snapshot = if vote.snapshot == first { Digest::of(&first) } else { first };
        Action::Replace(ctx.recast(vote, Vote { snapshot, ..(**vote).clone() }))
    }
}
