//! Adaptive coordination in a scenario file.

use crate::{Adaptive, Bug, Config, Level, Mark, Rung};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::rc::Rc;
use synod_common::decide::{Decider, KindTable};
use synod_harness::{Entry, Harness, Instance, OwnMetric, Path, Problem, Scenario, Tolerance, World, entry};
use synod_harness::{InnerPlace, InnerProtocol, InnerTask, RungSpec};
use synod_sim::units::plural;
use synod_sim::units::{Share, Span};
use synod_sim::{CoverageMark, Duration, GroundTruth, Oracle, Streams};

/// Adaptive coordination under the harness.
#[derive(Debug)]
pub enum AdaptiveHarness {}

/// Returns the protocol of this crate.
pub fn entries() -> Vec<Box<dyn Entry>> {
    vec![entry::<AdaptiveHarness>()]
}

/// A chain's parameters.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AdaptiveParams {
    /// The protocols to try, from the one that tolerates most.
    pub chain: Vec<RungShape>,
    /// The least that a protocol must tolerate to be tried at all.
    #[serde(default = "byzantine")]
    pub floor: Level,
    /// f: how many agents may be faulty.
    pub faulty: u32,
    /// When agents without an outcome give up.
    #[serde(default = "ten_seconds")]
    pub max_time: Span,
    /// The least time that a protocol is given.
    #[serde(default = "half_second")]
    pub dwell: Span,
    /// How often an agent says that it is there; who is not heard of for three times as long counts as failed.
    #[serde(default = "half_second")]
    pub heartbeat: Span,
    /// The share of agents whose failure is a reason to try the next protocol.
    #[serde(default = "tenth")]
    pub failures: Share,
    /// The bug of a mutant.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(skip)]
    pub bug: Option<Bug>,
}

/// A protocol of the chain.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RungShape {
    /// The one concerned.
    pub by: InnerProtocol,
    /// How long a decision by it takes, by estimate: with less than one and a half times that left, it is time for it.
    #[serde(default = "one_second")]
    pub cost: Span,
}

/// What is to be decided.
#[derive(Copy, Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct AdaptiveWorkload {
    /// Number of options, from 0.
    pub options: u64,
    /// Which of them an initiator proposes, such as PBFT's.
    pub value: u64,
}

impl Default for AdaptiveWorkload {
    fn default() -> AdaptiveWorkload {
        AdaptiveWorkload { options: 2, value: 1 }
    }
}

fn byzantine() -> Level {
    Level::Byzantine
}

fn ten_seconds() -> Span {
    Span(Duration::from_secs(10))
}

fn one_second() -> Span {
    Span(Duration::from_secs(1))
}

fn half_second() -> Span {
    Span(Duration::from_millis(500))
}

fn tenth() -> Share {
    Share::from_ppb(100_000_000).unwrap_or(Share::NONE)
}

type File = Scenario<AdaptiveParams, AdaptiveWorkload>;

/// A reason counts once for each agent that had it.
const METRICS: [OwnMetric; 7] = OwnMetric::of(
    AdaptiveHarness::NAME,
    [
        OwnMetric::peak("adaptive.rung", "rung", "The last rung that any agent reached."),
        OwnMetric::hits(
            "adaptive.left_for_time",
            &[Mark::LeftForTime.declared()],
            "Times that an agent left a rung since there was just time enough for the next.",
        ),
        OwnMetric::hits(
            "adaptive.left_for_failures",
            &[Mark::LeftForFailures.declared()],
            "Times that an agent left a rung since too many had failed.",
        ),
        OwnMetric::hits(
            "adaptive.left_for_quality",
            &[Mark::LeftForQuality.declared()],
            "Times that an agent left a rung since its agreement was not good enough.",
        ),
        OwnMetric::hits(
            "adaptive.bound",
            &[Mark::RungBound.declared()],
            "Times that an agent started a rung that may decide one value only.",
        ),
        OwnMetric::hits(
            "adaptive.threshold_infeasible",
            &[Mark::UndecidedThresholdInfeasible.declared()],
            "Agents without a decision since the threshold was out of reach.",
        ),
        OwnMetric::hits(
            "adaptive.out_of_time",
            &[Mark::UndecidedOutOfTime.declared()],
            "Agents without a decision since the time was up.",
        ),
    ],
);

impl Harness for AdaptiveHarness {
    type Protocol = Adaptive<Decider>;
    type Params = AdaptiveParams;
    type Workload = AdaptiveWorkload;

    const NAME: &'static str = "adaptive";
    const ABOUT: &'static str = "A chain of protocols above a security floor: the next is tried when the present one will not decide in time, and no two decide differently";
    const ORACLES: &'static [&'static str] = crate::oracle::NAMES;
    const METRICS: &'static [OwnMetric] = &METRICS;
    const MARKS: &'static [CoverageMark] = Mark::ALL;

    fn instance(scenario: &File, streams: &Streams) -> Result<Instance<Adaptive<Decider>>, Problem> {
        let params = &scenario.params;
        check(scenario)?;
        let kinds = KindTable::new();
        let mut chain: Vec<Rung<Decider>> = Vec::new();
        for (place, shape) in params.chain.iter().enumerate() {
            let here = chain_path().to(place);
            let (rung, tolerance) = rung(scenario, place, shape, streams, &kinds)?;
            if let Some(above) = chain.last().filter(|above| above.level < rung.level) {
                let message = format!(
                    "{} tolerates more than what comes before it: {:?} rather than {:?} faults",
                    shape.by.name(),
                    rung.level,
                    above.level
                );
                return Err(Problem::new(here.to("by"), message).help("order the chain by what it tolerates"));
            }
            if tolerance.is_none() && scenario.world.agents <= 2 * params.faulty {
                let message = format!(
                    "{} needs most of {}: {} may not fail",
                    shape.by.name(),
                    plural(scenario.world.agents.into(), "agent"),
                    params.faulty
                );
                return Err(Problem::new(here.to("by"), message).help("lower `faulty`"));
            }
            if let Some(borne) = tolerance.filter(|borne| borne.faulty < params.faulty) {
                let message = format!(
                    "{} tolerates {} faulty agents, not {}",
                    shape.by.name(),
                    borne.faulty,
                    params.faulty
                );
                return Err(Problem::new(here.to("by"), message).help("lower `faulty`"));
            }
            chain.push(rung);
        }
        if chain[0].level < params.floor {
            let message = format!("not even the first protocol tolerates {:?} faults", params.floor);
            return Err(Problem::new(Path::of(["protocol", Self::NAME, "floor"]), message));
        }
        let config = Config {
            chain,
            floor: params.floor,
            faulty: params.faulty,
            members: scenario.world.agents,
            max_time: params.max_time.0,
            dwell: params.dwell.0,
            heartbeat: params.heartbeat.0,
            failures_ppm: params.failures.ppb() / 1_000,
            bug: params.bug,
        };
        Ok(Instance { config, clients: 0, operations: 1 })
    }

    fn tolerance(scenario: &File) -> Option<Tolerance> {
        let params = &scenario.params;
        let is_byzantine = params.floor == Level::Byzantine;
        Some(Tolerance {
            faulty: params.faulty,
            byzantine: if is_byzantine { params.faulty } else { 0 },
            trusted: None,
            overlap: (2 * (scenario.world.agents - params.faulty.min(scenario.world.agents)))
                .saturating_sub(scenario.world.agents)
                .max(1),
            timer: params.dwell,
        })
    }

    fn children(params: &mut AdaptiveParams) -> Vec<(Path, &mut InnerProtocol)> {
        let path = |place: usize| Path::of(["chain"]).to(place).to("by");
        params.chain.iter_mut().enumerate().map(|(place, rung)| (path(place), &mut rung.by)).collect()
    }

    fn oracles(
        config: &Rc<Config<Decider>>,
        ground_truth: &GroundTruth,
    ) -> Vec<Box<dyn Oracle<Adaptive<Decider>>>> {
        crate::oracle::all(config, ground_truth)
    }
}

fn chain_path() -> Path {
    Path::of(["protocol", "adaptive", "chain"])
}

fn check(scenario: &File) -> Result<(), Problem> {
    let params = &scenario.params;
    let at = |field: &str| Path::of(["protocol", "adaptive"]).to(field);
    let refuse = |path: Path, message: &str| Err(Problem::new(path, message));
    let AdaptiveWorkload { options, value } = scenario.workload;
    if params.chain.is_empty() {
        return refuse(chain_path(), "there is nothing to try");
    }
    if params.faulty >= scenario.world.agents {
        return refuse(at("faulty"), "somebody is correct");
    }
    for (field, span) in [("max_time", params.max_time), ("heartbeat", params.heartbeat)] {
        if span.0.is_zero() {
            return refuse(at(field), "it takes time");
        }
    }
    if params.failures == Share::NONE {
        return refuse(at("failures"), "no failure is no reason: give the share that is one");
    }
    if params.bug.is_some() && !cfg!(feature = "mutants") {
        return refuse(at("bug"), "mutants are not built in: build with the feature `mutants`");
    }
    if options < 2 {
        return refuse(Path::of(["workload", "options"]), "there must be something to choose");
    }
    if value >= options {
        let message = format!("the options are 0 to {}", options - 1);
        return Err(Problem::new(Path::of(["workload", "value"]), message));
    }
    Ok(())
}

/// Returns a rung, and what it tolerates.
fn rung(
    scenario: &File,
    place: usize,
    shape: &RungShape,
    streams: &Streams,
    kinds: &KindTable,
) -> Result<(Rung<Decider>, Option<Tolerance>), Problem> {
    let World { groups, agents, .. } = &scenario.world;
    let members = InnerPlace { around: &scenario.world, groups: groups.clone(), members: *agents };
    let task = InnerTask {
        at: Span(Duration::ZERO),
        value: scenario.workload.value,
        value_max: scenario.workload.options - 1,
        options: scenario.workload.options,
        deadline: None,
        // What agents think does not change with how they are asked.
        number: 0,
    };
    let here = chain_path().to(place).to("by");
    let (child, tolerance) = shape.by.child().resolve(&members, task, streams, kinds, &here)?;
    let Some(RungSpec { level, opener }) = shape.by.child().rung(&here)? else {
        let message = format!(
            "{} is no rung: if it is left, nobody can tell what it may have decided",
            shape.by.name()
        );
        return Err(
            Problem::new(here, message).help("use a protocol that can be left, such as pbft or weighted")
        );
    };
    let rung = Rung { level, child: Rc::new(child), opener, cost: shape.cost.0 };
    Ok((rung, tolerance))
}
