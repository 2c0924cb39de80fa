//! Conflicting faults: two crashes of one agent at once, two pauses, slowdowns or clock errors, twins of twins. Their
//! effects could not be attributed.

use super::kinds::Fault;
use super::plan::Plan;
use super::schedule::FaultSchedule;
use std::collections::BTreeSet;
use synod_sim::{Duration, NodeId, Time};

/// Two faults of one kind that affect an agent at the same time.
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
    /// Returns the first two faults that conflict on an agent that they name. Leaders are resolved in the run, and are
    /// never down.
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
    /// Returns true if an agent can have only one fault of its kind at a time.
    pub(super) fn is_exclusive(&self) -> bool {
        matches!(self, Fault::Crash(_) | Fault::Pause(_) | Fault::Slow(_) | Fault::Clock(_) | Fault::Twins(_))
    }

    /// Returns the agents that it must not target if it is to target `count`, because `others` do at the same time.
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

    /// Returns an agent that both strike at once.
    fn shared(&self, other: &Fault) -> Option<NodeId> {
        if !self.is_exclusive() || self.kind() != other.kind() {
            return None;
        }
        let conflicts = |&(agent, from, until): &(NodeId, Time, Time)| {
            other.holds().any(|(struck, begin, end)| struck == agent && begin <= until && from <= end)
        };
        self.holds().find(conflicts).map(|(agent, ..)| agent)
    }

    /// Returns the delay from each agent's start to the next one's.
    fn stagger(&self) -> Duration {
        match self {
            Fault::Crash(crash) => crash.stagger.0,
            _ => Duration::ZERO,
        }
    }

    /// Returns the delay from each agent's end to the next one's.
    pub(super) fn spread(&self) -> Duration {
        match self {
            Fault::Crash(crash) => crash.stagger.0 + crash.apart.0,
            _ => Duration::ZERO,
        }
    }

    /// Returns its agents, each with the first and the last time at which it is affected.
    fn holds(&self) -> impl Iterator<Item = (NodeId, Time, Time)> {
        let FaultSchedule { from, until, .. } = match self {
            // Further instances exist from the start to the end: they keep up until they are split.
            Fault::Twins(_) => FaultSchedule { from: Time::ZERO, until: None, duty: None },
            _ => FaultSchedule::of(self),
        };
        let (stagger, spread) = (self.stagger(), self.spread());
        self.agents().named().into_iter().zip(0..).map(move |(agent, place): (NodeId, u64)| {
            let end = until.map_or(Time::MAX, |until| until + spread.saturating_mul(place));
            (agent, from + stagger.saturating_mul(place), end)
        })
    }
}
