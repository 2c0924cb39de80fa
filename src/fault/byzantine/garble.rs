//! Invalid signatures: corrupted ones, or impersonation.

use super::Behavior;
use super::chance::{Chance, place};
use crate::builder::FaultBuilder;
use crate::{Garble, Garbled};
use synod_sim::inject::{Action, AdversaryContext, Alteration, Direction, Envelope};
use synod_sim::{Message, NodeId, Protocol};

/// Invalidates the signatures of a share of what its agents send.
pub(super) struct BadSignatureBehavior {
    chance: Chance,
    how: Garbled,
    agents: u32,
}

impl BadSignatureBehavior {
    pub(super) fn new<P: Protocol>(garble: &Garble, builder: &FaultBuilder<'_, P>) -> BadSignatureBehavior {
        let chance = Chance::new(garble.chance, builder.counter());
        BadSignatureBehavior { chance, how: garble.how, agents: builder.params.agents }
    }
}

impl<P: Protocol> Behavior<P> for BadSignatureBehavior {
    fn act(
        &mut self,
        context: &mut AdversaryContext<'_, P::Message>,
        _: Direction,
        envelope: &Envelope<'_, P::Message>,
    ) -> Action<P::Message> {
        let Some(mut draws) = self.chance.strikes(envelope) else { return Action::Pass };
        let garbled = match self.how {
            Garbled::Signature => envelope.message.damaged(),
            Garbled::Name => {
                // Members of the coalition can be signed for.
                let others: Vec<NodeId> =
                    (0..self.agents).map(NodeId).filter(|&other| !context.forge.holds(other)).collect();
                let name = (!others.is_empty()).then(|| others[place(&mut draws, others.len())]);
                name.and_then(|name| envelope.message.altered(Alteration::Name(name), &context.forge))
            }
        };
        garbled.map_or(Action::Pass, Action::Replace)
    }
}
