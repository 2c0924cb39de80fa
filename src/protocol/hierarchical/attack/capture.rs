//! Attack 60: more liars in one place than it bears, though fewer than the whole does.

use super::super::message::{Partial, ReportBody};
use super::super::{Hierarchical, Message};
use super::AttackContext;
use synod_common::coalition::Strategy;
use synod_sim::inject::{Action, Envelope};
use synod_vote::Ballot;
use synod_vote::weighted::{self, Vote};

/// On containment: a cluster that has been captured is worth what its liars weigh where votes are tallied, and the
/// whole cluster's voice where it is delegated.
#[derive(Debug)]
pub(super) struct Capture;

impl Strategy<Hierarchical> for Capture {
    fn on_send(
        &mut self,
        ctx: &mut AttackContext<'_, '_>,
        envelope: &Envelope<'_, Message>,
    ) -> Action<Message> {
        let sessions = ctx.coalition.config.vote.schedule.sessions;
        let is_on = |session: u64| session < ctx.coalition.scaled(sessions);
        let lie = |session: u64| ctx.coalition.config.vote.lie(session);
        match envelope.message {
            // ASK repeats the vote that the correct state machine has cast.
            Message::FlatVote(weighted::Message::Ask(..)) => Action::Drop,
            Message::FlatVote(weighted::Message::Vote(vote)) if is_on(vote.session) => {
                if !ctx.coalition.contains(vote.signer()) {
                    return Action::Pass;
                }
                let ballot = Ballot { option: lie(vote.session), ..vote.ballot };
                let forged = ctx.reseal(vote, Vote { ballot, ..Vote::clone(vote) });
                Action::Replace(Message::FlatVote(weighted::Message::Vote(forged)))
            }
            Message::Partial(partial) if is_on(partial.session) => {
                let ReportBody::Delegated(_) = partial.body else { return Action::Pass };
                let body = ReportBody::Delegated(Some(lie(partial.session)));
                let forged = Partial { body, ..Partial::clone(partial) };
                Action::Replace(Message::Partial(ctx.reseal(partial, forged)))
            }
            _ => Action::Pass,
        }
    }
}
