//! Configuration, the same for every replica and client.

use super::bug::{Bug, Rules};
use super::entry::ClientId;
use super::membership::{Configuration, level_of, majority};
use synod_common::workload::Arrival;
use synod_log::{Machine, Workload};
use synod_sim::{Duration, NodeId};

/// Configuration, the same for every replica and client.
#[derive(Clone, Debug)]
pub struct Config {
    /// The state machine whose commands the log orders.
    pub machine: Machine,
    /// Number of replicas, members or not: the first nodes. Client hosts follow.
    pub replicas: u32,
    /// The first voters, by number.
    pub voters: Vec<NodeId>,
    /// The first learners, by number. Replicas that are neither wait until a change makes them members.
    pub learners: Vec<NodeId>,
    /// E: a follower that hears from no leader for a time drawn from [E, 2E) starts an election.
    pub election_timeout: Duration,
    /// Heartbeat interval.
    pub heartbeat_interval: Duration,
    /// Pre-vote: a follower asks whether it could win before it increments its term.
    pub pre_vote: bool,
    /// CheckQuorum: a leader without a majority steps down, and followers of a live leader do not vote for others.
    pub check_quorum: bool,
    /// Handling of reads.
    pub reads: Reads,
    /// Number of entries between two snapshots.
    pub snapshot_interval: u64,
    /// Number of entries kept before a snapshot, for followers that lag a little.
    pub snapshot_trail: u64,
    /// Maximum number of entries in an AppendEntries.
    pub batch_max: usize,
    /// Maximum number of AppendEntries in flight to a follower.
    pub in_flight_max: usize,
    /// Planned changes, with their times by the leader's clock.
    pub plan: Vec<(Duration, Change)>,
    /// Timeout of a client before it asks the next replica.
    pub client_timeout: Duration,
    /// Number of attempts of a client before it gives an operation up.
    pub client_attempts: u32,
    /// The clients, which are nodes of their own; `None` if another protocol hosts the log and proposes by
    /// [`Log`](synod_log::Log).
    pub clients: Option<Clients>,
    /// The injected bug, in a mutant.
    pub bug: Option<Bug>,
}

/// Handling of reads.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub enum Reads {
    /// As entries of the log, like any other command.
    Log,
    /// By the leader's own state, once a majority has confirmed that it still leads (thesis, §6.4).
    ReadIndex,
    /// By the leader's own state, as long as a majority has promised to elect nobody else (thesis, §6.4.1), and else
    /// as by `ReadIndex`.
    Lease {
        /// ρ: the most by which any node's clock gains or loses against any other's, in parts per million. A lease
        /// lasts E · (1 − ρ).
        drift_ppm: u32,
    },
}

/// A planned change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// A configuration change. Changes of members happen in their order, each when the one before is done.
    Members {
        /// The voters.
        voters: Vec<NodeId>,
        /// The learners.
        learners: Vec<NodeId>,
    },
    /// The leader transfers leadership to this voter, if there is a leader at that moment.
    Transfer(NodeId),
}

/// Clients and their workload.
#[derive(Clone, Debug)]
pub struct Clients {
    /// Number of nodes that host clients.
    pub hosts: u32,
    /// Number of clients over all hosts.
    pub clients: u32,
    /// Total number of operations; hosts share them evenly.
    pub operations: u64,
    /// When operations arise.
    pub arrival: Arrival,
    /// The commands.
    pub workload: Workload,
    /// The modelled payload of a request, in bytes.
    pub payload_bytes: u32,
}

impl Config {
    /// The defaults for `replicas` voters of a log for `machine`, and `clients` of it: E = 300 ms, heartbeats every E / 10, pre-vote and CheckQuorum,
    /// reads by read index, a snapshot every 1,024 entries with a trail of 64, appends of up to 64 entries of which 16
    /// are in flight, clients that wait 2E and give up after ten attempts.
    pub fn new(replicas: u32, machine: Machine, clients: Option<Clients>) -> Config {
        let election_timeout = Duration::from_millis(300);
        Config {
            machine,
            replicas,
            voters: (0..replicas).map(NodeId).collect(),
            learners: Vec::new(),
            election_timeout,
            heartbeat_interval: Duration::from_millis(30),
            pre_vote: true,
            check_quorum: true,
            reads: Reads::ReadIndex,
            snapshot_interval: 1024,
            snapshot_trail: 64,
            batch_max: 64,
            in_flight_max: 16,
            plan: Vec::new(),
            client_timeout: election_timeout.saturating_mul(2),
            client_attempts: 10,
            clients,
            bug: None,
        }
    }

    /// Number of nodes: replicas and client hosts.
    pub fn nodes(&self) -> usize {
        (self.replicas + self.clients.as_ref().map_or(0, |clients| clients.hosts)) as usize
    }

    /// Number of operations in total.
    pub fn operations(&self) -> u64 {
        self.clients.as_ref().map_or(0, |clients| clients.operations)
    }

    /// The place among all clients of whoever is, or once was, `client`. Those of a hosted log keep their numbers.
    pub fn place(&self, client: ClientId) -> u32 {
        self.clients.as_ref().map_or(client.0, |clients| client.0 % clients.clients)
    }

    /// The host of `client`; `None` if the log is hosted.
    pub fn host(&self, client: ClientId) -> Option<NodeId> {
        let hosts = self.clients.as_ref()?.hosts;
        Some(NodeId(self.replicas + self.place(client) % hosts))
    }

    /// The clients, as their hosts know them.
    pub(super) fn own_clients(&self) -> &Clients {
        self.clients.as_ref().expect("who hosts clients has some")
    }

    /// What this protocol, or mutant, goes by.
    #[inline]
    pub(crate) fn rules(&self) -> &'static Rules {
        Rules::of(self.bug)
    }

    pub(super) fn assert_sound(&self) {
        assert!(!self.voters.is_empty(), "somebody votes");
        let is_set = |nodes: &[NodeId]| nodes.windows(2).all(|pair| pair[0] < pair[1]);
        let are_replicas = |nodes: &[NodeId]| nodes.iter().all(|node| node.0 < self.replicas);
        let members = [(&self.voters, &self.learners)].into_iter();
        let changes = self.plan.iter().filter_map(|(_, change)| match change {
            Change::Members { voters, learners } => Some((voters, learners)),
            Change::Transfer(target) => {
                assert!(target.0 < self.replicas, "leadership goes to a replica");
                None
            }
        });
        for (voters, learners) in members.chain(changes) {
            assert!(is_set(voters) && is_set(learners), "members are listed once, by number");
            assert!(are_replicas(voters) && are_replicas(learners), "members are replicas");
            assert!(!voters.is_empty(), "somebody votes");
            assert!(learners.iter().all(|node| !voters.contains(node)), "a learner does not vote");
        }
        assert!(!self.heartbeat_interval.is_zero(), "heartbeats take time");
        assert!(
            self.heartbeat_interval.saturating_mul(2) <= self.election_timeout,
            "a follower hears twice in E"
        );
        assert!(self.check_quorum || !self.pre_vote, "pre-vote needs leaders that step down");
        if let Reads::Lease { drift_ppm } = self.reads {
            assert!(
                self.check_quorum && drift_ppm < 1_000_000,
                "a lease needs followers that stick to their leader"
            );
        }
        assert!(self.snapshot_interval > 0 && self.batch_max > 0 && self.in_flight_max > 0);
        assert!(!self.client_timeout.is_zero() && self.client_attempts > 0, "clients wait, and ask");
        if let Some(clients) = &self.clients {
            assert!(clients.hosts > 0 && clients.clients >= clients.hosts, "every host has a client");
        }
    }

    /// The highest level that a quorum of `configuration` has reached.
    pub(super) fn quorum_level(
        &self,
        configuration: &Configuration,
        levels: &mut Vec<u64>,
        of: impl Fn(NodeId) -> u64,
    ) -> u64 {
        let voters = &configuration.voters;
        if !self.rules().joint_takes_two_majorities {
            return level_of(majority(voters.len()), voters.iter().copied(), levels, of);
        }
        if !self.rules().learners_decide_nothing {
            let members = voters.iter().chain(&configuration.learners).copied();
            return level_of(majority(voters.len()), members, levels, of);
        }
        configuration.level(levels, of)
    }
}
