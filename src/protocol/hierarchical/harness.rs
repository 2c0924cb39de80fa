//! Hierarchical consensus in a scenario file.

use crate::{Bug, Config, Health, Hierarchical, Mark, Mode, Shape, Tree, oracle};
use rand::seq::SliceRandom;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::rc::Rc;
use synod_harness::names::{count, joined};
use synod_harness::{Composition, FaultClass, Suitability, Task};
use synod_harness::{Entry, Harness, Instance, OwnMetric, Path, Problem, Scenario, Theory, Tolerance, entry};
use synod_sim::units::{Share, Span};
use synod_sim::{CoverageMark, Duration, GroundTruth, NodeId, Oracle, Purpose, Streams};
use synod_vote::harness::RuleShape;
use synod_vote::harness::voting::{METRICS as VOTE_METRICS, VoteSpec, VoteWorkload, instance, theory};
use synod_vote::harness::{Voting, WeightsShape, check, tolerance};
use synod_vote::weighted;

/// Hierarchical consensus under the harness.
#[derive(Debug)]
pub enum HierarchicalHarness {}

/// Returns the protocol of this crate.
pub fn entries() -> Vec<Box<dyn Entry>> {
    vec![entry::<HierarchicalHarness>()]
}

/// Hierarchical consensus's parameters.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct HierarchicalParams {
    /// b: the most members of a cluster, at least two.
    pub branching: u32,
    /// The most levels; b grows until they suffice.
    pub max_levels: Option<u32>,
    /// Who is whose neighbour in the tree.
    pub placement: Placement,
    /// What representatives report.
    pub mode: ReportShape,
    /// How votes decide.
    pub rule: RuleShape,
    /// Where weights come from; they do not learn.
    pub weights: WeightsShape,
    /// The largest share of all weight that one voter has; no bound, if left out.
    pub cap: Option<Share>,
    /// F: which part of all weight may lie, representatives included. If it is more than none, votes travel whole and
    /// decisions need certificates.
    pub faulty_weight: Share,
    /// True if a vote weighs as much less as its voter is uncertain.
    pub confidence: bool,
    /// True if a session ends once open votes cannot change its outcome.
    pub early_stop: bool,
    /// How long a session lasts.
    pub deadline: Span,
    /// How often a representative says that it is there: best twice the time that 99% of all questions take. A tenth of
    /// the deadline, if left out.
    pub heartbeat: Option<Span>,
    /// f_c: how many of those whom a representative concerns may be faulty: its cluster, and those above and below.
    /// One more must suspect it before it is replaced.
    pub faulty_per_cluster: u32,
    /// Of how many voters that a report lacks those above ask why.
    pub samples: u32,
    /// The bug of a mutant.
    #[schemars(skip)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bug: Option<Bug>,
}

/// Who is whose neighbour in the tree.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Placement {
    /// That is drawn from the seed.
    Random,
    /// Agents stand in the order of their numbers, and so of their groups.
    Grouped,
}

/// What representatives report.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ReportShape {
    /// What all under them have voted: the outcome is that of a flat vote.
    Tally,
    /// What their clusters have decided: a majority of majorities.
    Delegated,
}

impl Default for HierarchicalParams {
    fn default() -> HierarchicalParams {
        HierarchicalParams {
            branching: 5,
            max_levels: None,
            placement: Placement::Random,
            mode: ReportShape::Tally,
            rule: RuleShape::Majority,
            weights: WeightsShape::Equal,
            cap: None,
            faulty_weight: Share::NONE,
            confidence: false,
            early_stop: true,
            deadline: Span(Duration::from_secs(1)),
            heartbeat: None,
            faulty_per_cluster: 0,
            samples: 5,
            bug: None,
        }
    }
}

type File = Scenario<HierarchicalParams, VoteWorkload>;

const METRICS: [&[OwnMetric]; 2] = [VOTE_METRICS, OWN_METRICS];
const MARKS: [&[CoverageMark]; 2] = [weighted::Mark::ALL, Mark::ALL];

impl Harness for HierarchicalHarness {
    type Protocol = Hierarchical;
    type Params = HierarchicalParams;
    type Workload = VoteWorkload;

    const NAME: &'static str = "hierarchical";
    const ABOUT: &'static str = "Hierarchical consensus: a weighted vote counted along a tree, whose representatives are replaced and audited";
    const ORACLES: &'static [&'static str] = oracle::NAMES;
    const METRICS: &'static [OwnMetric] = &joined::<_, { count(&METRICS) }>(&METRICS);
    const MARKS: &'static [CoverageMark] = &joined::<_, { count(&MARKS) }>(&MARKS);

    fn instance(scenario: &File, streams: &Streams) -> Result<Instance<Hierarchical>, Problem> {
        let params = &scenario.params;
        check(Self::NAME, &params.voting())?;
        params.check()?;
        let spec = VoteSpec { protocol: Self::NAME, coordinator: 0, deadline: params.deadline, bug: None };
        let vote = params.voting().of(instance(scenario, spec, streams)?);
        if params.bug.is_some() && !cfg!(feature = "mutants") {
            let message = "mutants are not built in: build with the feature `mutants`";
            return Err(Problem::new(at("bug"), message.to_owned()));
        }
        let mut order: Vec<NodeId> = (0..scenario.world.agents).map(NodeId).collect();
        if params.placement == Placement::Random {
            order.shuffle(&mut streams.stream(Purpose::Placement, 0));
        }
        let health = |node: NodeId| Health {
            is_healthy: vote.agents[node.index()].traits.reliability_ppm == 1_000_000,
            score: vote.weighing.snapshot.weights()[node.index()],
        };
        let shape = Shape { branching: params.branching, max_levels: params.max_levels };
        let tree = Tree::with_bug(params.bug, order, shape, health);
        let config = Config::new(vote, tree);
        let config = Config {
            mode: match params.mode {
                ReportShape::Tally => Mode::Tally,
                ReportShape::Delegated => Mode::Delegated,
            },
            heartbeat: params.heartbeat.map_or(config.heartbeat, |span| span.0),
            faulty_per_cell: params.faulty_per_cluster,
            samples: params.samples,
            bug: params.bug,
            ..config
        };
        if let Some(cell) = config.weightless() {
            let message = format!("cluster {cell} has no weight at all: others have too much");
            return Err(Problem::new(at("weights"), message));
        }
        let operations = config.vote.schedule.sessions;
        Ok(Instance { config, clients: 0, operations })
    }

    fn tolerance(scenario: &File) -> Option<Tolerance> {
        let params = &scenario.params;
        // To know the weights takes all that a run takes, and where nobody may lie they do not matter.
        if params.faulty_weight == Share::NONE {
            return None;
        }
        let config = Self::instance(scenario, &Streams::new(scenario.world.seed)).ok()?.config;
        tolerance(&config.vote, params.deadline)
    }

    fn oracles(config: &Rc<Config>, ground_truth: &GroundTruth) -> Vec<Box<dyn Oracle<Hierarchical>>> {
        oracle::all(config, ground_truth)
    }

    fn composition() -> Option<Composition<Hierarchical, HierarchicalParams, VoteWorkload>> {
        Some(Composition::deciding(VoteWorkload::of))
    }

    fn suitability() -> Option<Suitability<HierarchicalParams, VoteWorkload>> {
        Some(Suitability {
            tasks: &[Task::Standard, Task::Expertise, Task::Distributed],
            tolerates: FaultClass::Crash,
            trial: |_| (HierarchicalParams::default(), VoteWorkload::default()),
        })
    }

    fn theory(scenario: &File) -> Vec<Theory> {
        theory(scenario)
    }
}

/// The metrics of the hierarchy, beside those of a vote.
const OWN_METRICS: &[OwnMetric] = &[
    OwnMetric::hits(
        "hierarchy.replacements",
        &[Mark::RepresentativeReplaced.declared()],
        "Times that an agent became the representative of its cell.",
    ),
    OwnMetric::hits(
        "hierarchy.suspicions",
        &[Mark::RepresentativeSuspected.declared()],
        "Times that an agent missed a representative.",
    ),
    OwnMetric::hits(
        "hierarchy.partials_merged",
        &[Mark::PartialMerged.declared()],
        "Reports of children that representatives took.",
    ),
    OwnMetric::hits(
        "hierarchy.omitted_votes_fetched",
        &[Mark::OmittedVoteFetched.declared()],
        "Votes that representatives fetched since a child had not reported them.",
    ),
    OwnMetric::hits(
        "hierarchy.misreports_proven",
        &[Mark::MisreportProven.declared()],
        "Proofs that a report of a representative contradicts itself.",
    ),
    OwnMetric::peak(
        "hierarchy.highest_epoch",
        "highest_epoch",
        "The highest epoch of any cell: how often its representative was replaced.",
    ),
];

fn at(field: &str) -> Path {
    Path::of(["protocol", "hierarchical"]).to(field)
}

impl HierarchicalParams {
    /// Returns what it has in common with a flat vote.
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

    fn check(&self) -> Result<(), Problem> {
        let refuse = |field: &str, message: &str| Err(Problem::new(at(field), message));
        if self.branching < 2 {
            return refuse("branching", "a cluster of one leads to no other");
        }
        if self.max_levels == Some(0) {
            return refuse("max_levels", "a tree has a level");
        }
        if self.voting().learns() {
            return refuse("weights", "everybody has to know the weights: they do not learn");
        }
        if self.heartbeat.is_some_and(|span| span.0.is_zero()) {
            return refuse("heartbeat", "heartbeats are apart");
        }
        if self.mode == ReportShape::Delegated && self.faulty_weight != Share::NONE {
            return refuse("mode", "certificates are for tallies: what a cluster has decided nobody signs");
        }
        if self.faulty_per_cluster > 0 && self.faulty_weight == Share::NONE {
            return refuse(
                "faulty_per_cluster",
                "where some lie decisions need certificates: set faulty_weight",
            );
        }
        Ok(())
    }
}
