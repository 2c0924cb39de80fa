//! What simple and weighted votes have in common in a scenario file.

use crate::Bug;
use crate::weighted::Config;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use synod_common::opinion::Opinions;
use synod_harness::series;
use synod_harness::series::Series;
use synod_harness::{Path, Problem, Scenario, Stop, Theory};
use synod_sim::Streams;
use synod_sim::units::Span;

/// What the agents vote on. What is true of each session and what each agent thinks is drawn from the seed, as the
/// agents' groups have it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct VoteWorkload {
    /// How many options there are.
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

/// What a vote is besides its workload.
pub struct Vocation {
    /// The protocol's name in the file.
    pub protocol: &'static str,
    /// Who coordinates.
    pub coordinator: u32,
    /// How long it waits for votes.
    pub deadline: Span,
    /// The bug of a mutant.
    pub bug: Option<Bug>,
}

/// A majority vote of the scenario's agents on its workload.
pub fn instance<P>(
    scenario: &Scenario<P, VoteWorkload>,
    vocation: Vocation,
    streams: &Streams,
) -> Result<Config, Problem> {
    let Vocation { protocol, coordinator, deadline, bug } = vocation;
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

/// The metrics of votes.
pub const METRICS: &[&str] = &[
    "vote.votes_counted",
    "vote.early_stops",
    "vote.decided_right",
    "vote.decided_wrong",
    "vote.no_consensus",
    "vote.insufficient_participation",
    "vote.threshold_infeasible",
    "vote.gave_up",
    "vote.warnings",
    "vote.double_votes_proven",
    "vote.gini_ppm",
    "vote.entropy_ppm",
    "vote.largest_weight_ppm",
];

/// A vote's own metrics, under the names of [`METRICS`].
pub fn metrics(coverage: &dyn Fn(&str) -> u64, peak: &dyn Fn(&str) -> u64) -> Vec<(&'static str, u64)> {
    let warnings = ["threshold_infeasible_warned", "cap_tight", "cap_relaxed"];
    vec![
        ("vote.votes_counted", coverage("vote_counted")),
        ("vote.early_stops", coverage("early_stop")),
        // Each observer's outcome counts: they are outcomes times observers.
        ("vote.decided_right", coverage("decided_right")),
        ("vote.decided_wrong", coverage("decided_wrong")),
        ("vote.no_consensus", coverage("no_consensus")),
        ("vote.insufficient_participation", coverage("insufficient_participation")),
        ("vote.threshold_infeasible", coverage("threshold_infeasible")),
        ("vote.gave_up", coverage("gave_up") + coverage("coordinator_restarted")),
        ("vote.warnings", warnings.iter().map(|mark| coverage(mark)).sum()),
        ("vote.double_votes_proven", coverage("double_vote_proven")),
        ("vote.gini_ppm", peak("gini_ppm")),
        ("vote.entropy_ppm", peak("entropy_ppm")),
        ("vote.largest_weight_ppm", peak("largest_weight_ppm")),
    ]
}

/// What a session without faults, losses and silent voters must cost.
pub fn theory<P>(scenario: &Scenario<P, VoteWorkload>) -> Vec<Theory> {
    let network = &scenario.world.network;
    // A run that ends with the decision does not see the last votes.
    let is_ideal = scenario.world.stop != Stop::Decided
        && scenario.world.faults.is_empty()
        && scenario.world.swarm.is_none()
        && network.loss == Default::default()
        && network.corruption == Default::default()
        && network.max_message.is_none()
        && scenario.world.profiles().iter().all(|agent| agent.reliability_ppm == 1_000_000);
    let value = 3.0 * (f64::from(scenario.world.agents) - 1.0);
    match is_ideal {
        true => vec![Theory { metric: "messages.per_decision", value, law: "3(n-1)".to_owned() }],
        false => Vec::new(),
    }
}
