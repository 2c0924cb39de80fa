//! Silence: a node hears everything and sends nothing.

use super::plan::Fault;
use crate::sim::fault::{Interceptor, SharedEffects, Verdict};
use crate::sim::{NodeId, Protocol, Time};

/// Withholds whatever its agents send while the fault lasts.
pub(super) struct Silent {
    agents: Vec<NodeId>,
    from: Time,
    until: Option<Time>,
    effects: SharedEffects,
}

impl Silent {
    pub(super) fn new(fault: &Fault, effects: SharedEffects) -> Silent {
        Silent { agents: fault.agents.clone(), from: fault.from, until: fault.until, effects }
    }
}

impl<P: Protocol> Interceptor<P> for Silent {
    fn covers(&self, node: NodeId) -> bool {
        self.agents.contains(&node)
    }

    fn outbound(&mut self, at: Time, _: NodeId, _: NodeId, _: &P::Message) -> Verdict<P::Message> {
        if at < self.from || self.until.is_some_and(|until| at >= until) {
            return Verdict::Pass;
        }
        self.effects.borrow_mut().dropped += 1;
        Verdict::Withhold
    }
}
