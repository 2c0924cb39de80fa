//! Configuration, the same for every replica and client.

use super::bug::{Bug, Rules, Size};
use super::ledger::{ClientId, Operation};
use super::message::{Batch, Request, View};
use super::quorum::Quorum;
use std::ops::RangeInclusive;
use synod_common::workload::Arrival;
use synod_log::Machine;
use synod_sim::{Duration, NodeId, Signed};

/// Configuration, the same for every replica and client.
#[derive(Clone, Debug)]
pub struct Config {
    /// Number of replicas, and of Byzantine ones tolerated.
    pub quorum: Quorum,
    /// K: a checkpoint every so many slots. The log window L is twice that.
    pub checkpoint_interval: u64,
    /// B: the most requests in a batch.
    pub batch_max: usize,
    /// τ_b: how long a batch that is not full waits for more.
    pub batch_delay: Duration,
    /// W_f: the most slots that the primary has proposed and not executed.
    pub in_flight_max: u64,
    /// T: the request timeout, after which a replica starts a view change.
    pub timeout: Duration,
    /// T_max: the cap on the doubling of T.
    pub timeout_max: Duration,
    /// T_s: the interval of STATUS.
    pub status_interval: Duration,
    /// R_c: the client's timeout before it sends its request to all replicas; doubles from there.
    pub client_timeout: Duration,
    /// How far a proposed time may be from a backup's own clock, for it to vote for the proposal: more than clocks differ
    /// and proposals travel. It matters where the service knows the time.
    pub max_clock_skew: Duration,
    /// How clients' reads are answered.
    pub reads: Reads,
    /// The workload.
    pub workload: Workload,
    /// The injected bug, in a mutant.
    pub bug: Option<Bug>,
    /// Number of the twin that has this configuration; 0 for a correct node.
    pub life: u32,
}

/// How clients' reads are answered.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub enum Reads {
    /// Through the log, like all else.
    Log,
    /// By a quorum of equal answers from the state that replicas have executed (TOCS 2002, §5.1.3). Those that do not come
    /// together go through the log. Whatever goes through the log takes a quorum of equal replies then: after f + 1, a
    /// quorum of readers may not have executed it yet.
    Quorum,
}

/// The workload.
#[derive(Clone, Debug)]
pub enum Workload {
    /// One decision.
    Session(Session),
    /// A log of requests from clients, which are nodes of their own after the replicas.
    Log(Clients),
    /// A log of what another protocol proposes, which hosts a replica at each of its nodes: see
    /// [`Log`](synod_log::Log). The replicas are its clients.
    Hosted(Machine),
}

/// A single decision: one slot, whose client is a replica.
#[derive(Clone, Debug)]
pub struct Session {
    /// The proposing replica.
    pub initiator: NodeId,
    /// Time of the proposal, by its own clock.
    pub at: Duration,
    /// The proposed operation.
    pub operation: Operation,
    /// Valid values.
    pub valid: RangeInclusive<u64>,
    /// Deadline, after which replicas without a decision abort.
    pub deadline: Option<Duration>,
}

/// Clients and their workload.
#[derive(Clone, Debug)]
pub struct Clients {
    /// Number of nodes that host clients.
    pub hosts: u32,
    /// Number of clients over all hosts: client c lives on host c mod hosts.
    pub clients: u32,
    /// Total number of requests; client hosts share them evenly.
    pub requests: u64,
    /// Arrival of requests.
    pub arrival: Arrival,
    /// The modelled payload of a request, in bytes.
    pub payload_bytes: u32,
    /// The service that the log replicates, if there is one; a plain ledger takes operations without commands.
    pub service: Option<Service>,
}

/// A service that the log replicates.
#[derive(Clone, Debug)]
pub struct Service {
    /// Its state machine.
    pub machine: Machine,
    /// What clients ask of it.
    pub workload: synod_log::Workload,
}

impl Config {
    /// The defaults for `quorum` and `workload`: K = 16, batches of 64 sent at once, 8 slots in flight, T = 500 ms
    /// capped at 8 s, STATUS every 250 ms, clients that wait T / 2, clocks
    /// that differ by 500 ms at most.
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
            max_clock_skew: Duration::from_millis(500),
            reads: Reads::Log,
            workload,
            bug: None,
            life: 0,
        }
    }

    /// Number of nodes: replicas and client hosts.
    pub fn nodes(&self) -> usize {
        let hosts = match &self.workload {
            Workload::Session(_) | Workload::Hosted(_) => 0,
            Workload::Log(clients) => clients.hosts,
        };
        (self.quorum.n + hosts) as usize
    }

    /// The primary of `view`.
    pub fn primary(&self, view: View) -> NodeId {
        self.quorum.primary(view)
    }

    /// The host of `client`; `None` if there is no such client.
    pub fn host(&self, client: ClientId) -> Option<NodeId> {
        match &self.workload {
            Workload::Session(session) => (client.0 == session.initiator.0).then_some(session.initiator),
            Workload::Log(clients) => {
                (client.0 < clients.clients).then(|| NodeId(self.quorum.n + client.0 % clients.hosts))
            }
            Workload::Hosted(_) => (client.0 < self.quorum.n).then_some(NodeId(client.0)),
        }
    }

    /// The session, if one decision is all that is asked.
    pub fn session(&self) -> Option<&Session> {
        match &self.workload {
            Workload::Session(session) => Some(session),
            Workload::Log(_) | Workload::Hosted(_) => None,
        }
    }

    /// L: the size of the log window above the low watermark.
    pub fn window(&self) -> u64 {
        2 * self.checkpoint_interval
    }

    /// The state machine that the log replicates, if there is one.
    pub fn machine(&self) -> Option<&Machine> {
        match &self.workload {
            Workload::Session(_) => None,
            Workload::Log(clients) => clients.service.as_ref().map(|service| &service.machine),
            Workload::Hosted(machine) => Some(machine),
        }
    }

    /// By how much the log's time may lag behind the primary's clock, where the service knows the time.
    pub fn clock(&self) -> Option<Duration> {
        self.machine().and_then(Machine::clock)
    }

    /// Returns true if another protocol hosts the replicas.
    pub(crate) fn is_hosted(&self) -> bool {
        matches!(self.workload, Workload::Hosted(_))
    }

    /// Number of operations in total, as far as it is known.
    pub fn operations(&self) -> u64 {
        match &self.workload {
            Workload::Session(_) => 1,
            Workload::Log(clients) => clients.requests,
            Workload::Hosted(_) => 0,
        }
    }

    /// What this protocol, or mutant, goes by.
    #[inline]
    pub(crate) fn rules(&self) -> &'static Rules {
        Rules::of(self.bug)
    }

    /// Size of a quorum certificate.
    pub fn strong(&self) -> usize {
        let votes = match self.rules().quorum {
            Size::Strong => self.quorum.strong(),
            Size::OneShort => self.quorum.strong() - 1,
            Size::TwoFPlusOne => 2 * self.quorum.f + 1,
        };
        votes as usize
    }

    /// Number of equal replies that a client believes.
    pub fn replies(&self) -> usize {
        match self.reads {
            Reads::Log => self.weak(),
            Reads::Quorum => self.strong(),
        }
    }

    /// Number of equal answers to a read that a client believes, of replicas that have not ordered it.
    pub fn answers(&self) -> usize {
        if self.rules().reads_take_a_quorum { self.strong() } else { self.weak() }
    }

    /// Size of a weak certificate: f + 1, of which one replica is correct.
    pub fn weak(&self) -> usize {
        self.quorum.weak() as usize
    }

    /// Returns true for contents that no correct primary proposes, whatever it has heard: more than a session's one
    /// request, the time where the service knows none, a request that is not its client's, a value that the session's rule forbids.
    pub fn forbids(&self, batch: &Batch) -> bool {
        let is_foreign = |request: &Signed<Request>| self.host(request.client) != Some(request.signer());
        let is_inadmissible = |request: &Request| {
            self.session().is_some_and(|session| !session.valid.contains(&request.operation.value))
        };
        (batch.tick.is_some() && self.clock().is_none())
            || (self.session().is_some() && batch.requests.len() > 1)
            || batch.requests.iter().any(|request| is_foreign(request) || is_inadmissible(request))
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
            Workload::Hosted(_) => {}
        }
    }
}
