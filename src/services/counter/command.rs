//! What clients ask of the counters, and what they are told.

use serde::{Deserialize, Serialize};
use std::fmt;

/// Names a counter.
#[derive(Copy, Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct CounterId(pub u32);

/// Commands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Command {
    /// Adds to the counter, if the sum is within the bounds.
    Add {
        /// The counter.
        counter: CounterId,
        /// How much; below zero to take away.
        amount: i64,
    },
    /// Asks what the counter holds.
    Read {
        /// The counter.
        counter: CounterId,
    },
}

/// Answer to a client.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Output {
    /// What the counter holds: to `add`, with the amount.
    Holds(i64),
    /// To `add`: the counter holds that, and the sum would be out of bounds.
    OutOfBounds(i64),
}

impl Command {
    /// Returns the counter that it concerns.
    pub fn counter(&self) -> CounterId {
        match *self {
            Command::Add { counter, .. } | Command::Read { counter } => counter,
        }
    }
}

impl fmt::Display for CounterId {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "counter {}", self.0)
    }
}

impl fmt::Display for Command {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Command::Add { counter, amount } => write!(out, "add {amount} to {counter}"),
            Command::Read { counter } => write!(out, "read {counter}"),
        }
    }
}

impl fmt::Display for Output {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Output::Holds(value) => write!(out, "{value}"),
            Output::OutOfBounds(value) => write!(out, "out of bounds from {value}"),
        }
    }
}
