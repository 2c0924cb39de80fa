//! What simple and weighted votes have in common in a scenario file.

use crate::protocol::opinion::Opinions;
use crate::protocol::vote::Bug;
use crate::protocol::weighted::{Config, Schedule};
use crate::scenario::{Path, Problem, Scenario, Stop, Theory};
use crate::sim::{NodeId, Streams};
use crate::units::Span;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

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
pub(super) struct Vocation {
    /// The protocol's name in the file.
    pub(super) protocol: &'static str,
    pub(super) coordinator: u32,
    pub(super) deadline: Span,
    pub(super) bug: Option<Bug>,
}

/// The most opinions that a run draws: agents times sessions.
const MAX_OPINIONS: u64 = 50_000_000;

/// A majority vote of the scenario's agents on its workload.
pub(super) fn instance<P>(
    scenario: &Scenario<P, VoteWorkload>,
    vocation: Vocation,
    streams: &Streams,
) -> Result<Config, Problem> {
    let Vocation { protocol, coordinator, deadline, bug } = vocation;
    let refuse = |path: Path, message: String| Err(Problem::new(path, message));
    let at = |field: &str| Path::of(["protocol", protocol]).to(field);
    let asked = |field: &str| Path::of(["workload"]).to(field);
    let n = scenario.agents;
    let VoteWorkload { options, sessions, at: first, every } = scenario.workload;
    if coordinator >= n {
        return refuse(
            at("coordinator"),
            format!("there is no agent {coordinator}: they are 0 to {}", n - 1),
        );
    }
    if deadline.0.as_nanos() < 2 {
        return refuse(at("deadline"), "waiting takes time".to_owned());
    }
    if bug.is_some() && !cfg!(feature = "mutants") {
        return refuse(at("bug"), "mutants are not built in: build with the feature `mutants`".to_owned());
    }
    if options < 2 {
        return refuse(asked("options"), "there must be something to choose".to_owned());
    }
    if sessions == 0 || sessions.saturating_mul(u64::from(n)) > MAX_OPINIONS {
        let message = format!("{n} agents can hold 1 to {} sessions", MAX_OPINIONS / u64::from(n));
        return refuse(asked("sessions"), message);
    }
    let every = every.map_or(deadline.0.saturating_mul(3), |span| span.0);
    if every < deadline.0.saturating_mul(2) {
        let message = format!("sessions are at least {} apart", Span(deadline.0.saturating_mul(2)));
        return refuse(asked("every"), message);
    }
    let agents = scenario.profiles();
    let opinions = Opinions::new(streams, &agents, options);
    let polls: Vec<_> = (0..sessions).map(|session| opinions.poll(session)).collect();
    let config = Config {
        coordinator: NodeId(coordinator),
        deadline: deadline.0,
        schedule: Schedule { sessions, first: first.0, every },
        ..Config::new(agents, polls, options)
    };
    Ok(config.with_bug(bug))
}

/// The metrics of votes.
pub(super) const METRICS: &[&str] = &[
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

pub(super) fn metrics(
    coverage: &dyn Fn(&str) -> u64,
    peak: &dyn Fn(&str) -> u64,
) -> Vec<(&'static str, u64)> {
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
pub(super) fn theory<P>(scenario: &Scenario<P, VoteWorkload>) -> Vec<Theory> {
    let network = &scenario.network;
    // A run that ends with the decision does not see the last votes.
    let is_ideal = scenario.stop != Stop::Decided
        && scenario.faults.is_empty()
        && scenario.swarm.is_none()
        && network.loss == Default::default()
        && network.corruption == Default::default()
        && network.max_message.is_none()
        && scenario.profiles().iter().all(|agent| agent.reliability_ppm == 1_000_000);
    let value = 3.0 * (f64::from(scenario.agents) - 1.0);
    match is_ideal {
        true => vec![Theory { metric: "messages.per_decision", value, law: "3(n-1)".to_owned() }],
        false => Vec::new(),
    }
}
