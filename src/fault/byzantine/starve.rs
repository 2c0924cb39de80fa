//! Starvation: an agent sends nothing to its victims.

use super::Conduct;
use crate::Starve;
use synod_sim::fault::{Copy, Verdict, Way, Wire};
use synod_sim::{NodeId, Protocol};

/// Withholds what its agents send to the victims.
pub(super) struct Starvation {
    victims: Vec<NodeId>,
}

impl Starvation {
    pub(super) fn new(starve: &Starve) -> Starvation {
        Starvation { victims: starve.victims.named() }
    }
}

impl<P: Protocol> Conduct<P> for Starvation {
    fn judge(
        &mut self,
        _: &mut Wire<'_, P::Message>,
        _: Way,
        copy: &Copy<'_, P::Message>,
    ) -> Verdict<P::Message> {
        match self.victims.contains(&copy.to) {
            true => Verdict::Withhold,
            false => Verdict::Pass,
        }
    }
}
