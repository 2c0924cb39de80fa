//! What clients of a log record: the history that the oracle of linearizability judges.

use super::encoded::{Command, Output};
use serde::Serialize;
use synod_sim::{OperationId, Time};

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

/// A replica has carried out a command, or answered a read, of a machine that knows the time. Only the first of an
/// operation matters, and it comes before anybody can be told of the effect.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Executed {
    /// The operation.
    pub operation: OperationId,
    /// The log's time when it took effect: [`StateMachine::now`](crate::StateMachine::now).
    pub at: Time,
}
