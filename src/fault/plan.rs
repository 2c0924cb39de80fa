//! The plan of a run's faults, as data.

use crate::sim::{Damage, Digest, NodeId, Time};
use std::collections::BTreeSet;
use std::fmt;

/// What goes wrong in a run, in the order of the scenario file. The order means nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Plan {
    /// The faults. Their ids differ.
    pub faults: Vec<Fault>,
}

/// One fault.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// What keys the fault's randomness.
    pub id: FaultId,
    /// Its name in reports.
    pub name: String,
    /// What happens.
    pub what: What,
    /// Whom it strikes, in ascending order.
    pub agents: Vec<NodeId>,
    /// When it begins.
    pub from: Time,
    /// When it ends; `None` if it lasts as long as the run.
    pub until: Option<Time>,
}

/// Identifies a fault by its name, whatever its place in the plan: removing one fault shifts no other's draws.
#[derive(Copy, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FaultId(u64);

/// What a fault does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum What {
    /// The agents send nothing, though they hear everything.
    Silent,
    /// The agents stop when the fault begins, and start again from their storage when it ends.
    Crash(Damage),
    /// No message passes between nodes of different groups. A node in no group reaches everybody.
    Partition(Vec<Vec<NodeId>>),
}

impl Plan {
    /// The agents of which nothing is promised for the whole run: the silent, and those that restart without their
    /// storage, which may contradict what they said before.
    pub fn byzantine(&self) -> BTreeSet<NodeId> {
        self.faults
            .iter()
            .filter(|fault| fault.is_byzantine())
            .flat_map(|fault| fault.agents.clone())
            .collect()
    }
}

impl Fault {
    /// True if its agents count as Byzantine.
    pub fn is_byzantine(&self) -> bool {
        match self.what {
            What::Silent => true,
            What::Crash(damage) => damage == Damage::All && self.until.is_some(),
            What::Partition(_) => false,
        }
    }
}

impl FaultId {
    /// The id of the fault called `name`.
    pub fn of(name: &str) -> FaultId {
        let digest = Digest::of_bytes(name.as_bytes()).0;
        // Streams are indexed by 48 bits, of which the highest value is taken.
        let bits = digest[..6].iter().fold(0, |bits, &byte| bits << 8 | u64::from(byte));
        FaultId(bits.min((1 << 48) - 2))
    }

    /// The index of the fault's stream.
    pub const fn stream_index(self) -> u64 {
        self.0
    }
}

impl fmt::Debug for FaultId {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "fault {:012x}", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn crash(damage: Damage, until: Option<Time>) -> Fault {
        let (what, agents) = (What::Crash(damage), vec![NodeId(2)]);
        Fault { id: FaultId::of("crash-1"), name: "crash-1".into(), what, agents, from: Time::ZERO, until }
    }

    #[test]
    fn only_who_restarts_without_storage_is_byzantine() {
        let later = Some(Time::from_nanos(9));
        for (fault, byzantine) in [
            (crash(Damage::All, later), true),
            (crash(Damage::All, None), false),
            (crash(Damage::Torn, later), false),
        ] {
            let plan = Plan { faults: vec![fault] };
            assert_eq!(!plan.byzantine().is_empty(), byzantine);
        }
    }

    #[test]
    fn ids_follow_names() {
        assert_eq!(FaultId::of("a"), FaultId::of("a"));
        assert_ne!(FaultId::of("a"), FaultId::of("b"));
        assert!(FaultId::of("a").stream_index() < 1 << 48);
    }
}
