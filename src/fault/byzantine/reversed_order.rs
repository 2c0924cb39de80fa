//! Order reversal: what an agent sends within a window arrives in reverse order.

use super::Behavior;
use crate::ReversedOrder;
use crate::builder::FaultBuilder;
use synod_sim::inject::{Action, AdversaryContext, Direction, Envelope};
use synod_sim::{Duration, Protocol, Time};

/// Mirrors the times at which its agents send at the end of the window that they fall into: over links of one delay,
/// order is turned round.
pub(super) struct ReversedOrderBehavior {
    window: Duration,
    /// When the first window begins.
    from: Time,
}

impl ReversedOrderBehavior {
    pub(super) fn new(reversed_order: &ReversedOrder, builder: &FaultBuilder<'_>) -> ReversedOrderBehavior {
        ReversedOrderBehavior { window: reversed_order.window.resolved(), from: builder.schedule.from }
    }
}

impl<P: Protocol> Behavior<P> for ReversedOrderBehavior {
    fn act(
        &mut self,
        context: &mut AdversaryContext<'_, P::Message>,
        _: Direction,
        _: &Envelope<'_, P::Message>,
    ) -> Action<P::Message> {
        let window = self.window.as_nanos().max(1);
        let left = window - context.now.since(self.from).as_nanos() % window;
        Action::Delay(Duration::from_nanos(left).saturating_mul(2))
    }
}
