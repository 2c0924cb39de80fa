//! Messages, timers, records and observations, tagged with the child that they belong to.

use serde::Serialize;
use synod_sim::auth::Forge;
use synod_sim::inject::Alteration;
use synod_sim::{CoverageMark, Kind, Message, Milestone, NodeId, Observation, OperationId};

/// A message, timer, record or observation of the child of this number.
#[derive(Copy, Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename = "synod::Tagged")]
pub struct Tagged<T>(pub u32, pub T);

impl<M: Message> Message for Tagged<M> {
    const KINDS: &'static [Kind] = M::KINDS;

    fn kind(&self) -> usize {
        self.1.kind()
    }

    fn declared_kind(&self) -> Kind {
        self.1.declared_kind()
    }

    fn size(&self) -> usize {
        4 + self.1.size()
    }

    fn damaged(&self) -> Option<Self> {
        Some(Tagged(self.0, self.1.damaged()?))
    }

    fn altered(&self, alteration: Alteration, forge: &Forge<'_>) -> Option<Self> {
        Some(Tagged(self.0, self.1.altered(alteration, forge)?))
    }
}

/// A child decides once: its number is its operation's.
impl<O: Observation> Observation for Tagged<O> {
    fn milestone(&self) -> Option<Milestone> {
        let operation = OperationId(u64::from(self.0));
        Some(match self.1.milestone()? {
            Milestone::Submitted(_) => Milestone::Submitted(operation),
            Milestone::Decided(..) => Milestone::Decided(operation, 1),
            Milestone::Served(_) => Milestone::Served(operation),
            Milestone::Completed(_) => Milestone::Completed(operation),
            Milestone::Abandoned(_) => Milestone::Abandoned(operation),
            Milestone::CaughtUp(_) => return None,
        })
    }

    fn peak(&self) -> Option<(&'static str, u64)> {
        self.1.peak()
    }

    fn accuses(&self) -> Option<NodeId> {
        self.1.accuses()
    }

    fn suspects(&self) -> bool {
        self.1.suspects()
    }

    fn mark(&self) -> Option<&'static CoverageMark> {
        self.1.mark()
    }
}
