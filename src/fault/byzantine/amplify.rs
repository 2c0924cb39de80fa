//! Amplification: every message is sent many times.

use super::Behavior;
use crate::Amplify;
use synod_sim::inject::{Action, AdversaryContext, Direction, Envelope};
use synod_sim::{Duration, Protocol};

/// Sends everything many times more.
pub(super) struct AmplifyBehavior {
    copies: u32,
}

impl AmplifyBehavior {
    pub(super) fn new(amplify: &Amplify) -> AmplifyBehavior {
        AmplifyBehavior { copies: amplify.copies }
    }
}

impl<P: Protocol> Behavior<P> for AmplifyBehavior {
    fn act(
        &mut self,
        _: &mut AdversaryContext<'_, P::Message>,
        _: Direction,
        _: &Envelope<'_, P::Message>,
    ) -> Action<P::Message> {
        Action::Duplicate { copies: self.copies, apart: Duration::ZERO }
    }
}
