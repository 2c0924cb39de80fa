//! Attack 32, on liveness: authenticators that some receivers believe and others do not (Clement et al., NSDI 2009:
//! such a request stops PBFT for as long as its sender likes).

use super::super::{Batch, Message, Pbft, Request};
use super::coalition::{AttackContext, Insiders};
use synod_common::coalition::Strategy;
use synod_sim::auth::Tag;
use synod_sim::inject::{Action, Envelope};
use synod_sim::{Body, NodeId, Signed};

/// Requests, questions and status of insiders are wrong for the victims, and a primary spoils for them the clients'
/// authenticators in what it proposes: a tag can be damaged without a key.
#[derive(Debug)]
pub(super) struct Partial;

/// `signed`, wrong for `victims`.
fn wrong_for<B: Body + Clone>(
    ctx: &AttackContext<'_, '_>,
    signed: &Signed<B>,
    victims: &[NodeId],
) -> Option<Signed<B>> {
    ctx.wire.forge.authenticate_for(signed, |node| !victims.contains(&node))
}

/// `request` as damage on its way would leave it, where it has an authenticator.
fn spoilt(request: &Signed<Request>) -> Option<Signed<Request>> {
    matches!(request.tag(), Tag::Authenticator(_)).then(|| request.damaged())?
}

impl Strategy<Pbft> for Partial {
    fn on_send(
        &mut self,
        ctx: &mut AttackContext<'_, '_>,
        envelope: &Envelope<'_, Message>,
    ) -> Action<Message> {
        let victims = ctx.coalition.victims(ctx.coalition.correct().len().saturating_sub(1));
        if !victims.contains(&envelope.to) {
            // Passed on by a correct primary, it would still be wrong for them.
            if let Message::Request(request) = envelope.message {
                let wrong = wrong_for(ctx, request, &victims);
                return wrong.map_or(Action::Pass, |wrong| Action::Replace(Message::Request(wrong)));
            }
            return Action::Pass;
        }
        let wrong = match envelope.message {
            Message::Request(body) => wrong_for(ctx, body, &victims).map(Message::Request),
            Message::Status(body) => wrong_for(ctx, body, &victims).map(Message::Status),
            Message::Fetch(body) => wrong_for(ctx, body, &victims).map(Message::Fetch),
            Message::FetchBatch(body) => wrong_for(ctx, body, &victims).map(Message::FetchBatch),
            Message::PrePrepare(proposal, batch) if proposal.signer() == envelope.from => {
                let requests: Option<Vec<_>> = batch.requests.iter().map(spoilt).collect();
                requests.map(|requests| {
                    let batch = Batch { tick: batch.tick, requests: requests.into() };
                    Message::PrePrepare(proposal.clone(), batch)
                })
            }
            _ => None,
        };
        wrong.map_or(Action::Pass, Action::Replace)
    }
}
