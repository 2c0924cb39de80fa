//! Client sessions: a command takes effect once, however often its client sends it (thesis, §6.3).
//!
//! A client has one request under way at most, so its last one and what came of it are enough. A client that gives a
//! request up goes on under a new number; its old session ends there, and what is still under way in it never takes
//! effect, so that there is one session a client and no more.

use super::message::{ClientId, Request};
use crate::protocol::kv::{Output, Store};
use serde::Serialize;
use std::collections::BTreeMap;

/// For every client its last executed request and what came of it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Sessions(BTreeMap<u32, Session>);

/// What is remembered of a client.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
struct Session {
    client: ClientId,
    sequence: u64,
    output: Output,
}

impl Sessions {
    /// Executes `request` on `store`, unless it was executed before; what came of it, and whether it was now. Nothing
    /// comes of a request that its client has long given up.
    pub fn execute(&mut self, place: u32, request: &Request, store: &mut Store) -> (Option<Output>, bool) {
        let Request { client, sequence, .. } = *request;
        if let Some(session) = self.0.get(&place) {
            let latest = (session.client, session.sequence);
            if (client, sequence) == latest {
                return (Some(session.output.clone()), false);
            }
            if (client, sequence) < latest {
                return (None, false);
            }
        }
        let output = store.apply(&request.command);
        self.0.insert(place, Session { client, sequence, output: output.clone() });
        (Some(output), true)
    }

    /// Its size on the wire and in storage, in bytes.
    pub fn size(&self) -> usize {
        let value = |session: &Session| {
            if let Output::Value(value) = &session.output { 8 * value.0.len() } else { 0 }
        };
        self.0.values().map(|session| 20 + value(session)).sum()
    }
}
