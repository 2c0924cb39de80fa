//! How insiders bring view changes about: a primary that stops.

use super::super::{Message, Pbft, Sequence, View};
use super::coalition::AttackContext;
use synod_common::coalition::Strategy;
use synod_sim::collections::SortedMap;
use synod_sim::inject::{Action, Envelope};

/// A strategy about view changes, by insiders that cause them: in each view that one of them leads, only the first slot
/// is proposed, so that there is something to report in the view change; in a session, which has no other, none.
#[derive(Debug)]
pub(super) struct Stalling<S> {
    /// The first slot of each view.
    first: SortedMap<View, Sequence>,
    strategy: S,
}

impl<S> Stalling<S> {
    pub(super) fn with(strategy: S) -> Stalling<S> {
        Stalling { first: SortedMap::new(), strategy }
    }

    /// Returns true if `envelope` is a proposal that is never to be made.
    fn withholds(&mut self, ctx: &AttackContext<'_, '_>, envelope: &Envelope<'_, Message>) -> bool {
        match envelope.message {
            Message::PrePrepare(proposal, _) if ctx.is_own(proposal) => {
                let first = *self.first.entry(proposal.view).or_insert(proposal.sequence);
                proposal.sequence > first || ctx.coalition.config.session().is_some()
            }
            _ => false,
        }
    }
}

impl<S: Strategy<Pbft>> Strategy<Pbft> for Stalling<S> {
    fn on_send(
        &mut self,
        ctx: &mut AttackContext<'_, '_>,
        envelope: &Envelope<'_, Message>,
    ) -> Action<Message> {
        if self.withholds(ctx, envelope) { Action::Drop } else { self.strategy.on_send(ctx, envelope) }
    }

    fn on_receive(
        &mut self,
        ctx: &mut AttackContext<'_, '_>,
        envelope: &Envelope<'_, Message>,
    ) -> Action<Message> {
        self.strategy.on_receive(ctx, envelope)
    }
}
