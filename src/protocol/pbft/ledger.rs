//! The replicated application: a ledger that hash-chains the operations applied.
//!
//! Its state is a digest over all that was applied, so two replicas that applied anything different, or in a
//! different order, differ for ever after. Operations that bear commands are applied to a state machine besides.

use serde::Serialize;
use synod_log::{Command, Image, Machine, Malformed, Output, StateMachine};
use synod_sim::collections::TreeMap;
use synod_sim::{Digest, Time};

/// A sequence number: a slot of the log, from 1.
pub type Sequence = u64;

/// A client's number, over all client hosts.
#[derive(Copy, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize)]
#[serde(transparent)]
pub struct ClientId(pub u32);

/// An operation of a client.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Operation {
    /// The value proposed or written.
    pub value: u64,
    /// Size of its payload in bytes: modelled, not stored.
    pub payload_bytes: u32,
    /// Its command to the state machine, if it has one: part of the payload. It may be malformed, so it stays last.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub command: Option<Command>,
}

impl Operation {
    /// An operation that asks nothing of a state machine.
    pub fn new(value: u64, payload_bytes: u32) -> Operation {
        Operation { value, payload_bytes, command: None }
    }

    /// Its size on the wire, in bytes: that of the payload, or of the command if that is larger.
    pub fn size(&self) -> usize {
        (self.payload_bytes as usize).max(self.command.as_ref().map_or(0, Command::size))
    }
}

/// The result of an operation.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Outcome {
    /// Height of the ledger after the operation.
    pub height: u64,
    /// The value of the operation before it, 0 for none.
    pub previous: u64,
    /// Output of the state machine, if the operation has a command.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub output: Option<Output>,
}

impl Outcome {
    /// The modelled size of the machine's answer, in bytes.
    pub fn output_size(&self) -> usize {
        self.output.as_ref().map_or(0, Output::size)
    }
}

/// The ledger.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Ledger {
    height: u64,
    chain: Digest,
    last: u64,
}

impl Ledger {
    /// A ledger without entries.
    pub fn new() -> Ledger {
        Ledger { height: 0, chain: Digest::ZERO, last: 0 }
    }

    /// Enters `operation`; the outcome has no output yet.
    pub fn enter(&mut self, operation: &Operation) -> Outcome {
        self.height += 1;
        self.chain = Digest::of(&(self.chain, operation));
        let previous = std::mem::replace(&mut self.last, operation.value);
        Outcome { height: self.height, previous, output: None }
    }

    /// Number of operations entered.
    pub fn height(&self) -> u64 {
        self.height
    }

    /// The digest over all operations entered, in their order.
    pub fn chain(&self) -> Digest {
        self.chain
    }

    /// The value of the last operation entered, 0 for none.
    pub fn last(&self) -> u64 {
        self.last
    }
}

impl Default for Ledger {
    fn default() -> Ledger {
        Ledger::new()
    }
}

/// A replica's application at work: the ledger, and the state machine if there is one.
#[derive(Debug)]
pub(super) struct Application {
    ledger: Ledger,
    service: Option<Running>,
}

/// A service at work.
#[derive(Debug)]
struct Running {
    machine: Box<dyn StateMachine>,
    /// The initial state, which snapshots leave out.
    initial: Image,
    /// A command without a byte. Signatures do not tell it from no command, so it is what one without a command asks.
    empty: Command,
}

impl Application {
    /// An application to which nothing has been applied.
    pub(super) fn new(machine: Option<&Machine>) -> Application {
        let service = machine.map(|kind| {
            let machine = kind.start();
            Running { initial: machine.snapshot(), machine, empty: kind.command(&[]) }
        });
        Application { ledger: Ledger::new(), service }
    }

    /// Applies `operation`. A command where there is no service is part of the payload, and no more.
    pub(super) fn apply(&mut self, operation: &Operation) -> Outcome {
        let mut outcome = self.ledger.enter(operation);
        outcome.output = self.service.as_mut().map(|service| {
            let command = operation.command.as_ref().unwrap_or(&service.empty);
            service.machine.apply(command)
        });
        outcome
    }

    /// The state machine, if there is a service.
    pub(super) fn machine(&self) -> Option<&dyn StateMachine> {
        self.service.as_ref().map(|service| &*service.machine)
    }

    /// Tells a service that knows the time of a `tick`, and returns the log's time then.
    ///
    /// That is the latest tick that the log has ordered. Ticks may fall in it, though no primary lies: a certificate from
    /// an old view, with a later tick, may come to stand before a proposal of a younger view, whose primary did not know
    /// of it.
    pub(super) fn tick(&mut self, tick: Time) -> Time {
        let service = self.service.as_mut().expect("batches tell the time where a service asks for it");
        let now = tick.max(service.machine.now());
        service.machine.tick(now);
        now
    }

    /// The ledger, and the machine's state unless that is the initial one.
    pub(super) fn snapshot(&self) -> (Ledger, Option<Image>) {
        let image = self.service.as_ref().and_then(|service| {
            let image = service.machine.snapshot();
            (image != service.initial).then_some(image)
        });
        (self.ledger.clone(), image)
    }

    /// Replaces the state by that of `snapshot`.
    ///
    /// # Errors
    /// If that holds no state of the machine. The state then stays as it is.
    pub(super) fn restore(&mut self, snapshot: &Snapshot) -> Result<(), Malformed> {
        if let Some(service) = &mut self.service {
            service.machine.restore(snapshot.image.as_ref().unwrap_or(&service.initial))?;
        } else if snapshot.image.is_some() {
            return Err(Malformed::Undecodable);
        }
        self.ledger = snapshot.ledger.clone();
        Ok(())
    }
}

/// For every client its last executed request and the result.
pub type ClientTable = TreeMap<ClientId, (u64, Outcome)>;

/// The state after a slot: what a checkpoint's digest covers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Snapshot {
    /// The slot.
    pub sequence: Sequence,
    /// The ledger.
    pub ledger: Ledger,
    /// Client table, which prevents duplicate execution.
    pub clients: ClientTable,
    /// The state machine, if there is one and it is not in its initial state.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub image: Option<Image>,
}

impl Snapshot {
    /// The state before the first slot.
    pub fn initial() -> Snapshot {
        Snapshot { sequence: 0, ledger: Ledger::new(), image: None, clients: ClientTable::new() }
    }

    /// The digest that checkpoints vouch for.
    ///
    /// Outputs do not say how long they are. Their lengths are part of it, so that nobody can move bytes from one to the
    /// next.
    pub fn digest(&self) -> Digest {
        let length =
            |(_, outcome): &(u64, Outcome)| outcome.output.as_ref().map(|output| output.bytes().len());
        let lengths: Vec<Option<usize>> = self.clients.values().map(length).collect();
        if lengths.iter().all(Option::is_none) { Digest::of(self) } else { Digest::of(&(lengths, self)) }
    }

    /// Its size on the wire, in bytes.
    pub fn size(&self) -> usize {
        let outputs: usize = self.clients.values().map(|(_, outcome)| outcome.output_size()).sum();
        56 + 28 * self.clients.len() + outputs + self.image.as_ref().map_or(0, Image::size)
    }
}
