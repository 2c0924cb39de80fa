//! PBFT in a scenario file.

use crate::{
    Bug, Clients, Config, Mark, Observation, Operation, Pbft, Quorum, Reads, Service, Session, Workload,
    oracle,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::rc::Rc;
use synod_common::decide::Level;
use synod_harness::metric::{self, Metric};
use synod_harness::requests::{default_payload, payload_bytes};
use synod_harness::service;
use synod_harness::{Arrival, LatencyLaw, Requests};
use synod_harness::{Composition, FaultClass, InnerTask, RungSpec, Suitability, Task};
use synod_harness::{Entry, Harness, Instance, OwnMetric, Path, Problem, Scenario, Theory, Tolerance, entry};
use synod_oracle::service::ServiceClaim;
use synod_sim::units::{Size, Span};
use synod_sim::{CoverageMark, Duration, GroundTruth, NodeId, Oracle, Streams};

/// PBFT under the harness.
#[derive(Debug)]
pub enum PbftHarness {}

/// Returns the protocol of this crate.
pub fn entries() -> Vec<Box<dyn Entry>> {
    vec![entry::<PbftHarness>()]
}

/// PBFT's parameters.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct PbftParams {
    /// f: how many replicas may be Byzantine; ⌊(n−1)/3⌋ if left out.
    pub f: Option<u32>,
    /// K: a checkpoint every so many slots. The log window is twice that.
    pub checkpoint_interval: u64,
    /// How requests are gathered.
    pub batch: Batching,
    /// The most slots that the primary has proposed and not executed.
    pub in_flight: u64,
    /// T: how long a replica waits for the oldest request before it gives up on the primary.
    pub timeout: Span,
    /// The cap on the doubling of the timeout.
    pub timeout_max: Span,
    /// How often replicas tell each other what they lack.
    pub status_interval: Span,
    /// How long a client waits before it sends its request to all; half the timeout if left out.
    pub client_timeout: Option<Span>,
    /// How far a proposed time may be from a backup's own clock, for it to vote for the proposal. It matters where the
    /// replicated service knows the time.
    pub max_clock_skew: Span,
    /// How clients' reads are answered.
    pub reads: PbftReads,
    /// The bug of a mutant.
    #[schemars(skip)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bug: Option<Bug>,
}

/// How clients' reads are answered.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum PbftReads {
    /// Through the log, like all else.
    Log,
    /// By a quorum of equal answers from replicas' states; through the log if they do not come together.
    Quorum,
}

/// How requests are gathered into batches.
#[derive(Copy, Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Batching {
    /// The most requests in a batch.
    pub max: u32,
    /// How long a batch that is not full waits for more.
    pub delay: Span,
}

/// What the replicas are asked.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum PbftWorkload {
    /// One decision, proposed by a replica.
    Decision(Decision),
    /// A log of requests from clients.
    Requests(Requests),
}

/// One decision.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Decision {
    /// The replica that proposes. Replica 0 is the first primary.
    pub initiator: u32,
    /// When it proposes.
    pub at: Span,
    /// What it proposes.
    pub value: u64,
    /// The largest value that replicas vote for.
    pub value_max: u64,
    /// The payload's size.
    pub payload: Size,
    /// When replicas without a decision give up; never, if left out.
    pub deadline: Option<Span>,
}

impl Default for PbftParams {
    fn default() -> PbftParams {
        PbftParams {
            f: None,
            checkpoint_interval: 16,
            batch: Batching::default(),
            in_flight: 8,
            timeout: Span(Duration::from_millis(500)),
            timeout_max: Span(Duration::from_secs(8)),
            status_interval: Span(Duration::from_millis(250)),
            client_timeout: None,
            max_clock_skew: Span(Duration::from_millis(500)),
            reads: PbftReads::Log,
            bug: None,
        }
    }
}

impl Default for Batching {
    fn default() -> Batching {
        Batching { max: 64, delay: Span(Duration::ZERO) }
    }
}

impl Default for Decision {
    fn default() -> Decision {
        Decision {
            initiator: 0,
            at: Span(Duration::ZERO),
            value: 1,
            value_max: u64::MAX,
            payload: default_payload(),
            deadline: None,
        }
    }
}

type File = Scenario<PbftParams, PbftWorkload>;

impl Harness for PbftHarness {
    type Protocol = Pbft;
    type Params = PbftParams;
    type Workload = PbftWorkload;

    const NAME: &'static str = "pbft";
    const ABOUT: &'static str = "Practical Byzantine Fault Tolerance (Castro and Liskov 1999): a log, or one decision, with n >= 3f + 1";
    const ORACLES: &'static [&'static str] = &ORACLES;
    const METRICS: &'static [OwnMetric] = &METRICS;
    const MARKS: &'static [CoverageMark] = Mark::ALL;

    fn instance(scenario: &File, _: &Streams) -> Result<Instance<Pbft>, Problem> {
        let config = config(scenario)?;
        let clients = config.nodes() as u32 - config.quorum.n;
        let operations = config.operations();
        Ok(Instance { config, clients, operations })
    }

    fn tolerance(scenario: &File) -> Option<Tolerance> {
        let n = scenario.world.agents;
        let f = scenario.params.f.unwrap_or_else(|| Quorum::most_faults(n));
        let quorum = Quorum::new(n, f).ok()?;
        let overlap = 2 * quorum.strong() - n;
        Some(Tolerance { faulty: f, byzantine: f, trusted: None, overlap, timer: scenario.params.timeout })
    }

    fn oracles(config: &Rc<Config>, ground_truth: &GroundTruth) -> Vec<Box<dyn Oracle<Pbft>>> {
        let mut oracles = oracle::all(config, ground_truth);
        if let Some(machine) = config.machine() {
            oracles.extend(service::oracles(machine, ground_truth, claim));
        }
        oracles
    }

    /// One decision, of which its initiator makes a proposal.
    fn composition() -> Option<Composition<Pbft, PbftParams, PbftWorkload>> {
        let decision = |task: &InnerTask| {
            PbftWorkload::Decision(Decision {
                at: task.at,
                value: task.value,
                value_max: task.value_max,
                deadline: task.deadline,
                ..Decision::default()
            })
        };
        Some(Composition::abortable(decision, |params: &PbftParams| {
            if params.checkpoint_interval < 2 {
                let path = Path::of(["protocol", "pbft", "checkpoint_interval"]);
                let message = "a rung keeps its only slot, for whoever comes after it: 2 at least";
                return Err(Problem::new(path, message));
            }
            Ok(RungSpec { level: Level::Byzantine, opener: NodeId(0) })
        }))
    }

    fn suitability() -> Option<Suitability<PbftParams, PbftWorkload>> {
        Some(Suitability {
            tasks: &[Task::Standard],
            tolerates: FaultClass::Byzantine,
            trial: |_| (PbftParams::default(), PbftWorkload::Requests(Requests::one())),
        })
    }

    fn theory(scenario: &File) -> Vec<Theory> {
        theory(scenario)
    }
}

/// What an observation claims of the service that the log replicates.
fn claim(observation: &Observation) -> Option<ServiceClaim<'_>> {
    match observation {
        Observation::Called(call) => Some(ServiceClaim::Call(call)),
        Observation::TookEffect(executed) => Some(ServiceClaim::Executed(*executed)),
        _ => None,
    }
}

const METRICS: [OwnMetric; 4] = OwnMetric::of(
    PbftHarness::NAME,
    [
        OwnMetric::peak(
            "pbft.view_changes",
            "view",
            "How often the replicas changed their view: the highest view, the first of which is 0.",
        ),
        OwnMetric::hits(
            "pbft.stable_checkpoints",
            &[Mark::StableCheckpoint.declared()],
            "Times that a replica forgot slots for which a quorum vouched.",
        ),
        OwnMetric::hits(
            "pbft.state_transfers",
            &[Mark::StateTransfer.declared()],
            "Times that a replica took a state over from a peer.",
        ),
        OwnMetric::hits(
            "pbft.equivocations_proven",
            &[Mark::EquivocationProven.declared()],
            "Proofs that a primary proposed two batches for one slot of one view.",
        ),
    ],
);

/// P1 to P14, and those that watch services.
const ORACLES: [&str; oracle::NAMES.len() + service::ORACLES.len()] = {
    let mut names = [""; oracle::NAMES.len() + service::ORACLES.len()];
    let (numbered, services) = names.split_at_mut(oracle::NAMES.len());
    numbered.copy_from_slice(oracle::NAMES);
    services.copy_from_slice(&service::ORACLES);
    names
};

fn config(scenario: &File) -> Result<Config, Problem> {
    let params = &scenario.params;
    check_affordable(scenario)?;
    let at = |field: &str| Path::of(["protocol", "pbft"]).to(field);
    let n = scenario.world.agents;
    let f = params.f.unwrap_or_else(|| Quorum::most_faults(n));
    let quorum = Quorum::new(n, f).map_err(|error| Problem::new(at("f"), error.to_string()))?;
    let config = Config {
        checkpoint_interval: params.checkpoint_interval,
        batch_max: params.batch.max as usize,
        batch_delay: params.batch.delay.0,
        in_flight_max: params.in_flight,
        timeout: params.timeout.0,
        timeout_max: params.timeout_max.0,
        status_interval: params.status_interval.0,
        client_timeout: match params.client_timeout {
            Some(span) => span.0,
            None => Duration::from_nanos((params.timeout.0.as_nanos() / 2).max(1)),
        },
        max_clock_skew: params.max_clock_skew.0,
        reads: match params.reads {
            PbftReads::Log => Reads::Log,
            PbftReads::Quorum => Reads::Quorum,
        },
        bug: params.bug,
        ..Config::new(quorum, workload(scenario)?)
    };
    let refuse = |field: &str, message: &str| Err(Problem::new(at(field), message));
    if params.bug.is_some() && !cfg!(feature = "mutants") {
        return refuse("bug", "mutants are not built in: build with the feature `mutants`");
    }
    if !(1..=1 << 20).contains(&config.checkpoint_interval) {
        return refuse("checkpoint_interval", "a checkpoint comes every 1 to 1048576 slots");
    }
    if config.batch_max == 0 {
        return Err(Problem::new(at("batch").to("max"), "a batch holds at least one request"));
    }
    if config.in_flight_max == 0 || config.in_flight_max > config.window() {
        let most = config.window();
        return refuse(
            "in_flight",
            &format!("1 to {most} slots can be in flight: twice the checkpoint interval"),
        );
    }
    if config.timeout.is_zero() {
        return refuse("timeout", "waiting takes time");
    }
    if config.timeout > config.timeout_max {
        return refuse("timeout_max", "the cap lies below the timeout");
    }
    if config.status_interval.is_zero() {
        return refuse("status_interval", "the interval is longer than no time");
    }
    if config.client_timeout.is_zero() {
        return refuse("client_timeout", "waiting takes time");
    }
    Ok(config)
}

/// Refuses what could never run: every replica hears every other, so a decision takes memory by the square.
fn check_affordable(scenario: &File) -> Result<(), Problem> {
    let n = u64::from(scenario.world.agents);
    let limit = scenario.world.limits.memory;
    let pairs = Size(n * n * BYTES_PER_PAIR);
    if pairs.0 > limit.0 {
        let message =
            format!("a decision of {n} PBFT replicas takes about {pairs}, and `limits.memory` is {limit}");
        return Err(
            Problem::new(Path::of(["agents"]), message).help("lower `agents`, or raise `limits.memory`")
        );
    }
    let PbftWorkload::Requests(requests) = &scenario.workload else { return Ok(()) };
    requests.check_affordable(limit)
}

/// What a pair of replicas takes, roughly: votes on the way and votes held.
const BYTES_PER_PAIR: u64 = 48;

fn workload(scenario: &File) -> Result<Workload, Problem> {
    let n = scenario.world.agents;
    match &scenario.workload {
        PbftWorkload::Decision(decision) => {
            let at = |field: &str| Path::of(["workload", "decision"]).to(field);
            if decision.initiator >= n {
                let message = format!("there is no agent {}: they are 0 to {}", decision.initiator, n - 1);
                return Err(Problem::new(at("initiator"), message));
            }
            if decision.value > decision.value_max {
                return Err(Problem::new(at("value"), "correct replicas would not vote for this value")
                    .help("raise value_max"));
            }
            Ok(Workload::Session(Session {
                initiator: NodeId(decision.initiator),
                at: decision.at.0,
                operation: Operation::new(decision.value, payload_bytes(decision.payload, at)?),
                valid: 0..=decision.value_max,
                deadline: decision.deadline.map(|span| span.0),
            }))
        }
        PbftWorkload::Requests(requests) => {
            requests.check(n)?;
            Ok(Workload::Log(Clients {
                hosts: requests.hosts,
                clients: requests.clients,
                requests: requests.total,
                arrival: requests.arrival.resolved(),
                payload_bytes: requests.payload_bytes()?,
                service: requests
                    .service()
                    .map(|service::Service { machine, workload }| Service { machine, workload }),
            }))
        }
    }
}

// ---- PBFT's theoretical metrics ----

/// Percentiles of client latency, over many runs of one request each.
static OVER_RUNS: [&Metric; 3] = [&metric::LATENCY.p50, &metric::LATENCY.p95, &metric::LATENCY.p99];

/// D1 and D2: theoretical metrics of a run without faults, losses and processor costs.
fn theory(scenario: &File) -> Vec<Theory> {
    let n = f64::from(scenario.world.agents);
    let network = &scenario.world.network;
    let is_ideal = scenario.world.faults.is_empty()
        && network.loss == Default::default()
        && network.corruption == Default::default()
        && network.max_message.is_none();
    // Where none may be faulty quorums are smaller than the laws have them.
    if !is_ideal || PbftHarness::tolerance(scenario).is_none_or(|tolerance| tolerance.faulty == 0) {
        return Vec::new();
    }
    let mut laws = Vec::new();
    let mut law = |metric, value, law| laws.push(Theory::of(metric, value, law));
    let delay = match (&network.latency, &network.bandwidth) {
        (Some(LatencyLaw::Constant(delay)), None) if scenario.world.is_instant() => {
            Some(delay.0.as_nanos() as f64)
        }
        _ => None,
    };
    match &scenario.workload {
        PbftWorkload::Decision(decision) if decision.initiator == 0 => {
            law(&metric::MESSAGES_PER_DECISION, 2.0 * n * (n - 1.0), "2n(n-1)");
            if let Some(delay) = delay {
                law(&metric::LATENCY.p50, 3.0 * delay, "3 delays");
            }
        }
        // Batches of several requests share their messages.
        PbftWorkload::Requests(Requests { clients: 1, arrival: Arrival::Closed(_), total, .. }) => {
            law(&metric::MESSAGES_PER_DECISION, 2.0 * n * n - n + 1.0, "2n^2-n+1");
            if let Some(delay) = delay {
                law(&metric::LATENCY.p50, 5.0 * delay, "5 delays");
            }
            let simulated = network.latency.as_ref().and_then(|law| client(law, scenario.world.agents));
            if let Some(percentiles) = simulated
                && *total == 1
                && network.bandwidth.is_none()
                && scenario.world.is_instant()
            {
                for (metric, value) in OVER_RUNS.into_iter().zip(percentiles) {
                    laws.push(Theory { over_runs: true, ..Theory::of(metric, value, "phases") });
                }
            }
        }
        _ => {}
    }
    laws
}

/// Returns the client latency with `agents` replicas, in nanoseconds: median, 95th and 99th percentile.
///
/// Not a sum of order statistics, for the phases depend on each other: from 200,000 trials each of a program of its own
/// that knows the phases and nothing else, with delays of mean 1 between all but a replica and itself.
fn client(law: &LatencyLaw, agents: u32) -> Option<[f64; 3]> {
    let (mean, table) = match law {
        LatencyLaw::Exponential(law) if law.min.is_none() => (
            law.mean?.0.as_nanos() as f64,
            [(4, [4.005, 6.766, 8.403]), (7, [4.366, 6.863, 8.484]), (10, [4.489, 6.871, 8.460])],
        ),
        LatencyLaw::Uniform(law) if law.min.is_some_and(|Span(min)| min.is_zero()) => (
            law.max?.0.as_nanos() as f64 / 2.0,
            [(4, [4.550, 5.933, 6.426]), (7, [4.943, 6.123, 6.525]), (13, [5.149, 6.208, 6.524])],
        ),
        _ => return None,
    };
    let (_, percentiles) = table.into_iter().find(|(n, _)| *n == agents)?;
    Some(percentiles.map(|percentile| percentile * mean))
}
