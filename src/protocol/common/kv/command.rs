//! Commands and their outputs, and what clients record of them: the history that a checker of linearizability judges.

use serde::{Deserialize, Serialize};
use std::fmt;
use std::rc::Rc;
use synod_sim::OperationId;

/// Names a value.
#[derive(Copy, Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Key(pub u32);

/// Value of a key; empty if it holds nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Value(pub Rc<[u64]>);

/// Commands.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Command {
    /// Reads the key.
    Get {
        /// The key.
        key: Key,
    },
    /// Sets the key to one number.
    Put {
        /// The key.
        key: Key,
        /// The number.
        value: u64,
    },
    /// Sets the key to one number if it holds `expected`.
    Cas {
        /// The key.
        key: Key,
        /// The expected value.
        expected: Value,
        /// The number.
        value: u64,
    },
    /// Appends a number to the key.
    Append {
        /// The key.
        key: Key,
        /// The number.
        value: u64,
    },
}

/// Answer to a client.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Output {
    /// To `get`: what the key holds.
    Value(Value),
    /// To `put` and `append`: it is done.
    Written,
    /// To `cas`: true if the key held what was expected.
    Swapped(bool),
}

/// An entry of a client's history. A client has one operation under way at most.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Call {
    /// The operation.
    pub operation: OperationId,
    /// The client, by its number over all hosts.
    pub client: u32,
    /// The step.
    pub step: Step,
}

/// Step of a client's operation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub enum Step {
    /// The client has asked: the operation may take effect from now on.
    Invoke(Command),
    /// The client was told the output: the operation took effect before now.
    Ok(Output),
    /// The client knows that the operation has not taken effect and never will.
    Fail,
    /// The client has given up: the operation may have taken effect, may still do so, or may not.
    Info,
}

impl Command {
    /// The key that it concerns.
    pub fn key(&self) -> Key {
        match *self {
            Command::Get { key }
            | Command::Put { key, .. }
            | Command::Cas { key, .. }
            | Command::Append { key, .. } => key,
        }
    }

    /// The number that it writes, if it writes.
    pub fn written(&self) -> Option<u64> {
        match *self {
            Command::Get { .. } => None,
            Command::Put { value, .. } | Command::Cas { value, .. } | Command::Append { value, .. } => {
                Some(value)
            }
        }
    }

    /// Output on a key that holds `held`, and the key's value afterwards.
    pub fn on(&self, held: &Value) -> (Output, Value) {
        match self {
            Command::Get { .. } => (Output::Value(held.clone()), held.clone()),
            Command::Put { value, .. } => (Output::Written, Value([*value].into())),
            Command::Cas { expected, .. } if held != expected => (Output::Swapped(false), held.clone()),
            Command::Cas { value, .. } => (Output::Swapped(true), Value([*value].into())),
            Command::Append { value, .. } => {
                (Output::Written, Value(held.0.iter().copied().chain([*value]).collect()))
            }
        }
    }

    /// Returns true if it changes nothing.
    pub fn is_read(&self) -> bool {
        matches!(self, Command::Get { .. })
    }
}

impl Output {
    /// Its modelled size, in bytes.
    pub fn size(&self) -> usize {
        match self {
            Output::Value(value) => 4 + 8 * value.0.len(),
            Output::Written | Output::Swapped(_) => 1,
        }
    }
}

impl fmt::Display for Key {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "k{}", self.0)
    }
}

impl fmt::Display for Value {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &*self.0 {
            [] => write!(out, "nothing"),
            [one] => write!(out, "{one}"),
            many => write!(out, "{many:?}"),
        }
    }
}

impl fmt::Display for Command {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Command::Get { key } => write!(out, "get {key}"),
            Command::Put { key, value } => write!(out, "put {key} {value}"),
            Command::Cas { key, expected, value } => write!(out, "cas {key} {expected} -> {value}"),
            Command::Append { key, value } => write!(out, "append {key} {value}"),
        }
    }
}

impl fmt::Display for Output {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Output::Value(value) => write!(out, "{value}"),
            Output::Written => write!(out, "written"),
            Output::Swapped(true) => write!(out, "swapped"),
            Output::Swapped(false) => write!(out, "not swapped"),
        }
    }
}
