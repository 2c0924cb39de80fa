//! Silence: a node hears everything and sends nothing.

use crate::fault::Window;
use crate::fault::arm::Grip;
use crate::sim::fault::{Copy, Interceptor, SharedEffects, Verdict, Way, Wire};
use crate::sim::{NodeId, Protocol};

pub(super) fn arm<P: Protocol>(grip: &mut Grip<'_, P>) {
    let silent = Silent { agents: grip.agents(), window: grip.window, effects: grip.effects() };
    grip.intercept(Box::new(silent));
}

/// Withholds whatever its agents send while the fault is on.
struct Silent {
    agents: Vec<NodeId>,
    window: Window,
    effects: SharedEffects,
}

impl<P: Protocol> Interceptor<P> for Silent {
    fn covers(&self, node: NodeId, way: Way) -> bool {
        way == Way::Out && self.agents.contains(&node)
    }

    fn on_copy(&mut self, wire: &mut Wire<'_, P>, _: Way, _: &Copy<'_, P::Message>) -> Verdict<P::Message> {
        if !self.window.is_on(wire.now) {
            return Verdict::Pass;
        }
        self.effects.borrow_mut().dropped += 1;
        Verdict::Withhold
    }
}
