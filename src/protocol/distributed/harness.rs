//! Distributed coordination in a scenario file.

use crate::{Bug, lottery, oracle};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::rc::Rc;
use synod_common::decide::{Decider, KindTable};
use synod_compose::Pipeline;
use synod_compose::harness::PipelineHarness;
use synod_compose::pipeline::{Config, Stage};
use synod_harness::names::{count, joined};
use synod_harness::{Demand, FaultClass, InnerPlace, InnerProtocol, InnerTask, Suitability, Task};
use synod_harness::{Entry, Harness, Instance, OwnMetric, Path, Problem, Scenario, Tolerance, entry};
use synod_hierarchical::harness::{HierarchicalHarness, HierarchicalParams};
use synod_pbft::harness::{PbftHarness, PbftParams};
use synod_sim::units::plural;
use synod_sim::units::{Share, Span};
use synod_sim::{CoverageMark, Duration, GroundTruth, NodeId, Oracle, Streams, Time};

/// Distributed coordination under the harness.
#[derive(Debug)]
pub enum DistributedHarness {}

/// Returns the protocol of this crate.
pub fn entries() -> Vec<Box<dyn Entry>> {
    vec![entry::<DistributedHarness>()]
}

/// Distributed coordination's parameters.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct DistributedParams {
    /// How many of all agents may lie; a tenth, if left out.
    pub faulty: Option<u32>,
    /// ε: how often a committee may have a third of liars.
    pub epsilon: Share,
    /// How the committee agrees; its f follows from its size.
    pub committee: PbftParams,
    /// How long it may take.
    pub agreeing: Span,
    /// How everybody votes on what it has agreed on.
    pub tree: HierarchicalParams,
    /// How long that may take.
    pub counting: Span,
    /// The bug of a mutant.
    #[schemars(skip)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bug: Option<Bug>,
}

/// What is asked.
#[derive(Copy, Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct DistributedWorkload {
    /// What is proposed to the committee.
    pub value: u64,
    /// How many options everybody then has.
    pub options: u64,
}

impl Default for DistributedWorkload {
    fn default() -> DistributedWorkload {
        DistributedWorkload { value: 1, options: 2 }
    }
}

impl Default for DistributedParams {
    fn default() -> DistributedParams {
        let ten_seconds = Span(Duration::from_secs(10));
        DistributedParams {
            faulty: None,
            epsilon: Share::from_ppb(1).unwrap_or(Share::NONE),
            committee: PbftParams::default(),
            agreeing: ten_seconds,
            tree: HierarchicalParams::default(),
            counting: ten_seconds,
            bug: None,
        }
    }
}

type File = Scenario<DistributedParams, DistributedWorkload>;

const ORACLES: [&[&str]; 4] =
    [oracle::NAMES, PipelineHarness::ORACLES, PbftHarness::ORACLES, HierarchicalHarness::ORACLES];
const METRICS: [&[OwnMetric]; 3] =
    [PipelineHarness::METRICS, PbftHarness::METRICS, HierarchicalHarness::METRICS];
const MARKS: [&[CoverageMark]; 3] = [PipelineHarness::MARKS, PbftHarness::MARKS, HierarchicalHarness::MARKS];

impl Harness for DistributedHarness {
    type Protocol = Pipeline<Decider>;
    type Params = DistributedParams;
    type Workload = DistributedWorkload;

    const NAME: &'static str = "distributed";
    const ABOUT: &'static str = "Distributed coordination: a committee drawn by lot agrees on the question, and a tree counts what everybody answers";
    const ORACLES: &'static [&'static str] = &joined::<_, { count(&ORACLES) }>(&ORACLES);
    const METRICS: &'static [OwnMetric] = &joined::<_, { count(&METRICS) }>(&METRICS);
    const MARKS: &'static [CoverageMark] = &joined::<_, { count(&MARKS) }>(&MARKS);

    fn instance(scenario: &File, streams: &Streams) -> Result<Instance<Pipeline<Decider>>, Problem> {
        let config = config(scenario, streams)?;
        Ok(Instance { config, clients: 0, operations: 1 })
    }

    fn tolerance(scenario: &File) -> Option<Tolerance> {
        let faulty = faulty(scenario);
        let overlap = scenario.world.agents.saturating_sub(2 * faulty).max(1);
        Some(Tolerance {
            faulty,
            // Where the tree counts on representatives' word, nobody may lie.
            byzantine: if scenario.params.tree.faulty_weight == Share::NONE { 0 } else { faulty },
            trusted: None,
            overlap,
            timer: scenario.params.committee.timeout,
        })
    }

    fn suitability() -> Option<Suitability<DistributedParams, DistributedWorkload>> {
        let trial = |demand: &Demand| {
            let faulty = Some(demand.faulty);
            (DistributedParams { faulty, ..DistributedParams::default() }, DistributedWorkload::default())
        };
        let tasks = &[Task::Standard, Task::Distributed];
        Some(Suitability { tasks, tolerates: FaultClass::Byzantine, trial })
    }

    fn decides(config: &Config<Decider>, agent: NodeId) -> bool {
        config.place(config.last(), agent).is_some()
    }

    fn oracles(
        config: &Rc<Config<Decider>>,
        ground_truth: &GroundTruth,
    ) -> Vec<Box<dyn Oracle<Pipeline<Decider>>>> {
        oracle::all(config, ground_truth)
    }
}

/// Returns the number of agents that may lie.
fn faulty(scenario: &File) -> u32 {
    scenario.params.faulty.unwrap_or(scenario.world.agents / 10)
}

/// Returns the committee of the run of `streams`, and everybody.
fn config(scenario: &File, streams: &Streams) -> Result<Config<Decider>, Problem> {
    let params = &scenario.params;
    let here = Path::of(["protocol", "distributed"]);
    if params.bug.is_some() && !cfg!(feature = "mutants") {
        let message = "mutants are not built in: build with the feature `mutants`";
        return Err(Problem::new(here.to("bug"), message));
    }
    for (field, span) in [("agreeing", params.agreeing), ("counting", params.counting)] {
        if span.0.is_zero() {
            return Err(Problem::new(here.to(field), "deciding takes time"));
        }
    }
    if params.epsilon == Share::NONE {
        return Err(Problem::new(here.to("epsilon"), "a lot can always fall badly: give a share"));
    }
    if params.committee.f.is_some() {
        let message = "how many members may lie follows from how many there are";
        return Err(Problem::new(here.to("committee").to("f"), message).help("leave it out"));
    }
    let faulty = faulty(scenario);
    let epsilon = f64::from(params.epsilon.ppb()) / 1e9;
    let size = match params.bug {
        Some(Bug::SmallestCommittee) => Some(lottery::LEAST).filter(|&least| least <= scenario.world.agents),
        None => lottery::size(scenario.world.agents, faulty.min(scenario.world.agents), epsilon),
    };
    let Some(size) = size else {
        let message = format!(
            "of {} {faulty} may lie, a third or more: no committee tolerates that",
            plural(scenario.world.agents.into(), "agent")
        );
        return Err(
            Problem::new(here.to("faulty"), message).help("it takes more than three times as many agents")
        );
    };
    let members = lottery::draw(scenario.world.agents, size, streams);
    let kinds = KindTable::new();
    let stage = |number: u64, by: InnerProtocol, members: Vec<NodeId>, ends: Time, field: &str| {
        let task = InnerTask {
            at: Span(Duration::ZERO),
            value: scenario.workload.value,
            value_max: u64::MAX,
            options: scenario.workload.options,
            deadline: None,
            number,
        };
        let everybody = members.len() as u32 == scenario.world.agents;
        let groups = if everybody { scenario.world.groups.clone() } else { Vec::new() };
        let inner = InnerPlace { around: &scenario.world, groups, members: members.len() as u32 };
        let place = here.to(field);
        let resolved = by.child().resolve(&inner, task, streams, &kinds, &place);
        // There the name of the protocol is not written out.
        let (child, borne) = resolved.map_err(|problem| {
            let moved = problem.path.moved(&["protocol", "distributed", field, by.name()], &place);
            Problem { path: moved.unwrap_or(place.clone()), ..problem }
        })?;
        let vouchers = borne.map_or(1, |borne| borne.byzantine as usize + 1);
        Ok::<_, Problem>(Stage { members: members.into(), child: Rc::new(child), vouchers, ends })
    };
    let agreed = Time::ZERO + params.agreeing.0;
    let all = (0..scenario.world.agents).map(NodeId).collect();
    let committee = InnerProtocol::of::<PbftHarness>(params.committee.clone());
    let tree = InnerProtocol::of::<HierarchicalHarness>(params.tree.clone());
    let stages = vec![
        stage(0, committee, members, agreed, "committee")?,
        stage(1, tree, all, agreed + params.counting.0, "tree")?,
    ];
    Ok(Config { stages, ask_interval: Duration::from_secs(1), bug: None })
}
