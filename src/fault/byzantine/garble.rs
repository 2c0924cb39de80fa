//! Invalid signatures: garbled ones, or another's name on one's own message.

use super::Conduct;
use super::chance::{Chance, place};
use crate::grip::Grip;
use crate::{Garble, Garbled};
use synod_sim::fault::{Alteration, Copy, Verdict, Way, Wire};
use synod_sim::{Message, NodeId, Protocol};

/// Makes a share of what its agents send bear signatures that are not right.
pub(super) struct Garbling {
    chance: Chance,
    how: Garbled,
    agents: u32,
}

impl Garbling {
    pub(super) fn new<P: Protocol>(garble: &Garble, grip: &Grip<'_, P>) -> Garbling {
        let chance = Chance::new(garble.chance, grip.counter());
        Garbling { chance, how: garble.how, agents: grip.terms.agents }
    }
}

impl<P: Protocol> Conduct<P> for Garbling {
    fn judge(
        &mut self,
        wire: &mut Wire<'_, P::Message>,
        _: Way,
        copy: &Copy<'_, P::Message>,
    ) -> Verdict<P::Message> {
        let Some(mut draws) = self.chance.strikes(copy) else { return Verdict::Pass };
        let garbled = match self.how {
            Garbled::Signature => copy.message.damaged(),
            Garbled::Name => {
                // In a fellow's name it could sign.
                let others: Vec<NodeId> =
                    (0..self.agents).map(NodeId).filter(|&other| !wire.forge.holds(other)).collect();
                let name = (!others.is_empty()).then(|| others[place(&mut draws, others.len())]);
                name.and_then(|name| copy.message.altered(Alteration::Name(name), &wire.forge))
            }
        };
        garbled.map_or(Verdict::Pass, Verdict::Replace)
    }
}
