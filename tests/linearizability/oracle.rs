//! The oracle of linearizability: what of a run it looks at, what it says, and what it does not claim to know.

use std::rc::Rc;
use synod::log::history::{Call, Step};
use synod::log::{self, Machine};
use synod::oracle::linearizability::{Linearizability, MachineModel};
use synod::protocol::common::kv::{Command, Key, Output, Store, Value};
use synod::protocol::raft::{Observation, Raft};
use synod::sim::{
    Cause, Duration, End, Ending, Event, EventTime, GroundTruth, NodeId, OperationId, Oracle, RunDigest,
    Tally, Time, Violation,
};

/// The oracle, and what it is shown, a millisecond apart. An operation is its client's only one, and the client speaks
/// through the node of its number.
struct Stage {
    oracle: Linearizability<Raft, MachineModel>,
    event: u64,
}

impl Stage {
    /// Nodes 0 to 39, of which 9 is faulty.
    fn new() -> Stage {
        let mut ground_truth = GroundTruth::undisturbed(40, Duration::from_millis(1), Time::MAX);
        ground_truth.correct[9] = false;
        let model = MachineModel(Machine::new(Store::default()));
        let oracle = Linearizability::new(&Rc::new(ground_truth), model, |claim| match claim {
            Observation::Call(call) => Some(MachineModel::call(call)),
            _ => None,
        });
        Stage { oracle, event: 0 }
    }

    fn see(&mut self, event: &Event<'_, Raft>) -> Result<(), Violation> {
        self.event += 1;
        let at = Time::from_nanos(self.event * 1_000_000);
        self.oracle.on_event(EventTime { at, event: self.event, cause: Cause::Nobody }, event)
    }

    fn call(&mut self, client: u32, step: Step) -> Result<(), Violation> {
        let operation = OperationId(client.into());
        let observation = Observation::Call(Call { operation, client, step });
        self.see(&Event::Observed { node: NodeId(client), observation: &observation })
    }

    fn ask(&mut self, client: u32, command: Command) {
        self.call(client, Step::Invoke(log::Command::of::<Store>(&command))).expect("asking is no offence");
    }

    fn did(&mut self, client: u32, command: Command, output: Output) -> Result<(), Violation> {
        self.ask(client, command);
        self.call(client, Step::Ok(log::Output::of::<Store>(&output)))
    }

    fn end(&mut self) -> Result<(), Violation> {
        let at = Time::from_nanos(self.event * 1_000_000);
        let (tally, digest) = (Tally::default(), RunDigest(0));
        self.oracle.on_end(&End { ending: Ending::Horizon, at, events: self.event, tally, digest })
    }
}

fn put(value: u64) -> Command {
    Command::Put { key: Key(0), value }
}

const GET: Command = Command::Get { key: Key(0) };

fn holds(numbers: &[u64]) -> Output {
    Output::Value(Value(numbers.into()))
}

#[test]
fn an_offence_is_told_and_drawn() {
    let mut stage = Stage::new();
    stage.did(1, put(1), Output::Written).expect("in order");
    stage.ask(3, put(3));
    stage.did(2, put(2), Output::Written).expect("in order");
    stage.did(4, GET, holds(&[3])).expect("in order");
    stage.call(3, Step::Info).expect("in order");
    let violation = stage.did(5, GET, holds(&[1])).expect_err("it is gone");
    assert_eq!(
        violation.message,
        "no order of 4 operations explains what clients were told: k0 held nothing at first; client 1, 1ms to 2ms, put k0 1: \
         written; client 3, from 3ms on, put k0 3: it never learnt what came of it; client 4, 6ms to 7ms, get k0: 3; \
         client 5, 9ms to 10ms, get k0: 1"
    );
    assert_eq!(violation.agents, [1, 3, 4, 5].map(NodeId));
    let drawn = violation.interleaving.expect("it is drawn");
    assert_eq!(drawn.before, "k0 held nothing");
    let places: Vec<_> = drawn.intervals.iter().map(|interval| (interval.first, interval.last)).collect();
    assert_eq!(places, [(0, Some(1)), (2, None), (3, Some(4)), (5, Some(6))]);
    assert_eq!(stage.oracle.checked(), 3, "those that had an order");
}

#[test]
fn how_clients_calls_ended_is_taken_over() {
    for (step, reads) in [(Step::Info, true), (Step::Fail, false)] {
        let mut stage = Stage::new();
        stage.ask(1, put(1));
        stage.call(1, step).expect("in order");
        assert_eq!(stage.did(2, GET, holds(&[1])).is_ok(), reads);
    }
}

#[test]
fn what_a_faulty_node_claims_is_in_no_history() {
    let mut stage = Stage::new();
    stage.did(9, GET, holds(&[7])).expect("it may say what it likes");
    stage.end().expect("all is well");
    assert_eq!(stage.oracle.checked(), 0);
}

#[test]
fn a_client_that_crashed_holds_nothing_up() {
    let mut stage = Stage::new();
    stage.ask(1, put(1));
    stage.see(&Event::Crashed { node: NodeId(1) }).expect("in order");
    stage.did(2, GET, holds(&[1])).expect("it may have taken effect");
    assert_eq!(stage.oracle.checked(), 1, "and the get is judged at once");
    stage.did(3, GET, holds(&[])).expect_err("it has");
}

#[test]
fn what_never_rests_is_judged_at_the_end() {
    let mut stage = Stage::new();
    stage.ask(1, put(1));
    stage.did(2, GET, holds(&[7])).expect("it is not judged yet");
    stage.end().expect_err("nobody writes it");
}

#[test]
fn what_could_not_be_judged_is_named() {
    let mut stage = Stage::new();
    for (number, unknown) in [
        (0, "too many orders are possible at k0"),
        (1, "too many orders are possible at k0 and one other key"),
        (2, "too many orders are possible at k0 and 2 other keys"),
    ] {
        // A put that never returns, and more gets beside it than are kept.
        let key = Key(number);
        stage.ask(10 + number, Command::Put { key, value: 1 });
        for _ in 0..132_000 {
            stage.did(30, Command::Get { key }, holds(&[])).expect("nobody looks at it");
        }
        assert_eq!(stage.oracle.unknown().as_deref(), Some(unknown));
    }
    stage.end().expect("nobody can know");
    assert_eq!(stage.oracle.checked(), 0);
}
