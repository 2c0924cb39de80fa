//! Replay: an agent sends again what it said or heard long ago, to whom it speaks now.

use super::Conduct;
use super::chance::Chance;
use super::memory::Memory;
use crate::Replay;
use crate::grip::Grip;
use synod_sim::fault::{Copy, Verdict, Way, Wire};
use synod_sim::{Duration, Protocol};

/// Follows what its agents send up with valid messages from before.
pub(super) struct Replays<M> {
    chance: Chance,
    memory: Memory<M>,
}

impl<M: Clone> Replays<M> {
    pub(super) fn new<P: Protocol>(replay: &Replay, grip: &Grip<'_, P>) -> Replays<M> {
        Replays { chance: Chance::new(replay.chance, grip.counter()), memory: Memory::new(replay.memory) }
    }
}

impl<P: Protocol> Conduct<P> for Replays<P::Message> {
    fn listens(&self) -> bool {
        true
    }

    fn witness(&mut self, wire: &Wire<'_, P::Message>, copy: &Copy<'_, P::Message>) {
        self.memory.note(wire.now, copy);
    }

    fn judge(
        &mut self,
        wire: &mut Wire<'_, P::Message>,
        way: Way,
        copy: &Copy<'_, P::Message>,
    ) -> Verdict<P::Message> {
        if way == Way::Out
            && let Some(mut draws) = self.chance.strikes(copy)
            && let Some(old) = self.memory.old(wire.now, &mut draws)
        {
            wire.inject(copy.from, copy.to, old.clone(), Duration::ZERO);
        }
        Verdict::Pass
    }
}
