//! Entries of the log, and the requests in them.

use super::membership::Configuration;
use serde::Serialize;
use std::rc::Rc;
use synod_log::Command;
use synod_sim::{Digest, OperationId, Time};

/// A term's number, from 1; 0 before the first.
pub type Term = u64;

/// An index in the log, from 1; 0 before the first.
pub type Index = u64;

/// A client's number, over all hosts and all sessions: one that gives an operation up goes on under a new number.
#[derive(Copy, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize)]
#[serde(transparent)]
pub struct ClientId(pub u32);

/// A client wants a command carried out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Request {
    /// The client.
    pub client: ClientId,
    /// Numbers the client's requests, from 1: with the client it names the command, however often it is sent.
    pub sequence: u64,
    /// The operation's name in metrics.
    pub operation: OperationId,
    /// The command.
    pub command: Command,
    /// Size of its payload in bytes: modelled, not stored.
    pub payload_bytes: u32,
}

/// An entry. It never changes, so that logs, messages and storage share it.
#[derive(Debug, Serialize)]
pub struct Entry {
    /// The term of the leader that made it.
    pub term: Term,
    /// The payload.
    pub payload: Payload,
    #[serde(skip)]
    digest: Digest,
}

/// Payload of an entry.
#[derive(Clone, Debug, Serialize)]
pub enum Payload {
    /// A no-op: the first entry of a leader's term, which commits the entries before it.
    Noop,
    /// A client's command.
    Command(Request),
    /// A configuration change.
    Configuration(Rc<Configuration>),
    /// It is this time, by the clock of the leader that made it.
    Tick(Time),
}

impl Request {
    /// Its size on the wire and in the log, in bytes.
    pub fn size(&self) -> usize {
        32 + self.command.size() + self.payload_bytes as usize
    }
}

impl Entry {
    /// An entry of the leader of `term`.
    pub fn new(term: Term, payload: Payload) -> Rc<Entry> {
        let digest = Digest::of(&(term, &payload));
        Rc::new(Entry { term, payload, digest })
    }

    /// Its configuration, if it is a configuration change.
    pub fn configuration(&self) -> Option<&Rc<Configuration>> {
        if let Payload::Configuration(configuration) = &self.payload { Some(configuration) } else { None }
    }

    /// The digest of its term and what it holds.
    pub fn digest(&self) -> Digest {
        self.digest
    }

    /// Its size on the wire and in storage, in bytes.
    pub fn size(&self) -> usize {
        8 + match &self.payload {
            Payload::Noop => 0,
            Payload::Command(request) => request.size(),
            Payload::Configuration(configuration) => configuration.size(),
            Payload::Tick(_) => 8,
        }
    }
}
