//! A protocol that is not a function of its inputs is found out, and the first event that differs is named.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::rc::Rc;
use std::sync::atomic::{AtomicU64, Ordering};
use synod::harness::{Harness, Instance, Problem, Scenario};
use synod::scenario::Document;
use synod::sim::{Context, Durable, NoObservation, NodeId, Protocol, Streams};

/// What no handler may look at: something outside the run.
static OUTSIDE: AtomicU64 = AtomicU64::new(0);

/// Every node passes a token on; from the third hop on it says how often anyone did, in whatever run.
struct Leaky {
    is_leaky: bool,
}

impl Protocol for Leaky {
    type Config = bool;
    type Message = u64;
    type Timer = ();
    type Record = ();
    type Observation = NoObservation;

    fn new(is_leaky: &Rc<bool>, _: NodeId, _: usize, _: u64, _: Durable<'_, ()>) -> Leaky {
        Leaky { is_leaky: **is_leaky }
    }

    fn on_start(&mut self, ctx: &mut Context<'_, Leaky>) {
        if ctx.me() == NodeId(0) {
            ctx.send(NodeId(1), 1);
        }
    }

    fn on_message(&mut self, ctx: &mut Context<'_, Leaky>, _: NodeId, &hops: &u64) {
        let told = if self.is_leaky && hops == 3 { OUTSIDE.fetch_add(1, Ordering::Relaxed) } else { hops };
        if hops < 6 {
            let next = NodeId((ctx.me().0 + 1) % ctx.nodes() as u32);
            ctx.send(next, if hops == 3 { told + 4 } else { hops + 1 });
        }
    }

    fn on_timer(&mut self, _: &mut Context<'_, Leaky>, (): ()) {}
}

enum LeakyHarness {}

#[derive(Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Params {
    leaky: bool,
}

impl Harness for LeakyHarness {
    type Protocol = Leaky;
    type Params = Params;
    type Workload = ();
    const NAME: &'static str = "leaky";
    const ABOUT: &'static str = "A ring that passes a token, and may look where it should not.";

    fn instance(scenario: &Scenario<Params, ()>, _: &Streams) -> Result<Instance<Leaky>, Problem> {
        Ok(Instance { config: scenario.params.leaky, clients: 0, operations: 0 })
    }
}

fn check(is_leaky: bool) -> Result<String, String> {
    let text = format!(
        "{{name: ring, agents: 3, network: {{latency: {{constant: 1ms}}}}, protocol: {{leaky: {{leaky: {is_leaky}}}}}, \
         workload: {{}}, stop: quiescent}}"
    );
    let document = Document::parse("ring.yaml", &text).expect("it is YAML");
    let registry = synod::standard().with::<LeakyHarness>();
    let scenario = document.prepare(&registry).unwrap_or_else(|error| panic!("{error}"));
    match scenario.check_determinism(1).unwrap_or_else(|error| panic!("{error}")) {
        Ok(outcome) => Ok(outcome.end.digest.to_string()),
        Err(difference) => Err(difference.to_string()),
    }
}

#[test]
fn a_deterministic_run_agrees_with_itself() {
    assert_eq!(check(false), check(false));
    assert!(check(false).is_ok());
}

#[test]
fn the_first_event_that_differs_is_named() {
    let difference = check(true).expect_err("the runs differ");
    // Three starts, three hops: the runs part where the third hop is handled, at 3 ms, by agent 0.
    assert!(difference.starts_with("not deterministic: the runs part at event 6\n"), "{difference}");
    assert!(difference.contains("first run:  at 3ms agent 0 sends"), "{difference}");
    assert!(difference.contains("second run: at 3ms agent 0 sends"), "{difference}");
}
