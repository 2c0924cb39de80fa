//! Mutation: an agent alters what it sends, differently for each receiver, and signs it properly (L. N. Winter et al.,
//! *Randomized Testing of Byzantine Fault Tolerant Algorithms*, OOPSLA 2023).

use super::Behavior;
use super::chance::Chance;
use crate::builder::FaultBuilder;
use crate::{Mutate, Rewritten};
use rand::Rng;
use synod_sim::inject::{Action, AdversaryContext, Alteration, Direction, Envelope};
use synod_sim::random::Draws;
use synod_sim::{Message, Protocol};

/// Rewrites a share of what its agents send.
pub(super) struct MutateBehavior {
    chance: Chance,
    what: Rewritten,
}

impl MutateBehavior {
    pub(super) fn new(mutate: &Mutate, builder: &FaultBuilder<'_>) -> MutateBehavior {
        MutateBehavior { chance: Chance::new(mutate.chance, builder.counter()), what: mutate.what }
    }
}

/// Returns an alteration of `what`, drawn from `draws`.
pub(super) fn alteration(what: Rewritten, draws: &mut Draws) -> Alteration {
    let draw = draws.next_u64();
    match what {
        Rewritten::Header => Alteration::Header { draw },
        Rewritten::Contents => Alteration::Contents { draw },
    }
}

impl<P: Protocol> Behavior<P> for MutateBehavior {
    fn act(
        &mut self,
        context: &mut AdversaryContext<'_, P::Message>,
        _: Direction,
        envelope: &Envelope<'_, P::Message>,
    ) -> Action<P::Message> {
        let Some(mut draws) = self.chance.strikes(envelope) else { return Action::Pass };
        let alteration = alteration(self.what, &mut draws);
        envelope.message.altered(alteration, &context.forge).map_or(Action::Pass, Action::Replace)
    }
}
