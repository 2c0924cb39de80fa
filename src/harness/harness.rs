//! The interface between a protocol and scenarios: parameters, workload, oracles, expected metrics.

use super::Problem;
use super::composition::Composition;
use super::faults::Tolerance;
use super::inner::InnerProtocol;
use super::own_metric::OwnMetric;
use super::path::Path;
use super::suitability::Suitability;
use super::theory::Theory;
use super::world::Scenario;
use schemars::JsonSchema;
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::rc::Rc;
use synod_oracle::PlanWatch;
use synod_sim::{CoverageMark, GroundTruth, NodeId, Oracle, Protocol, Streams};

/// A protocol under the harness.
///
/// Implement it for a protocol of your own and register it: all commands then accept the protocol.
/// `examples/one_third_rule.rs` has a harness with oracles, metrics, coverage marks and theory.
///
/// ```
/// # use std::rc::Rc;
/// # use synod_sim::{Context, Durable, NoObservation, NodeId, Protocol, Streams};
/// # struct Greeter;
/// # impl Protocol for Greeter {
/// #     type Config = ();
/// #     type Message = &'static str;
/// #     type Timer = ();
/// #     type Record = ();
/// #     type Observation = NoObservation;
/// #     fn new(_: &Rc<()>, _: NodeId, _: usize, _: u64, _: Durable<'_, ()>) -> Greeter {
/// #         Greeter
/// #     }
/// #     fn on_start(&mut self, ctx: &mut Context<'_, Self>) {
/// #         if ctx.me() == NodeId(0) {
/// #             ctx.broadcast("hello");
/// #         }
/// #     }
/// #     fn on_message(&mut self, _: &mut Context<'_, Self>, _: NodeId, _: &&'static str) {}
/// #     fn on_timer(&mut self, _: &mut Context<'_, Self>, _: ()) {}
/// # }
/// use synod_harness::tree::Tree;
/// use synod_harness::{Harness, Instance, Problem, Registry, Scenario};
///
/// /// `Greeter`, whose node 0 greets everyone, has no parameters and no workload.
/// enum GreeterHarness {}
///
/// impl Harness for GreeterHarness {
///     type Protocol = Greeter;
///     type Params = ();
///     type Workload = ();
///
///     const NAME: &'static str = "greeter";
///     const ABOUT: &'static str = "Agent 0 greets everyone";
///
///     fn instance(_: &Scenario<(), ()>, _: &Streams) -> Result<Instance<Greeter>, Problem> {
///         Ok(Instance { config: (), clients: 0, operations: 0 })
///     }
/// }
///
/// let scenario = serde_json::json!({
///     "name": "greetings",
///     "agents": 4,
///     "network": {"latency": {"constant": "5ms"}},
///     "protocol": {"greeter": {}},
///     "workload": {},
///     "stop": "quiescent",
/// });
/// let registry = Registry::empty().with::<GreeterHarness>();
/// let prepared = registry.prepare(Tree::of("greetings", &scenario).unwrap()).unwrap();
/// assert_eq!(prepared.run(1, None).unwrap().end.tally.delivered, 3);
/// ```
pub trait Harness: 'static {
    /// The protocol: the state machine of a node.
    type Protocol: Protocol;
    /// The protocol's parameters: the value under its name in a scenario file.
    type Params: DeserializeOwned + Serialize + JsonSchema + Clone + Send + Sync;
    /// The workload: the value under `workload` in a scenario file.
    type Workload: DeserializeOwned + Serialize + JsonSchema + Clone + Send + Sync;

    /// The name in scenario files.
    const NAME: &'static str;
    /// A description of the protocol in one sentence.
    const ABOUT: &'static str;
    /// False for a protocol that is no pure function of scenario, seed and version, such as a program of which not all is
    /// under control. Sweeps over it have no digest, and its runs may be made twice and differ.
    const REPRODUCIBLE: bool = true;
    /// The names of the protocol's oracles.
    const ORACLES: &'static [&'static str] = &[];
    /// The protocol's own metrics, in addition to those of every protocol.
    const METRICS: &'static [OwnMetric] = &[];
    /// The protocol's coverage marks, which its observations hit.
    const MARKS: &'static [CoverageMark] = &[];

    /// Returns the configuration, clients and operations of a run of a checked scenario. Whatever the workload leaves
    /// to chance is drawn from `streams`.
    ///
    /// # Errors
    /// Returns the first problem of the parameters or the workload, with its location. It must not depend on `streams`.
    fn instance(
        scenario: &Scenario<Self::Params, Self::Workload>,
        streams: &Streams,
    ) -> Result<Instance<Self::Protocol>, Problem>;

    /// Returns the faults that the protocol claims to tolerate in this scenario; `None` if it makes no claim, in which
    /// case no number of faults is rejected.
    fn tolerance(scenario: &Scenario<Self::Params, Self::Workload>) -> Option<Tolerance> {
        let _ = scenario;
        None
    }

    /// Returns true if a run waits for the decisions of `agent`; false for an agent that leaves during the run, say.
    fn decides(config: &<Self::Protocol as Protocol>::Config, agent: NodeId) -> bool {
        let _ = (config, agent);
        true
    }

    /// Returns the oracles that watch a run, given its ground truth.
    fn oracles(
        config: &Rc<<Self::Protocol as Protocol>::Config>,
        ground_truth: &GroundTruth,
    ) -> Vec<Box<dyn Oracle<Self::Protocol>>> {
        let _ = (config, ground_truth);
        Vec::new()
    }

    /// Returns what watches whether the changes that a scenario plans take effect; `None` if it plans none.
    fn plan(config: &Rc<<Self::Protocol as Protocol>::Config>) -> Option<Box<dyn PlanWatch<Self::Protocol>>> {
        let _ = config;
        None
    }

    /// Returns how the protocol takes part in others, as a session, a stage, a rung; `None` if it does not.
    fn composition() -> Option<Composition<Self::Protocol, Self::Params, Self::Workload>> {
        None
    }

    /// Returns the protocols inside this one that its parameters name, and where they stand in the parameters.
    fn children(params: &mut Self::Params) -> Vec<(Path, &mut InnerProtocol)> {
        let _ = params;
        Vec::new()
    }

    /// Returns which tasks and faults the protocol suits; `None` if it is no candidate of `synod select`.
    fn suitability() -> Option<Suitability<Self::Params, Self::Workload>> {
        None
    }

    /// Returns what is unlikely to be meant in the scenario, though nothing forbids it: runs warn of it.
    fn cautions(scenario: &Scenario<Self::Params, Self::Workload>) -> Vec<String> {
        let _ = scenario;
        Vec::new()
    }

    /// Returns the values that theory predicts for the scenario's metrics, as far as it predicts any.
    fn theory(scenario: &Scenario<Self::Params, Self::Workload>) -> Vec<Theory> {
        let _ = scenario;
        Vec::new()
    }
}

/// A protocol as a scenario configures it for a run.
#[derive(Debug)]
pub struct Instance<P: Protocol> {
    /// The configuration, which all nodes share.
    pub config: P::Config,
    /// Number of nodes in addition to the agents, such as clients.
    pub clients: u32,
    /// Number of operations in the workload. A run is done once all are decided.
    pub operations: u64,
}
