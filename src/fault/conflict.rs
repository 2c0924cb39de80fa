//! Faults that get in each other's way: two crashes of one agent at once, two slowdowns, two wrong clocks. What each of
//! them did could not be told apart.

use super::kinds::Fault;
use super::plan::Plan;
use super::schedule::FaultSchedule;
use std::collections::BTreeSet;
use synod_sim::{Duration, NodeId, Time};

/// Two faults of one kind that strike an agent at once.
#[derive(Copy, Clone, Debug)]
pub struct Conflict<'a> {
    /// The one that comes first in the plan.
    pub first: &'a Fault,
    /// The other.
    pub second: &'a Fault,
    /// An agent that both strike.
    pub agent: NodeId,
}

impl Plan {
    /// The first two faults that get in each other's way on an agent that they name. Whoever leads is found out in the
    /// run, and is never somebody who is down.
    pub fn conflict(&self) -> Option<Conflict<'_>> {
        self.faults.iter().enumerate().find_map(|(place, second)| {
            self.faults[..place].iter().find_map(|first| {
                let agent = second.shared(first)?;
                Some(Conflict { first, second, agent })
            })
        })
    }
}

impl Fault {
    /// True if an agent can suffer only one of its kind at a time.
    pub(super) fn is_exclusive(&self) -> bool {
        matches!(self, Fault::Crash(_) | Fault::Slow(_) | Fault::Clock(_))
    }

    /// The agents that it must not strike if it is to strike `count`, because `others` do while it is on.
    pub(super) fn taken(&self, count: u32, others: &[Fault]) -> BTreeSet<NodeId> {
        let FaultSchedule { from, until, .. } = FaultSchedule::of(self);
        let last = until.map_or(Time::MAX, |until| until + self.spread().saturating_mul(count.into()));
        others
            .iter()
            .filter(|other| self.is_exclusive() && other.kind() == self.kind())
            .flat_map(Fault::holds)
            .filter(|&(_, begin, end)| begin <= last && from <= end)
            .map(|(agent, ..)| agent)
            .collect()
    }

    /// An agent that both strike at once.
    fn shared(&self, other: &Fault) -> Option<NodeId> {
        if !self.is_exclusive() || self.kind() != other.kind() {
            return None;
        }
        let conflicts = |&(agent, from, until): &(NodeId, Time, Time)| {
            other.holds().any(|(struck, begin, end)| struck == agent && begin <= until && from <= end)
        };
        self.holds().find(conflicts).map(|(agent, ..)| agent)
    }

    /// How much later it strikes each agent than the one before.
    fn stagger(&self) -> Duration {
        match self {
            Fault::Crash(crash) => crash.stagger.0,
            _ => Duration::ZERO,
        }
    }

    /// How much later it lets go of each agent than of the one before.
    pub(super) fn spread(&self) -> Duration {
        match self {
            Fault::Crash(crash) => crash.stagger.0 + crash.apart.0,
            _ => Duration::ZERO,
        }
    }

    /// Whom it strikes, each with the first moment and the last.
    fn holds(&self) -> impl Iterator<Item = (NodeId, Time, Time)> {
        let FaultSchedule { from, until, .. } = FaultSchedule::of(self);
        let (stagger, spread) = (self.stagger(), self.spread());
        self.agents().named().into_iter().zip(0..).map(move |(agent, place): (NodeId, u64)| {
            let end = until.map_or(Time::MAX, |until| until + spread.saturating_mul(place));
            (agent, from + stagger.saturating_mul(place), end)
        })
    }
}
