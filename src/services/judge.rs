//! What oracles of services share: clients' operations, one by one, and what became of each.

use std::collections::BTreeMap;
use synod_log::history::{Call, Step};
use synod_log::{Executed, Service};
use synod_oracle::service::{ServiceClaim, ServiceOracle};
use synod_sim::{EventTime, NodeId, OperationId, Time, Violation};

/// An operation of a client.
pub struct Operation<J: Judge> {
    /// Its name.
    pub id: OperationId,
    /// The node that speaks for the client.
    pub node: NodeId,
    /// The client.
    pub client: u32,
    /// What it asked.
    pub command: <J::Service as Service>::Command,
    /// The place of its invocation in the order of all invocations and ends.
    pub invoked: u64,
    /// When it took effect, by the log; `None` if the service knows no time, if no correct node has told yet, or if a read
    /// was executed at several times.
    pub at: Option<Time>,
    is_executed: bool,
    /// What the judge remembers of the moment when it was invoked.
    pub memory: J::Memory,
}

/// Judges what the clients of a service were told, by what the service promises and never by its code. The oracle bears the
/// service's name.
///
/// An operation is invoked, may be executed, and ends: answered, failed, or lost to its client, which will never know.
/// One that was lost may be executed after that. A service without a clock is never told of execution.
pub trait Judge: Sized + 'static {
    /// The service.
    type Service: Service;
    /// What is remembered of the moment when an operation is invoked.
    type Memory;

    /// What it demands, in one sentence.
    const CLAIM: &'static str;

    /// A client asks, at the place `now` in the order of all invocations and ends.
    fn on_invoked(
        &mut self,
        now: u64,
        id: OperationId,
        command: &<Self::Service as Service>::Command,
    ) -> Self::Memory;

    /// An operation has taken effect; [`Operation::at`] tells when.
    fn on_executed(&mut self, operation: &Operation<Self>) {
        let _ = operation;
    }

    /// A client is told, at the place `now` in the order of all invocations and ends.
    ///
    /// # Errors
    /// If the service has broken its promise.
    fn on_answered(
        &mut self,
        now: u64,
        operation: &Operation<Self>,
        output: &<Self::Service as Service>::Output,
    ) -> Result<(), Violation>;

    /// An operation has had no effect and never will.
    fn on_failed(&mut self, operation: &Operation<Self>);

    /// A client will never know what became of its operation.
    fn on_lost(&mut self, operation: &Operation<Self>) {
        let _ = operation;
    }

    /// Returns how many answers were judged.
    fn checked(&self) -> u64;
}

impl<J: Judge> Operation<J> {
    /// Returns an objection to what its client was told.
    pub(crate) fn violation(&self, message: impl std::fmt::Display) -> Violation {
        let command = &self.command;
        let message = format_args!("client {} asked to {command}: {message}", self.client);
        let violation = Violation::new([self.node], message).with("operation", self.id);
        match self.at {
            Some(at) => violation.with("at", at),
            None => violation,
        }
    }
}

/// Clients' histories, as a judge is shown them: the oracle of a service.
pub struct Histories<J: Judge> {
    judge: J,
    pending: BTreeMap<OperationId, Operation<J>>,
    /// Those that were lost to their clients and may yet be executed.
    lost: BTreeMap<OperationId, Operation<J>>,
    /// The number of invocations and ends so far.
    now: u64,
}

impl<J: Judge> Histories<J> {
    /// Creates the oracle. The clients must all be correct, for what a faulty one asks is in no history.
    pub fn new(judge: J) -> Histories<J> {
        Histories { judge, pending: BTreeMap::new(), lost: BTreeMap::new(), now: 0 }
    }

    /// An entry, by a client that `node` speaks for.
    fn on_call(&mut self, node: NodeId, call: &Call) -> Result<(), Violation> {
        self.now += 1;
        let id = call.operation;
        if let Step::Invoke(command) = &call.step {
            let command = command.decode::<J::Service>().expect("clients ask what there is to ask");
            let memory = self.judge.on_invoked(self.now, id, &command);
            let (client, invoked) = (call.client, self.now);
            let operation =
                Operation { id, node, client, command, invoked, at: None, is_executed: false, memory };
            let before = self.pending.insert(id, operation);
            assert!(before.is_none(), "an operation is invoked once");
            return Ok(());
        }
        let operation = self.pending.remove(&id).expect("an operation ends once, after its invocation");
        match &call.step {
            Step::Ok(output) => match output.decode::<J::Service>() {
                Ok(output) => self.judge.on_answered(self.now, &operation, &output),
                Err(_) => Err(operation.violation("it was told that this is no command")),
            },
            Step::Fail => {
                self.judge.on_failed(&operation);
                Ok(())
            }
            Step::Info | Step::Invoke(_) => {
                self.lose(operation);
                Ok(())
            }
        }
    }

    fn lose(&mut self, operation: Operation<J>) {
        self.judge.on_lost(&operation);
        if !operation.is_executed && J::Service::CLOCK.is_some() {
            self.lost.insert(operation.id, operation);
        }
    }

    /// A correct node has executed an operation.
    fn on_executed(&mut self, Executed { operation: id, at }: Executed) {
        if let Some(operation) = self.pending.get_mut(&id) {
            let is_first = !std::mem::replace(&mut operation.is_executed, true);
            if is_first {
                operation.at = Some(at);
                self.judge.on_executed(operation);
            } else if J::Service::is_read(&operation.command) {
                operation.at = operation.at.filter(|&first| first == at);
            }
        } else if let Some(mut operation) = self.lost.remove(&id) {
            operation.at = Some(at);
            self.judge.on_executed(&operation);
        }
    }
}

impl<J: Judge> ServiceOracle for Histories<J> {
    fn name(&self) -> &'static str {
        J::Service::NAME
    }

    fn claim(&self) -> &'static str {
        J::CLAIM
    }

    fn on_claim(&mut self, _: EventTime, node: NodeId, claim: ServiceClaim<'_>) -> Result<(), Violation> {
        match claim {
            ServiceClaim::Call(call) => self.on_call(node, call),
            ServiceClaim::Executed(executed) => {
                self.on_executed(executed);
                Ok(())
            }
        }
    }

    /// What its clients had under way is lost to them.
    fn on_crash(&mut self, crashed: NodeId) {
        let gone: Vec<_> = self.pending.extract_if(.., |_, operation| operation.node == crashed).collect();
        gone.into_iter().for_each(|(_, operation)| self.lose(operation));
    }

    fn checked(&self) -> u64 {
        self.judge.checked()
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use synod_log::{Command, Output};

    /// An entry of a history in which each client asks once.
    pub(crate) enum Does<S: Service> {
        Asks(S::Command),
        /// A replica executes it at this time.
        At(u64),
        Hears(S::Output),
        Fails,
        GivesUp,
        Crashes,
    }

    /// Returns a client that asks, is executed at this time and hears.
    pub(crate) fn does<S: Service>(
        client: u32,
        command: S::Command,
        at: u64,
        output: S::Output,
    ) -> Entries<S> {
        vec![(client, Does::Asks(command)), (client, Does::At(at)), (client, Does::Hears(output))]
    }

    /// What clients do, in order.
    pub(crate) type Entries<S> = Vec<(u32, Does<S>)>;

    /// Returns what a judge objects to, if it does.
    pub(crate) fn objection<J: Judge>(judge: J, entries: Entries<J::Service>) -> Option<String> {
        let mut histories = Histories::new(judge);
        for (client, does) in entries {
            let operation = OperationId(client.into());
            let step = match does {
                Does::Asks(command) => Step::Invoke(Command::of::<J::Service>(&command)),
                Does::Hears(output) => Step::Ok(Output::of::<J::Service>(&output)),
                Does::Fails => Step::Fail,
                Does::GivesUp => Step::Info,
                Does::At(nanos) => {
                    histories.on_executed(Executed { operation, at: Time::from_nanos(nanos) });
                    continue;
                }
                Does::Crashes => {
                    histories.on_crash(NodeId(client));
                    continue;
                }
            };
            if let Err(violation) = histories.on_call(NodeId(client), &Call { operation, client, step }) {
                return Some(violation.message);
            }
        }
        None
    }
}
