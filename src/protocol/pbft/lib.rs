//! Practical Byzantine Fault Tolerance: n ≥ 3f + 1 replicas agree on a log, or on one decision, though f of them do
//! what they like and the network loses, delays and reorders.
//!
//! Sources: M. Castro and B. Liskov, *Practical Byzantine Fault Tolerance*, OSDI 1999; the same with proactive
//! recovery, TOCS 20(4), 2002; M. Castro, PhD thesis, MIT 2001. Quorums are ⌊(n+f)/2⌋ + 1, right for every n, where
//! the papers' 2f + 1 is right at n = 3f + 1 alone.
//!
//! The life of a request: a client signs it and sends it to the primary ([`client`]); the primary gives its batch a
//! slot and backups vote in two rounds ([`replica`]); committed slots execute in order, and every so often a
//! checkpoint lets the log forget ([`checkpoint`]); a primary that does not deliver is replaced ([`view_change`]);
//! what the network lost is sent again on request ([`status`]).

mod alter;
mod attack;
mod bug;
pub mod checkpoint;
pub mod client;
mod durable;
mod evidence;
mod execution;
#[cfg(feature = "harness")]
pub mod harness;
pub mod leaving;
mod ledger;
mod log;
mod message;
mod observation;
pub mod oracle;
mod pending;
mod proposal;
mod quorum;
pub mod replica;
mod request;
pub mod status;
#[cfg(feature = "harness")]
mod theory;
pub mod view_change;
mod votes;
mod voting;

pub use bug::Bug;
pub use durable::Record;
pub use ledger::{ClientTable, Ledger, Outcome, Snapshot};
pub use message::{
    Batch, Checkpoint, ClientId, Commit, Fetch, FetchBatch, Lack, Message, NewView, Operation, PrePrepare,
    Prepare, Prepared, Reply, Request, Sequence, Status, View, ViewChange,
};
pub use observation::{Ballot, MARKS, Observation, Reason};
pub use quorum::{Quorum, TooManyFaults};
pub use synod_common::workload::Arrival;

use bug::{Rules, Size};
use client::ClientHost;
use replica::Replica;
use serde::Serialize;
use std::ops::RangeInclusive;
use std::rc::Rc;
use synod_common::kv::Mix;
use synod_sim::fault::Interceptor;
use synod_sim::{Attack, Context, Digest, Durable, Duration, Insiders, NodeId, Protocol, Signed};

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
        NodeId((view % self.quorum.n as u64) as u32)
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

    fn assert_sound(&self) {
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

/// What a timer is for.
#[derive(Copy, Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub enum Timer {
    /// A replica: the oldest request, or an attempt at a view change, has taken too long.
    Progress,
    /// A primary: the batch has waited long enough.
    Batch,
    /// A replica: time for STATUS.
    Status,
    /// A replica: the peer that was asked for a state has not answered.
    Fetch,
    /// A replica: a session's deadline.
    Deadline,
    /// A session's initiator: time to propose.
    Propose,
    /// A client, or a session's initiator: the request has taken too long.
    Retry(ClientId),
    /// A client: it has thought long enough.
    Think(ClientId),
    /// A client host: the next request arises.
    Arrival,
}

/// A node: a replica, or a host of clients.
#[derive(Debug)]
pub enum Pbft {
    /// One of the first n nodes.
    Replica(Box<Replica>),
    /// One of the others.
    Clients(Box<ClientHost>),
}

impl Protocol for Pbft {
    type Config = Config;
    type Message = Message;
    type Timer = Timer;
    type Record = Record;
    type Observation = Observation;

    fn new(config: &Rc<Config>, me: NodeId, nodes: usize, durable: Durable<'_, Record>) -> Pbft {
        assert_eq!(config.nodes(), nodes, "every replica and client host is a node");
        config.assert_sound();
        if me.0 < config.quorum.n {
            Pbft::Replica(Box::new(Replica::new(Rc::clone(config), me, durable)))
        } else {
            Pbft::Clients(Box::new(ClientHost::new(Rc::clone(config), me)))
        }
    }

    fn on_start(&mut self, ctx: &mut Context<'_, Pbft>) {
        match self {
            Pbft::Replica(replica) => replica.on_start(ctx),
            Pbft::Clients(host) => host.on_start(ctx),
        }
    }

    fn on_message(&mut self, ctx: &mut Context<'_, Pbft>, from: NodeId, message: &Message) {
        match self {
            Pbft::Replica(replica) => replica.on_message(ctx, from, message),
            Pbft::Clients(host) => host.on_message(ctx, message),
        }
    }

    fn on_timer(&mut self, ctx: &mut Context<'_, Pbft>, timer: Timer) {
        match self {
            Pbft::Replica(replica) => replica.on_timer(ctx, timer),
            Pbft::Clients(host) => host.on_timer(ctx, timer),
        }
    }

    fn state(&self) -> Option<&dyn std::fmt::Debug> {
        Some(match self {
            Pbft::Replica(replica) => replica,
            Pbft::Clients(host) => host,
        })
    }

    fn leader(&self) -> Option<(u64, NodeId)> {
        match self {
            Pbft::Replica(replica) => Some((replica.view(), replica.primary())),
            Pbft::Clients(_) => None,
        }
    }

    /// A further life proposes otherwise: as a primary the same requests in another batch, as a session's initiator
    /// another of the values that are valid.
    fn twin(config: &Rc<Config>, life: u32) -> Rc<Config> {
        let mut told = Config { life, ..Config::clone(config) };
        if let Workload::Session(session) = &mut told.workload {
            let (least, most) = (*session.valid.start(), *session.valid.end());
            let from_least = session.operation.value.saturating_sub(least);
            let place = (u128::from(from_least) + u128::from(life)) % (u128::from(most - least) + 1);
            session.operation.value = least + place as u64;
        }
        Rc::new(told)
    }

    const ATTACKS: &'static [Attack] = attack::ATTACKS;

    fn attack(name: &str, insiders: Insiders<Pbft>) -> Box<dyn Interceptor<Pbft>> {
        attack::mount(name, insiders)
    }

    fn retained_bytes(&self) -> usize {
        match self {
            Pbft::Replica(replica) => replica.retained_bytes(),
            Pbft::Clients(_) => 0,
        }
    }
}

/// The digest of the null batch.
pub const NULL_BATCH: Digest = Digest::ZERO;
