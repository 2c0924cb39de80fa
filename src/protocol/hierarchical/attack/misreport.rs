//! Attack 61: representatives report upwards what those under them have not said.

use super::super::message::{Partial, ReportBody};
use super::super::{Config, Hierarchical, Message, Voters};
use super::AttackContext;
use synod_common::coalition::Strategy;
use synod_sim::Signed;
use synod_sim::inject::{Action, Envelope};
use synod_vote::Sums;
use synod_vote::weighted::Vote;

/// On safety: sums that are made up. Where reports carry votes, they prove the liar.
#[derive(Debug)]
pub(super) struct Inflate;

impl Strategy<Hierarchical> for Inflate {
    fn on_send(
        &mut self,
        ctx: &mut AttackContext<'_, '_>,
        envelope: &Envelope<'_, Message>,
    ) -> Action<Message> {
        let Message::Partial(partial) = envelope.message else { return Action::Pass };
        if !ctx.coalition.should_act() {
            return Action::Pass;
        }
        let lie = ctx.coalition.config.vote.lie(partial.session);
        Action::Replace(Message::Partial(ctx.reseal(partial, partial.inflated(lie))))
    }
}

/// On safety: a report that adds up, and lacks voters that were heard. Nothing in it proves that.
#[derive(Debug)]
pub(super) struct Omit;

impl Strategy<Hierarchical> for Omit {
    fn on_send(
        &mut self,
        ctx: &mut AttackContext<'_, '_>,
        envelope: &Envelope<'_, Message>,
    ) -> Action<Message> {
        let Message::Partial(partial) = envelope.message else { return Action::Pass };
        let ReportBody::Votes(_, votes) = &partial.body else { return Action::Pass };
        let config = &ctx.coalition.config;
        let lie = config.vote.lie(partial.session);
        let mut kept = votes.clone();
        // A liar's own vote stays: it is the one it could be asked for.
        kept.sort_by_key(|vote| (!ctx.coalition.contains(vote.signer()), vote.ballot.option != lie));
        kept.truncate(votes.len() - ctx.coalition.scaled(votes.len().saturating_sub(1) as u64) as usize);
        Action::Replace(Message::Partial(ctx.reseal(partial, reduced(config, partial, kept))))
    }
}

/// A report of these votes alone.
fn reduced(config: &Config, partial: &Partial, votes: Vec<Signed<Vote>>) -> Partial {
    let subtree = config.tree.cell(partial.certificate.cell).subtree.clone();
    let mut voters = Voters::none(partial.voters.size());
    let mut sums = Sums::new(config.weight(subtree.clone()));
    for vote in &votes {
        let place = config.place(vote.signer(), &subtree).expect("it was in the whole report");
        voters.insert(place);
        let weight = config.weight_at(subtree.start + place);
        sums.cast(vote.ballot.option, weight, weight);
    }
    Partial { body: ReportBody::Votes(sums, votes), voters, ..partial.clone() }
}
