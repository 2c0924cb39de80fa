//! A panic in a protocol is told to the observer, which may end the run; otherwise it goes on.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::rc::Rc;
use synod::oracle::NoPanic;
use synod::sim::inject::{InFlight, Intervention};
use synod::sim::network::ConstantDelay;
use synod::sim::{
    Context, Damage, Durable, Ending, Event, EventTime, Flow, NoObservation, NodeId, Observer, Oracle,
    Protocol, Setup, Simulation, Streams, Violation,
};
use synod::testing::{at, ms};

/// Panics where its configuration says.
struct Fragile(&'static str);

impl Protocol for Fragile {
    type Config = &'static str;
    type Message = u64;
    type Timer = u8;
    type Record = ();
    type Observation = NoObservation;

    fn new(place: &Rc<&'static str>, me: NodeId, _: usize, _: u64, _: Durable<'_, ()>) -> Fragile {
        assert!(!(**place == "new" && me == NodeId(1)), "built on sand");
        Fragile(place)
    }

    fn on_start(&mut self, ctx: &mut Context<'_, Fragile>) {
        match (self.0, ctx.me().0) {
            ("start", 1) => panic!("stumbles at start"),
            ("sync", 1) => {
                ctx.sync_then(7);
            }
            ("timer", 1) => ctx.set_timer(3, ms(1)),
            (_, 0) => ctx.send(NodeId(1), 5),
            _ => {}
        }
    }

    fn on_message(&mut self, _: &mut Context<'_, Fragile>, _: NodeId, &number: &u64) {
        if self.0 == "message" {
            let numbers = [1, 2, 3];
            let _ = numbers[std::hint::black_box(number as usize)];
        }
    }

    fn on_timer(&mut self, _: &mut Context<'_, Fragile>, timer: u8) {
        panic!("timer {timer} is too much");
    }

    fn on_synced(&mut self, _: &mut Context<'_, Fragile>, token: u64) {
        panic!("token {token} is too much");
    }
}

/// Judges by [`NoPanic`].
#[derive(Default)]
struct Judge {
    oracle: NoPanic,
    found: Option<Violation>,
}

impl Observer<Fragile> for Judge {
    fn wants_copies(&self) -> bool {
        false
    }

    fn on_event(&mut self, moment: EventTime, event: &Event<'_, Fragile>) -> Flow {
        let Err(violation) = self.oracle.on_event(moment, event) else { return Flow::Continue };
        self.found = Some(violation);
        Flow::Violated
    }
}

fn run(place: &'static str) -> (Ending, Violation) {
    let setup = Setup::new(place, 2, Streams::new(1), ConstantDelay(ms(1)));
    let mut run = Simulation::<Fragile, Judge>::new(setup, Judge::default());
    let end = run.run();
    (end.ending, run.into_observer().found.expect("it panics"))
}

#[test]
fn a_panic_is_found_wherever_protocol_code_runs() {
    for (place, during, message) in [
        ("new", "being built", "built on sand"),
        ("start", "starting", "stumbles at start"),
        ("message", "handling a message of agent 0", "index out of bounds: the len is 3 but the index is 5"),
        ("timer", "handling a timer", "timer 3 is too much"),
        ("sync", "handling the end of a sync", "token 7 is too much"),
    ] {
        let (ending, violation) = run(place);
        assert_eq!((ending, &violation.agents[..]), (Ending::Violation, &[NodeId(1)][..]), "{place}");
        let said = format!("agent 1 panicked while {during}, at tests/kernel/panics.rs:");
        assert!(violation.message.starts_with(&said), "{}", violation.message);
        assert!(violation.message.ends_with(&format!(": {message}")), "{}", violation.message);
        assert_eq!(violation.evidence[0].name, NoPanic::PLACE);
    }
}

#[test]
fn the_same_panic_gives_the_same_digest() {
    let digest = || {
        let setup = Setup::new("message", 2, Streams::new(1), ConstantDelay(ms(1)));
        Simulation::<Fragile, Judge>::new(setup, Judge::default()).run().digest
    };
    assert_eq!(digest(), digest());
}

#[test]
fn a_panic_that_nobody_objects_to_goes_on() {
    let setup = Setup::new("start", 2, Streams::new(1), ConstantDelay(ms(1)));
    let mut run = Simulation::<Fragile, ()>::new(setup, ());
    let payload = catch_unwind(AssertUnwindSafe(|| run.run())).expect_err("it panics");
    assert_eq!(payload.downcast_ref::<&str>(), Some(&"stumbles at start"));
}

/// Is itself fragile: it panics when a node comes back.
struct Clumsy;

impl Observer<Fragile> for Clumsy {
    fn wants_copies(&self) -> bool {
        false
    }

    fn on_event(&mut self, _: EventTime, event: &Event<'_, Fragile>) -> Flow {
        assert!(!matches!(event, Event::Restarted { .. }), "the observer stumbles");
        assert!(!matches!(event, Event::Panicked { .. }), "no protocol has panicked");
        Flow::Continue
    }
}

#[test]
fn an_observers_panic_right_after_a_node_is_built_is_its_own() {
    let mut setup = Setup::new("nowhere", 2, Streams::new(1), ConstantDelay(ms(1)));
    let node = NodeId(1).into();
    let (damage, in_flight) = (Damage::None, InFlight::Deliver);
    setup.interventions = vec![
        (at(2), Intervention::Crash { id: 0, node, damage, in_flight }),
        (at(3), Intervention::Restart { id: 0, node }),
    ];
    let mut run = Simulation::<Fragile, Clumsy>::new(setup, Clumsy);
    let why = catch_unwind(AssertUnwindSafe(|| run.run())).expect_err("it panics");
    assert_eq!(why.downcast_ref::<&str>(), Some(&"the observer stumbles"));
}
