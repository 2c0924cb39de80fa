//! What an agent knows, and how what belongs to its flat vote becomes the hierarchy's. What it does is in the files of
//! its tasks.

use super::config::Config;
use super::count::Count;
use super::durable::Record;
use super::message::{EpochCertificate, Message, Partial, Suspicion, Timer};
use super::observation::Observation;
use super::tree::{CellId, Epoch};
use std::cell::OnceCell;
use std::rc::Rc;
use synod_sim::collections::SortedMap;
use synod_sim::{Context, Lens, Members, NodeId, Signed, Time};
use synod_vote::weighted::{self, Reason, SessionId, SessionResult, Voter, Weighted};

/// An agent: a voter, and maybe a representative.
#[derive(Debug)]
pub struct Hierarchical {
    pub(super) config: Rc<Config>,
    pub(super) me: NodeId,
    /// Its cell.
    pub(super) home: CellId,
    pub(super) voter: Voter,
    pub(super) succession: Succession,
    pub(super) aggregator: Aggregator,
    /// Results of sessions, to answer queries.
    pub(super) results: SortedMap<SessionId, Rc<SessionResult>>,
    /// Sessions that were open at the root when it crashed.
    pub(super) interrupted: Vec<SessionId>,
    /// The session that opens next.
    pub(super) next: SessionId,
}

/// The sessions that a representative aggregates.
#[derive(Debug, Default)]
pub(super) struct Aggregator {
    /// Sessions opened for the subtree: the open one, and the one before.
    pub(super) sessions: SortedMap<SessionId, Session>,
}

/// A session that is aggregated.
#[derive(Debug)]
pub(super) struct Session {
    pub(super) count: Count,
    /// Number of voters in the last report.
    pub(super) reported: Option<u32>,
    /// True once its time is over.
    pub(super) is_closed: bool,
    /// Voters that were sent a challenge, with the report that lacked their votes.
    pub(super) challenged: SortedMap<NodeId, Signed<Partial>>,
}

/// The epochs that an agent knows.
#[derive(Debug)]
pub(super) struct Succession {
    /// The certificate of epoch 0 of this agent's cell, once it is asked for.
    first: OnceCell<Rc<EpochCertificate>>,
    /// The latest certificates known, of cells whose first representative has been replaced.
    pub(super) certificates: SortedMap<CellId, Rc<EpochCertificate>>,
    /// Representatives whose heartbeats are expected.
    pub(super) watches: SortedMap<CellId, Watch>,
    /// Suspicions of this agent's predecessors, by epoch.
    pub(super) suspicions: SortedMap<Epoch, Vec<Signed<Suspicion>>>,
}

/// A representative whose heartbeats are expected.
#[derive(Debug)]
pub(super) struct Watch {
    pub(super) epoch: Epoch,
    pub(super) until: Time,
}

impl Aggregator {
    pub(super) fn session(&mut self, session: SessionId) -> Option<&mut Session> {
        self.sessions.get_mut(&session)
    }

    /// Forgets all but the session before `session`.
    pub(super) fn forget_before(&mut self, session: SessionId) {
        self.sessions.retain(|&other, _| other + 1 >= session);
    }

    /// Forgets everything: another agent represents the cell.
    pub(super) fn forget_all(&mut self) {
        self.sessions.clear();
    }

    pub(super) fn retained_bytes(&self) -> usize {
        self.sessions.values().map(|session| session.count.retained_bytes()).sum()
    }
}

impl Succession {
    pub(super) fn new(certificates: Vec<Rc<EpochCertificate>>) -> Succession {
        let first = OnceCell::new();
        let (watches, suspicions) = (SortedMap::new(), SortedMap::new());
        let mut succession = Succession { first, certificates: SortedMap::new(), watches, suspicions };
        certificates.into_iter().for_each(|certificate| succession.enter(certificate));
        succession
    }

    /// Knows of a later claim to a cell from now on.
    pub(super) fn enter(&mut self, certificate: Rc<EpochCertificate>) {
        assert!(certificate.epoch > self.epoch(certificate.cell), "epochs only rise");
        self.certificates.insert(certificate.cell, certificate);
    }

    /// The latest epoch of `cell` that is known.
    pub(super) fn epoch(&self, cell: CellId) -> Epoch {
        self.certificates.get(&cell).map_or(0, |certificate| certificate.epoch)
    }

    /// The latest certificate of `home`, this agent's cell.
    pub(super) fn own_certificate(&self, home: CellId) -> Rc<EpochCertificate> {
        let first = || self.first.get_or_init(|| Rc::new(EpochCertificate::first(home)));
        Rc::clone(self.certificates.get(&home).unwrap_or_else(first))
    }

    pub(super) fn forget_suspicions(&mut self) {
        self.suspicions.clear();
    }

    pub(super) fn retained_bytes(&self) -> usize {
        32 * (self.watches.len() + self.suspicions.len() + self.certificates.len())
    }
}

impl Hierarchical {
    /// The session that is open at this agent.
    pub(super) fn session(&self) -> Option<SessionId> {
        let session = self.next.checked_sub(1)?;
        self.is_open(session).then_some(session)
    }

    /// Returns true if it waits for the outcome of `session`.
    pub(super) fn is_open(&self, session: SessionId) -> bool {
        session < self.next && self.voter.outcome(session) == Some(None)
    }

    /// Returns true if this agent represents its cell.
    pub(super) fn represents(&self) -> bool {
        self.representative(self.home) == self.me
    }

    pub(super) fn is_root(&self) -> bool {
        self.config.tree.cell(self.home).parent.is_none()
    }

    /// The representative of `cell`, as far as this agent knows.
    pub(super) fn representative(&self, cell: CellId) -> NodeId {
        self.config.tree.representative(cell, self.succession.epoch(cell))
    }

    /// The node that this agent reports to; itself at the root.
    pub(super) fn parent(&self) -> NodeId {
        let superior = match self.config.tree.cell(self.home).parent {
            Some(parent) if self.represents() => parent,
            _ => self.home,
        };
        self.representative(superior)
    }

    /// The nodes that report to this agent while it represents its cell.
    pub(super) fn children(&self) -> Rc<[NodeId]> {
        let cell = self.config.tree.cell(self.home);
        let members = self.config.tree.members(self.home).iter().copied().filter(|&node| node != self.me);
        members.chain(cell.children.iter().map(|&child| self.representative(child))).collect()
    }
}

/// The scope of a voter's signatures, apart from those of the tree.
const FLAT_VOTE_SCOPE: u64 = 1;

/// The lens of the flat vote inside the hierarchy.
struct FlatVoteLens;

impl Lens<Weighted, Hierarchical> for FlatVoteLens {
    fn message(&mut self, message: weighted::Message) -> Message {
        Message::FlatVote(message)
    }
    fn timer(&mut self, timer: weighted::Timer) -> Timer {
        Timer::FlatVote(timer)
    }
    fn record(&mut self, record: weighted::Record) -> Record {
        Record::FlatVote(record)
    }
    fn observation(&mut self, observation: weighted::Observation) -> Option<Observation> {
        Some(Observation::FlatVote(observation))
    }
}

/// Runs a handler of the flat vote.
pub(super) fn within<R>(
    ctx: &mut Context<'_, Hierarchical>,
    run: impl FnOnce(&mut Context<'_, Weighted>) -> R,
) -> R {
    ctx.narrow(FLAT_VOTE_SCOPE, Members::All, &mut FlatVoteLens, run)
}

pub(super) fn refuse(ctx: &mut Context<'_, Hierarchical>, reason: Reason, from: NodeId) {
    ctx.observe(Observation::FlatVote(weighted::Observation::Rejected { reason, from }));
}
