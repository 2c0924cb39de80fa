//! Weighted voting in a scenario file.

use super::voting::{VoteSpec, VoteWorkload, instance, theory};
use crate::expertise::{Memory, Scale};
use crate::weighted::oracle::{self, NAMES};
use crate::weighted::{self, Bug, Config, DecisionRule, Source, Weighted};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::rc::Rc;
use synod_common::decide::Level;
use synod_harness::{Composition, Demand, FaultClass, RungSpec, Suitability, Task};
use synod_harness::{Harness, Instance, OwnMetric, Path, Problem, Scenario, Theory, Tolerance};
use synod_sim::units::{Share, Span};
use synod_sim::{CoverageMark, Duration, GroundTruth, NodeId, Oracle, Streams, sort};

/// Weighted voting under the harness.
#[derive(Debug)]
pub enum WeightedHarness {}

/// Weighted voting's parameters.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct WeightedParams {
    /// Who coordinates; it votes as well.
    pub coordinator: u32,
    /// How votes decide.
    pub rule: RuleShape,
    /// Where weights come from.
    pub weights: WeightsShape,
    /// The largest share of all weight that one voter has; no bound, if left out.
    pub cap: Option<Share>,
    /// F: which part of all weight may lie, the coordinator included. If it is more than none, decisions need
    /// certificates.
    pub faulty_weight: Share,
    /// True if a vote weighs as much less as its voter is uncertain.
    pub confidence: bool,
    /// True if a session ends once open votes cannot change its outcome.
    pub early_stop: bool,
    /// How long the coordinator waits for votes.
    pub deadline: Span,
    /// The bug of a mutant.
    #[schemars(skip)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bug: Option<Bug>,
}

/// How votes decide.
#[derive(Copy, Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RuleShape {
    /// An option wins with more than half of all weight.
    Majority,
    /// An option wins with this share of all weight, more than half.
    OfTotal(Share),
    /// The option with the most weight wins, of equal ones the lowest.
    Plurality,
    /// An option wins with a share of the weight cast.
    OfCast(OfCastShape),
    /// Options are numbers, and their weighted median wins.
    Median(MedianShape),
}

/// A share of the weight cast.
#[derive(Copy, Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct OfCastShape {
    /// The share that wins, more than half.
    pub share: Share,
    /// The share of all weight that has to be cast.
    #[serde(default)]
    pub participation: Share,
}

/// A median.
#[derive(Copy, Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct MedianShape {
    /// How far from the median of all votes the outcome may lie, if that lets it come early.
    pub tolerance: u64,
}

/// Where weights come from.
#[derive(Copy, Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum WeightsShape {
    /// One voter, one vote.
    Equal,
    /// From `weight` of the agents' groups.
    Given,
    /// From `record` of the agents' groups: the logarithm of the odds of being right.
    LogOdds(LogOddsShape),
    /// From `record` of the agents' groups, on the scale of an older design that trusts experts too little.
    Legacy(LegacyShape),
}

/// Weights by the logarithm of the odds.
#[derive(Copy, Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct LogOddsShape {
    /// The strength of who is no better than chance; who is right 73% of the time has 100%.
    pub floor: Share,
    /// After how many more tasks a task counts half; tasks count for ever, if left out.
    pub half_life: Option<u32>,
    /// True if sessions of the run are tasks as well, whose truth is known before the next one opens.
    pub learning: bool,
}

/// Weights by the legacy scale.
#[derive(Copy, Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct LegacyShape {
    /// After how many more tasks a task counts half; tasks count for ever, if left out.
    pub half_life: Option<u32>,
    /// True if sessions of the run are tasks as well, whose truth is known before the next one opens.
    pub learning: bool,
}

impl Default for LogOddsShape {
    fn default() -> LogOddsShape {
        LogOddsShape { floor: ONE_PERCENT, half_life: None, learning: false }
    }
}

const ONE_PERCENT: Share = match Share::from_ppb(10_000_000) {
    Some(share) => share,
    None => Share::NONE,
};

impl Default for WeightedParams {
    fn default() -> WeightedParams {
        WeightedParams {
            coordinator: 0,
            rule: RuleShape::Majority,
            weights: WeightsShape::Equal,
            cap: None,
            faulty_weight: Share::NONE,
            confidence: false,
            early_stop: true,
            deadline: Span(Duration::from_secs(1)),
            bug: None,
        }
    }
}

type File = Scenario<WeightedParams, VoteWorkload>;

impl Harness for WeightedHarness {
    type Protocol = Weighted;
    type Params = WeightedParams;
    type Workload = VoteWorkload;

    const NAME: &'static str = "weighted";
    const ABOUT: &'static str = "Weighted voting: early stops that no open vote can belie, weights earned by expertise, a cap, certificates";
    const ORACLES: &'static [&'static str] = NAMES;
    const METRICS: &'static [OwnMetric] = super::voting::METRICS;
    const MARKS: &'static [CoverageMark] = weighted::Mark::ALL;

    fn instance(scenario: &File, streams: &Streams) -> Result<Instance<Weighted>, Problem> {
        let params = &scenario.params;
        check(Self::NAME, &params.voting())?;
        let spec = VoteSpec {
            protocol: Self::NAME,
            coordinator: params.coordinator,
            deadline: params.deadline,
            bug: params.bug,
        };
        let config = params.voting().of(instance(scenario, spec, streams)?);
        let operations = config.schedule.sessions;
        Ok(Instance { config, clients: 0, operations })
    }

    fn tolerance(scenario: &File) -> Option<Tolerance> {
        // To know the weights takes all that a run takes, and where nobody may lie they do not matter.
        if scenario.params.faulty_weight == Share::NONE {
            return None;
        }
        let config = Self::instance(scenario, &Streams::new(scenario.world.seed)).ok()?.config;
        tolerance(&config, scenario.params.deadline)
    }

    fn oracles(config: &Rc<Config>, ground_truth: &GroundTruth) -> Vec<Box<dyn Oracle<Weighted>>> {
        oracle::all(config, ground_truth)
    }

    fn composition() -> Option<Composition<Weighted, WeightedParams, VoteWorkload>> {
        Some(Composition::abortable(VoteWorkload::of, |params: &WeightedParams| {
            let is_certified = params.faulty_weight != Share::NONE;
            let level = if is_certified { Level::Byzantine } else { Level::Crash };
            Ok(RungSpec { level, opener: NodeId(params.coordinator) })
        }))
    }

    /// Where some may lie, decisions need certificates.
    fn suitability() -> Option<Suitability<WeightedParams, VoteWorkload>> {
        let trial = |demand: &Demand| {
            // As many parts in a hundred, rounded up, as agents may be faulty.
            let percent =
                (u64::from(demand.faulty) * 100).div_ceil(u64::from(demand.agents.max(1))).clamp(1, 100);
            let faulty_weight = match demand.fault_class {
                FaultClass::Byzantine => Share::from_ppb(percent as u32 * 10_000_000).unwrap_or(Share::WHOLE),
                FaultClass::Benign | FaultClass::Crash => Share::NONE,
            };
            (WeightedParams { faulty_weight, ..WeightedParams::default() }, VoteWorkload::default())
        };
        let tasks = &[Task::Standard, Task::Expertise];
        Some(Suitability { tasks, tolerates: FaultClass::Byzantine, trial })
    }

    fn theory(scenario: &File) -> Vec<Theory> {
        theory(scenario)
    }
}

/// Returns where some weight may lie: as many voters as have no more than that, whichever they are.
pub fn tolerance(config: &Config, timer: Span) -> Option<Tolerance> {
    if config.faulty_ppm == 0 {
        return None;
    }
    let mut weights = config.weighing.snapshot.weights().to_vec();
    sort::descending(&mut weights);
    let mut left = config.faulty(config.weighing.snapshot.total());
    let fits = |weight: &&u64| {
        let fits = **weight <= left;
        left -= if fits { **weight } else { 0 };
        fits
    };
    let faulty = weights.iter().take_while(fits).count() as u32;
    Some(Tolerance { faulty, byzantine: faulty, trusted: None, overlap: faulty + 1, timer })
}

/// How a weighted vote decides, whoever counts it.
#[derive(Copy, Clone, Debug, PartialEq)]
pub struct Voting {
    /// How votes decide.
    pub rule: RuleShape,
    /// Where weights come from.
    pub weights: WeightsShape,
    /// The largest share of all weight that one voter has.
    pub cap: Option<Share>,
    /// F: which part of all weight may lie.
    pub faulty_weight: Share,
    /// Whether a vote counts as its voter is confident.
    pub confidence: bool,
    /// Whether a session ends once its outcome is certain.
    pub early_stop: bool,
}

impl Voting {
    /// `vote` as one that decides so.
    pub fn of(self, vote: Config) -> Config {
        let vote = Config {
            decision_rule: self.rule.decision_rule(),
            confidence: self.confidence,
            early: self.early_stop,
            faulty_ppm: ppm(self.faulty_weight),
            ..vote
        };
        vote.weighed(self.weights.source(), self.cap.map(ppm))
    }

    /// Returns true if weights change from session to session.
    pub fn learns(self) -> bool {
        self.weights.source().learns()
    }
}

impl WeightedParams {
    fn voting(&self) -> Voting {
        Voting {
            rule: self.rule,
            weights: self.weights,
            cap: self.cap,
            faulty_weight: self.faulty_weight,
            confidence: self.confidence,
            early_stop: self.early_stop,
        }
    }
}

impl RuleShape {
    fn decision_rule(self) -> DecisionRule {
        match self {
            RuleShape::Majority => DecisionRule::Majority,
            RuleShape::OfTotal(share) => DecisionRule::OfTotal { share_ppm: ppm(share) },
            RuleShape::Plurality => DecisionRule::Plurality,
            RuleShape::OfCast(OfCastShape { share, participation }) => {
                DecisionRule::OfCast { share_ppm: ppm(share), participation_ppm: ppm(participation) }
            }
            RuleShape::Median(MedianShape { tolerance }) => DecisionRule::Median { tolerance },
        }
    }
}

impl WeightsShape {
    fn source(self) -> Source {
        let memory = |tasks: Option<u32>| tasks.map_or(Memory::WHOLE, Memory::half_life);
        match self {
            WeightsShape::Equal => Source::Equal,
            WeightsShape::Given => Source::Given,
            WeightsShape::LogOdds(LogOddsShape { floor, half_life, learning }) => Source::Earned {
                scale: Scale::LogOdds { floor: u64::from(floor.ppb()) },
                memory: memory(half_life),
                learns: learning,
            },
            WeightsShape::Legacy(LegacyShape { half_life, learning }) => {
                Source::Earned { scale: Scale::Legacy, memory: memory(half_life), learns: learning }
            }
        }
    }
}

/// What is wrong with how a vote of `protocol` decides.
pub fn check(protocol: &str, params: &Voting) -> Result<(), Problem> {
    let at = |field: &str| Path::of(["protocol", protocol]).to(field);
    let refuse = |path: Path, message: &str| Err(Problem::new(path, message));
    let half = Share::WHOLE.ppb() / 2;
    let threshold = match params.rule {
        RuleShape::OfTotal(share) => Some((share, at("rule").to("of_total"))),
        RuleShape::OfCast(shape) => Some((shape.share, at("rule").to("of_cast").to("share"))),
        _ => None,
    };
    let (share, path) = threshold.unwrap_or((Share::WHOLE, at("rule")));
    if share.ppb() <= half {
        return refuse(path, "what wins has more than half: with less, two could win");
    }
    if let Some(cap) = params.cap {
        if params.weights == WeightsShape::Equal {
            return refuse(at("cap"), "where all weigh the same there is nothing to cap");
        }
        if ppm(cap) == 0 {
            return refuse(at("cap"), "a cap leaves some weight");
        }
        if cap.ppb() >= share.ppb() || (params.rule == RuleShape::Majority && cap.ppb() > half) {
            return refuse(at("cap"), "one voter could decide alone: the cap lies below the share that wins");
        }
    }
    if params.confidence && matches!(params.rule, RuleShape::Majority | RuleShape::OfTotal(_)) {
        return refuse(at("confidence"), "a share of all weight takes votes at their full weight");
    }
    if params.faulty_weight != Share::NONE {
        if !matches!(params.rule, RuleShape::Majority | RuleShape::OfTotal(_)) {
            return refuse(
                at("faulty_weight"),
                "certificates are for shares of all weight: majority or of_total",
            );
        }
        if params.weights.source().learns() {
            return refuse(
                at("faulty_weight"),
                "a coordinator that may lie cannot keep the record: weights must stay",
            );
        }
        if 3 * u64::from(params.faulty_weight.ppb()) >= u64::from(Share::WHOLE.ppb()) {
            return refuse(at("faulty_weight"), "less than a third of all weight may lie");
        }
    }
    match params.weights {
        WeightsShape::LogOdds(LogOddsShape { floor, .. }) if floor == Share::NONE => {
            refuse(at("weights").to("log_odds").to("floor"), "everybody has some weight")
        }
        WeightsShape::LogOdds(LogOddsShape { half_life: Some(0), .. })
        | WeightsShape::Legacy(LegacyShape { half_life: Some(0), .. }) => {
            refuse(at("weights"), "memory lasts for some tasks: half_life is at least 1")
        }
        _ => Ok(()),
    }
}

fn ppm(share: Share) -> u32 {
    share.ppb() / 1_000
}
