//! What clients saw: the history that a checker of linearizability judges.

use super::{Command, Output};
use serde::Serialize;
use synod_sim::OperationId;

/// An entry of a client's history. A client has one operation under way at most.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Call {
    /// The operation.
    pub operation: OperationId,
    /// The client, by its number over all hosts.
    pub client: u32,
    /// How far it is.
    pub step: Step,
}

/// How far a client's operation is.
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
