//! Flooding: many forged messages for each real one.

use super::Behavior;
use super::memory::Memory;
use super::mutate::alteration;
use crate::builder::FaultBuilder;
use crate::{Flood, Rewritten};
use synod_sim::inject::{Action, AdversaryContext, Direction, Envelope};
use synod_sim::random::CounterKey;
use synod_sim::{Duration, Message, Protocol};

/// Follows what its agents send up with what they sent before, rewritten: headers and contents by turns. What cannot
/// be rewritten goes out as it was.
pub(super) struct FloodBehavior<M> {
    copies: u32,
    draws: CounterKey,
    memory: Memory<M>,
}

/// How many messages a flood is made from.
const MEMORY: u32 = 64;

impl<M: Clone> FloodBehavior<M> {
    pub(super) fn new(flood: &Flood, builder: &FaultBuilder<'_>) -> FloodBehavior<M> {
        FloodBehavior { copies: flood.copies, draws: builder.counter(), memory: Memory::new(MEMORY) }
    }
}

impl<P: Protocol> Behavior<P> for FloodBehavior<P::Message> {
    fn observe(&mut self, context: &AdversaryContext<'_, P::Message>, envelope: &Envelope<'_, P::Message>) {
        self.memory.note(context.now, envelope);
    }

    fn act(
        &mut self,
        context: &mut AdversaryContext<'_, P::Message>,
        _: Direction,
        envelope: &Envelope<'_, P::Message>,
    ) -> Action<P::Message> {
        let mut draws = self.draws.draws(envelope.from, envelope.to, envelope.number);
        for what in [Rewritten::Header, Rewritten::Contents].into_iter().cycle().take(self.copies as usize) {
            let old = self.memory.old(context.now, &mut draws).unwrap_or(envelope.message);
            let message = old.altered(alteration(what, &mut draws), &context.forge);
            context.inject(
                envelope.from,
                envelope.to,
                message.unwrap_or_else(|| old.clone()),
                Duration::ZERO,
            );
        }
        Action::Pass
    }
}
