//! Requirements on a protocol, and what a protocol suits.

use serde::Serialize;
use std::fmt;

/// The kind of coordination that is needed.
#[derive(Copy, Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Task {
    /// Agreement on one option.
    Standard,
    /// Agreement where some agents know more than others.
    Expertise,
    /// Agreement on a value that the agents work out over several rounds.
    Refinement,
    /// Agreement among a very large number of agents.
    Distributed,
}

impl Task {
    /// All tasks.
    pub const ALL: [Task; 4] = [Task::Standard, Task::Expertise, Task::Refinement, Task::Distributed];

    /// Returns the name of the task.
    pub const fn name(self) -> &'static str {
        match self {
            Task::Standard => "standard",
            Task::Expertise => "expertise",
            Task::Refinement => "refinement",
            Task::Distributed => "distributed",
        }
    }

    /// Returns a short description.
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
    /// All classes.
    pub const ALL: [FaultClass; 3] = [FaultClass::Benign, FaultClass::Crash, FaultClass::Byzantine];

    /// Returns the name of the class.
    pub const fn name(self) -> &'static str {
        match self {
            FaultClass::Benign => "benign",
            FaultClass::Crash => "crash",
            FaultClass::Byzantine => "byzantine",
        }
    }

    /// Returns a short description.
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

/// The requirements that a protocol is selected for.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Demand {
    /// The kind of coordination.
    pub task: Task,
    /// Number of agents.
    pub agents: u32,
    /// The class of faults to tolerate.
    pub fault_class: FaultClass,
    /// Number of agents that may be faulty.
    pub faulty: u32,
}

/// What a protocol with parameters `A` and the workload `W` suits: whoever says so is tried by `synod select`.
pub struct Suitability<A, W> {
    /// The tasks that it is for.
    pub tasks: &'static [Task],
    /// The strongest fault class that it tolerates.
    pub tolerates: FaultClass,
    /// Its parameters and workload for one decision under these requirements.
    pub trial: fn(&Demand) -> (A, W),
}
