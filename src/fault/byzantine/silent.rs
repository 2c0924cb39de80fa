//! Silence: an agent receives everything and sends nothing (send omission).

use super::Behavior;
use synod_sim::Protocol;
use synod_sim::inject::{Action, AdversaryContext, Direction, Envelope};

/// Withholds whatever its agents send.
pub(super) struct SilentBehavior;

impl<P: Protocol> Behavior<P> for SilentBehavior {
    fn act(
        &mut self,
        _: &mut AdversaryContext<'_, P::Message>,
        _: Direction,
        _: &Envelope<'_, P::Message>,
    ) -> Action<P::Message> {
        Action::Drop
    }
}
