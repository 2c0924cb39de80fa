//! What a node knows. Types alone: what they do is in the files of their roles.

use super::config::Config;
use super::gathering::Gathering;
use super::message::{Call, Gathered, Outcome, Proposal, Review, Round, SessionResult, Step, Term};
use super::observation::Phase;
use super::progress::RefinementProgress;
use std::rc::Rc;
use synod_common::schedule::{Agenda, SessionId};
use synod_sim::collections::{SortedMap, SortedSet};
use synod_sim::{NodeId, Signed};

/// A node: an agent, and one of them the coordinator.
#[derive(Debug)]
pub struct Iterative {
    pub(super) config: Rc<Config>,
    pub(super) role: Role,
    pub(super) agenda: Agenda,
}

/// What a node does, by the method.
#[derive(Debug)]
pub(super) enum Role {
    Refining { agent: Agent, coordinator: Option<Box<Coordinator>> },
    Agreeing(Agreement),
}

/// The outcomes that a node has adopted.
#[derive(Debug)]
pub(super) struct Observer {
    pub(super) config: Rc<Config>,
    pub(super) concluded: Vec<Option<Outcome>>,
}

/// State of an agent.
#[derive(Debug)]
pub(super) struct Agent {
    pub(super) config: Rc<Config>,
    pub(super) me: NodeId,
    pub(super) observer: Observer,
    /// The leader election, if there is failover.
    pub(super) election: Option<LeaderElection>,
    /// Its answers in the open sessions, and in the last one.
    pub(super) parts: SortedMap<SessionId, Part>,
}

/// An agent's part in a session.
#[derive(Debug, Default)]
pub(super) struct Part {
    /// Its proposals by round: of the last alone, where nobody goes back to one before.
    pub(super) proposals: SortedMap<Round, Signed<Proposal>>,
    /// Its reviews by round, kept as long as its proposals.
    pub(super) reviews: SortedMap<Round, Rc<[Signed<Review>]>>,
    /// Its current task.
    pub(super) task: Option<Task>,
    /// True once it has queried the result.
    pub(super) has_asked: bool,
}

/// A task of an agent.
#[derive(Clone, Debug)]
pub(super) enum Task {
    Propose(Rc<Call>),
    Review(Rc<Gathered>),
}

/// An agent's state of the leader election: an acceptor's promise and last accepted step, and its own candidacy.
#[derive(Debug)]
pub(super) struct LeaderElection {
    pub(super) config: Rc<Config>,
    pub(super) me: NodeId,
    /// The latest term that it knows of.
    pub(super) term: Term,
    /// The last step that it has accepted.
    pub(super) accepted: Option<Rc<Step>>,
    /// Its candidacy, until a majority has promised.
    pub(super) candidacy: Option<Candidacy>,
    /// True if it has crashed in this term: it may have led, and does not know how far.
    pub(super) has_crashed: bool,
}

/// A candidacy for a session, with the last accepted step of each agent that has promised.
#[derive(Debug)]
pub(super) struct Candidacy {
    pub(super) session: SessionId,
    pub(super) promises: SortedMap<NodeId, Option<Rc<Step>>>,
}

/// State of the coordinator.
#[derive(Debug)]
pub(super) struct Coordinator {
    pub(super) config: Rc<Config>,
    pub(super) me: NodeId,
    /// Sessions that are open.
    pub(super) sessions: SortedMap<SessionId, Session>,
    /// Results of sessions that are over.
    pub(super) results: SortedMap<SessionId, Rc<SessionResult>>,
    /// Sessions that were open when it crashed.
    pub(super) interrupted: Vec<SessionId>,
}

/// A session that is open.
#[derive(Debug)]
pub(super) struct Session {
    pub(super) phase: Phase,
    pub(super) gathering: Gathering,
    /// The call of the round.
    pub(super) call: Rc<Call>,
    /// The first proposal of each agent in this round.
    pub(super) proposals: SortedMap<NodeId, Signed<Proposal>>,
    /// Proposals handed out for review.
    pub(super) handed: Option<Rc<Gathered>>,
    /// The first review of each proposal by each reviewer.
    pub(super) reviews: SortedMap<(NodeId, NodeId), Signed<Review>>,
    /// Number of reviews that each agent owes.
    pub(super) owed: Vec<u32>,
    pub(super) progress: RefinementProgress,
    /// The last step, with failover.
    pub(super) step: Option<Rc<Step>>,
    /// The proposed result, and the agents that have accepted it, with failover.
    pub(super) closing: Option<(Rc<SessionResult>, SortedSet<NodeId>)>,
}

/// What an agent in numeric agreement knows.
#[derive(Debug)]
pub(super) struct Agreement {
    pub(super) config: Rc<Config>,
    pub(super) me: NodeId,
    pub(super) observer: Observer,
    /// Its estimate in each open session: number of rounds over, and the number.
    pub(super) estimates: SortedMap<SessionId, (Round, i64)>,
    /// Estimates received and not used yet.
    pub(super) heard: SortedMap<(SessionId, Round), Vec<Option<i64>>>,
}
