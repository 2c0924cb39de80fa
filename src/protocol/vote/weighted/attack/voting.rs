//! Attacks 36, 37 and 40: votes flipped, votes in other names, votes held back.

use super::super::{Message, Vote, Weighted};
use super::coalition::{AttackContext, Recast};
use crate::Ballot;
use synod_common::coalition::Strategy;
use synod_sim::inject::{Action, Envelope};
use synod_sim::{Duration, NodeId};

/// On safety: a second vote after the first. The first one counts, and both together prove the lie.
#[derive(Debug)]
pub(super) struct Flip;

impl Strategy<Weighted> for Flip {
    fn on_send(
        &mut self,
        ctx: &mut AttackContext<'_, '_>,
        envelope: &Envelope<'_, Message>,
    ) -> Action<Message> {
        if let Message::Vote(vote) = envelope.message
            && ctx.coalition.should_act()
        {
            let option = (vote.ballot.option + 1) % ctx.coalition.config.options;
            let other = Vote { ballot: Ballot { option, ..vote.ballot }, ..(**vote).clone() };
            let flipped = ctx.recast(vote, other);
            ctx.send(envelope.from, envelope.to, flipped);
        }
        Action::Pass
    }
}

/// On safety (J. Douceur, *The Sybil attack*, IPTPS 2002): votes in names whose keys the insiders do not hold, of
/// voters and of nobody. The weight of the insiders is all the weight that they get.
#[derive(Debug)]
pub(super) struct Sybil;

impl Strategy<Weighted> for Sybil {
    fn on_send(
        &mut self,
        ctx: &mut AttackContext<'_, '_>,
        envelope: &Envelope<'_, Message>,
    ) -> Action<Message> {
        if let Message::Vote(vote) = envelope.message {
            let voters = ctx.coalition.config.voters() as u64;
            let first = voters - ctx.coalition.scaled(voters).min(voters);
            // One name more than there are voters.
            for name in first..=voters {
                let name = NodeId(name as u32);
                if !ctx.coalition.contains(name) {
                    let forged = Message::Vote(ctx.wire.forge.impersonate(vote, name));
                    ctx.send(envelope.from, envelope.to, forged);
                }
            }
        }
        Action::Pass
    }
}

/// On fairness: who votes last knows most. Votes are told to the coordinator alone and a session may end before, so
/// that waiting gains nothing.
#[derive(Debug)]
pub(super) struct LastMover;

impl Strategy<Weighted> for LastMover {
    fn on_send(
        &mut self,
        ctx: &mut AttackContext<'_, '_>,
        envelope: &Envelope<'_, Message>,
    ) -> Action<Message> {
        match envelope.message {
            Message::Vote(_) => {
                let deadline = ctx.coalition.config.deadline.as_nanos();
                Action::Delay(Duration::from_nanos(ctx.coalition.scaled(deadline)))
            }
            _ => Action::Pass,
        }
    }
}
