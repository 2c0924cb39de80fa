//! What is asked of a protocol.

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

    /// Its name.
    pub const fn name(self) -> &'static str {
        match self {
            Task::Standard => "standard",
            Task::Expertise => "expertise",
            Task::Refinement => "refinement",
            Task::Distributed => "distributed",
        }
    }

    /// What it is.
    pub const fn about(self) -> &'static str {
        match self {
            Task::Standard => "To decide",
            Task::Expertise => "To decide where some know more than others",
            Task::Refinement => "To work out what is decided, over several rounds",
            Task::Distributed => "To decide among very many",
        }
    }
}

/// What agents may do.
#[derive(Copy, Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum FaultClass {
    /// Nothing goes wrong that a vote would not bear: some are silent.
    Benign,
    /// Agents crash and come back, coordinators too.
    Crash,
    /// Agents do what they like.
    Byzantine,
}

impl FaultClass {
    /// All of them.
    pub const ALL: [FaultClass; 3] = [FaultClass::Benign, FaultClass::Crash, FaultClass::Byzantine];

    /// Its name.
    pub const fn name(self) -> &'static str {
        match self {
            FaultClass::Benign => "benign",
            FaultClass::Crash => "crash",
            FaultClass::Byzantine => "byzantine",
        }
    }

    /// What it is.
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
    /// What some of them may do.
    pub fault_class: FaultClass,
    /// How many of them.
    pub faulty: u32,
}
