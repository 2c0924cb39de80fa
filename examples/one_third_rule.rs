//! A protocol of your own under Synod's harness: the One-Third Rule, consensus of agents that may crash and networks
//! that may lose (B. Charron-Bost and A. Schiper, *The Heard-Of model*, Distributed Computing 22, 2009), and its
//! extension to agents that may lie (M. Biely et al., *Tolerating Corrupted Communication*, PODC 2007).
//!
//! In every round each agent sends its estimate to all. An agent that hears of more than two thirds of the agents
//! takes the value that it hears most often, and decides it if more than two thirds say the same. Two such majorities
//! always overlap in more than a third of the agents, so no two agents decide differently. Where f agents may lie, two
//! thirds are those of n + 2f.
//!
//! It runs inside Synod's compositions as well: as a session, as a stage of a pipeline, as a rung of an adaptive chain;
//! and `synod select` tries it.
//!
//! ```sh
//! cargo run --example one_third_rule -- run examples/one_third_rule.yaml
//! ```
//!
//! Every other subcommand works as well: `check`, `list`, `schema`, `run --trace run.json` …

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::process::ExitCode;
use std::rc::Rc;
use synod::harness::{Composition, Demand, FaultClass, RungSpec, Suitability, Task, Tolerance};
use synod::harness::{Harness, Instance, OwnMetric, Path, Problem, Scenario, Theory, metric};
use synod::protocol::common::decide::{Abortable, Decide, Ending, InitHistory, Level};
use synod::sim::auth::Forge;
use synod::sim::inject::Alteration;
use synod::sim::{
    Context, CoverageMark, Durable, Duration, Event, EventTime, GroundTruth, Kind, Message, Milestone,
    NodeId, Observation, OperationId, Oracle, Protocol, Streams, Time, Violation,
};
use synod::units::Span;

fn main() -> ExitCode {
    synod::cli::main_with(synod::standard().with::<OneThirdRule>())
}

// ---------------------------------------------------------------------------------------------------------------
// The state machine. A handler changes its own state and leaves what it wants done in the context; it has no other
// way to reach the world, which is what makes a run repeatable.

/// One agent.
#[derive(Debug)]
struct Agent {
    config: Rc<Config>,
    nodes: usize,
    /// From 1; 0 before it has started.
    round: u64,
    estimate: u64,
    /// The latest round of each agent that was heard of, and its estimate there. Maps and sets must have an order: a run
    /// may not depend on a hash's.
    heard: BTreeMap<NodeId, (u64, u64)>,
    /// Who said what had been decided.
    told: BTreeMap<NodeId, u64>,
    decided: Option<u64>,
    /// The round before a crash, if there was one.
    recovered: Option<u64>,
}

/// What every agent is told.
#[derive(Clone, Debug)]
struct Config {
    nodes: u32,
    round_timeout: Duration,
    /// Agents draw what they propose from so many values,
    choices: u64,
    /// unless it is given.
    proposal: Option<u64>,
    /// When they start.
    at: Time,
    /// f: how many agents may lie.
    liars: u32,
    bug: Option<Bug>,
}

/// A known bug, to see that the oracles find it.
#[derive(Copy, Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum Bug {
    /// An agent that leaves before it has decided says that it never held any estimate.
    EstimateForgotten,
}

impl Config {
    /// Returns true for more than two thirds of n + 2f agents.
    fn is_large(&self, count: usize) -> bool {
        3 * count > 2 * (self.nodes + 2 * self.liars) as usize
    }
}

/// What agents send each other. Its `Serialize` form is its encoding, from which size and digest follow.
#[derive(Copy, Clone, Debug, Serialize)]
enum Say {
    Estimate { round: u64, value: u64 },
    Decided { value: u64 },
}

impl Message for Say {
    // Upkeep is not counted as protocol messages: these answer agents that missed the decision.
    const KINDS: &'static [Kind] = &[Kind::protocol("estimate"), Kind::upkeep("decided")];

    fn kind(&self) -> usize {
        match self {
            Say::Estimate { .. } => 0,
            Say::Decided { .. } => 1,
        }
    }

    // How a liar alters what it says. Nothing is signed: the network vouches for senders.
    fn altered(&self, alteration: Alteration, _: &Forge<'_>) -> Option<Say> {
        Some(match (*self, alteration) {
            (Say::Estimate { round, value }, Alteration::Header { draw }) => {
                Say::Estimate { round: round + draw % 3, value }
            }
            (Say::Estimate { round, .. }, Alteration::Contents { draw }) => {
                Say::Estimate { round, value: draw % 4 }
            }
            (Say::Decided { .. }, Alteration::Contents { draw }) => Say::Decided { value: draw % 4 },
            _ => return None,
        })
    }
}

/// What an agent writes to its storage: enough not to take back what it said.
#[derive(Clone, Debug, Serialize)]
struct Saved {
    round: u64,
    estimate: u64,
    decided: Option<u64>,
}

/// What an agent claims: figures and oracles live on claims.
#[derive(Debug, Serialize)]
enum Claim {
    Proposed { value: u64 },
    RoundEntered { round: u64 },
    Decided { value: u64 },
}

/// There is one decision to make.
const THE_DECISION: OperationId = OperationId(0);

impl Observation for Claim {
    // Milestones are what latency and decisions are measured by, for every protocol alike.
    fn milestone(&self) -> Option<Milestone> {
        match self {
            Claim::Proposed { .. } => Some(Milestone::Submitted(THE_DECISION)),
            Claim::Decided { .. } => Some(Milestone::Decided(THE_DECISION, 1)),
            Claim::RoundEntered { .. } => None,
        }
    }

    // Marks are counted, so that a test can see whether it reached what is rare.
    fn mark(&self) -> Option<&'static CoverageMark> {
        match self {
            Claim::RoundEntered { round } if *round > 2 => Some(Mark::ExtraRound.declared()),
            _ => None,
        }
    }
}

synod::sim::marks! {
    /// Coverage marks.
    enum Mark {
        ExtraRound = "extra_round": "An agent needed more than two rounds.",
    }
}

/// Timers have names.
#[derive(Copy, Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
enum Timer {
    Start,
    Round,
}

impl Protocol for Agent {
    type Config = Config;
    type Message = Say;
    type Timer = Timer;
    type Record = Saved;
    type Observation = Claim;

    /// Called at the start and after every crash: what is not among the durable records is gone.
    fn new(config: &Rc<Config>, _: NodeId, nodes: usize, _: u64, durable: Durable<'_, Saved>) -> Agent {
        let last = durable.records.last();
        Agent {
            config: Rc::clone(config),
            nodes,
            round: 0,
            estimate: last.map_or(0, |saved| saved.estimate),
            heard: BTreeMap::new(),
            told: BTreeMap::new(),
            decided: last.and_then(|saved| saved.decided),
            recovered: last.map(|saved| saved.round),
        }
    }

    fn on_start(&mut self, ctx: &mut Context<'_, Self>) {
        match (self.recovered, self.decided) {
            (_, Some(_)) => {}
            // It may have spoken in the round of the crash, so it goes on with the next.
            (Some(round), None) => self.enter(ctx, round + 1),
            (None, None) if ctx.now() < self.config.at => {
                ctx.set_timer(Timer::Start, self.config.at.since(ctx.now()));
            }
            (None, None) => self.propose(ctx),
        }
    }

    fn on_message(&mut self, ctx: &mut Context<'_, Self>, from: NodeId, message: &Say) {
        match (*message, self.decided) {
            (Say::Decided { .. }, Some(_)) => {}
            (Say::Decided { value }, None) => {
                self.told.insert(from, value);
                // One of so many is no liar.
                if self.told.values().filter(|&&told| told == value).count() > self.config.liars as usize {
                    self.decide(ctx, value);
                }
            }
            (Say::Estimate { round, .. }, Some(value)) => {
                if round > self.round {
                    ctx.send(from, Say::Decided { value });
                }
            }
            (Say::Estimate { round, value }, None) => {
                let latest = self.heard.entry(from).or_insert((round, value));
                if round > latest.0 {
                    *latest = (round, value);
                }
                if self.round > 0 {
                    self.follow(ctx);
                }
            }
        }
    }

    fn on_timer(&mut self, ctx: &mut Context<'_, Self>, timer: Timer) {
        match timer {
            Timer::Start => self.propose(ctx),
            Timer::Round => self.close_round(ctx),
        }
    }

    // What `synod state` and compositions show of it.
    fn state(&self) -> Option<&dyn std::fmt::Debug> {
        Some(self)
    }
}

impl Agent {
    fn propose(&mut self, ctx: &mut Context<'_, Self>) {
        use rand::RngExt;
        let choices = self.config.choices;
        // Each agent has its own stream of random numbers, which nothing else in the run shifts.
        self.estimate = self.config.proposal.unwrap_or_else(|| ctx.rng().random_range(0..choices));
        ctx.observe(Claim::Proposed { value: self.estimate });
        self.enter(ctx, 1);
        self.follow(ctx);
    }

    fn enter(&mut self, ctx: &mut Context<'_, Self>, round: u64) {
        self.round = round;
        self.heard.insert(ctx.me(), (round, self.estimate));
        ctx.observe(Claim::RoundEntered { round });
        self.save(ctx);
        ctx.broadcast(Say::Estimate { round, value: self.estimate });
        ctx.set_timer(Timer::Round, self.config.round_timeout);
    }

    /// Follows others to a later round, if one of them is no liar, and closes the round once everybody has spoken.
    fn follow(&mut self, ctx: &mut Context<'_, Self>) {
        let mut rounds: Vec<u64> = self.heard.values().map(|&(round, _)| round).collect();
        rounds.sort_unstable_by(|a, b| b.cmp(a));
        if let Some(&round) = rounds.get(self.config.liars as usize)
            && round > self.round
        {
            self.enter(ctx, round);
        }
        if self.estimates().count() == self.nodes {
            self.close_round(ctx);
        }
    }

    /// The estimates that were heard in this round.
    fn estimates(&self) -> impl Iterator<Item = u64> {
        self.heard.values().filter(|&&(round, _)| round == self.round).map(|&(_, value)| value)
    }

    /// Takes stock of the round: everybody has spoken, or there was time enough.
    fn close_round(&mut self, ctx: &mut Context<'_, Self>) {
        if self.config.is_large(self.estimates().count()) {
            let mut counts: BTreeMap<u64, usize> = BTreeMap::new();
            self.estimates().for_each(|value| *counts.entry(value).or_default() += 1);
            // The most frequent value, and of several the smallest.
            let (&value, &count) =
                counts.iter().max_by_key(|&(&value, &count)| (count, u64::MAX - value)).expect("not empty");
            self.estimate = value;
            if self.config.is_large(count) {
                return self.decide(ctx, value);
            }
        }
        self.enter(ctx, self.round + 1);
    }

    fn decide(&mut self, ctx: &mut Context<'_, Self>, value: u64) {
        self.decided = Some(value);
        self.estimate = value;
        self.save(ctx);
        ctx.cancel_timer(Timer::Round);
        ctx.observe(Claim::Decided { value });
    }

    /// Replaces what is in storage. Effects after a sync wait until it is done, so that an agent never says what it
    /// could forget.
    fn save(&self, ctx: &mut Context<'_, Self>) {
        ctx.truncate();
        ctx.persist(Saved { round: self.round, estimate: self.estimate, decided: self.decided });
        ctx.sync();
    }
}

// ---------------------------------------------------------------------------------------------------------------
// An oracle: it judges the run from outside, by what agents claim, and never changes it.

/// No two correct agents decide differently, and what they decide was proposed.
struct Agreement {
    ground_truth: GroundTruth,
    proposed: Vec<u64>,
    first: Option<(NodeId, u64)>,
    checked: u64,
}

impl Agreement {
    fn new(ground_truth: &GroundTruth) -> Agreement {
        Agreement { ground_truth: ground_truth.clone(), proposed: Vec::new(), first: None, checked: 0 }
    }
}

impl Oracle<Agent> for Agreement {
    fn name(&self) -> &'static str {
        "agreement"
    }

    fn claim(&self) -> &'static str {
        "all agents decide the same value, which one of them proposed"
    }

    fn on_event(&mut self, _: EventTime, event: &Event<'_, Agent>) -> Result<(), Violation> {
        // What liars claim is nobody's business.
        let Some((node, claim)) = self.ground_truth.claim(event) else { return Ok(()) };
        match *claim {
            Claim::Proposed { value } => self.proposed.push(value),
            Claim::RoundEntered { .. } => {}
            Claim::Decided { value } => {
                self.checked += 1;
                let all_are_correct = self.ground_truth.correct.iter().all(|&is_correct| is_correct);
                if all_are_correct && !self.proposed.contains(&value) {
                    let message = format!("agent {node} decided {value}, which nobody had proposed");
                    return Err(Violation::new([node], message).with("value", value));
                }
                let &mut (other, theirs) = self.first.get_or_insert((node, value));
                if theirs != value {
                    let message = format!("agent {other} decided {theirs}, agent {node} {value}");
                    return Err(Violation::new([other, node], message)
                        .held(other, "value", theirs)
                        .held(node, "value", value));
                }
            }
        }
        Ok(())
    }

    /// An oracle whose premise never held reports itself as vacuous.
    fn checked(&self) -> u64 {
        self.checked
    }
}

// ---------------------------------------------------------------------------------------------------------------
// Composition: how it decides inside another protocol, and how it is left.

impl Decide for Agent {
    fn ending(claim: &Claim) -> Option<Ending> {
        match *claim {
            Claim::Decided { value } => Some(Ending::Decided(value)),
            Claim::Proposed { .. } | Claim::RoundEntered { .. } => None,
        }
    }

    fn starting(config: &Config, now: Time, proposal: Option<u64>) -> Config {
        Config { at: now, proposal: proposal.or(config.proposal), ..config.clone() }
    }

    fn members(config: &Config) -> usize {
        config.nodes as usize
    }

    fn oracles(_: &Rc<Config>, ground_truth: &GroundTruth) -> Vec<Box<dyn Oracle<Agent>>> {
        vec![Box::new(Agreement::new(ground_truth))]
    }
}

/// The estimate that an agent holds when it leaves, if it has started.
///
/// If v is decided in a round, more than two thirds of n + 2f spoke for it there, and all but f of them hold it for
/// good: whoever closes that round or a later one hears it most often.
#[derive(Copy, Clone, Debug, Serialize)]
struct Held(Option<u64>);

impl Abortable for Agent {
    type AbortProof = Held;

    fn abort_proof(&self) -> Held {
        let has_started = self.round > 0 || self.recovered.is_some();
        Held(Some(self.estimate).filter(|_| has_started && self.config.bug != Some(Bug::EstimateForgotten)))
    }

    // It speaks for its witness alone, who has signed it.
    fn is_proven(_: &Config, _: &mut Context<'_, Self>, _: NodeId, _: &Held) -> bool {
        true
    }

    fn init_history(config: &Config, proofs: &[(NodeId, Option<&Held>)]) -> InitHistory {
        let mut counts: BTreeMap<u64, usize> = BTreeMap::new();
        proofs
            .iter()
            .filter_map(|(_, held)| held.and_then(|held| held.0))
            .for_each(|value| *counts.entry(value).or_default() += 1);
        // Those who are away may all hold it.
        let away = config.nodes as usize - proofs.len();
        let may_be_decided = |count: usize| config.is_large(count + away + config.liars as usize);
        let mut possible = counts.iter().filter(|&(_, &count)| may_be_decided(count));
        match (possible.next(), possible.next()) {
            (None, None) if may_be_decided(0) => InitHistory::Unclear,
            (None, _) => InitHistory::Free,
            (Some((&value, _)), None) => InitHistory::Value(value),
            (Some(_), Some(_)) => InitHistory::Unclear,
        }
    }

    fn with_init_value(config: &Config, value: u64) -> Config {
        Config { proposal: Some(value), ..config.clone() }
    }

    fn size(_: &Held) -> usize {
        9
    }
}

// ---------------------------------------------------------------------------------------------------------------
// The harness: how scenario files speak of the protocol.

enum OneThirdRule {}

/// What stands under `one_third_rule:` in a scenario. Doc comments become the schema's descriptions.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Params {
    /// How long a round waits for those who have not spoken.
    round_timeout: Span,
    /// f: how many agents may lie, less than a seventh.
    #[serde(default)]
    liars: u32,
    /// The bug of a mutant.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(skip)]
    bug: Option<Bug>,
}

/// What stands under `workload:`.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Workload {
    /// Every agent proposes one of so many values.
    choices: u64,
    /// When agents start.
    #[serde(default)]
    at: Span,
}

/// Its own metrics, on its page and in every file of results: their declarations, and the marks that they count.
const METRICS: [OwnMetric; 1] = OwnMetric::of(
    OneThirdRule::NAME,
    [OwnMetric::hits(
        "one_third_rule.extra_rounds",
        &[Mark::ExtraRound.declared()],
        "Rounds beyond the second, at each agent.",
    )],
);

impl Harness for OneThirdRule {
    type Protocol = Agent;
    type Params = Params;
    type Workload = Workload;

    const NAME: &'static str = "one_third_rule";
    const ABOUT: &'static str =
        "The One-Third Rule (Charron-Bost and Schiper 2009): consensus despite crashes and loss";
    const ORACLES: &'static [&'static str] = &["agreement"];
    const METRICS: &'static [OwnMetric] = &METRICS;
    const MARKS: &'static [CoverageMark] = Mark::ALL;

    fn instance(scenario: &Scenario<Params, Workload>, _: &Streams) -> Result<Instance<Agent>, Problem> {
        // A problem names the value that is wrong; the error that the user sees shows its line and column.
        if scenario.workload.choices == 0 {
            return Err(Problem::new(Path::of(["workload", "choices"]), "there must be something to choose"));
        }
        let round_timeout = scenario.params.round_timeout.0;
        if round_timeout.is_zero() {
            let path = Path::of(["protocol", "one_third_rule", "round_timeout"]);
            return Err(Problem::new(path, "waiting takes time"));
        }
        let (nodes, liars) = (scenario.world.agents, scenario.params.liars);
        if nodes <= 7 * liars {
            let path = Path::of(["protocol", "one_third_rule", "liars"]);
            let message = format!("with {nodes} agents, less than a seventh may lie");
            return Err(Problem::new(path, message));
        }
        let config = Config {
            nodes,
            round_timeout,
            choices: scenario.workload.choices,
            proposal: None,
            at: Time::ZERO + scenario.workload.at.0,
            liars,
            bug: scenario.params.bug,
        };
        Ok(Instance { config, clients: 0, operations: 1 })
    }

    fn oracles(config: &Rc<Config>, ground_truth: &GroundTruth) -> Vec<Box<dyn Oracle<Agent>>> {
        <Agent as Decide>::oracles(config, ground_truth)
    }

    /// Two thirds of n + 2f have to be there. Of liars it takes fewer than of those who crash.
    fn tolerance(scenario: &Scenario<Params, Workload>) -> Option<Tolerance> {
        let (n, liars) = (scenario.world.agents, scenario.params.liars);
        Some(Tolerance {
            faulty: if liars > 0 { liars } else { (n - 1) / 3 },
            byzantine: liars,
            trusted: None,
            overlap: n / 3 + 1,
            timer: scenario.params.round_timeout,
        })
    }

    /// Inside others: what it is asked there, and what it is as a rung of a chain.
    fn composition() -> Option<Composition<Agent, Params, Workload>> {
        Some(Composition::abortable(
            |task| Workload { choices: task.options, at: task.at },
            |params: &Params| {
                let level = if params.liars > 0 { Level::Byzantine } else { Level::Crash };
                Ok(RungSpec { level, opener: NodeId(0) })
            },
        ))
    }

    /// `synod select` tries it.
    fn suitability() -> Option<Suitability<Params, Workload>> {
        let trial = |demand: &Demand| {
            let liars = if demand.fault_class == FaultClass::Byzantine { demand.faulty } else { 0 };
            let params = Params { round_timeout: Span(Duration::from_millis(200)), liars, bug: None };
            (params, Workload { choices: 2, at: Span::default() })
        };
        Some(Suitability { tasks: &[Task::Standard], tolerates: FaultClass::Byzantine, trial })
    }

    /// What theory says, for the terminal page: with no faults, two rounds are enough.
    fn theory(scenario: &Scenario<Params, Workload>) -> Vec<Theory> {
        let n = f64::from(scenario.world.agents);
        let is_ideal = scenario.world.faults.is_empty() && scenario.world.network.loss == Default::default();
        if is_ideal && scenario.workload.choices > 1 {
            vec![Theory::of(&metric::MESSAGES_PER_DECISION, 2.0 * n * (n - 1.0), "2n(n-1)")]
        } else {
            Vec::new()
        }
    }
}
