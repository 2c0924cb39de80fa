//! What an agent knows, and how what belongs to its flat vote becomes the hierarchy's. What it does is in the files of
//! its tasks.

use super::config::Config;
use super::count::Count;
use super::durable::Record;
use super::message::{Message, Partial, Suspicion, Tenure, Timer};
use super::observation::Observation;
use super::tree::{CellId, Epoch};
use std::collections::BTreeMap;
use std::rc::Rc;
use synod_sim::{Context, Lens, Members, NodeId, Signed, Time};
use synod_vote::weighted::{self, Reason, Report, SessionId, Voter, Weighted};

/// An agent: a voter, and maybe a representative.
#[derive(Debug)]
pub struct Hierarchical {
    pub(super) config: Rc<Config>,
    pub(super) me: NodeId,
    /// Its cell.
    pub(super) home: CellId,
    pub(super) voter: Voter,
    pub(super) succession: Succession,
    pub(super) office: Office,
    /// What came of sessions, to tell who asks.
    pub(super) reports: BTreeMap<SessionId, Rc<Report>>,
    /// Sessions that it had opened as the root when it crashed.
    pub(super) interrupted: Vec<SessionId>,
    /// The session that opens next.
    pub(super) next: SessionId,
}

/// What a representative counts.
#[derive(Debug, Default)]
pub(super) struct Office {
    /// The sessions that it has opened for those under it: the one that is open, and the one before.
    pub(super) sessions: BTreeMap<SessionId, Session>,
}

/// A session that it counts.
#[derive(Debug)]
pub(super) struct Session {
    pub(super) count: Count,
    /// Of how many voters it has reported.
    pub(super) reported: Option<u32>,
    /// True once it waits for nobody any more.
    pub(super) is_closed: bool,
    /// Voters that it has asked why their votes were missing, with the report that lacked them.
    pub(super) challenged: BTreeMap<NodeId, Signed<Partial>>,
}

/// What an agent knows of who represents whom.
#[derive(Debug)]
pub(super) struct Succession {
    /// The claim of this agent's cell's first representative.
    pub(super) first: Rc<Tenure>,
    /// The latest claims known, of cells whose first representative has been replaced.
    pub(super) tenures: BTreeMap<CellId, Rc<Tenure>>,
    /// Of whom it expects to hear.
    pub(super) watches: BTreeMap<CellId, Watch>,
    /// Suspicions of those after whom this agent would be next, by epoch.
    pub(super) suspicions: BTreeMap<Epoch, Vec<Signed<Suspicion>>>,
}

/// One of whom it expects to hear.
#[derive(Debug)]
pub(super) struct Watch {
    pub(super) epoch: Epoch,
    pub(super) until: Time,
}

impl Office {
    pub(super) fn session(&mut self, session: SessionId) -> Option<&mut Session> {
        self.sessions.get_mut(&session)
    }

    /// Forgets all but the session before `session`.
    pub(super) fn forget_before(&mut self, session: SessionId) {
        self.sessions.retain(|&other, _| other + 1 >= session);
    }

    /// Forgets everything: it is somebody else's now.
    pub(super) fn forget_all(&mut self) {
        self.sessions.clear();
    }

    pub(super) fn retained_bytes(&self) -> usize {
        self.sessions.values().map(|session| session.count.retained_bytes()).sum()
    }
}

impl Succession {
    pub(super) fn new(home: CellId, tenures: Vec<Rc<Tenure>>) -> Succession {
        let first = Rc::new(Tenure::first(home));
        let (watches, suspicions) = (BTreeMap::new(), BTreeMap::new());
        let mut succession = Succession { first, tenures: BTreeMap::new(), watches, suspicions };
        tenures.into_iter().for_each(|tenure| succession.enter(tenure));
        succession
    }

    /// Knows of a later claim to a cell from now on.
    pub(super) fn enter(&mut self, tenure: Rc<Tenure>) {
        assert!(tenure.epoch > self.epoch(tenure.cell), "epochs only rise");
        self.tenures.insert(tenure.cell, tenure);
    }

    /// The latest epoch of `cell` that is known.
    pub(super) fn epoch(&self, cell: CellId) -> Epoch {
        self.tenures.get(&cell).map_or(0, |tenure| tenure.epoch)
    }

    /// The claim of whoever represents this agent's cell.
    pub(super) fn own(&self) -> Rc<Tenure> {
        Rc::clone(self.tenures.get(&self.first.cell).unwrap_or(&self.first))
    }

    pub(super) fn forget_suspicions(&mut self) {
        self.suspicions.clear();
    }

    pub(super) fn retained_bytes(&self) -> usize {
        32 * (self.watches.len() + self.suspicions.len() + self.tenures.len())
    }
}

impl Hierarchical {
    /// The session that is open for this agent.
    pub(super) fn session(&self) -> Option<SessionId> {
        let session = self.next.checked_sub(1)?;
        self.is_open(session).then_some(session)
    }

    /// True if it waits for the outcome of `session`.
    pub(super) fn is_open(&self, session: SessionId) -> bool {
        session < self.next && self.voter.outcome(session) == Some(None)
    }

    /// True if this agent represents its cell.
    pub(super) fn represents(&self) -> bool {
        self.representative(self.home) == self.me
    }

    pub(super) fn is_root(&self) -> bool {
        self.config.tree.cell(self.home).parent.is_none()
    }

    /// Whoever represents `cell`, as far as this agent knows.
    pub(super) fn representative(&self, cell: CellId) -> NodeId {
        self.config.tree.representative(cell, self.succession.epoch(cell))
    }

    /// Whom this agent reports to; itself, if it is the root.
    pub(super) fn chair(&self) -> NodeId {
        let superior = match self.config.tree.cell(self.home).parent {
            Some(parent) if self.represents() => parent,
            _ => self.home,
        };
        self.representative(superior)
    }

    /// Who reports to this agent as long as it represents its cell.
    pub(super) fn juniors(&self) -> Rc<[NodeId]> {
        let cell = self.config.tree.cell(self.home);
        let members = self.config.tree.members(self.home).iter().copied().filter(|&node| node != self.me);
        members.chain(cell.children.iter().map(|&child| self.representative(child))).collect()
    }
}

/// Sets a voter's signatures apart from those of the tree.
const BALLOTS: u64 = 1;

/// How a flat vote's effects become the hierarchy's.
struct Ballots;

impl Lens<Weighted, Hierarchical> for Ballots {
    fn message(&mut self, message: weighted::Message) -> Message {
        Message::Ballot(message)
    }
    fn timer(&mut self, timer: weighted::Timer) -> Timer {
        Timer::Ballot(timer)
    }
    fn record(&mut self, record: weighted::Record) -> Record {
        Record::Ballot(record)
    }
    fn observation(&mut self, observation: weighted::Observation) -> Option<Observation> {
        Some(Observation::Ballot(observation))
    }
}

/// Runs what belongs to a flat vote.
pub(super) fn within<R>(
    ctx: &mut Context<'_, Hierarchical>,
    run: impl FnOnce(&mut Context<'_, Weighted>) -> R,
) -> R {
    ctx.narrow(BALLOTS, Members::All, &mut Ballots, run)
}

pub(super) fn refuse(ctx: &mut Context<'_, Hierarchical>, reason: Reason, from: NodeId) {
    ctx.observe(Observation::Ballot(weighted::Observation::Rejected { reason, from }));
}
