//! A protocol inside another, in a scenario file: the same parameters as on its own, in another place.

use crate::DeciderConfig;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::rc::Rc;
use synod_harness::Group;
use synod_harness::{Harness, OwnMetric, Path, Problem, Scenario, Tolerance, World};
use synod_hierarchical::harness::{HierarchicalHarness, HierarchicalParams};
use synod_iterative::harness::{IterativeHarness, IterativeParams, RefineWorkload};
use synod_pbft::harness::{Decision, PbftHarness, PbftParams, PbftWorkload};
use synod_sim::units::Span;
use synod_sim::{CoverageMark, Digest, Streams};
use synod_vote::harness::{SimpleHarness, SimpleParams, VoteWorkload, WeightedHarness, WeightedParams};

/// A deciding protocol and its parameters, as they stand under `protocol` where it runs alone.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum InnerProtocol {
    /// One decision of PBFT.
    Pbft(PbftParams),
    /// A simple majority.
    Simple(SimpleParams),
    /// A weighted vote.
    Weighted(WeightedParams),
    /// A refinement of numbers.
    Iterative(IterativeParams),
    /// A vote along a tree.
    Hierarchical(HierarchicalParams),
}

/// The task of an inner protocol.
#[derive(Copy, Clone, Debug)]
pub struct InnerTask {
    /// When it begins.
    pub at: Span,
    /// What PBFT's initiator proposes, unless the protocol around has something for it.
    pub value: u64,
    /// The largest value that PBFT's replicas vote for.
    pub value_max: u64,
    /// How many options a vote has.
    pub options: u64,
    /// When a decision of PBFT's is given up, from the start.
    pub deadline: Option<Span>,
    /// Separates its random streams from those of other inner protocols of the run.
    pub number: u64,
}

/// Its members.
pub struct Members {
    /// Their groups.
    pub groups: Vec<Group>,
    /// Number of they that are.
    pub count: u32,
}

impl InnerProtocol {
    /// Returns the name.
    pub fn name(&self) -> &'static str {
        match self {
            InnerProtocol::Pbft(_) => PbftHarness::NAME,
            InnerProtocol::Simple(_) => SimpleHarness::NAME,
            InnerProtocol::Weighted(_) => WeightedHarness::NAME,
            InnerProtocol::Iterative(_) => IterativeHarness::NAME,
            InnerProtocol::Hierarchical(_) => HierarchicalHarness::NAME,
        }
    }

    /// What its nodes are told, and what it tolerates. `here` is where it stands in the file.
    pub fn resolve(
        &self,
        around: &World,
        Members { groups, count }: Members,
        task: InnerTask,
        streams: &Streams,
        here: &Path,
    ) -> Result<(DeciderConfig, Option<Tolerance>), Problem> {
        let streams = apart(streams, task.number);
        let name = self.name();
        let located = |problem: Problem| {
            let moved = problem.path.moved(&["protocol", name], &here.to(name));
            Problem { path: moved.unwrap_or_else(|| here.clone()), ..problem }
        };
        let world = around.inner(groups, count);
        let votes = VoteWorkload { options: task.options, at: task.at, ..VoteWorkload::default() };
        match self {
            InnerProtocol::Pbft(params) => {
                let decision = Decision {
                    at: task.at,
                    value: task.value,
                    value_max: task.value_max,
                    deadline: task.deadline,
                    ..Decision::default()
                };
                let inner = within(world, params, PbftWorkload::Decision(decision));
                let config = PbftHarness::instance(&inner, &streams).map_err(located)?.config;
                Ok((DeciderConfig::Pbft(Rc::new(config)), PbftHarness::tolerance(&inner)))
            }
            InnerProtocol::Simple(params) => {
                let inner = within(world, params, votes);
                let config = SimpleHarness::instance(&inner, &streams).map_err(located)?.config;
                Ok((DeciderConfig::Weighted(Rc::new(config)), SimpleHarness::tolerance(&inner)))
            }
            InnerProtocol::Weighted(params) => {
                let inner = within(world, params, votes);
                let config = WeightedHarness::instance(&inner, &streams).map_err(located)?.config;
                Ok((DeciderConfig::Weighted(Rc::new(config)), WeightedHarness::tolerance(&inner)))
            }
            InnerProtocol::Iterative(params) => {
                let asked = RefineWorkload { at: task.at, ..RefineWorkload::default() };
                let inner = within(world, params, asked);
                let config = IterativeHarness::instance(&inner, &streams).map_err(located)?.config;
                Ok((DeciderConfig::Iterative(Rc::new(config)), IterativeHarness::tolerance(&inner)))
            }
            InnerProtocol::Hierarchical(params) => {
                let inner = within(world, params, votes);
                let config = HierarchicalHarness::instance(&inner, &streams).map_err(located)?.config;
                Ok((DeciderConfig::Hierarchical(Rc::new(config)), HierarchicalHarness::tolerance(&inner)))
            }
        }
    }
}

fn within<P: Clone, W>(world: World, params: &P, workload: W) -> Scenario<P, W> {
    Scenario { world, params: params.clone(), workload }
}

/// Returns the streams of an inner protocol: none of their draws is another's.
fn apart(streams: &Streams, number: u64) -> Streams {
    let Digest(bytes) = Digest::of(&("inner protocol", streams.seed(), number));
    Streams::new(u64::from_le_bytes(*bytes.first_chunk().expect("a digest has more than eight bytes")))
}

/// The oracles of every inner protocol.
pub const ORACLES: [&[&str]; 4] = [
    synod_pbft::oracle::NAMES,
    synod_vote::weighted::oracle::NAMES,
    synod_iterative::oracle::NAMES,
    synod_hierarchical::oracle::NAMES,
];

/// The coverage marks of every inner protocol: those of votes are among the tree's.
pub const MARKS: [&[CoverageMark]; 3] =
    [PbftHarness::MARKS, HierarchicalHarness::MARKS, IterativeHarness::MARKS];

/// The metrics of every inner protocol.
pub const METRICS: [&[OwnMetric]; 3] =
    [PbftHarness::METRICS, HierarchicalHarness::METRICS, IterativeHarness::METRICS];
