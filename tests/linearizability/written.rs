//! Histories go out and come in again: what was written of a run's clients reads back to the same calls, in either
//! notation, and gets the verdict of the oracle that watched them.

use proptest::collection::vec;
use proptest::prelude::*;
use std::path::Path;
use std::rc::Rc;
use synod::campaign::{
    Datum, HistoryVerdict, Notation, ObjectKind, Record, Stage, check_history, read_history,
};
use synod::harness::{AnyEvent, KeyValue, Prepared, Recorder};
use synod::oracle::linearizability::Judge;
use synod::protocol::common::kv::{Call, Command, Key, Output, Step, Store, Value};
use synod::report::ClientHistory;
use synod::scenario::Document;
use synod::sim::{Cause, EventTime, NodeId, OperationId, Time};

/// How many clients there are, each at a node of its own.
const CLIENTS: u32 = 3;

/// What a client does when it has nothing under way, and what comes of it.
#[derive(Clone, Debug)]
struct Plan {
    client: u32,
    command: Command,
    end: End,
}

#[derive(Clone, Debug)]
enum End {
    Ok,
    /// A read sees this; a compare-and-set says the contrary.
    Lies(Value),
    Fails,
    /// It gives up, and its call has taken effect if this is true.
    Info(bool),
    /// Its node crashes.
    Crash(bool),
}

/// What happens to a client.
#[derive(Clone, Debug)]
enum Happening {
    Entry(Call),
    Crash(u32),
}

fn plan() -> impl Strategy<Value = Plan> {
    let key = || (0..2u32).prop_map(Key);
    let value = || vec(1..4u64, 0..3).prop_map(|items| Value(Rc::from(items)));
    let command = prop_oneof![
        3 => key().prop_map(|key| Command::Get { key }),
        1 => (key(), 1..4u64).prop_map(|(key, value)| Command::Put { key, value }),
        2 => (key(), 1..4u64).prop_map(|(key, value)| Command::Append { key, value }),
        1 => (key(), value(), 1..4u64).prop_map(|(key, expected, value)| Command::Cas { key, expected, value }),
    ];
    let end = prop_oneof![
        9 => Just(End::Ok),
        1 => value().prop_map(End::Lies),
        1 => Just(End::Fails),
        1 => any::<bool>().prop_map(End::Info),
        1 => any::<bool>().prop_map(End::Crash),
    ];
    (0..CLIENTS, command, end).prop_map(|(client, command, end)| Plan { client, command, end })
}

/// Carries plans out on a store: a client begins the next one of its own when the one before has ended, and that happens
/// when it is its turn again.
fn carry_out(plans: &[Plan]) -> Vec<Happening> {
    let mut store = Store::default();
    let mut happenings = Vec::new();
    let mut busy: [Option<(OperationId, &Plan)>; CLIENTS as usize] = [const { None }; CLIENTS as usize];
    let end = |store: &mut Store, (operation, plan): (OperationId, &Plan)| {
        let has_effect = !matches!(plan.end, End::Fails | End::Info(false) | End::Crash(false));
        let output = has_effect.then(|| store.apply(&plan.command));
        let step = match (&plan.end, output) {
            (End::Crash(_), _) => return Happening::Crash(plan.client),
            (End::Lies(seen), Some(Output::Value(_))) => Step::Ok(Output::Value(seen.clone())),
            (End::Lies(_), Some(Output::Swapped(swapped))) => Step::Ok(Output::Swapped(!swapped)),
            (End::Info(_), _) => Step::Info,
            (_, Some(output)) => Step::Ok(output),
            (_, None) => Step::Fail,
        };
        Happening::Entry(Call { operation, client: plan.client, step })
    };
    for (number, plan) in (0..).zip(plans) {
        let under_way = &mut busy[plan.client as usize];
        if let Some(before) = under_way.take() {
            happenings.push(end(&mut store, before));
        }
        let operation = OperationId(number);
        let step = Step::Invoke(plan.command.clone());
        happenings.push(Happening::Entry(Call { operation, client: plan.client, step }));
        *under_way = Some((operation, plan));
    }
    // The last call of the first client stays without an answer.
    let left = busy.into_iter().skip(1).flatten();
    happenings.extend(left.map(|before| end(&mut store, before)));
    happenings
}

/// The verdict of the oracle of runs: true if there is an order.
fn judged(happenings: &[Happening]) -> bool {
    let mut history: Box<dyn Judge<KeyValue>> = KeyValue.into();
    let mut happen = |happening: &Happening| match happening {
        Happening::Entry(call) => history.on_call(Time::ZERO, NodeId(call.client), KeyValue::call(call)),
        Happening::Crash(node) => history.on_crash(NodeId(*node)),
    };
    happenings.iter().try_for_each(&mut happen).is_ok() && history.on_end().is_ok()
}

fn written(happenings: &[Happening], notation: Notation, scenario: &dyn Prepared) -> String {
    let mut bytes = Vec::new();
    let mut history = ClientHistory::new(&mut bytes, notation, scenario, u64::MAX);
    for happening in happenings {
        // Everything happens in one event, as ties of virtual time may.
        let moment = EventTime { at: Time::ZERO, event: 7, cause: Cause::Nobody };
        match happening {
            Happening::Entry(call) => {
                let (node, claim) = (NodeId(call.client), call);
                let (mark, milestone, settled, peak) = (None, None, None, None);
                history.record(moment, AnyEvent::Observed { node, mark, milestone, settled, peak, claim });
            }
            Happening::Crash(node) => history.record(moment, AnyEvent::Crashed { node: NodeId(*node) }),
        }
    }
    let recorded = history.finish().expect("a list takes everything");
    assert_eq!((recorded.bytes, recorded.left_out), (bytes.len() as u64, 0));
    String::from_utf8(bytes).expect("it is text")
}

fn numbers(value: &Value) -> Datum {
    Datum::List(value.0.iter().map(|&item| Datum::Int(item as i64)).collect())
}

/// What a command is in a history: function, key, value.
fn asked(command: &Command) -> (&'static str, Key, Datum) {
    let int = |value: &u64| Datum::Int(*value as i64);
    match command {
        Command::Get { key } => ("read", *key, Datum::Nil),
        Command::Put { key, value } => ("put", *key, int(value)),
        Command::Append { key, value } => ("append", *key, int(value)),
        Command::Cas { key, expected, value } => {
            ("put-if", *key, Datum::List(vec![numbers(expected), int(value)]))
        }
    }
}

/// Checks that `records` are what happened, and that whoever is not answered goes on under another number.
fn is_same(happenings: &[Happening], records: &[Record]) -> Result<(), TestCaseError> {
    let mut records = records.iter();
    let mut calls: Vec<Option<(&Command, u32)>> = Vec::new();
    let mut lives = [0; CLIENTS as usize];
    for happening in happenings {
        let Happening::Entry(Call { operation, client, step }) = happening else {
            let Happening::Crash(node) = happening else { unreachable!("it is an entry or a crash") };
            lives[*node as usize] += 1;
            continue;
        };
        let record = records.next().expect("it was written");
        if let Step::Invoke(command) = step {
            calls.push(Some((command, client + CLIENTS * lives[*client as usize])));
        }
        let place = operation.0 as usize;
        let (command, process) = calls[place].expect("it is under way");
        let (function, key, value) = asked(command);
        let (stage, value, swapped) = match step {
            Step::Invoke(_) => (Stage::Invoke, value, None),
            Step::Ok(Output::Value(seen)) => (Stage::Ok, numbers(seen), None),
            Step::Ok(Output::Swapped(false)) => (Stage::Fail, value, Some(false)),
            Step::Ok(Output::Swapped(true)) => (Stage::Ok, value, Some(true)),
            Step::Ok(Output::Written) => (Stage::Ok, value, None),
            Step::Fail => (Stage::Fail, value, None),
            Step::Info => (Stage::Info, value, None),
        };
        if stage != Stage::Invoke {
            calls[place] = None;
        }
        lives[*client as usize] += u32::from(stage == Stage::Info);
        prop_assert_eq!((record.process, record.stage, record.swapped), (process, stage, swapped));
        // EDN has the key beside the value, JSON has it apart.
        let key = Datum::Int(key.0.into());
        let told = match &record.key {
            Some(apart) => (record.function.as_str(), Some(apart.clone()), record.value.clone()),
            None => (record.function.as_str(), None, record.value.clone()),
        };
        let expected = match record.key {
            Some(_) => (function, Some(key), Some(value)),
            None => (function, None, Some(Datum::List(vec![key, value]))),
        };
        prop_assert_eq!(told, expected);
    }
    // What nobody answered ends at the end, in the order in which it began.
    for (command, process) in calls.into_iter().flatten() {
        let record = records.next().expect("it was written");
        prop_assert_eq!((record.process, record.stage), (process, Stage::Info));
        prop_assert_eq!(record.function.as_str(), asked(command).0);
    }
    prop_assert!(records.next().is_none());
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]

    #[test]
    fn what_is_written_reads_back_and_has_the_same_verdict(plans in vec(plan(), 1..14)) {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios/pbft/key_value.yaml");
        let mut document = Document::load(&path).expect("it is there");
        let clients = format!("workload.requests.clients={CLIENTS}");
        document.set(&clients).expect("it can be set");
        document.set("workload.requests.hosts=1").expect("it can be set");
        let scenario = document.prepare(&synod::standard()).expect("it is sound");
        let happenings = carry_out(&plans);
        let has_order = judged(&happenings);
        for notation in [Notation::Edn, Notation::JsonLines] {
            let text = written(&happenings, notation, &*scenario);
            is_same(&happenings, &read_history(&text, notation).expect("it reads back"))?;
            let report = check_history(&text, notation, Some(ObjectKind::Append)).expect("it reads back");
            let verdict = matches!(report.verdict, HistoryVerdict::Linearizable);
            prop_assert!(verdict == has_order, "{:?}, {has_order}:\n{text}", report.verdict);
            prop_assert_eq!(report.operations, plans.len() as u64);
        }
    }
}
