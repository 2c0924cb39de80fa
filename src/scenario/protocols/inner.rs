//! A protocol inside another, in a scenario file: the same parameters as on its own, in another place.

use super::{Decision, PbftHarness, PbftParams, PbftWorkload};
use super::{HierarchicalHarness, HierarchicalParams};
use super::{IterativeHarness, IterativeParams, RefineWorkload};
use super::{SimpleHarness, SimpleParams, VoteWorkload, WeightedHarness, WeightedParams};
use crate::protocol::compose::DeciderConfig;
use crate::scenario::file::Protocol;
use crate::scenario::groups::Group;
use crate::scenario::{Harness, Path, Problem, Scenario, Tolerance};
use crate::sim::{Digest, Streams};
use crate::units::Span;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::rc::Rc;

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

/// What an inner protocol is asked for.
#[derive(Copy, Clone, Debug)]
pub(super) struct Errand {
    /// When it begins.
    pub(super) at: Span,
    /// What PBFT's initiator proposes, unless the protocol around has something for it.
    pub(super) value: u64,
    /// The largest value that PBFT's replicas vote for.
    pub(super) value_max: u64,
    /// How many options a vote has.
    pub(super) options: u64,
    /// When a decision of PBFT's is given up, from the start.
    pub(super) deadline: Option<Span>,
    /// Keeps its draws apart from those of others inside the same run.
    pub(super) number: u64,
}

/// Who takes part in it.
pub(super) struct Members {
    pub(super) groups: Vec<Group>,
    pub(super) count: u32,
}

impl InnerProtocol {
    /// Its name.
    pub(super) fn name(&self) -> &'static str {
        match self {
            InnerProtocol::Pbft(_) => PbftHarness::NAME,
            InnerProtocol::Simple(_) => SimpleHarness::NAME,
            InnerProtocol::Weighted(_) => WeightedHarness::NAME,
            InnerProtocol::Iterative(_) => IterativeHarness::NAME,
            InnerProtocol::Hierarchical(_) => HierarchicalHarness::NAME,
        }
    }

    /// What its nodes are told, and what it bears. `here` is where it stands in the file.
    pub(super) fn resolve<P, W>(
        &self,
        around: &Scenario<P, W>,
        Members { groups, count }: Members,
        errand: Errand,
        streams: &Streams,
        here: &Path,
    ) -> Result<(DeciderConfig, Option<Tolerance>), Problem> {
        let streams = apart(streams, errand.number);
        let name = self.name();
        let located = |problem: Problem| {
            let moved = problem.path.moved(&["protocol", name], &here.to(name));
            Problem { path: moved.unwrap_or_else(|| here.clone()), ..problem }
        };
        let votes = VoteWorkload { options: errand.options, at: errand.at, ..VoteWorkload::default() };
        match self {
            InnerProtocol::Pbft(params) => {
                let decision = Decision {
                    at: errand.at,
                    value: errand.value,
                    value_max: errand.value_max,
                    deadline: errand.deadline,
                    ..Decision::default()
                };
                let protocol = Protocol { name: name.to_owned(), params: params.clone() };
                let inner = around.inner(groups, count, protocol, PbftWorkload::Decision(decision));
                let config = PbftHarness::instance(&inner, &streams).map_err(located)?.config;
                Ok((DeciderConfig::Pbft(Rc::new(config)), PbftHarness::tolerance(&inner)))
            }
            InnerProtocol::Simple(params) => {
                let protocol = Protocol { name: name.to_owned(), params: params.clone() };
                let inner = around.inner(groups, count, protocol, votes);
                let config = SimpleHarness::instance(&inner, &streams).map_err(located)?.config;
                Ok((DeciderConfig::Weighted(Rc::new(config)), SimpleHarness::tolerance(&inner)))
            }
            InnerProtocol::Weighted(params) => {
                let protocol = Protocol { name: name.to_owned(), params: params.clone() };
                let inner = around.inner(groups, count, protocol, votes);
                let config = WeightedHarness::instance(&inner, &streams).map_err(located)?.config;
                Ok((DeciderConfig::Weighted(Rc::new(config)), WeightedHarness::tolerance(&inner)))
            }
            InnerProtocol::Iterative(params) => {
                let protocol = Protocol { name: name.to_owned(), params: params.clone() };
                let asked = RefineWorkload { at: errand.at, ..RefineWorkload::default() };
                let inner = around.inner(groups, count, protocol, asked);
                let config = IterativeHarness::instance(&inner, &streams).map_err(located)?.config;
                Ok((DeciderConfig::Iterative(Rc::new(config)), IterativeHarness::tolerance(&inner)))
            }
            InnerProtocol::Hierarchical(params) => {
                let protocol = Protocol { name: name.to_owned(), params: params.clone() };
                let inner = around.inner(groups, count, protocol, votes);
                let config = HierarchicalHarness::instance(&inner, &streams).map_err(located)?.config;
                Ok((DeciderConfig::Hierarchical(Rc::new(config)), HierarchicalHarness::tolerance(&inner)))
            }
        }
    }
}

/// The streams of an inner protocol: none of their draws is another's.
fn apart(streams: &Streams, number: u64) -> Streams {
    let Digest(bytes) = Digest::of(&("inner protocol", streams.seed(), number));
    Streams::new(u64::from_le_bytes(*bytes.first_chunk().expect("a digest has more than eight bytes")))
}

/// The oracles of every inner protocol.
pub(super) const ORACLES: [&[&str]; 4] = [
    crate::protocol::pbft::oracle::NAMES,
    crate::protocol::weighted::oracle::NAMES,
    crate::protocol::iterative::oracle::NAMES,
    crate::protocol::hierarchical::oracle::NAMES,
];

/// The coverage marks of every inner protocol: those of votes are among the tree's.
pub(super) const MARKS: [&[&str]; 3] =
    [PbftHarness::MARKS, HierarchicalHarness::MARKS, IterativeHarness::MARKS];

/// The metrics of every inner protocol.
pub(super) const METRICS: [&[&str]; 3] =
    [PbftHarness::METRICS, HierarchicalHarness::METRICS, IterativeHarness::METRICS];

/// The figures under those names.
pub(super) fn metrics(
    coverage: &dyn Fn(&str) -> u64,
    peak: &dyn Fn(&str) -> u64,
) -> Vec<(&'static str, u64)> {
    let mut all = PbftHarness::metrics(coverage, peak);
    all.extend(HierarchicalHarness::metrics(coverage, peak));
    all.extend(IterativeHarness::metrics(coverage, peak));
    all
}
