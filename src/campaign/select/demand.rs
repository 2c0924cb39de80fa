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
pub enum Peril {
    /// Nothing goes wrong that a vote would not bear: some are silent.
    Low,
    /// Agents crash and come back, coordinators too.
    Medium,
    /// Agents do what they like.
    High,
}

impl Peril {
    /// All of them.
    pub const ALL: [Peril; 3] = [Peril::Low, Peril::Medium, Peril::High];

    /// Its name.
    pub const fn name(self) -> &'static str {
        match self {
            Peril::Low => "low",
            Peril::Medium => "medium",
            Peril::High => "high",
        }
    }

    /// What it is.
    pub const fn about(self) -> &'static str {
        match self {
            Peril::Low => "Nothing goes wrong that a vote would not bear: some are silent",
            Peril::Medium => "Agents crash and come back, coordinators too",
            Peril::High => "Agents do what they like",
        }
    }
}

impl fmt::Display for Peril {
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
    pub peril: Peril,
    /// How many of them.
    pub faulty: u32,
}
