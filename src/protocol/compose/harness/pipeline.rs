//! A pipeline in a scenario file.

use crate::pipeline::{self, Config, Mark, Stage};
use crate::{Bug, Decider, Pipeline};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::rc::Rc;
use synod_common::decide::KindTable;
use synod_harness::quote;
use synod_harness::{Harness, InnerPlace, InnerProtocol, InnerTask, Instance, OwnMetric};
use synod_harness::{Path, Problem, Scenario, Tolerance};
use synod_sim::units::Span;
use synod_sim::{CoverageMark, Duration, GroundTruth, NodeId, Oracle, Streams, Time};

/// A pipeline under the harness.
#[derive(Debug)]
pub enum PipelineHarness {}

/// A pipeline's parameters.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PipelineParams {
    /// The stages, in their order.
    pub stages: Vec<StageShape>,
    /// How often a member that waits for the stage before asks what became of it.
    #[serde(default = "one_second")]
    pub ask_interval: Span,
    /// The bug of a mutant.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(skip)]
    pub bug: Option<Bug>,
}

/// A stage.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct StageShape {
    /// The groups whose agents take part; all agents, if left out.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub groups: Vec<String>,
    /// How they decide.
    pub by: InnerProtocol,
    /// How long it may take, from the latest end of the stage before.
    pub deadline: Span,
    /// How many options a vote has.
    #[serde(default = "two")]
    pub options: u64,
}

/// What the first stage is asked.
#[derive(Copy, Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct PipelineWorkload {
    /// What a first stage proposes whose protocol has an initiator, such as PBFT.
    pub value: u64,
}

impl Default for PipelineWorkload {
    fn default() -> PipelineWorkload {
        PipelineWorkload { value: 1 }
    }
}

fn one_second() -> Span {
    Span(Duration::from_secs(1))
}

fn two() -> u64 {
    2
}

type File = Scenario<PipelineParams, PipelineWorkload>;

const METRICS: [OwnMetric; 2] = OwnMetric::of(
    PipelineHarness::NAME,
    [
        OwnMetric::hits(
            "pipeline.stages_entered",
            &[Mark::StageEntered.declared()],
            "Times that a member started a stage.",
        ),
        OwnMetric::hits(
            "pipeline.double_handovers_proven",
            &[Mark::DoubleHandoverProven.declared()],
            "Proofs that a member said two things about how its stage ended.",
        ),
    ],
);

impl Harness for PipelineHarness {
    type Protocol = Pipeline<Decider>;
    type Params = PipelineParams;
    type Workload = PipelineWorkload;

    const NAME: &'static str = "pipeline";
    const ABOUT: &'static str = "Stages one after the other, each by a protocol and among agents of its own: what one decides the next decides about";
    const ORACLES: &'static [&'static str] = pipeline::oracle::NAMES;
    const METRICS: &'static [OwnMetric] = &METRICS;
    const MARKS: &'static [CoverageMark] = Mark::ALL;

    fn instance(scenario: &File, streams: &Streams) -> Result<Instance<Pipeline<Decider>>, Problem> {
        let params = &scenario.params;
        let here = Path::of(["protocol", Self::NAME]);
        if params.stages.is_empty() {
            return Err(Problem::new(here.to("stages"), "a pipeline has at least one stage"));
        }
        if params.ask_interval.0.is_zero() {
            return Err(Problem::new(here.to("ask_interval"), "asking takes time"));
        }
        if params.bug.is_some() && !cfg!(feature = "mutants") {
            let message = "mutants are not built in: build with the feature `mutants`";
            return Err(Problem::new(here.to("bug"), message));
        }
        let kinds = KindTable::new();
        let mut ends = Time::ZERO;
        let stages = params.stages.iter().enumerate().map(|(number, shape)| {
            ends += shape.deadline.0;
            stage(scenario, number, shape, streams, &kinds).map(|(stage, _)| Stage { ends, ..stage })
        });
        let stages = stages.collect::<Result<Vec<_>, _>>()?;
        let config = Config { stages, ask_interval: params.ask_interval.0, bug: params.bug };
        Ok(Instance { config, clients: 0, operations: 1 })
    }

    /// A stage tolerates no more than it tolerates alone, and whom a fault strikes may be in any of them.
    fn tolerance(scenario: &File) -> Option<Tolerance> {
        let (streams, kinds) = (Streams::new(scenario.world.seed), KindTable::new());
        let shapes = scenario.params.stages.iter().enumerate();
        let stages: Vec<(Stage<Decider>, Option<Tolerance>)> = shapes
            .map(|(number, shape)| stage(scenario, number, shape, &streams, &kinds).ok())
            .collect::<Option<_>>()?;
        let borne: Vec<Tolerance> = stages.iter().filter_map(|(_, tolerance)| *tolerance).collect();
        // A stage that claims nothing trusts its members: none of them may lie in another.
        let trusted = stages.iter().filter(|(_, tolerance)| tolerance.is_none());
        let mut trusted = trusted.flat_map(|(stage, _)| stage.members.iter());
        let may_lie = |agent: &NodeId| {
            let mut others = stages.iter().filter(|(_, tolerance)| tolerance.is_some());
            others.any(|(stage, _)| stage.members.contains(agent))
        };
        let byzantine = if trusted.any(may_lie) { 0 } else { u32::MAX };
        Some(Tolerance {
            faulty: borne.iter().map(|tolerance| tolerance.faulty).min()?,
            byzantine: borne.iter().map(|tolerance| tolerance.byzantine).min()?.min(byzantine),
            trusted: borne.iter().find_map(|tolerance| tolerance.trusted),
            overlap: borne.iter().map(|tolerance| tolerance.overlap).min()?,
            timer: borne.iter().map(|tolerance| tolerance.timer).min_by_key(|timer| timer.0)?,
        })
    }

    fn children(params: &mut PipelineParams) -> Vec<(Path, &mut InnerProtocol)> {
        let path = |number: usize| Path::of(["stages"]).to(number).to("by");
        params.stages.iter_mut().enumerate().map(|(number, stage)| (path(number), &mut stage.by)).collect()
    }

    fn decides(config: &Config<Decider>, agent: NodeId) -> bool {
        config.place(config.last(), agent).is_some()
    }

    fn oracles(
        config: &Rc<Config<Decider>>,
        ground_truth: &GroundTruth,
    ) -> Vec<Box<dyn Oracle<Pipeline<Decider>>>> {
        pipeline::oracle::all(config, ground_truth)
    }
}

/// Returns a stage, but for when it ends, and what it tolerates.
fn stage(
    scenario: &File,
    number: usize,
    shape: &StageShape,
    streams: &Streams,
    kinds: &KindTable,
) -> Result<(Stage<Decider>, Option<Tolerance>), Problem> {
    let here = Path::of(["protocol", "pipeline", "stages"]).to(number);
    if shape.deadline.0.is_zero() {
        return Err(Problem::new(here.to("deadline"), "deciding takes time"));
    }
    let (members, groups) = members(scenario, shape, &here)?;
    let task = InnerTask {
        at: Span(Duration::ZERO),
        value: scenario.workload.value,
        value_max: u64::MAX,
        options: shape.options,
        deadline: None,
        number: number as u64,
    };
    let place = InnerPlace { around: &scenario.world, groups, members: members.len() as u32 };
    let (child, tolerance) = shape.by.child().resolve(&place, task, streams, kinds, &here.to("by"))?;
    let vouchers = tolerance.map_or(1, |tolerance| tolerance.byzantine as usize + 1);
    let stage = Stage { members: members.into(), child: Rc::new(child), vouchers, ends: Time::ZERO };
    Ok((stage, tolerance))
}

/// Returns the agents of a stage, and the groups that they make there.
fn members(
    scenario: &File,
    shape: &StageShape,
    here: &Path,
) -> Result<(Vec<NodeId>, Vec<synod_harness::Group>), Problem> {
    if shape.groups.is_empty() {
        return Ok(((0..scenario.world.agents).map(NodeId).collect(), scenario.world.groups.clone()));
    }
    let sizes = scenario.world.group_sizes();
    let mut members = Vec::new();
    let mut groups = Vec::new();
    for (place, name) in shape.groups.iter().enumerate() {
        let found = scenario.world.groups.iter().position(|group| group.name == *name);
        let Some(index) = found.filter(|_| !shape.groups[..place].contains(name)) else {
            let known: Vec<String> = scenario.world.groups.iter().map(|group| quote(&group.name)).collect();
            let message = match found {
                Some(_) => format!("group {} is named twice", quote(name)),
                None => format!("there is no group {}", quote(name)),
            };
            let help = if known.is_empty() {
                "give `groups` to the scenario".to_owned()
            } else {
                format!("there are {}", known.join(", "))
            };
            return Err(Problem::new(here.to("groups").to(place), message).help(help));
        };
        let begin: u32 = sizes[..index].iter().sum();
        members.extend((begin..begin + sizes[index]).map(NodeId));
        let group = scenario.world.groups[index].clone();
        groups.push(synod_harness::Group { count: Some(sizes[index]), share: None, ..group });
    }
    if members.is_empty() {
        return Err(Problem::new(here.to("groups"), "a stage has members, and these groups have none"));
    }
    Ok((members, groups))
}
