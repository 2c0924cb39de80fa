//! The interface between a protocol and scenarios: parameters, workload, oracles, expected metrics.

use super::Problem;
use super::faults::Tolerance;
use super::own_metric::OwnMetric;
use super::theory::Theory;
use super::world::Scenario;
use schemars::JsonSchema;
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::rc::Rc;
use synod_sim::{CoverageMark, GroundTruth, NodeId, Oracle, Protocol, Streams};

/// A protocol under the harness.
///
/// Implement it for a protocol of your own, register it, and every command knows it. See `examples/` for one.
pub trait Harness: 'static {
    /// The state machine.
    type Protocol: Protocol;
    /// What stands under the protocol's name in a scenario file.
    type Params: DeserializeOwned + Serialize + JsonSchema + Clone + Send + Sync;
    /// What stands under `workload`.
    type Workload: DeserializeOwned + Serialize + JsonSchema + Clone + Send + Sync;

    /// The name in scenario files.
    const NAME: &'static str;
    /// What it is, in one sentence.
    const ABOUT: &'static str;
    /// The names of its oracles.
    const ORACLES: &'static [&'static str] = &[];
    /// Its own metrics, beside those that every protocol has.
    const METRICS: &'static [OwnMetric] = &[];
    /// Its coverage marks: those that its observations hit.
    const MARKS: &'static [CoverageMark] = &[];

    /// Returns what a checked scenario asks for in the run of `streams`: what the workload leaves to chance is drawn
    /// from them.
    ///
    /// # Errors
    /// What is wrong with the parameters or the workload, and where: the same whatever the streams are.
    fn instance(
        scenario: &Scenario<Self::Params, Self::Workload>,
        streams: &Streams,
    ) -> Result<Instance<Self::Protocol>, Problem>;

    /// Returns what the protocol claims to tolerate under this scenario; `None` if it claims nothing, and then
    /// tolerates anything.
    fn tolerance(scenario: &Scenario<Self::Params, Self::Workload>) -> Option<Tolerance> {
        let _ = scenario;
        None
    }

    /// Returns true if a run waits for the decisions of this agent: not of one that leaves on the way.
    fn decides(config: &<Self::Protocol as Protocol>::Config, agent: NodeId) -> bool {
        let _ = (config, agent);
        true
    }

    /// Returns the oracles that watch a run, given what is true of it.
    fn oracles(
        config: &Rc<<Self::Protocol as Protocol>::Config>,
        ground_truth: &GroundTruth,
    ) -> Vec<Box<dyn Oracle<Self::Protocol>>> {
        let _ = (config, ground_truth);
        Vec::new()
    }

    /// Returns what theory says of the scenario's figures, where it says anything.
    fn theory(scenario: &Scenario<Self::Params, Self::Workload>) -> Vec<Theory> {
        let _ = scenario;
        Vec::new()
    }
}

/// What a scenario asks of a protocol.
#[derive(Debug)]
pub struct Instance<P: Protocol> {
    /// Configuration, the same for every node.
    pub config: P::Config,
    /// Nodes beyond the agents, such as clients.
    pub clients: u32,
    /// Operations asked for in all: a run is done once they are decided.
    pub operations: u64,
}
