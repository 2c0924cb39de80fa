//! Snapshots: the state after an entry, in place of the log up to it (Ongaro and Ousterhout 2014, §7), and the client
//! sessions in it: a command takes effect once, however often its client sends it (thesis, §6.3).
//!
//! A client has one request under way at most, so its last one and what came of it are enough. A client that gives a
//! request up goes on under a new number. Its old session ends with the first command of the new one, and what is still
//! under way in it never takes effect, so that there is one session a client and no more.

use super::entry::{ClientId, Index, Request, Term};
use super::membership::Configuration;
use serde::Serialize;
use std::cmp::Ordering;
use std::rc::Rc;
use synod_log::{Image, Output};
use synod_sim::collections::TreeMap;

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
    /// The machine's state.
    pub state: Image,
    /// Client sessions, which prevent duplicate execution.
    pub sessions: Sessions,
}

impl Snapshot {
    /// Its size on the wire and in storage, in bytes.
    pub fn size(&self) -> usize {
        24 + self.configuration.size() + self.state.size() + self.sessions.size()
    }
}

/// Last executed request and its output, by client.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Sessions(TreeMap<u32, Session>);

/// Session of a client.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
struct Session {
    client: ClientId,
    sequence: u64,
    output: Output,
}

/// What is known of a request.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub(super) enum Found<'a> {
    /// Neither it nor a later one was executed.
    New,
    /// It is the client's last executed one, with this output.
    Last(&'a Output),
    /// A later one was executed.
    Past,
}

impl Sessions {
    /// What is known of `request` of the client at `place`.
    pub(super) fn find(&self, place: u32, request: &Request) -> Found<'_> {
        let Some(session) = self.0.get(&place) else { return Found::New };
        match (session.client, session.sequence).cmp(&(request.client, request.sequence)) {
            Ordering::Less => Found::New,
            Ordering::Equal => Found::Last(&session.output),
            Ordering::Greater => Found::Past,
        }
    }

    /// Records the output of `request` of the client at `place`.
    pub fn remember(&mut self, place: u32, request: &Request, output: &Output) {
        let (client, sequence) = (request.client, request.sequence);
        self.0.insert(place, Session { client, sequence, output: output.clone() });
    }

    /// All of them: the client's place, its number there, its last executed request and the output of that.
    pub fn iter(&self) -> impl Iterator<Item = (u32, ClientId, u64, &Output)> {
        self.0.iter().map(|(&place, session)| (place, session.client, session.sequence, &session.output))
    }

    /// Its size on the wire and in storage, in bytes.
    pub fn size(&self) -> usize {
        self.0.values().map(|session| 16 + session.output.size()).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use synod_common::kv::{self, Key, Store};
    use synod_log::Command;
    use synod_sim::OperationId;

    fn request(client: u32, sequence: u64) -> Request {
        let command = Command::of::<Store>(&kv::Command::Put { key: Key(0), value: sequence });
        Request { client: ClientId(client), sequence, operation: OperationId(0), command, payload_bytes: 0 }
    }

    fn written() -> Output {
        Output::of::<Store>(&kv::Output::Written)
    }

    #[test]
    fn the_last_request_is_known_and_earlier_ones_are_past() {
        let mut sessions = Sessions::default();
        sessions.remember(3, &request(3, 1), &written());
        let swapped = Output::of::<Store>(&kv::Output::Swapped(true));
        sessions.remember(3, &request(3, 2), &swapped);
        assert_eq!(sessions.find(3, &request(3, 2)), Found::Last(&swapped));
        assert_eq!(sessions.find(3, &request(3, 1)), Found::Past);
        assert_eq!(sessions.find(3, &request(3, 3)), Found::New);
        assert_eq!(sessions.find(2, &request(2, 1)), Found::New);
    }

    #[test]
    fn a_new_session_ends_the_old_one() {
        let mut sessions = Sessions::default();
        sessions.remember(3, &request(3, 7), &written());
        assert_eq!(sessions.find(3, &request(13, 1)), Found::New);
        sessions.remember(3, &request(13, 1), &written());
        assert_eq!(sessions.find(3, &request(3, 8)), Found::Past);
        assert_eq!(sessions.size(), 17);
    }
}
