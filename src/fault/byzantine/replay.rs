//! Replay: an agent resends old messages along with new ones.

use super::Behavior;
use super::chance::Chance;
use super::memory::Memory;
use crate::Replay;
use crate::builder::FaultBuilder;
use synod_sim::inject::{Action, AdversaryContext, Direction, Envelope};
use synod_sim::{Duration, Protocol};

/// Follows what its agents send up with valid messages from before.
pub(super) struct ReplayBehavior<M> {
    chance: Chance,
    memory: Memory<M>,
}

impl<M: Clone> ReplayBehavior<M> {
    pub(super) fn new(replay: &Replay, builder: &FaultBuilder<'_>) -> ReplayBehavior<M> {
        ReplayBehavior {
            chance: Chance::new(replay.chance, builder.counter()),
            memory: Memory::new(replay.memory),
        }
    }
}

impl<P: Protocol> Behavior<P> for ReplayBehavior<P::Message> {
    fn acts_on_inbound(&self) -> bool {
        true
    }

    fn observe(&mut self, context: &AdversaryContext<'_, P::Message>, envelope: &Envelope<'_, P::Message>) {
        self.memory.note(context.now, envelope);
    }

    fn act(
        &mut self,
        context: &mut AdversaryContext<'_, P::Message>,
        direction: Direction,
        envelope: &Envelope<'_, P::Message>,
    ) -> Action<P::Message> {
        if direction == Direction::Outbound
            && let Some(mut draws) = self.chance.strikes(envelope)
            && let Some(old) = self.memory.old(context.now, &mut draws)
        {
            context.inject(envelope.from, envelope.to, old.clone(), Duration::ZERO);
        }
        Action::Pass
    }
}
