//! Simple consensus in a scenario file.

use super::voting::{VoteSpec, VoteWorkload, instance, theory};
use crate::weighted::oracle::{self, NAMES};
use crate::weighted::{self, Bug, Config, Weighted};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::rc::Rc;
use synod_common::decide::Level;
use synod_harness::{Composition, FaultClass, RungSpec, Suitability, Task};
use synod_harness::{Harness, Instance, OwnMetric, Problem, Scenario, Theory};
use synod_sim::units::Span;
use synod_sim::{CoverageMark, Duration, GroundTruth, NodeId, Oracle, Streams};

/// Simple consensus under the harness.
#[derive(Debug)]
pub enum SimpleHarness {}

/// Simple consensus's parameters.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct SimpleParams {
    /// Who coordinates; it votes as well.
    pub coordinator: u32,
    /// How long the coordinator waits for votes.
    pub deadline: Span,
    /// The bug of a mutant.
    #[schemars(skip)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bug: Option<Bug>,
}

impl Default for SimpleParams {
    fn default() -> SimpleParams {
        SimpleParams { coordinator: 0, deadline: Span(Duration::from_secs(1)), bug: None }
    }
}

type File = Scenario<SimpleParams, VoteWorkload>;

impl Harness for SimpleHarness {
    type Protocol = Weighted;
    type Params = SimpleParams;
    type Workload = VoteWorkload;

    const NAME: &'static str = "simple";
    const ABOUT: &'static str =
        "Simple consensus: one voter, one vote, and the majority of all registered voters";
    const ORACLES: &'static [&'static str] = NAMES;
    const METRICS: &'static [OwnMetric] = super::voting::METRICS;
    const MARKS: &'static [CoverageMark] = weighted::Mark::ALL;

    fn instance(scenario: &File, streams: &Streams) -> Result<Instance<Weighted>, Problem> {
        let SimpleParams { coordinator, deadline, bug } = scenario.params;
        let spec = VoteSpec { protocol: Self::NAME, coordinator, deadline, bug };
        let config = instance(scenario, spec, streams)?.simple();
        let operations = config.schedule.sessions;
        Ok(Instance { config, clients: 0, operations })
    }

    fn oracles(config: &Rc<Config>, ground_truth: &GroundTruth) -> Vec<Box<dyn Oracle<Weighted>>> {
        oracle::all(config, ground_truth)
    }

    fn composition() -> Option<Composition<Weighted, SimpleParams, VoteWorkload>> {
        Some(Composition::abortable(VoteWorkload::of, |params: &SimpleParams| {
            Ok(RungSpec { level: Level::Majority, opener: NodeId(params.coordinator) })
        }))
    }

    fn suitability() -> Option<Suitability<SimpleParams, VoteWorkload>> {
        Some(Suitability {
            tasks: &[Task::Standard],
            tolerates: FaultClass::Benign,
            trial: |_| (SimpleParams::default(), VoteWorkload::default()),
        })
    }

    fn theory(scenario: &File) -> Vec<Theory> {
        theory(scenario)
    }
}
