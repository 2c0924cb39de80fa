//! The checker of linearizability says what another one says, catches what must be caught, shows the smallest history
//! that is wrong, and forgets what it has judged.

use super::histories::{Entry, ONLY, honest, judged, mix, stream, told, value};
use stateright::semantics::{ConsistencyTester, LinearizabilityTester, SequentialSpec};
use std::collections::BTreeSet;
use synod::harness::KeyValue;
use synod::log;
use synod::oracle::linearizability::{
    Answer, Asked, Call, Counterexample, Extent, History, LinearizedPrefix, MachineModel, Model, OperationOf,
    Problem, Step,
};
use synod::protocol::common::kv::Output::{Swapped, Written};
use synod::protocol::common::kv::{Command, Key, Mix, Output, Store, Value, owes};
use synod::sim::{NodeId, OperationId, Time};
use synod::testing::history::{self, below};

/// The store, as stateright's tester takes it.
#[derive(Clone, Debug, Default)]
struct Reference(Store);

impl SequentialSpec for Reference {
    type Op = Command;
    type Ret = Output;

    fn invoke(&mut self, command: &Command) -> Output {
        self.0.apply(command)
    }
}

/// A tiny history on one key whose clients write the same few numbers, and which lies now and then. Of every other one many
/// operations have an unknown outcome.
fn tiny(seed: u64) -> Vec<Entry> {
    let mut stream = stream(seed);
    let clients = 2 + below(&mut stream, 3);
    let total = 3 + below(&mut stream, 6);
    let open = if seed.is_multiple_of(2) { 1 } else { 4 };
    let mut store = Store::default();
    let mut pending: Vec<Option<(u64, Command, Option<Output>)>> = vec![None; clients as usize];
    let (mut entries, mut asked) = (Vec::new(), 0);
    let lists: [&[u64]; 5] = [&[], &[1], &[2], &[1, 2], &[2, 1]];
    while asked < total || pending.iter().any(Option::is_some) {
        let client = below(&mut stream, clients) as usize;
        let step = match pending[client].take() {
            None if asked == total => continue,
            None => {
                asked += 1;
                let (key, number) = (ONLY, 1 + below(&mut stream, 2));
                let expected = value(lists[below(&mut stream, 5) as usize]);
                let command = match below(&mut stream, 8) {
                    0..4 => Command::Get { key },
                    4 => Command::Cas { key, expected, value: number },
                    5 | 6 => Command::Append { key, value: number },
                    _ => Command::Put { key, value: number },
                };
                pending[client] = Some((asked, command.clone(), None));
                Some((asked, Step::Invoke(command)))
            }
            Some((operation, command, None)) => match below(&mut stream, 12) {
                lot if lot < open => Some((operation, Step::Info)),
                11 => Some((operation, Step::Fail)),
                _ => {
                    let output = store.apply(&command);
                    pending[client] = Some((operation, command, Some(output)));
                    None
                }
            },
            Some((operation, _, Some(output))) => Some((
                operation,
                match (below(&mut stream, 10), output) {
                    (lot, _) if lot < open => Step::Info,
                    (9, Swapped(swapped)) => Step::Ok(Swapped(!swapped)),
                    (7..10, Output::Value(_)) => {
                        Step::Ok(Output::Value(value(lists[below(&mut stream, 5) as usize])))
                    }
                    (_, output) => Step::Ok(output),
                },
            )),
        };
        entries.extend(step.map(|(operation, step)| Entry { operation, client: client as u32, step }));
    }
    entries
}

/// What stateright's tester says of a history. Who never learns what came of an operation asks no more: every operation
/// of unknown outcome has a thread of its own there, and so has whatever its client asks later.
fn reference(entries: &[Entry]) -> bool {
    let failed: BTreeSet<u64> = entries
        .iter()
        .filter(|entry| matches!(entry.step, Step::Fail))
        .map(|entry| entry.operation)
        .collect();
    let mut tester = LinearizabilityTester::new(Reference::default());
    let mut threads: Vec<u64> = (0..4).collect();
    let mut next = 4;
    for Entry { operation, client, step } in entries {
        let thread = &mut threads[*client as usize];
        match step {
            _ if failed.contains(operation) => {}
            Step::TookEffect(_) => {}
            Step::Invoke(command) => {
                tester.on_invoke(*thread, command.clone()).map(drop).expect("it is idle")
            }
            Step::Ok(output) => tester.on_return(*thread, output.clone()).map(drop).expect("it has asked"),
            Step::Info | Step::Fail => {
                *thread = next;
                next += 1;
            }
        }
    }
    tester.is_consistent()
}

/// The same beside a get that never returns: nothing is judged before the end.
fn without_rest(entries: Vec<Entry>) -> Vec<Entry> {
    let endless = Entry { operation: 1_000, client: 1_000, step: Step::Invoke(GET) };
    std::iter::once(endless).chain(entries).collect()
}

#[test]
fn it_says_what_stateright_says() {
    let mut orderly = 0;
    for seed in 0..6_000 {
        let expected = reference(&tiny(seed));
        orderly += u32::from(expected);
        assert_eq!(judged(tiny(seed)).is_ok(), expected, "history {seed}");
        assert_eq!(judged(without_rest(tiny(seed))).is_ok(), expected, "history {seed}, at the end");
    }
    assert!((2_000..4_500).contains(&orderly), "both verdicts are common: {orderly} of 6000 have an order");
}

/// The same entry of a history of the store as a machine.
pub(super) fn encoded(Entry { operation, client, step }: Entry) -> history::Entry<MachineModel> {
    let step = match step {
        Step::Invoke(command) => {
            Step::Invoke(Asked { command: log::Command::of::<Store>(&command), at: None, again: Vec::new() })
        }
        Step::Ok(output) => Step::Ok(log::Output::of::<Store>(&output)),
        Step::Fail => Step::Fail,
        Step::Info => Step::Info,
        Step::TookEffect(at) => Step::TookEffect(at),
    };
    history::Entry { operation, client, step }
}

#[test]
fn of_the_store_as_a_machine_it_says_the_same() {
    let model = || MachineModel(log::Machine::new(Store::default()));
    for seed in 0..2_000 {
        match (judged(tiny(seed)), history::judge(model(), tiny(seed).into_iter().map(encoded))) {
            (Ok(typed), Ok(machine)) => assert_eq!(typed.judged(), machine.judged(), "history {seed}"),
            (Err(typed), Err(machine)) => {
                let told = |operation: &OperationOf<MachineModel>| {
                    (operation.input.to_string(), operation.output().map(ToString::to_string))
                };
                let same = |operation: &OperationOf<KeyValue>| {
                    (operation.input.to_string(), operation.output().map(ToString::to_string))
                };
                assert!(
                    machine.operations.iter().map(told).eq(typed.operations.iter().map(same)),
                    "history {seed}: {}",
                    super::histories::told(&typed)
                );
            }
            _ => panic!("history {seed} has an order for one of the two"),
        }
        let typed = judged(without_rest(tiny(seed)));
        let machine = history::judge(model(), without_rest(tiny(seed)).into_iter().map(encoded));
        assert_eq!(typed.is_ok(), machine.is_ok(), "history {seed}, at the end");
    }
}

#[test]
fn the_smallest_offence_is_one_and_nothing_can_be_left_out_of_it() {
    let mut sizes = [0; 10];
    for seed in 0..3_000 {
        let Err(counterexample) = judged(tiny(seed)) else { continue };
        let solve = |operations: &[_], prefixes: &[LinearizedPrefix<Value>]| {
            Problem::new(&KeyValue, operations).solve(prefixes, Extent::One, &mut 100_000)
        };
        assert_eq!(
            solve(&counterexample.operations, &counterexample.prefixes),
            Answer::NotLinearizable,
            "history {seed}"
        );
        assert!(counterexample.is_minimal);
        sizes[counterexample.operations.len()] += 1;
        for out in counterexample.operations.iter().filter(|operation| operation.input.is_read()) {
            let rest: Vec<_> =
                counterexample.operations.iter().filter(|other| *other != out).cloned().collect();
            let answer = solve(&rest, &counterexample.prefixes);
            assert!(matches!(answer, Answer::Linearizable(_)), "history {seed} without {}", out.input);
        }
    }
    assert!(sizes[1..5].iter().all(|&count| count > 20), "{sizes:?}");
}

/// Entries in a row, each of an operation that returns before the next is invoked unless it is told apart.
struct Script(Vec<Entry>);

impl Script {
    fn new() -> Script {
        Script(Vec::new())
    }

    fn step(mut self, operation: u64, step: Step<KeyValue>) -> Script {
        self.0.push(Entry { operation, client: operation as u32, step });
        self
    }

    fn ask(self, operation: u64, command: Command) -> Script {
        self.step(operation, Step::Invoke(command))
    }

    fn ok(self, operation: u64, output: Output) -> Script {
        self.step(operation, Step::Ok(output))
    }

    fn did(self, operation: u64, command: Command, output: Output) -> Script {
        self.ask(operation, command).ok(operation, output)
    }

    fn has_order(self) -> bool {
        judged(self.0).is_ok()
    }

    fn counterexample(self) -> String {
        told(&judged(self.0).err().expect("there is no order"))
    }
}

const GET: Command = Command::Get { key: ONLY };

fn put(value: u64) -> Command {
    Command::Put { key: ONLY, value }
}

fn append(value: u64) -> Command {
    Command::Append { key: ONLY, value }
}

fn cas(expected: &[u64], number: u64) -> Command {
    Command::Cas { key: ONLY, expected: value(expected), value: number }
}

fn holds(numbers: &[u64]) -> Output {
    Output::Value(value(numbers))
}

#[test]
fn stale_reads_are_caught() {
    let written = || Script::new().did(1, put(1), Written).did(2, put(2), Written);
    assert!(written().did(3, GET, holds(&[2])).has_order());
    assert_eq!(
        written().did(3, GET, holds(&[1])).counterexample(),
        "put k0 1: written\nput k0 2: written\nget k0: 1\n"
    );
    // A read that runs beside a write may see either; once one has seen the new value, a later one must.
    let beside = || Script::new().did(1, put(1), Written).ask(2, put(2));
    assert!(beside().did(3, GET, holds(&[1])).did(4, GET, holds(&[2])).ok(2, Written).has_order());
    let back = beside().did(3, GET, holds(&[2])).did(4, GET, holds(&[1])).ok(2, Written);
    assert_eq!(back.counterexample(), "put k0 1: written\nput k0 2: unknown\nget k0: 2\nget k0: 1\n");
}

#[test]
fn lost_writes_are_caught() {
    let lost = Script::new().did(1, append(1), Written).did(2, append(2), Written).did(3, GET, holds(&[1]));
    assert_eq!(lost.counterexample(), "append k0 1: written\nappend k0 2: written\nget k0: 1\n");
    let both = Script::new().did(1, cas(&[], 1), Swapped(true)).did(2, cas(&[], 2), Swapped(true));
    assert_eq!(both.counterexample(), "cas k0 nothing -> 1: swapped\ncas k0 nothing -> 2: swapped\n");
}

#[test]
fn appends_that_are_applied_twice_are_caught() {
    let twice = Script::new().did(1, append(1), Written).did(2, append(2), Written);
    assert_eq!(
        twice.did(3, GET, holds(&[1, 2, 1])).counterexample(),
        "append k0 1: written\nappend k0 2: written\nget k0: [1, 2, 1]\n"
    );
}

#[test]
fn an_unknown_outcome_may_show_at_any_later_time_or_never() {
    let unknown = || Script::new().did(1, put(1), Written).ask(2, append(2)).step(2, Step::Info);
    assert!(unknown().did(3, GET, holds(&[1])).has_order());
    assert!(unknown().did(3, GET, holds(&[1, 2])).has_order());
    assert!(unknown().did(3, GET, holds(&[1])).did(4, GET, holds(&[1, 2])).has_order());
    assert!(unknown().did(3, put(3), Written).did(4, GET, holds(&[3, 2])).has_order());
    // But once it has taken effect, it has, and it does so once.
    assert_eq!(
        unknown().did(3, GET, holds(&[1, 2])).did(4, GET, holds(&[1])).counterexample(),
        "put k0 1: written\nappend k0 2: unknown\nget k0: [1, 2]\nget k0: 1\n"
    );
    assert!(!unknown().did(3, GET, holds(&[1, 2])).did(4, GET, holds(&[1, 2, 2])).has_order());
    // Nor does it take effect before it is invoked.
    let early = Script::new().did(1, GET, holds(&[2])).ask(2, append(2)).step(2, Step::Info);
    assert!(!early.has_order());
}

#[test]
fn an_order_that_leaves_an_unknown_outcome_open_is_kept_beside_one_that_needs_it() {
    // The put of 2 may come before the swap, if the unknown put of 1 came in between, or after it.
    let script = Script::new().did(1, put(1), Written).ask(2, put(1)).step(2, Step::Info);
    let script = script.ask(3, put(2)).ask(4, cas(&[1], 2)).ok(3, Written).ok(4, Swapped(true));
    assert!(script.did(5, GET, holds(&[1])).has_order());
}

#[test]
fn what_a_crash_cuts_off_may_have_taken_effect() {
    for (read, expected) in [(&[1][..], true), (&[1, 2], true), (&[2], false)] {
        let mut history = History::new(KeyValue);
        let mut entries = 0;
        let mut write = |history: &mut History<KeyValue>, operation: u64, step| {
            entries += 1;
            let call = Call { operation: OperationId(operation), client: operation as u32, step };
            history.on_call(Time::from_nanos(entries), NodeId(operation as u32), call).is_ok()
        };
        assert!(write(&mut history, 1, Step::Invoke(put(1))));
        assert!(write(&mut history, 2, Step::Invoke(append(2))));
        assert!(history.on_crash(NodeId(2)).is_ok());
        assert!(write(&mut history, 1, Step::Ok(Written)), "the crash of one node is no other's");
        assert_eq!(history.judged(), 1, "nothing is under way any more");
        assert!(write(&mut history, 3, Step::Invoke(GET)));
        assert_eq!(write(&mut history, 3, Step::Ok(holds(read))), expected, "{read:?}");
    }
}

#[test]
fn every_key_is_judged_at_the_end() {
    for lie in 0..3 {
        let key = |number: u64| Key(number as u32);
        let mut script = (0..3).fold(Script::new(), |script, number| {
            // Nobody hears what becomes of one operation on each key.
            script.ask(10 + number, Command::Put { key: key(number), value: 10 + number })
        });
        for number in 0..3 {
            let read = if number == lie { holds(&[7]) } else { holds(&[]) };
            script = script.did(20 + number, Command::Get { key: key(number) }, read);
        }
        assert_eq!(script.counterexample(), format!("get k{lie}: 7\n"));
    }
}

#[test]
fn what_failed_never_took_effect() {
    let failed = || Script::new().did(1, put(1), Written).ask(2, append(2)).step(2, Step::Fail);
    assert!(failed().did(3, GET, holds(&[1])).has_order());
    assert_eq!(failed().did(3, GET, holds(&[1, 2])).counterexample(), "put k0 1: written\nget k0: [1, 2]\n");
}

#[test]
fn a_swap_that_failed_keeps_the_writes_that_may_explain_it() {
    let script = Script::new().did(1, put(1), Written).did(2, put(2), Written);
    let script = script.did(3, cas(&[1], 3), Swapped(false)).did(4, GET, holds(&[1]));
    assert_eq!(script.counterexample(), "put k0 1: written\nput k0 2: written\nget k0: 1\n");
}

#[test]
fn what_came_after_an_offence_is_no_part_of_it() {
    // One never returns, so that nothing is judged before the end.
    let script = Script::new().ask(0, put(50)).did(1, put(1), Written).did(2, put(2), Written);
    // The get might owe what it read to the last put, had that come before.
    let script = script.did(3, GET, holds(&[1])).ask(4, put(1)).did(5, GET, holds(&[2]));
    assert_eq!(script.counterexample(), "put k0 1: written\nput k0 2: written\nget k0: 1\n");
}

#[test]
fn an_offence_says_what_the_key_may_have_held_before() {
    // So many operations are kept after they have been judged, and with the next the telling begins anew.
    let script = (1..=30).fold(Script::new(), |script, number| script.did(number, put(number), Written));
    let script = script.ask(31, put(31)).ask(32, put(32)).ok(31, Written).ok(32, Written);
    let script = script.did(33, append(33), Written).did(34, GET, holds(&[99]));
    let counterexample = judged(script.0).err().expect("nobody wrote it");
    assert_eq!(told(&counterexample), "get k0: 99\n");
    assert_eq!(
        counterexample.prefixes,
        [LinearizedPrefix::none(value(&[31])), LinearizedPrefix::none(value(&[32]))]
    );
}

/// The store without any hint that keeps searches small.
#[derive(Clone)]
struct Plain;

impl Model for Plain {
    type Key = Key;
    type Input = Command;
    type Output = Output;
    type State = Value;

    fn key(&self, input: &Command) -> Key {
        input.key()
    }

    fn initial(&self) -> Value {
        Value::default()
    }

    fn step(&self, state: &Value, input: &Command, output: Option<&Output>) -> Option<Value> {
        KeyValue.step(state, input, output)
    }

    fn is_read(&self, input: &Command, output: &Output) -> bool {
        KeyValue.is_read(input, output)
    }

    fn owes(&self, operation: &OperationOf<Plain>, other: &OperationOf<Plain>) -> bool {
        owes((&operation.input, operation.output()), (&other.input, other.output()))
    }
}

fn plainly_judged(entries: Vec<Entry>) -> Result<History<Plain>, Counterexample<Plain>> {
    let plain = |Entry { operation, client, step }: Entry| {
        let step = match step {
            Step::Invoke(command) => Step::Invoke(command),
            Step::Ok(output) => Step::Ok(output),
            Step::Fail => Step::Fail,
            Step::Info => Step::Info,
            Step::TookEffect(at) => Step::TookEffect(at),
        };
        history::Entry { operation, client, step }
    };
    history::judge(Plain, entries.into_iter().map(plain))
}

#[test]
fn a_plain_model_says_the_same() {
    for seed in 0..1_000 {
        assert_eq!(judged(tiny(seed)).is_ok(), plainly_judged(tiny(seed)).is_ok(), "history {seed}");
    }
}

#[test]
fn an_offence_that_may_not_be_the_smallest_says_so() {
    // That sixteen puts at once do not make a list takes a whole search, for which there is fuel at the end alone.
    let numbers: Vec<u64> = (1..=15).collect();
    let asked = || (1..=16).fold(Script::new(), |script, number| script.ask(number, put(number)));
    let script = || (1..=16).fold(asked(), |script, number| script.ok(number, Written));
    let entries = || script().did(17, GET, holds(&numbers)).0;
    let counterexample = plainly_judged(entries()).err().expect("puts make no list");
    assert_eq!((counterexample.operations.len(), counterexample.is_minimal), (17, false));
    let counterexample = judged(entries()).err().expect("puts make no list");
    assert!(counterexample.is_minimal, "the hints of the model make it easy");
}

#[test]
fn the_smallest_offence_of_a_long_history_is_small() {
    for seed in 0..20 {
        let mut entries = honest(seed, 5, 400, mix(2), None);
        // The last get that read something reads what is not there.
        let read = entries.iter_mut().rev().find_map(|entry| match &mut entry.step {
            Step::Ok(Output::Value(read)) if !read.0.is_empty() => Some(read),
            _ => None,
        });
        let read = read.expect("somebody reads something");
        *read = value(&[read.0.as_ref(), &[read.0[0]]].concat());
        let counterexample = judged(entries).err().expect("a number is read twice that was written once");
        assert!(
            counterexample.is_minimal && counterexample.operations.len() <= 10,
            "{seed}:\n{}",
            told(&counterexample)
        );
    }
}

#[test]
fn long_histories_are_judged_in_little_memory() {
    let entries = honest(1, 4, 100_000, mix(8), None);
    let history = judged(entries).unwrap_or_else(|counterexample| panic!("{}", told(&counterexample)));
    assert_eq!((history.judged(), history.given_up().count()), (100_000, 0));
    assert!(history.kept() < 2_000, "{} are kept", history.kept());
}

#[test]
fn unknown_outcomes_hold_nothing_up() {
    let entries = honest(2, 4, 20_000, mix(8), Some(400));
    let unknown = entries.iter().filter(|entry| matches!(entry.step, Step::Info)).count();
    let history = judged(entries).unwrap_or_else(|counterexample| panic!("{}", told(&counterexample)));
    assert!(unknown > 30 && history.given_up().count() == 0, "{unknown}");
    assert_eq!(history.judged(), 20_000 - unknown as u64);
    assert!(history.kept() < 2_000, "{} are kept", history.kept());
}

#[test]
fn what_would_take_too_long_is_given_up_and_not_called_orderly() {
    // Twenty appends at once, of which a reader sees the ends swapped: every order of them would have to be tried.
    let mut script = (1..=20).fold(Script::new(), |script, number| script.ask(number, append(number)));
    script = (1..=20).fold(script, |script, number| script.ok(number, Written));
    let entries = script.did(21, GET, holds(&[21])).0;
    let history = plainly_judged(entries).unwrap_or_else(|_| panic!("nobody can know"));
    assert_eq!(history.given_up().collect::<Vec<_>>(), [ONLY]);
    assert_eq!(history.judged(), 0);
}

#[test]
fn a_key_that_is_never_at_rest_for_too_long_is_given_up() {
    let script = Script::new().ask(0, put(1));
    let script = (1..=140_000).fold(script, |script, number| script.did(number, GET, holds(&[])));
    let history = judged(script.0).unwrap_or_else(|_| panic!("nobody looks at it"));
    assert_eq!(history.given_up().collect::<Vec<_>>(), [ONLY]);
    assert_eq!((history.judged(), history.kept()), (0, 0));
}

#[test]
fn more_pasts_than_can_be_carried_on_are_kept_apart() {
    // After the put any of six appends may have taken effect, in any order.
    let open = |script: Script, number| script.ask(number, append(number)).step(number, Step::Info);
    let script = || (1..=6).fold(Script::new(), open).did(7, put(7), Written).did(8, append(8), Written);
    assert!(script().did(9, GET, holds(&[7, 6, 8, 3, 1])).has_order());
    assert!(script().did(9, GET, holds(&[7, 8])).did(10, GET, holds(&[7, 8, 5])).has_order());
    assert!(!script().did(9, GET, holds(&[7, 6, 8, 6])).has_order());
}

#[test]
fn ten_clients_that_never_rest_are_judged_at_the_end() {
    let at_once = |entries: &[Entry]| {
        let change = |entry: &Entry| if matches!(entry.step, Step::Invoke(_)) { 1 } else { -1 };
        let open = entries.iter().scan(0, |open, entry| {
            *open += change(entry);
            Some(*open)
        });
        open.max()
    };
    let entries = honest(3, 10, 10_000, Mix { get: 400_000, append: 250_000, ..mix(1) }, None);
    assert_eq!(at_once(&entries), Some(10));
    let history = judged(entries).unwrap_or_else(|counterexample| panic!("{}", told(&counterexample)));
    assert_eq!(history.judged(), 10_000);
}
