//! The fault plan of a run, as data.

use super::kinds::{Crash, Fault, StorageLoss};
use super::schedule::FaultSchedule;
use std::collections::BTreeSet;
use std::fmt;
use synod_sim::collections::TreeMap;
use synod_sim::{Digest, NodeId, Time};

/// What goes wrong in a run: faults with names that differ, whose agents are named or a role. The order means nothing
/// but which of two faults on one wire is asked first.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Plan {
    /// The faults.
    pub faults: Vec<Fault>,
    /// The agents of which progress is demanded in the end; all of them, if there is no such core.
    pub core: Option<BTreeSet<NodeId>>,
}

/// Identifies a fault by its name, whatever its place in the plan: removing one fault shifts no other's draws.
#[derive(Copy, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FaultId(u64);

impl Plan {
    /// Returns the agents of which nothing is promised for the whole run: those that a Byzantine fault corrupts, and
    /// those that restart without their storage, which may contradict what they said before.
    pub fn corrupted(&self) -> BTreeSet<NodeId> {
        self.faults
            .iter()
            .filter(|fault| fault.is_byzantine())
            .flat_map(|fault| fault.agents().named())
            .collect()
    }

    /// Returns the agents that some fault crashes.
    pub fn crashed(&self) -> BTreeSet<NodeId> {
        let crashes = self.faults.iter().filter(|fault| matches!(fault, Fault::Crash(_)));
        crashes.flat_map(|fault| fault.agents().named()).collect()
    }

    /// Since when each corrupted agent is: the beginning of the first fault that corrupts it.
    pub fn corruption(&self) -> TreeMap<NodeId, Time> {
        let mut since = TreeMap::new();
        for fault in self.faults.iter().filter(|fault| fault.is_byzantine()) {
            let from = FaultSchedule::of(fault).from;
            for agent in fault.agents().named() {
                let first = since.entry(agent).or_insert(from);
                *first = from.min(*first);
            }
        }
        since
    }

    /// Returns the agents that some fault keeps permanently broken, though they follow the protocol: nothing is
    /// demanded of them in the end.
    pub fn broken_for_good(&self) -> BTreeSet<NodeId> {
        let breaks = |fault: &&Fault| {
            matches!(fault, Fault::Crash(_) | Fault::Pause(_) | Fault::Isolate(_))
                && FaultSchedule::of(fault).until.is_none()
        };
        self.faults.iter().filter(breaks).flat_map(|fault| fault.agents().named()).collect()
    }

    /// Returns the faults that keep the current leader when they begin permanently broken, by their places: who that is
    /// shows in the run.
    pub fn permanent_leader_faults(&self) -> Vec<u32> {
        let places = (0..).zip(&self.faults).filter(|(_, fault)| fault.is_permanent_leader_fault());
        places.map(|(place, _)| place).collect()
    }
}

impl Fault {
    /// Returns true if its agents count as Byzantine.
    pub fn is_byzantine(&self) -> bool {
        match self {
            Fault::Silent(_)
            | Fault::SelectiveOmission(_)
            | Fault::Delay(_)
            | Fault::ReversedOrder(_)
            | Fault::Replay(_)
            | Fault::Mutate(_)
            | Fault::BadSignature(_)
            | Fault::Amplify(_)
            | Fault::Flood(_)
            | Fault::Twins(_)
            | Fault::Adaptive(_)
            | Fault::Insider(_) => true,
            Fault::Crash(Crash { storage, until, duty, .. }) => {
                *storage == StorageLoss::Lost && (until.is_some() || duty.is_some())
            }
            _ => false,
        }
    }

    /// Returns true if it strikes everybody where its agents are left out.
    pub fn can_strike_all(&self) -> bool {
        matches!(
            self,
            Fault::Partition(_)
                | Fault::Ring(_)
                | Fault::SlowLinks(_)
                | Fault::Loss(_)
                | Fault::GilbertElliott(_)
                | Fault::Duplicate(_)
                | Fault::Reorder(_)
                | Fault::Corrupt(_)
        )
    }

    /// Returns true if it can strike the current leader.
    pub fn can_strike_leader(&self) -> bool {
        matches!(self, Fault::Crash(_) | Fault::Pause(_) | Fault::Isolate(_) | Fault::Slow(_))
    }

    /// Returns what keys its randomness.
    pub fn id(&self) -> FaultId {
        FaultId::of(self.name())
    }
}

impl FaultId {
    /// Returns the id of the fault called `name`.
    pub fn of(name: &str) -> FaultId {
        let digest = Digest::of_bytes(name.as_bytes()).0;
        // Streams are indexed by 48 bits, of which the highest value is taken.
        let bits = digest[..6].iter().fold(0, |bits, &byte| bits << 8 | u64::from(byte));
        FaultId(bits.min((1 << 48) - 2))
    }

    /// Returns the index of the fault's stream.
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

    #[test]
    fn only_who_restarts_without_storage_is_byzantine() {
        for (fault, byzantine) in [
            (r#"{"agents": [2], "storage": "lost", "until": "1s"}"#, true),
            (r#"{"agents": [2], "storage": "lost"}"#, false),
            (r#"{"agents": [2], "storage": "torn", "until": "1s"}"#, false),
        ] {
            let crash = Fault::Crash(serde_json::from_str(fault).expect("a crash"));
            let plan = Plan { faults: vec![crash], core: None };
            assert_eq!(!plan.corrupted().is_empty(), byzantine);
            assert_eq!(plan.broken_for_good().is_empty(), fault.contains("until"));
        }
    }

    #[test]
    fn ids_follow_names() {
        assert_eq!(FaultId::of("a"), FaultId::of("a"));
        assert_ne!(FaultId::of("a"), FaultId::of("b"));
        assert!(FaultId::of("a").stream_index() < 1 << 48);
    }
}
