//! Entries of the log, and the requests in them.

use super::membership::Configuration;
use serde::Serialize;
use std::rc::Rc;
use synod_common::kv::Command;
use synod_sim::{Digest, OperationId};

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
    /// The name under which the run's figures know it.
    pub operation: OperationId,
    /// The command.
    pub command: Command,
    /// How many bytes of payload go with it: modelled, not stored.
    pub payload_bytes: u32,
}

/// An entry. It never changes, so that logs, messages and storage share it.
#[derive(Debug, Serialize)]
pub struct Entry {
    /// The term of the leader that made it.
    pub term: Term,
    /// What it holds.
    pub payload: Payload,
    #[serde(skip)]
    digest: Digest,
}

/// What an entry holds.
#[derive(Clone, Debug, Serialize)]
pub enum Payload {
    /// Nothing: what a new leader starts its term with, so as to commit what came before it.
    Noop,
    /// A client's command.
    Command(Request),
    /// The members from now on.
    Configuration(Rc<Configuration>),
}

impl Request {
    /// Its size on the wire and in the log, in bytes.
    pub fn size(&self) -> usize {
        let expected =
            if let Command::Cas { expected, .. } = &self.command { 8 * expected.0.len() } else { 0 };
        32 + expected + self.payload_bytes as usize
    }
}

impl Entry {
    /// An entry of the leader of `term`.
    pub fn new(term: Term, payload: Payload) -> Rc<Entry> {
        let digest = Digest::of(&(term, &payload));
        Rc::new(Entry { term, payload, digest })
    }

    /// The members that it makes, if that is what it is for.
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
        }
    }
}
