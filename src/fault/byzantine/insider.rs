//! What only an insider of the protocol can do, kept to the fault's agents and window.

use super::Conduct;
use crate::Insider;
use crate::grip::Grip;
use std::rc::Rc;
use synod_sim::fault::{Copy, Interceptor, Verdict, Way, Wire};
use synod_sim::{Insiders, Protocol};

/// One of the protocol's attacks.
pub(super) struct Inside<P: Protocol> {
    attack: Box<dyn Interceptor<P::Message>>,
    listens: bool,
}

impl<P: Protocol> Inside<P> {
    pub(super) fn new(insider: &Insider, grip: &Grip<'_, P>) -> Inside<P> {
        let nodes = grip.agents();
        let attack = P::attack(
            &insider.attack,
            Insiders {
                config: Rc::clone(grip.terms.config),
                nodes: nodes.clone(),
                strength_ppm: insider.strength.ppb() / 1_000,
                rng: grip.stream(),
                effects: grip.effects(),
            },
        );
        Inside { listens: nodes.iter().any(|&node| attack.covers(node, Way::In)), attack }
    }
}

impl<P: Protocol> Conduct<P> for Inside<P> {
    fn listens(&self) -> bool {
        self.listens
    }

    fn judge(
        &mut self,
        wire: &mut Wire<'_, P::Message>,
        way: Way,
        copy: &Copy<'_, P::Message>,
    ) -> Verdict<P::Message> {
        let node = if way == Way::Out { copy.from } else { copy.to };
        match self.attack.covers(node, way) {
            true => self.attack.on_copy(wire, way, copy),
            false => Verdict::Pass,
        }
    }

    fn counts(&self) -> bool {
        true
    }
}
