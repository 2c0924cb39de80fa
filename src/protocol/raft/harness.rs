//! Raft in a scenario file.

use crate::decide;
use crate::planned::PlannedChanges;
use crate::{Bug, Change, Clients, Config, Mark, Observation, Raft, Reads};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::rc::Rc;
use synod_common::decide::Level;
use synod_common::decide::on_log::{self, LogDecider};
use synod_harness::metric;
use synod_harness::{Arrival, Commands, FaultClass, Requests, Suitability, Task, service};
use synod_harness::{Composition, InnerTask, RungSpec};
use synod_harness::{
    Entry, Harness, Instance, LatencyLaw, OwnMetric, Path, Problem, Scenario, Theory, Tolerance, entry,
};
use synod_oracle::PlanWatch;
use synod_oracle::service::ServiceClaim;
use synod_sim::units::{Share, Span};
use synod_sim::{CoverageMark, Duration, GroundTruth, NodeId, Oracle, Streams, Time, sort};

/// Raft under the harness.
#[derive(Debug)]
pub enum RaftHarness {}

/// Returns the protocol of this crate.
pub fn entries() -> Vec<Box<dyn Entry>> {
    vec![entry::<RaftHarness>()]
}

/// Raft's parameters.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct RaftParams {
    /// E: a follower that hears from no leader for a span drawn from E to 2E stands for election.
    pub election_timeout: Span,
    /// How often a leader says that it leads; E / 10 if left out.
    pub heartbeat: Option<Span>,
    /// True if a follower asks whether standing would be of use before it raises its term.
    pub pre_vote: bool,
    /// True if a leader that hears from no majority steps down, and followers that hear from it vote for nobody else.
    pub check_quorum: bool,
    /// How reads are answered.
    pub reads: RaftReads,
    /// How many entries a replica applies between two snapshots.
    pub snapshot_interval: u64,
    /// How many entries before its snapshot a replica keeps for followers that lag a little.
    pub snapshot_trail: u64,
    /// The most entries in an append.
    pub batch: u32,
    /// The most appends with entries that a leader sends a follower before it hears of the first.
    pub in_flight: u32,
    /// Who votes at first; all agents that are not learners, if left out.
    pub voters: Option<Vec<u32>>,
    /// Who hears everything at first and decides nothing.
    pub learners: Vec<u32>,
    /// What changes on the way.
    pub changes: Vec<PlannedChange>,
    /// How long a client waits before it asks the next agent; 2E if left out.
    pub client_timeout: Option<Span>,
    /// How often a client asks before it gives an operation up.
    pub client_attempts: u32,
    /// The bug of a mutant.
    #[schemars(skip)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bug: Option<Bug>,
}

/// How reads are answered.
#[derive(Copy, Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RaftReads {
    /// As entries of the log.
    Log,
    /// By the leader's state, once a majority has confirmed that it leads.
    ReadIndex,
    /// By the leader's state, as long as a majority has promised to elect nobody else.
    Lease {
        /// ρ: the most by which clocks may drift from each other. A lease lasts E · (1 − ρ).
        drift: Share,
    },
}

/// A change of members, or of the leader.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PlannedChange {
    /// When, by the clock of the current leader then.
    pub at: Span,
    /// Who the members are from then on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub members: Option<Membership>,
    /// To whom leadership goes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub transfer: Option<u32>,
}

/// Who the members are.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Membership {
    /// Who votes.
    pub voters: Vec<u32>,
    /// Who listens.
    #[serde(default)]
    pub learners: Vec<u32>,
}

/// What the replicas are asked.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RaftWorkload {
    /// Commands to a service, from clients: to a key-value store, if none is named.
    Requests(Requests),
}

impl Observation {
    /// Returns what it claims of the replicated service, if anything.
    pub fn of_service(&self) -> Option<ServiceClaim<'_>> {
        match self {
            Observation::Call(call) => Some(ServiceClaim::Call(call)),
            Observation::Executed(executed) => Some(ServiceClaim::Executed(*executed)),
            _ => None,
        }
    }
}

impl Default for RaftParams {
    fn default() -> RaftParams {
        RaftParams {
            election_timeout: Span(Duration::from_millis(300)),
            heartbeat: None,
            pre_vote: true,
            check_quorum: true,
            reads: RaftReads::ReadIndex,
            snapshot_interval: 1024,
            snapshot_trail: 64,
            batch: 64,
            in_flight: 16,
            voters: None,
            learners: Vec::new(),
            changes: Vec::new(),
            client_timeout: None,
            client_attempts: 10,
            bug: None,
        }
    }
}

type File = Scenario<RaftParams, RaftWorkload>;

impl Harness for RaftHarness {
    type Protocol = Raft;
    type Params = RaftParams;
    type Workload = RaftWorkload;

    const NAME: &'static str = "raft";
    const ABOUT: &'static str = "Raft (Ongaro and Ousterhout 2014): a replicated state machine with n >= 2f + 1, of which f may crash";
    const ORACLES: &'static [&'static str] = &ORACLES;
    const METRICS: &'static [OwnMetric] = &METRICS;
    const MARKS: &'static [CoverageMark] = Mark::ALL;

    fn instance(scenario: &File, _: &Streams) -> Result<Instance<Raft>, Problem> {
        let config = config(scenario)?;
        let clients = config.clients.as_ref().map_or(0, |clients| clients.hosts);
        let operations = config.operations();
        Ok(Instance { config, clients, operations })
    }

    fn tolerance(scenario: &File) -> Option<Tolerance> {
        let params = &scenario.params;
        let voters = voters(scenario).len() as u32;
        let majority = voters / 2 + 1;
        Some(Tolerance {
            faulty: voters - majority,
            byzantine: 0,
            trusted: None,
            overlap: 2 * majority - voters,
            timer: params.election_timeout,
        })
    }

    fn decides(config: &Config, agent: NodeId) -> bool {
        let members = config.plan.iter().rev().find_map(|(_, change)| match change {
            Change::Members { voters, learners } => Some((voters, learners)),
            Change::Transfer(_) => None,
        });
        let (voters, learners) = members.unwrap_or((&config.voters, &config.learners));
        voters.contains(&agent) || learners.contains(&agent)
    }

    fn oracles(config: &Rc<Config>, ground_truth: &GroundTruth) -> Vec<Box<dyn Oracle<Raft>>> {
        let mut oracles = crate::oracle::all(config, ground_truth);
        oracles.extend(service::oracles(&config.machine, ground_truth, Observation::of_service));
        oracles
    }

    fn plan(config: &Rc<Config>) -> Option<Box<dyn PlanWatch<Raft>>> {
        let watch = || -> Box<dyn PlanWatch<Raft>> { Box::new(PlannedChanges::new(config)) };
        (!config.plan.is_empty()).then(watch)
    }

    /// It decides what its log applies first; whatever clients ask of it alone plays no part.
    fn composition() -> Option<Composition<Raft, RaftParams, RaftWorkload>> {
        Some(Composition::abortable_by::<LogDecider<Raft>>(
            |_| RaftWorkload::Requests(Requests::one()),
            |config, task: &InnerTask| decide::once(config, task.value, Time::ZERO + task.at.0),
            &[on_log::ORACLE],
            |params: &RaftParams| {
                if params.voters.is_some() || !params.learners.is_empty() || !params.changes.is_empty() {
                    let message = "the voters of a rung are all members, and stay";
                    return Err(
                        Problem::new(at("voters"), message).help("leave out voters, learners, changes")
                    );
                }
                Ok(RungSpec { level: Level::Crash, opener: NodeId(0) })
            },
        ))
    }

    fn suitability() -> Option<Suitability<RaftParams, RaftWorkload>> {
        Some(Suitability {
            tasks: &[Task::Standard],
            tolerates: FaultClass::Crash,
            trial: |_| (RaftParams::default(), RaftWorkload::Requests(Requests::one())),
        })
    }

    fn theory(scenario: &File) -> Vec<Theory> {
        theory(scenario)
    }

    fn cautions(scenario: &File) -> Vec<String> {
        crowded_uplink(scenario).into_iter().collect()
    }
}

const METRICS: [OwnMetric; 7] = OwnMetric::of(
    RaftHarness::NAME,
    [
        OwnMetric::peak("raft.term", "term", "The highest term."),
        OwnMetric::hits(
            "raft.elections",
            &[Mark::Election.declared(), Mark::TransferElection.declared()],
            "Times that a replica stood for election.",
        ),
        OwnMetric::hits("raft.leaders", &[Mark::Elected.declared()], "Elections won."),
        OwnMetric::hits(
            "raft.snapshots_taken",
            &[Mark::SnapshotTaken.declared()],
            "Snapshots that replicas took of themselves.",
        ),
        OwnMetric::hits(
            "raft.snapshots_installed",
            &[Mark::SnapshotInstalled.declared()],
            "Snapshots that replicas took over from a leader.",
        ),
        OwnMetric::hits(
            "raft.lease_reads",
            &[Mark::LeaseRead.declared()],
            "Reads that a leader answered on the strength of its lease.",
        ),
        OwnMetric::hits(
            "raft.read_index_reads",
            &[Mark::ReadIndexRead.declared()],
            "Reads that a leader answered once a majority had confirmed that it leads.",
        ),
    ],
);

/// Those of Raft, and those of the services.
const ORACLES: [&str; crate::oracle::NAMES.len() + service::ORACLES.len()] = {
    let mut names = [""; crate::oracle::NAMES.len() + service::ORACLES.len()];
    let (own, of_services) = names.split_at_mut(crate::oracle::NAMES.len());
    own.copy_from_slice(crate::oracle::NAMES);
    of_services.copy_from_slice(&service::ORACLES);
    names
};

/// Returns the first voters.
fn voters(scenario: &File) -> Vec<u32> {
    let params = &scenario.params;
    let all = || (0..scenario.world.agents).filter(|agent| !params.learners.contains(agent)).collect();
    params.voters.clone().unwrap_or_else(all)
}

fn at(field: &str) -> Path {
    Path::of(["protocol", "raft"]).to(field)
}

fn config(scenario: &File) -> Result<Config, Problem> {
    let params = &scenario.params;
    let RaftWorkload::Requests(requests) = &scenario.workload;
    requests.check(scenario.world.agents)?;
    requests.check_affordable(scenario.world.limits.memory)?;
    let election_timeout = params.election_timeout.0;
    let heartbeat = Duration::from_nanos((election_timeout.as_nanos() / 10).max(1));
    let service = requests.service().unwrap_or_else(|| Commands::default().service());
    let clients = Clients {
        hosts: requests.hosts,
        clients: requests.clients,
        operations: requests.total,
        arrival: requests.arrival.resolved(),
        workload: service.workload,
        payload_bytes: requests.payload_bytes()?,
    };
    let mut config = Config {
        voters: members(&voters(scenario), scenario.world.agents, &at("voters"))?,
        learners: members(&params.learners, scenario.world.agents, &at("learners"))?,
        election_timeout,
        heartbeat_interval: params.heartbeat.map_or(heartbeat, |span| span.0),
        pre_vote: params.pre_vote,
        check_quorum: params.check_quorum,
        reads: match params.reads {
            RaftReads::Log => Reads::Log,
            RaftReads::ReadIndex => Reads::ReadIndex,
            RaftReads::Lease { drift } => Reads::Lease { drift_ppm: drift.ppb().div_ceil(1_000) },
        },
        snapshot_interval: params.snapshot_interval,
        snapshot_trail: params.snapshot_trail,
        batch_max: params.batch as usize,
        in_flight_max: params.in_flight as usize,
        client_timeout: params.client_timeout.map_or(election_timeout.saturating_mul(2), |span| span.0),
        client_attempts: params.client_attempts,
        bug: params.bug,
        ..Config::new(scenario.world.agents, service.machine, Some(clients))
    };
    check_members(&config.voters, &config.learners, &at("learners"))?;
    for (place, change) in params.changes.iter().enumerate() {
        config.plan.push((change.at.0, planned(change, scenario, &at("changes").to(place))?));
    }
    check_spans(&config)?;
    check_counts(&config)?;
    Ok(config)
}

/// Agents by number, once each, in order.
fn members(numbers: &[u32], agents: u32, path: &Path) -> Result<Vec<NodeId>, Problem> {
    if let Some(place) = numbers.iter().position(|&number| number >= agents) {
        let message = format!("there is no agent {}: they are 0 to {}", numbers[place], agents - 1);
        return Err(Problem::new(path.clone().to(place), message));
    }
    let mut nodes: Vec<NodeId> = numbers.iter().copied().map(NodeId).collect();
    sort::nodes(&mut nodes);
    if let Some(pair) = nodes.windows(2).find(|pair| pair[0] == pair[1]) {
        return Err(Problem::new(path.clone(), format!("agent {} is listed twice", pair[0])));
    }
    Ok(nodes)
}

fn check_members(voters: &[NodeId], learners: &[NodeId], path: &Path) -> Result<(), Problem> {
    if voters.is_empty() {
        return Err(Problem::new(path.clone(), "nobody votes"));
    }
    match learners.iter().find(|learner| voters.contains(learner)) {
        None => Ok(()),
        Some(both) => Err(Problem::new(path.clone(), format!("agent {both} votes, so it is no learner"))),
    }
}

fn planned(change: &PlannedChange, scenario: &File, here: &Path) -> Result<Change, Problem> {
    if change.at.0 > scenario.world.horizon.0 {
        let message = format!("the run ends at {} at the latest", scenario.world.horizon);
        return Err(Problem::new(here.clone().to("at"), message));
    }
    match (&change.members, change.transfer) {
        (Some(membership), None) => {
            let path = here.clone().to("members");
            let voters = members(&membership.voters, scenario.world.agents, &path.clone().to("voters"))?;
            let learners =
                members(&membership.learners, scenario.world.agents, &path.clone().to("learners"))?;
            check_members(&voters, &learners, &path)?;
            Ok(Change::Members { voters, learners })
        }
        (None, Some(target)) if target < scenario.world.agents => Ok(Change::Transfer(NodeId(target))),
        (None, Some(target)) => {
            let message = format!("there is no agent {target}: they are 0 to {}", scenario.world.agents - 1);
            Err(Problem::new(here.clone().to("transfer"), message))
        }
        _ => Err(Problem::new(here.clone(), "a change is either of `members` or a `transfer`")),
    }
}

fn check_spans(config: &Config) -> Result<(), Problem> {
    let refuse = |field: &str, message: &str| Err(Problem::new(at(field), message));
    if config.heartbeat_interval.is_zero() {
        return refuse("heartbeat", "heartbeats take time");
    }
    if config.election_timeout < config.heartbeat_interval.saturating_mul(2) {
        return refuse("election_timeout", "a follower has to hear twice in its election timeout");
    }
    if config.client_timeout.is_zero() {
        return refuse("client_timeout", "waiting takes time");
    }
    if config.pre_vote && !config.check_quorum {
        return refuse(
            "check_quorum",
            "pre-vote without CheckQuorum lets a majority stick to a leader that reaches nobody",
        );
    }
    match config.reads {
        Reads::Lease { .. } if !config.check_quorum => {
            refuse("reads", "a lease needs followers that stick to their leader: check_quorum")
        }
        Reads::Lease { drift_ppm: 1_000_000.. } => refuse("reads", "with such a drift no lease lasts"),
        _ => Ok(()),
    }
}

fn check_counts(config: &Config) -> Result<(), Problem> {
    let refuse = |field: &str, message: &str| Err(Problem::new(at(field), message));
    if config.bug.is_some() && !cfg!(feature = "mutants") {
        return refuse("bug", "mutants are not built in: build with the feature `mutants`");
    }
    if config.snapshot_interval == 0 {
        return refuse("snapshot_interval", "a snapshot covers at least one entry");
    }
    if config.batch_max == 0 {
        return refuse("batch", "an append carries at least one entry");
    }
    if config.in_flight_max == 0 {
        return refuse("in_flight", "at least one append is in flight");
    }
    if config.client_attempts == 0 {
        return refuse("client_attempts", "a client asks at least once");
    }
    Ok(())
}

/// D2: what a run without faults, losses and processor costs must show.
fn theory(scenario: &File) -> Vec<Theory> {
    let network = &scenario.world.network;
    let RaftWorkload::Requests(requests) = &scenario.workload;
    let is_ideal = scenario.world.faults.is_empty()
        && network.loss == Default::default()
        && network.corruption == Default::default()
        && scenario.world.is_instant();
    let reads = scenario.params.reads;
    let Some(LatencyLaw::Constant(delay)) = &network.latency else { return Vec::new() };
    let is_alone = matches!(requests.arrival, Arrival::Closed(_)) && requests.clients == 1;
    if !is_ideal
        || !is_alone
        || voters(scenario).len() == 1
        || network.bandwidth.is_some()
        || !matches!(reads, RaftReads::Log)
    {
        return Vec::new();
    }
    // To the leader, to a majority and back, to the client.
    let value = 4.0 * delay.0.as_nanos() as f64;
    vec![Theory::of(&metric::LATENCY.p50, value, "4 delays")]
}

/// Says so if heartbeats wait behind a single command for longer than followers wait for them: one uplink sends one copy
/// after the other, and no leader stays one.
fn crowded_uplink(scenario: &File) -> Option<String> {
    let bandwidth = scenario.world.network.bandwidth?;
    let RaftWorkload::Requests(requests) = &scenario.workload;
    let followers = (voters(scenario).len() + scenario.params.learners.len()).saturating_sub(1) as u128;
    let bits = u128::from(requests.payload.0) * 8 * followers;
    let nanos = (bits * 1_000_000_000).div_ceil(u128::from(bandwidth.0.max(1)));
    let span = Span(Duration::from_nanos(u64::try_from(nanos).unwrap_or(u64::MAX)));
    let patience = scenario.params.election_timeout;
    (span.0 > patience.0).then(|| {
        format!(
            "at {bandwidth} a command of {} takes {span} to leave its leader for {followers} followers, and they wait \
             {patience} for a heartbeat behind it: raise `election_timeout`",
            requests.payload
        )
    })
}
