//! The replicated state machine of a log as the model of what its clients may see.

use super::model::{Call, Model, OperationOf, Step};
use std::fmt;
use synod_log::{Command, Executed, Machine, Object, Output, Part, history};
use synod_sim::Time;

/// A machine as its own sequential specification, part by part.
///
/// One model serves all machines: a protocol that replicates one need not know which, and the search is compiled once a
/// protocol. Of a machine that knows the time the oracle must be told when each command took effect, by the log: see
/// [`MachineModel::executed`]. One that nobody has executed has had no effect.
#[derive(Clone, Debug)]
pub struct MachineModel(pub Machine);

/// What a client asks of a machine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asked {
    /// The command.
    pub command: Command,
    /// When it took effect, by the log; unknown until a replica has executed it, and always so of a machine that knows no
    /// time.
    pub at: Option<Time>,
}

impl fmt::Display for Asked {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.command.fmt(out)
    }
}

impl MachineModel {
    /// Returns an entry of a client's history, as the oracle takes it.
    pub fn call(call: &history::Call) -> Call<MachineModel> {
        let step = match &call.step {
            history::Step::Invoke(command) => Step::Invoke(Asked { command: command.clone(), at: None }),
            history::Step::Ok(output) => Step::Ok(output.clone()),
            history::Step::Fail => Step::Fail,
            history::Step::Info => Step::Info,
        };
        Call { operation: call.operation, client: call.client, step }
    }

    /// Returns that a replica has executed an operation, as the oracle takes it.
    pub fn executed(executed: Executed) -> Call<MachineModel> {
        Call { operation: executed.operation, client: 0, step: Step::TookEffect(executed.at) }
    }
}

impl Model for MachineModel {
    type Key = Part;
    type Input = Asked;
    type Output = Output;
    type State = Object;

    fn key(&self, input: &Asked) -> Part {
        self.0.part(&input.command)
    }

    fn initial(&self) -> Object {
        self.0.object()
    }

    fn step(&self, state: &Object, input: &Asked, output: Option<&Output>) -> Option<Object> {
        if self.has_time() && input.at.is_none() && output.is_none() {
            return None;
        }
        state.step(input.at, &input.command, output)
    }

    fn is_read(&self, input: &Asked, output: &Output) -> bool {
        // At its own time a read moves the object's.
        input.at.is_none() && (input.command.is_read() || self.0.is_noop(&input.command, output))
    }

    fn owes(&self, operation: &OperationOf<MachineModel>, other: &OperationOf<MachineModel>) -> bool {
        self.0.owes((&operation.input.command, operation.output()), (&other.input.command, other.output()))
    }

    fn has_time(&self) -> bool {
        self.0.clock().is_some()
    }

    fn set_time(&self, input: &mut Asked, at: Time) {
        input.at.get_or_insert(at);
    }
}
