//! Selective omission: an agent sends nothing to its victims.

use super::Behavior;
use crate::SelectiveOmission;
use synod_sim::inject::{Action, AdversaryContext, Direction, Envelope};
use synod_sim::{NodeId, Protocol};

/// Withholds what its agents send to the victims.
pub(super) struct OmissionBehavior {
    victims: Vec<NodeId>,
}

impl OmissionBehavior {
    pub(super) fn new(selective_omission: &SelectiveOmission) -> OmissionBehavior {
        OmissionBehavior { victims: selective_omission.victims.named() }
    }
}

impl<P: Protocol> Behavior<P> for OmissionBehavior {
    fn act(
        &mut self,
        _: &mut AdversaryContext<'_, P::Message>,
        _: Direction,
        envelope: &Envelope<'_, P::Message>,
    ) -> Action<P::Message> {
        if self.victims.contains(&envelope.to) { Action::Drop } else { Action::Pass }
    }
}
