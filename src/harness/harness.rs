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
/// Implement it for a protocol of your own, register it, and every command knows it. `examples/one_third_rule.rs` has one
/// with oracles, metrics, coverage marks and theory.
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
/// #     fn new(_: &Rc<()>, _: NodeId, _: usize, _: Durable<'_, ()>) -> Greeter {
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
