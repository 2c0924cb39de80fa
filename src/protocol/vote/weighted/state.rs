//! What a node knows. Types alone: what they do is in the files of their roles.

use super::config::Config;
use super::message::{Outcome, Proposal, SessionResult, Vote};
use crate::expertise::Expertise;
use crate::tally::Tally;
use std::rc::Rc;
use synod_common::schedule::{Agenda, SessionId};
use synod_sim::collections::SortedMap;
use synod_sim::{Digest, NodeId, Signed};

/// A node: a voter, and one of them the coordinator.
#[derive(Debug)]
pub struct Weighted {
    pub(super) config: Rc<Config>,
    pub(super) voter: Voter,
    pub(super) coordinator: Option<Box<Coordinator>>,
    pub(super) agenda: Agenda,
}

/// State of a voter.
#[derive(Debug)]
pub struct Voter {
    pub(super) config: Rc<Config>,
    pub(super) me: NodeId,
    /// The node that it reports to: the coordinator, or its parent in a tree.
    pub(super) parent: NodeId,
    /// Its votes in the open sessions, and in the last one.
    pub(super) parts: SortedMap<SessionId, Part>,
    /// Known outcomes of sessions.
    pub(super) concluded: Box<[Option<Outcome>]>,
}

/// State of a voter in a session.
#[derive(Debug, Default)]
pub(super) struct Part {
    pub(super) was_asked: bool,
    /// The weights that the coordinator has named, until it votes under them.
    pub(super) snapshot: Option<Box<Digest>>,
    pub(super) vote: Option<Signed<Vote>>,
    /// True once it has queried the result.
    pub(super) has_asked: bool,
}

/// State of the coordinator.
#[derive(Debug)]
pub(super) struct Coordinator {
    pub(super) config: Rc<Config>,
    pub(super) expertise: Vec<Expertise>,
    /// Sessions that are open, and the one before the next.
    pub(super) sessions: SortedMap<SessionId, Session>,
    /// Results of sessions that are over.
    pub(super) results: SortedMap<SessionId, Rc<SessionResult>>,
    /// Sessions that were open when it crashed.
    pub(super) interrupted: Vec<SessionId>,
}

/// A session that is open, or just over.
#[derive(Debug)]
pub(super) struct Session {
    pub(super) proposal: Signed<Proposal>,
    pub(super) tally: Tally,
    /// The first vote of each voter.
    pub(super) votes: Vec<Option<Signed<Vote>>>,
    pub(super) is_over: bool,
}
