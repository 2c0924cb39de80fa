//! Snapshots: the state after an entry, in place of the log up to it.

use super::entry::{Index, Term};
use super::membership::Configuration;
use super::session::Sessions;
use crate::protocol::kv::Store;
use serde::Serialize;
use std::rc::Rc;

/// The state after an entry.
#[derive(Clone, Debug, Serialize)]
pub struct Snapshot {
    /// The entry's index.
    pub index: Index,
    /// The entry's term.
    pub term: Term,
    /// The members as of that entry.
    pub configuration: Rc<Configuration>,
    /// The index of the entry that made them members; 0 for the first members.
    pub configuration_index: Index,
    /// The state machine.
    pub store: Store,
    /// What keeps commands from being executed twice.
    pub sessions: Sessions,
}

impl Snapshot {
    /// Its size on the wire and in storage, in bytes.
    pub fn size(&self) -> usize {
        24 + self.configuration.size() + self.store.size() + self.sessions.size()
    }
}
