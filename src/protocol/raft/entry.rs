//! An entry of the log.

use super::membership::Configuration;
use super::message::Request;
use serde::Serialize;
use std::rc::Rc;
use synod_sim::Digest;

/// A term's number, from 1; 0 before the first.
pub type Term = u64;

/// An index in the log, from 1; 0 before the first.
pub type Index = u64;

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
