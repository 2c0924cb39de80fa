//! A protocol of your own under Synod's harness: the One-Third Rule, consensus of agents that may crash and networks
//! that may lose, but that never lie (B. Charron-Bost and A. Schiper, *The Heard-Of model*, Distributed Computing 22,
//! 2009).
//!
//! In every round each agent sends its estimate to all. An agent that hears of more than two thirds of the agents
//! takes the value that it hears most often, and decides it if more than two thirds say the same. Two such majorities
//! always overlap in more than a third of the agents, so no two agents decide differently.
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
use synod::harness::{Harness, Instance, OwnMetric, Path, Problem, Scenario, Theory, metric};
use synod::sim::{
    Context, CoverageMark, Durable, Duration, Event, EventTime, GroundTruth, Kind, Message, Milestone,
    NodeId, Observation, OperationId, Oracle, Protocol, Streams, Violation,
};
use synod::units::Span;

fn main() -> ExitCode {
    synod::cli::main_with(synod::standard().with::<OneThirdRule>())
}

// ---------------------------------------------------------------------------------------------------------------
// The state machine. A handler changes its own state and leaves what it wants done in the context; it has no other
// way to reach the world, which is what makes a run repeatable.

/// One agent.
struct Agent {
    config: Rc<Config>,
    nodes: usize,
    round: u64,
    estimate: u64,
    /// Who said what in this round. Maps and sets must have an order: a run may not depend on a hash's.
    heard: BTreeMap<NodeId, u64>,
    decided: Option<u64>,
    /// The round before a crash, if there was one.
    recovered: Option<u64>,
}

/// What every agent is told.
struct Config {
    round_timeout: Duration,
    choices: u64,
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

impl Protocol for Agent {
    type Config = Config;
    type Message = Say;
    /// Timers have names; this protocol needs one, the round's.
    type Timer = ();
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
            decided: last.and_then(|saved| saved.decided),
            recovered: last.map(|saved| saved.round),
        }
    }

    fn on_start(&mut self, ctx: &mut Context<'_, Self>) {
        match (self.recovered, self.decided) {
            (_, Some(_)) => {}
            // It may have spoken in the round of the crash, so it goes on with the next.
            (Some(round), None) => self.enter(ctx, round + 1),
            (None, None) => {
                use rand::RngExt;
                // Each agent has its own stream of random numbers, which nothing else in the run shifts.
                self.estimate = ctx.rng().random_range(0..self.config.choices);
                ctx.observe(Claim::Proposed { value: self.estimate });
                self.enter(ctx, 1);
            }
        }
    }

    fn on_message(&mut self, ctx: &mut Context<'_, Self>, from: NodeId, message: &Say) {
        match (*message, self.decided) {
            (Say::Decided { .. }, Some(_)) => {}
            (Say::Decided { value }, None) => self.decide(ctx, value),
            (Say::Estimate { round, .. }, Some(value)) if round > self.round => {
                ctx.send(from, Say::Decided { value });
            }
            (Say::Estimate { .. }, Some(_)) => {}
            (Say::Estimate { round, value }, None) => {
                if round > self.round {
                    self.enter(ctx, round);
                }
                if round == self.round {
                    self.heard.insert(from, value);
                    if self.heard.len() == self.nodes {
                        self.close_round(ctx);
                    }
                }
            }
        }
    }

    fn on_timer(&mut self, ctx: &mut Context<'_, Self>, (): ()) {
        self.close_round(ctx);
    }
}

impl Agent {
    fn enter(&mut self, ctx: &mut Context<'_, Self>, round: u64) {
        self.round = round;
        self.heard.clear();
        self.heard.insert(ctx.me(), self.estimate);
        ctx.observe(Claim::RoundEntered { round });
        self.save(ctx);
        ctx.broadcast(Say::Estimate { round, value: self.estimate });
        ctx.set_timer((), self.config.round_timeout);
    }

    /// Takes stock of the round: everybody has spoken, or there was time enough.
    fn close_round(&mut self, ctx: &mut Context<'_, Self>) {
        let is_large = |count: usize| 3 * count > 2 * self.nodes;
        if is_large(self.heard.len()) {
            let mut counts: BTreeMap<u64, usize> = BTreeMap::new();
            self.heard.values().for_each(|&value| *counts.entry(value).or_default() += 1);
            // The most frequent value, and of several the smallest.
            let (&value, &count) =
                counts.iter().max_by_key(|&(&value, &count)| (count, u64::MAX - value)).expect("not empty");
            self.estimate = value;
            if is_large(count) {
                return self.decide(ctx, value);
            }
        }
        self.enter(ctx, self.round + 1);
    }

    fn decide(&mut self, ctx: &mut Context<'_, Self>, value: u64) {
        self.decided = Some(value);
        self.save(ctx);
        ctx.cancel_timer(());
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

/// No two agents decide differently, and what they decide was proposed.
#[derive(Default)]
struct Agreement {
    proposed: Vec<u64>,
    first: Option<(NodeId, u64)>,
    checked: u64,
}

impl Oracle<Agent> for Agreement {
    fn name(&self) -> &'static str {
        "agreement"
    }

    fn claim(&self) -> &'static str {
        "all agents decide the same value, which one of them proposed"
    }

    fn on_event(&mut self, _: EventTime, event: &Event<'_, Agent>) -> Result<(), Violation> {
        let Event::Observed { node, observation } = *event else { return Ok(()) };
        match *observation {
            Claim::Proposed { value } => self.proposed.push(value),
            Claim::RoundEntered { .. } => {}
            Claim::Decided { value } => {
                self.checked += 1;
                if !self.proposed.contains(&value) {
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
// The harness: how scenario files speak of the protocol.

enum OneThirdRule {}

/// What stands under `one_third_rule:` in a scenario. Doc comments become the schema's descriptions.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Params {
    /// How long a round waits for those who have not spoken.
    round_timeout: Span,
}

/// What stands under `workload:`.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Workload {
    /// Every agent proposes one of so many values.
    choices: u64,
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
        let config = Config { round_timeout, choices: scenario.workload.choices };
        Ok(Instance { config, clients: 0, operations: 1 })
    }

    fn oracles(_: &Rc<Config>, _: &GroundTruth) -> Vec<Box<dyn Oracle<Agent>>> {
        vec![Box::new(Agreement::default())]
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
