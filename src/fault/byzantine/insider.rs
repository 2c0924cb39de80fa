//! Protocol-specific attacks, restricted to the fault's agents and schedule.

use super::Behavior;
use crate::Insider;
use crate::builder::FaultBuilder;
use std::rc::Rc;
use synod_sim::inject::{Action, AdversaryContext, Direction, Envelope, Interceptor};
use synod_sim::{Insiders, Protocol};

/// One of the protocol's attacks.
pub(super) struct InsiderBehavior<P: Protocol> {
    attack: Box<dyn Interceptor<P::Message>>,
    acts_on_inbound: bool,
}

impl<P: Protocol> InsiderBehavior<P> {
    pub(super) fn new(
        insider: &Insider,
        config: &Rc<P::Config>,
        builder: &FaultBuilder<'_>,
    ) -> InsiderBehavior<P> {
        let nodes = builder.agents();
        let attack = P::attack(
            &insider.attack,
            Insiders {
                config: Rc::clone(config),
                nodes: nodes.clone(),
                strength_ppm: insider.strength.ppb() / 1_000,
                rng: builder.stream(),
                effects: builder.effects(),
            },
        );
        InsiderBehavior {
            acts_on_inbound: nodes.iter().any(|&node| attack.covers(node, Direction::Inbound)),
            attack,
        }
    }
}

impl<P: Protocol> Behavior<P> for InsiderBehavior<P> {
    fn acts_on_inbound(&self) -> bool {
        self.acts_on_inbound
    }

    fn act(
        &mut self,
        context: &mut AdversaryContext<'_, P::Message>,
        direction: Direction,
        envelope: &Envelope<'_, P::Message>,
    ) -> Action<P::Message> {
        let node = if direction == Direction::Outbound { envelope.from } else { envelope.to };
        if self.attack.covers(node, direction) {
            self.attack.intercept(context, direction, envelope)
        } else {
            Action::Pass
        }
    }

    fn counts_effects(&self) -> bool {
        true
    }
}
