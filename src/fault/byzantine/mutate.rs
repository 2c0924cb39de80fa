//! Mutation: an agent rewrites what it sends, for each receiver differently, and seals it properly (L. N. Winter et
//! al., *Randomized Testing of Byzantine Fault Tolerant Algorithms*, OOPSLA 2023).

use super::Conduct;
use super::chance::Chance;
use crate::grip::Grip;
use crate::{Mutate, Rewritten};
use rand::Rng;
use synod_sim::fault::{Alteration, Copy, Verdict, Way, Wire};
use synod_sim::random::Draws;
use synod_sim::{Message, Protocol};

/// Rewrites a share of what its agents send.
pub(super) struct Mutation {
    chance: Chance,
    what: Rewritten,
}

impl Mutation {
    pub(super) fn new<P: Protocol>(mutate: &Mutate, grip: &Grip<'_, P>) -> Mutation {
        Mutation { chance: Chance::new(mutate.chance, grip.counter()), what: mutate.what }
    }
}

/// An alteration of `what`, drawn from `draws`.
pub(super) fn alteration(what: Rewritten, draws: &mut Draws) -> Alteration {
    let draw = draws.next_u64();
    match what {
        Rewritten::Header => Alteration::Header { draw },
        Rewritten::Contents => Alteration::Contents { draw },
    }
}

impl<P: Protocol> Conduct<P> for Mutation {
    fn judge(
        &mut self,
        wire: &mut Wire<'_, P::Message>,
        _: Way,
        copy: &Copy<'_, P::Message>,
    ) -> Verdict<P::Message> {
        let Some(mut draws) = self.chance.strikes(copy) else { return Verdict::Pass };
        let alteration = alteration(self.what, &mut draws);
        copy.message.altered(alteration, &wire.forge).map_or(Verdict::Pass, Verdict::Replace)
    }
}
