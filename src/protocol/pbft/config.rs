//! What every replica and client is told.

use super::bug::{Bug, Rules, Size};
use super::ledger::{ClientId, Operation};
use super::message::{Batch, Request, View};
use super::quorum::Quorum;
use std::ops::RangeInclusive;
use synod_common::kv::Mix;
use synod_common::workload::Arrival;
use synod_sim::{Duration, NodeId, Signed};

/// What every replica and client is told.
#[derive(Clone, Debug)]
pub struct Config {
    /// How many replicas, and how many of them may be Byzantine.
    pub quorum: Quorum,
    /// K: a checkpoint every so many slots. The log window L is twice that.
    pub checkpoint_interval: u64,
    /// B: the most requests in a batch.
    pub batch_max: usize,
    /// τ_b: how long a batch that is not full waits for more.
    pub batch_delay: Duration,
    /// W_f: the most slots that the primary has proposed and not executed.
    pub in_flight_max: u64,
    /// T: how long a replica waits for the oldest request before it gives up on the primary.
    pub timeout: Duration,
    /// T_max: the cap on the doubling of T.
    pub timeout_max: Duration,
    /// T_s: the period of STATUS.
    pub status_interval: Duration,
    /// R_c: how long a client waits before it sends its request to all; doubles from there.
    pub client_timeout: Duration,
    /// What is asked of the replicas.
    pub workload: Workload,
    /// The bug of a mutant.
    pub bug: Option<Bug>,
    /// Which of the lives of a node that leads several is told this; 0 for a node as it should be.
    pub life: u32,
}

/// What is asked of the replicas.
#[derive(Clone, Debug)]
pub enum Workload {
    /// One decision.
    Session(Session),
    /// A log of requests from clients, which are nodes of their own after the replicas.
    Log(Clients),
}

/// A single decision: one slot, whose client is a replica.
#[derive(Clone, Debug)]
pub struct Session {
    /// The replica that proposes.
    pub initiator: NodeId,
    /// When it proposes, by its own clock.
    pub at: Duration,
    /// What it proposes.
    pub operation: Operation,
    /// What replicas vote for: other values are invalid.
    pub valid: RangeInclusive<u64>,
    /// When replicas without a decision give up.
    pub deadline: Option<Duration>,
}

/// Clients and what they ask.
#[derive(Clone, Debug)]
pub struct Clients {
    /// How many nodes host clients.
    pub hosts: u32,
    /// How many clients there are over all hosts: client c lives on host c mod hosts.
    pub clients: u32,
    /// How many requests in all; client hosts share them evenly.
    pub requests: u64,
    /// When requests arise.
    pub arrival: Arrival,
    /// The modelled payload of a request, in bytes.
    pub payload_bytes: u32,
    /// What requests ask of the key-value store; nothing, if there is none.
    pub commands: Option<Mix>,
}

impl Config {
    /// The defaults for `quorum` and `workload`: K = 16, batches of 64 sent at once, 8 slots in flight, T = 500 ms
    /// capped at 8 s, STATUS every 250 ms, clients that wait T / 2.
    pub fn new(quorum: Quorum, workload: Workload) -> Config {
        Config {
            quorum,
            checkpoint_interval: 16,
            batch_max: 64,
            batch_delay: Duration::ZERO,
            in_flight_max: 8,
            timeout: Duration::from_millis(500),
            timeout_max: Duration::from_secs(8),
            status_interval: Duration::from_millis(250),
            client_timeout: Duration::from_millis(250),
            workload,
            bug: None,
            life: 0,
        }
    }

    /// How many nodes take part: replicas and client hosts.
    pub fn nodes(&self) -> usize {
        let hosts = match &self.workload {
            Workload::Session(_) => 0,
            Workload::Log(clients) => clients.hosts,
        };
        (self.quorum.n + hosts) as usize
    }

    /// The replica that leads `view`.
    pub fn primary(&self, view: View) -> NodeId {
        self.quorum.primary(view)
    }

    /// The node that speaks for `client`; `None` if there is no such client.
    pub fn host(&self, client: ClientId) -> Option<NodeId> {
        match &self.workload {
            Workload::Session(session) => (client.0 == session.initiator.0).then_some(session.initiator),
            Workload::Log(clients) => {
                (client.0 < clients.clients).then(|| NodeId(self.quorum.n + client.0 % clients.hosts))
            }
        }
    }

    /// The session, if one decision is all that is asked.
    pub fn session(&self) -> Option<&Session> {
        match &self.workload {
            Workload::Session(session) => Some(session),
            Workload::Log(_) => None,
        }
    }

    /// L: how many slots above the low watermark are open.
    pub fn window(&self) -> u64 {
        2 * self.checkpoint_interval
    }

    /// How many operations are asked for in all.
    pub fn operations(&self) -> u64 {
        match &self.workload {
            Workload::Session(_) => 1,
            Workload::Log(clients) => clients.requests,
        }
    }

    /// What this protocol, or mutant, goes by.
    #[inline]
    pub(crate) fn rules(&self) -> &'static Rules {
        Rules::of(self.bug)
    }

    /// The votes that make a quorum.
    pub fn strong(&self) -> usize {
        let votes = match self.rules().quorum {
            Size::Strong => self.quorum.strong(),
            Size::OneShort => self.quorum.strong() - 1,
            Size::TwoFPlusOne => 2 * self.quorum.f + 1,
        };
        votes as usize
    }

    /// The voices of which at least one is a correct replica's.
    pub fn weak(&self) -> usize {
        self.quorum.weak() as usize
    }

    /// True for contents that no correct primary proposes, whatever it has heard: more than a session's one request, a
    /// request that is not its client's, a value that the session's rule forbids.
    pub fn forbids(&self, batch: &Batch) -> bool {
        let is_foreign = |request: &Signed<Request>| self.host(request.client) != Some(request.signer());
        let is_inadmissible = |request: &Request| {
            self.session().is_some_and(|session| !session.valid.contains(&request.operation.value))
        };
        (self.session().is_some() && batch.0.len() > 1)
            || batch.0.iter().any(|request| is_foreign(request) || is_inadmissible(request))
    }

    pub(super) fn assert_sound(&self) {
        assert!(self.checkpoint_interval > 0, "K is at least 1");
        assert!(self.batch_max > 0, "a batch holds at least one request");
        assert!(self.in_flight_max > 0 && self.in_flight_max <= self.window(), "0 < W_f <= L");
        assert!(!self.timeout.is_zero() && self.timeout <= self.timeout_max, "0 < T <= T_max");
        assert!(!self.status_interval.is_zero() && !self.client_timeout.is_zero(), "T_s and R_c take time");
        match &self.workload {
            Workload::Session(session) => {
                assert!(session.initiator.0 < self.quorum.n, "the initiator is a replica")
            }
            Workload::Log(clients) => assert!(clients.hosts > 0 && clients.clients >= clients.hosts),
        }
    }
}
