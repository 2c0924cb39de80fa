//! What simple and weighted votes have in common in a scenario file.

use crate::Bug;
use crate::weighted::{Config, Mark};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use synod_common::opinion::Opinions;
use synod_harness::metric::{self, Unit};
use synod_harness::series;
use synod_harness::series::Series;
use synod_harness::{InnerTask, OwnMetric, Path, Problem, Scenario, Stop, Theory};
use synod_sim::Streams;
use synod_sim::units::Span;

/// What the agents vote on. What is true of each session and what each agent thinks is drawn from the seed, as the
/// agents' groups have it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct VoteWorkload {
    /// Number of options.
    pub options: u64,
    /// How many sessions, one after the other.
    pub sessions: u64,
    /// When the first opens.
    pub at: Span,
    /// The time from one to the next, at least twice the deadline; three times the deadline, if left out.
    pub every: Option<Span>,
}

impl Default for VoteWorkload {
    fn default() -> VoteWorkload {
        VoteWorkload { options: 2, sessions: 1, at: Span::default(), every: None }
    }
}

impl VoteWorkload {
    /// The vote in which voters decide `task`, inside another protocol.
    pub fn of(task: &InnerTask) -> VoteWorkload {
        VoteWorkload { options: task.options, at: task.at, ..VoteWorkload::default() }
    }
}

/// The specification of a vote, besides its workload.
pub struct VoteSpec {
    /// The protocol's name in the file.
    pub protocol: &'static str,
    /// Who coordinates.
    pub coordinator: u32,
    /// How long it waits for votes.
    pub deadline: Span,
    /// The bug of a mutant.
    pub bug: Option<Bug>,
}

/// Returns a majority vote of the scenario's agents on its workload.
pub fn instance<P>(
    scenario: &Scenario<P, VoteWorkload>,
    spec: VoteSpec,
    streams: &Streams,
) -> Result<Config, Problem> {
    let VoteSpec { protocol, coordinator, deadline, bug } = spec;
    let n = scenario.world.agents;
    let VoteWorkload { options, sessions, at, every } = scenario.workload;
    let coordinator = series::coordinator(protocol, coordinator, n)?;
    let deadline = series::wait(protocol, "deadline", deadline)?;
    let bug = series::mutant(protocol, bug, cfg!(feature = "mutants"))?;
    if options < 2 {
        let path = Path::of(["workload"]).to("options");
        return Err(Problem::new(path, "there must be something to choose"));
    }
    let (otherwise, least) = (deadline.saturating_mul(3), deadline.saturating_mul(2));
    let schedule = Series { count: sessions, at, every, otherwise, least }.schedule(n)?;
    let agents = scenario.world.profiles();
    let opinions = Opinions::new(streams, &agents, options);
    let polls: Vec<_> = (0..schedule.sessions).map(|session| opinions.poll(session)).collect();
    let config = Config { coordinator, deadline, schedule, ..Config::new(agents, polls, options) };
    Ok(config.with_bug(bug))
}

/// The metrics of votes. An outcome counts once for each of its observers.
pub const METRICS: &[OwnMetric] = &[
    OwnMetric::hits(
        "vote.votes_counted",
        &[Mark::VoteCounted.declared()],
        "Votes that coordinators counted.",
    ),
    OwnMetric::hits(
        "vote.early_stops",
        &[Mark::EarlyStop.declared()],
        "Sessions closed before their deadline.",
    ),
    OwnMetric::hits(
        "vote.decided_right",
        &[Mark::DecidedRight.declared()],
        "Decisions that are true, at each observer.",
    ),
    OwnMetric::hits(
        "vote.decided_wrong",
        &[Mark::DecidedWrong.declared()],
        "Decisions that are not true, at each observer.",
    ),
    OwnMetric::hits(
        "vote.no_consensus",
        &[Mark::NoConsensus.declared()],
        "Sessions in which no option reached the threshold, at each observer.",
    ),
    OwnMetric::hits(
        "vote.insufficient_participation",
        &[Mark::InsufficientParticipation.declared()],
        "Sessions in which too few took part, at each observer.",
    ),
    OwnMetric::hits(
        "vote.threshold_infeasible",
        &[Mark::ThresholdInfeasible.declared()],
        "Sessions whose threshold was out of reach, at each observer.",
    ),
    OwnMetric::hits(
        "vote.gave_up",
        &[Mark::GaveUp.declared(), Mark::CoordinatorRestarted.declared()],
        "Sessions without an outcome, at each observer.",
    ),
    OwnMetric::hits(
        "vote.warnings",
        &[Mark::ThresholdInfeasibleWarned.declared(), Mark::CapTight.declared(), Mark::CapRelaxed.declared()],
        "Times that something about a session was questionable when it opened.",
    ),
    OwnMetric::hits(
        "vote.double_votes_proven",
        &[Mark::DoubleVoteProven.declared()],
        "Proofs that a voter cast two votes in one session.",
    ),
    OwnMetric::peak(
        "vote.gini_ppm",
        "gini_ppm",
        "The Gini coefficient of the weights; of several sessions the highest.",
    )
    .in_unit(Unit::PartsPerMillion),
    OwnMetric::peak(
        "vote.entropy_ppm",
        "entropy_ppm",
        "The entropy of the weights, of what it could be; of several sessions the highest.",
    )
    .in_unit(Unit::PartsPerMillion),
    OwnMetric::peak(
        "vote.largest_weight_ppm",
        "largest_weight_ppm",
        "The largest part of all weight that one voter had; of several sessions the highest.",
    )
    .in_unit(Unit::PartsPerMillion),
];

/// Returns what a session without faults, losses and silent voters must cost.
pub fn theory<P>(scenario: &Scenario<P, VoteWorkload>) -> Vec<Theory> {
    let network = &scenario.world.network;
    // A run that ends with the decision does not see the last votes.
    let is_ideal = scenario.world.stop != Stop::Decided
        && scenario.world.faults.is_empty()
        && scenario.world.swarm.is_none()
        && network.loss == Default::default()
        && network.corruption == Default::default()
        && network.max_message.is_none()
        && scenario.world.profiles().iter().all(|agent| agent.traits.reliability_ppm == 1_000_000);
    let value = 3.0 * (f64::from(scenario.world.agents) - 1.0);
    if is_ideal { vec![Theory::of(&metric::MESSAGES_PER_DECISION, value, "3(n-1)")] } else { Vec::new() }
}
