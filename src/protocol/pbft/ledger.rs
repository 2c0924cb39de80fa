//! The replicated application: a ledger that hash-chains the operations applied.
//!
//! Its state is a digest over all that was applied, so two replicas that applied anything different, or in a
//! different order, differ for ever after. Operations that bear commands are applied to a key-value store besides.

use serde::Serialize;
use std::rc::Rc;
use synod_common::kv::{Command, Output, Store};
use synod_sim::Digest;
use synod_sim::collections::TreeMap;

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
    /// Its command to the key-value store, if it has one: part of the payload.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub command: Option<Rc<Command>>,
}

impl Operation {
    /// An operation that asks nothing of the key-value store.
    pub fn new(value: u64, payload_bytes: u32) -> Operation {
        Operation { value, payload_bytes, command: None }
    }
}

/// The result of an operation.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Outcome {
    /// Height of the ledger after the operation.
    pub height: u64,
    /// The value of the operation before it, 0 for none.
    pub previous: u64,
    /// Output of the key-value store, if the operation has a command.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub output: Option<Output>,
}

impl Outcome {
    /// The modelled size of the store's answer, in bytes.
    pub fn output_size(&self) -> usize {
        self.output.as_ref().map_or(0, Output::size)
    }
}

/// The application's state.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Ledger {
    height: u64,
    chain: Digest,
    last: u64,
    /// The key-value store.
    #[serde(skip_serializing_if = "Store::is_empty")]
    store: Store,
}

impl Ledger {
    /// A ledger without entries.
    pub fn new() -> Ledger {
        Ledger { height: 0, chain: Digest::ZERO, last: 0, store: Store::default() }
    }

    /// Applies `operation`.
    pub fn apply(&mut self, operation: &Operation) -> Outcome {
        self.height += 1;
        self.chain = Digest::of(&(self.chain, operation));
        Outcome {
            height: self.height,
            previous: std::mem::replace(&mut self.last, operation.value),
            output: operation.command.as_ref().map(|command| self.store.apply(command)),
        }
    }
}

impl Default for Ledger {
    fn default() -> Ledger {
        Ledger::new()
    }
}

/// For every client its last executed request and the result.
pub type ClientTable = TreeMap<ClientId, (u64, Outcome)>;

/// The state after a slot: what a checkpoint's digest covers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Snapshot {
    /// The slot.
    pub sequence: Sequence,
    /// The application.
    pub ledger: Ledger,
    /// Client table, which prevents duplicate execution.
    pub clients: ClientTable,
}

impl Snapshot {
    /// The state before the first slot.
    pub fn initial() -> Snapshot {
        Snapshot { sequence: 0, ledger: Ledger::new(), clients: ClientTable::new() }
    }

    /// The digest that checkpoints vouch for.
    pub fn digest(&self) -> Digest {
        Digest::of(self)
    }

    /// Its size on the wire, in bytes.
    pub fn size(&self) -> usize {
        let outputs: usize = self.clients.values().map(|(_, outcome)| outcome.output_size()).sum();
        56 + 28 * self.clients.len() + outputs + self.ledger.store.size()
    }
}
