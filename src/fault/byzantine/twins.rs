//! Twins: a coalition shows history A to one side, history B to the other.

use super::Behavior;
use crate::builder::FaultBuilder;
use crate::{Sides, Twins};
use rand::seq::SliceRandom;
use synod_sim::inject::{Action, AdversaryContext, Coalition, Direction, Envelope};
use synod_sim::{Kind, Message, NodeId, Protocol};

pub(super) fn install(twins: &Twins, builder: &mut FaultBuilder<'_>) {
    let nodes = builder.agents();
    let mut sides = vec![u64::MAX; builder.params.agents as usize];
    if twins.sides == Sides::Even {
        let mut others: Vec<usize> =
            (0..sides.len()).filter(|&agent| !nodes.contains(&NodeId(agent as u32))).collect();
        others.shuffle(&mut builder.stream());
        for (place, agent) in others.into_iter().enumerate() {
            sides[agent] = 1 << (place % twins.instances as usize);
        }
    }
    let intervals = builder.schedule.intervals(builder.params.horizon);
    builder.collude(Coalition { nodes, instances: twins.instances, sides, apart: twins.apart, intervals });
}

/// Message-level behavior of a coalition of twins: rushing receipt, and kinds of message withheld from outsiders.
pub(super) struct TwinsBehavior {
    colluders: Vec<NodeId>,
    rushing: bool,
    /// The kinds withheld, by their indices among the protocol's.
    withheld: Vec<usize>,
}

impl TwinsBehavior {
    /// The behavior where messages are of these `kinds`, of which several can have the same name.
    pub(super) fn new(twins: &Twins, colluders: Vec<NodeId>, kinds: &[Kind]) -> TwinsBehavior {
        let is_withheld = |kind: &Kind| twins.withhold.iter().any(|name| *name == kind.name);
        let withheld = (0..kinds.len()).filter(|&place| is_withheld(&kinds[place])).collect();
        TwinsBehavior { colluders, rushing: twins.rushing, withheld }
    }
}

impl<P: Protocol> Behavior<P> for TwinsBehavior {
    fn acts_on_inbound(&self) -> bool {
        self.rushing
    }

    fn act(
        &mut self,
        _: &mut AdversaryContext<'_, P::Message>,
        direction: Direction,
        envelope: &Envelope<'_, P::Message>,
    ) -> Action<P::Message> {
        let is_secret =
            !self.colluders.contains(&envelope.to) && self.withheld.contains(&envelope.message.kind());
        match direction {
            Direction::Inbound if self.rushing => Action::DeliverNow,
            Direction::Outbound if is_secret => Action::Drop,
            _ => Action::Pass,
        }
    }
}
