//! Invalid signatures: corrupted ones, or impersonation.

use super::Behavior;
use super::chance::{Chance, place};
use crate::builder::FaultBuilder;
use crate::{BadSignature, SignatureDefect};
use synod_sim::inject::{Action, AdversaryContext, Alteration, Direction, Envelope};
use synod_sim::{Message, NodeId, Protocol};

/// Invalidates the signatures of a share of what its agents send.
pub(super) struct BadSignatureBehavior {
    chance: Chance,
    how: SignatureDefect,
    agents: u32,
}

impl BadSignatureBehavior {
    pub(super) fn new(bad_signature: &BadSignature, builder: &FaultBuilder<'_>) -> BadSignatureBehavior {
        let chance = Chance::new(bad_signature.chance, builder.counter());
        BadSignatureBehavior { chance, how: bad_signature.how, agents: builder.params.agents }
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
        let altered = match self.how {
            SignatureDefect::Signature => envelope.message.damaged(),
            SignatureDefect::Name => {
                // Members of the coalition can be signed for.
                let others: Vec<NodeId> =
                    (0..self.agents).map(NodeId).filter(|&other| !context.forge.holds(other)).collect();
                let name = (!others.is_empty()).then(|| others[place(&mut draws, others.len())]);
                name.and_then(|name| envelope.message.altered(Alteration::Name(name), &context.forge))
            }
        };
        altered.map_or(Action::Pass, Action::Replace)
    }
}
