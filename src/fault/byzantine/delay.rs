//! Timing attack: messages to some receivers are delayed.

use super::Behavior;
use crate::Delay;
use crate::builder::FaultBuilder;
use rand::seq::SliceRandom;
use synod_sim::inject::{Action, AdversaryContext, Direction, Envelope};
use synod_sim::{Duration, NodeId, Protocol};

/// Holds back what its agents send to some, always the same ones.
pub(super) struct DelayBehavior {
    by: Duration,
    /// The delayed receivers.
    waiting: Vec<NodeId>,
}

impl DelayBehavior {
    pub(super) fn new(delay: &Delay, builder: &FaultBuilder<'_>) -> DelayBehavior {
        let agents = builder.agents();
        let mut receivers: Vec<NodeId> =
            (0..builder.params.nodes as u32).map(NodeId).filter(|node| !agents.contains(node)).collect();
        receivers.shuffle(&mut builder.stream());
        let count = (receivers.len() as u128 * u128::from(delay.to.ppb())).div_ceil(1_000_000_000);
        receivers.truncate(count as usize);
        DelayBehavior { by: delay.by.resolved(), waiting: receivers }
    }
}

impl<P: Protocol> Behavior<P> for DelayBehavior {
    fn act(
        &mut self,
        _: &mut AdversaryContext<'_, P::Message>,
        _: Direction,
        envelope: &Envelope<'_, P::Message>,
    ) -> Action<P::Message> {
        if self.waiting.contains(&envelope.to) { Action::Delay(self.by) } else { Action::Pass }
    }
}
