//! Requirements on a protocol.

use serde::Serialize;
use std::fmt;

/// What is to be done.
#[derive(Copy, Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Task {
    /// To decide.
    Standard,
    /// To decide where some know more than others.
    Expertise,
    /// To work out what is decided, over several rounds.
    Refinement,
    /// To decide among very many.
    Distributed,
}

impl Task {
    /// All of them.
    pub const ALL: [Task; 4] = [Task::Standard, Task::Expertise, Task::Refinement, Task::Distributed];

    /// Returns the name.
    pub const fn name(self) -> &'static str {
        match self {
            Task::Standard => "standard",
            Task::Expertise => "expertise",
            Task::Refinement => "refinement",
            Task::Distributed => "distributed",
        }
    }

    /// Returns what it is.
    pub const fn about(self) -> &'static str {
        match self {
            Task::Standard => "To decide",
            Task::Expertise => "To decide where some know more than others",
            Task::Refinement => "To work out what is decided, over several rounds",
            Task::Distributed => "To decide among very many",
        }
    }
}

/// The class of faults to tolerate.
#[derive(Copy, Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum FaultClass {
    /// Omissions that a vote tolerates: some agents are silent.
    Benign,
    /// Crashes with recovery, of coordinators too.
    Crash,
    /// Arbitrary (Byzantine) behavior.
    Byzantine,
}

impl FaultClass {
    /// All of them.
    pub const ALL: [FaultClass; 3] = [FaultClass::Benign, FaultClass::Crash, FaultClass::Byzantine];

    /// Returns the name.
    pub const fn name(self) -> &'static str {
        match self {
            FaultClass::Benign => "benign",
            FaultClass::Crash => "crash",
            FaultClass::Byzantine => "byzantine",
        }
    }

    /// Returns what it is.
    pub const fn about(self) -> &'static str {
        match self {
            FaultClass::Benign => "Omissions that a vote tolerates: some agents are silent",
            FaultClass::Crash => "Crashes with recovery, of coordinators too",
            FaultClass::Byzantine => "Arbitrary (Byzantine) behavior",
        }
    }
}

impl fmt::Display for FaultClass {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.name())
    }
}

impl fmt::Display for Task {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.name())
    }
}

/// A demand.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Demand {
    /// What is to be done.
    pub task: Task,
    /// By how many.
    pub agents: u32,
    /// The class of their faults.
    pub fault_class: FaultClass,
    /// Number of agents that may be faulty.
    pub faulty: u32,
}
