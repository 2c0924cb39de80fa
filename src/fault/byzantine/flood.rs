//! Flooding: many made-up messages for each real one.

use super::Conduct;
use super::memory::Memory;
use super::mutate::alteration;
use crate::grip::Grip;
use crate::{Flood, Rewritten};
use synod_sim::fault::{Copy, Verdict, Way, Wire};
use synod_sim::random::CounterKey;
use synod_sim::{Duration, Message, Protocol};

/// Follows what its agents send up with what they sent before, rewritten: headers and contents by turns. What cannot
/// be rewritten goes out as it was.
pub(super) struct Flooding<M> {
    copies: u32,
    draws: CounterKey,
    memory: Memory<M>,
}

/// How many messages a flood is made from.
const MEMORY: u32 = 64;

impl<M: Clone> Flooding<M> {
    pub(super) fn new<P: Protocol>(flood: &Flood, grip: &Grip<'_, P>) -> Flooding<M> {
        Flooding { copies: flood.copies, draws: grip.counter(), memory: Memory::new(MEMORY) }
    }
}

impl<P: Protocol> Conduct<P> for Flooding<P::Message> {
    fn witness(&mut self, wire: &Wire<'_, P::Message>, copy: &Copy<'_, P::Message>) {
        self.memory.note(wire.now, copy);
    }

    fn judge(
        &mut self,
        wire: &mut Wire<'_, P::Message>,
        _: Way,
        copy: &Copy<'_, P::Message>,
    ) -> Verdict<P::Message> {
        let mut draws = self.draws.draws(copy.from, copy.to, copy.number);
        for what in [Rewritten::Header, Rewritten::Contents].into_iter().cycle().take(self.copies as usize) {
            let old = self.memory.old(wire.now, &mut draws).unwrap_or(copy.message);
            let message = old.altered(alteration(what, &mut draws), &wire.forge);
            wire.inject(copy.from, copy.to, message.unwrap_or_else(|| old.clone()), Duration::ZERO);
        }
        Verdict::Pass
    }
}
