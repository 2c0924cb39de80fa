//! Histories of others: small ones get the verdict that trying every order gives, in either notation; those that real
//! tools write are read to the end.

use proptest::collection::vec;
use proptest::prelude::*;
use std::fmt::Write;
use synod::campaign::{HistoryReport, HistoryVerdict, Notation, ObjectKind, OrderedBy, check_history};

/// What an object of the reference holds: a register its value alone.
type Held = Vec<u8>;

#[derive(Clone, Debug)]
enum Ask {
    Read,
    /// Writes, appends or adds.
    Write(u8),
    Set(u8, u8),
}

#[derive(Clone, Debug)]
enum End {
    Ok,
    /// A read sees this instead of the truth; a compare-and-set says the contrary.
    Lies(Held),
    Fails,
    Open,
}

#[derive(Clone, Debug)]
struct Plan {
    ask: Ask,
    end: End,
    /// How many steps of others pass before it takes effect, and before it returns.
    waits: [usize; 2],
}

#[derive(Clone, Debug)]
struct Call {
    ask: Ask,
    invoked: usize,
    /// When it returned and what it was told, if it did: what was read, or if it swapped.
    returned: Option<(usize, Told)>,
}

#[derive(Clone, Debug, PartialEq)]
enum Told {
    Saw(Held),
    Done,
    Swapped(bool),
}

/// The sequential object.
fn apply(kind: ObjectKind, held: &Held, ask: &Ask) -> (Told, Held) {
    let done = |held| (Told::Done, held);
    match (ask, kind) {
        (Ask::Read, _) => (Told::Saw(held.clone()), held.clone()),
        (Ask::Write(value), ObjectKind::Append) => done([held.as_slice(), &[*value]].concat()),
        (Ask::Write(value), ObjectKind::Set) => {
            let mut all = [held.as_slice(), &[*value]].concat();
            all.sort_unstable();
            all.dedup();
            done(all)
        }
        (Ask::Write(value), _) => done(vec![*value]),
        (Ask::Set(old, new), _) if *held == [*old] => (Told::Swapped(true), vec![*new]),
        (Ask::Set(..), _) => (Told::Swapped(false), held.clone()),
    }
}

/// Every order is tried: of those calls that nobody left returned before, any may come next.
fn has_order(kind: ObjectKind, held: &Held, calls: &[Call], left: u32) -> bool {
    let is_left = |place: &usize| left & (1 << place) != 0;
    let all = 0..calls.len();
    if all.clone().filter(is_left).all(|place| calls[place].returned.is_none()) {
        return true;
    }
    let first_return = all
        .clone()
        .filter(is_left)
        .filter_map(|place| calls[place].returned.as_ref())
        .map(|(at, _)| *at)
        .min();
    all.filter(is_left).any(|place| {
        let call = &calls[place];
        let (told, after) = apply(kind, held, &call.ask);
        first_return.is_none_or(|first| call.invoked < first)
            && call.returned.as_ref().is_none_or(|(_, output)| *output == told)
            && has_order(kind, &after, calls, left & !(1 << place))
    })
}

/// Carries plans out, three clients at a time, each of which goes on under a new number after an open call.
fn carry_out(kind: ObjectKind, plans: &[Plan]) -> (Vec<Call>, Vec<(usize, usize, bool)>) {
    let mut held = Held::new();
    let mut calls: Vec<Call> = Vec::new();
    // What happened: which call, of which process, and if it returned.
    let mut log = Vec::new();
    // By client: its call, the steps until it has effect and until it returns, and what it will be told.
    type Busy = Option<(usize, [usize; 2], Option<Told>)>;
    let mut busy: [Busy; 3] = [const { None }; 3];
    let mut processes = [0, 1, 2];
    let mut next = 0;
    let mut step = 0;
    while next < plans.len() || busy.iter().any(Option::is_some) {
        let client = step % 3;
        step += 1;
        let Some((call, waits, told)) = &mut busy[client] else {
            if let Some(plan) = plans.get(next) {
                log.push((next, processes[client], false));
                calls.push(Call { ask: plan.ask.clone(), invoked: log.len(), returned: None });
                busy[client] = Some((next, plan.waits, None));
                next += 1;
            }
            continue;
        };
        let plan = &plans[*call];
        if told.is_none() {
            if waits[0] > 0 {
                waits[0] -= 1;
                continue;
            }
            let has_effect = match plan.end {
                End::Fails => false,
                End::Open => waits[1] > 0,
                _ => true,
            };
            let (output, after) = apply(kind, &held, &plan.ask);
            if has_effect {
                held = after;
            }
            *told = Some(output);
        }
        if waits[1] > 0 {
            waits[1] -= 1;
            continue;
        }
        let output = match (&plan.end, told.clone().expect("it has come so far")) {
            (End::Lies(seen), Told::Saw(_)) => Some(Told::Saw(seen.clone())),
            (End::Lies(_), Told::Swapped(swapped)) => Some(Told::Swapped(!swapped)),
            (End::Fails | End::Open, _) => None,
            (_, told) => Some(told),
        };
        log.push((*call, processes[client], true));
        if matches!(plan.end, End::Open) {
            processes[client] += 3;
        }
        calls[*call].returned = output.map(|output| (log.len(), output));
        busy[client] = None;
    }
    (calls, log)
}

fn values(held: &Held, kind: ObjectKind, notation: Notation) -> String {
    let all: Vec<String> = held.iter().map(u8::to_string).collect();
    match (kind, notation) {
        (ObjectKind::Register | ObjectKind::Cas, Notation::Edn) => {
            all.first().cloned().unwrap_or("nil".into())
        }
        (ObjectKind::Register | ObjectKind::Cas, _) => all.first().cloned().unwrap_or("null".into()),
        (ObjectKind::Set, Notation::Edn) => format!("#{{{}}}", all.join(" ")),
        (_, Notation::Edn) => format!("[{}]", all.join(" ")),
        (_, Notation::JsonLines) => format!("[{}]", all.join(",")),
    }
}

/// The history as a file.
fn text(
    kind: ObjectKind,
    notation: Notation,
    plans: &[Plan],
    calls: &[Call],
    log: &[(usize, usize, bool)],
) -> String {
    let mut text = String::new();
    for (time, (call, process, is_return)) in log.iter().enumerate() {
        let Call { ask, returned, .. } = &calls[*call];
        let told = returned.as_ref().map(|(_, told)| told);
        let stage = match (is_return, told, &plans[*call].end) {
            (false, ..) => "invoke",
            (true, Some(Told::Swapped(false)), _) => "fail",
            (true, Some(_), _) => "ok",
            (true, None, End::Fails) => "fail",
            (true, None, _) => "info",
        };
        let nil = if notation == Notation::Edn { "nil" } else { "null" };
        let (function, value) = match ask {
            Ask::Read => match told {
                Some(Told::Saw(seen)) if *is_return => ("read", values(seen, kind, notation)),
                _ => ("read", nil.to_owned()),
            },
            Ask::Write(value) => {
                let function = match kind {
                    ObjectKind::Append => "append",
                    ObjectKind::Set => "add",
                    _ => "write",
                };
                (function, value.to_string())
            }
            Ask::Set(old, new) if notation == Notation::Edn => ("cas", format!("[{old} {new}]")),
            Ask::Set(old, new) => ("cas", format!("[{old},{new}]")),
        };
        let line = match notation {
            Notation::Edn => {
                let swapped = if stage == "fail" && told.is_some() { ", :swapped false" } else { "" };
                format!(
                    "{{:process {process}, :type :{stage}, :f :{function}, :value {value}, :time {time}{swapped}}}"
                )
            }
            Notation::JsonLines => {
                let swapped = if stage == "fail" && told.is_some() { ",\"swapped\":false" } else { "" };
                format!(
                    "{{\"process\":{process},\"type\":\"{stage}\",\"f\":\"{function}\",\"value\":{value},\"time\":{time}{swapped}}}"
                )
            }
        };
        writeln!(text, "{line}").expect("a string takes everything");
    }
    text
}

fn plan(kind: ObjectKind) -> impl Strategy<Value = Plan> {
    let value = || 1..4u8;
    let ask = match kind {
        ObjectKind::Cas => prop_oneof![
            3 => Just(Ask::Read),
            2 => value().prop_map(Ask::Write),
            2 => (value(), value()).prop_map(|(old, new)| Ask::Set(old, new)),
        ]
        .boxed(),
        _ => prop_oneof![Just(Ask::Read), value().prop_map(Ask::Write)].boxed(),
    };
    let most = if matches!(kind, ObjectKind::Register | ObjectKind::Cas) { 2 } else { 4 };
    let seen = vec(value(), 0..most).prop_map(move |mut seen| {
        if kind == ObjectKind::Set {
            seen.sort_unstable();
            seen.dedup();
        }
        seen
    });
    let end = prop_oneof![
        7 => Just(End::Ok),
        1 => seen.prop_map(End::Lies),
        1 => Just(End::Fails),
        3 => Just(End::Open),
    ];
    (ask, end, [0..4usize, 0..4usize]).prop_map(|(ask, end, waits)| Plan { ask, end, waits })
}

fn history() -> impl Strategy<Value = (ObjectKind, Vec<Plan>)> {
    (0..4usize)
        .prop_map(|place| ObjectKind::ALL[place])
        .prop_flat_map(|kind| (Just(kind), vec(plan(kind), 1..9)))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4_000))]

    #[test]
    fn every_model_says_what_trying_every_order_says((kind, plans) in history()) {
        let (calls, log) = carry_out(kind, &plans);
        let failed = |place: &usize| matches!(plans[*place].end, End::Fails);
        let left = (0..calls.len()).filter(|place| !failed(place)).fold(0, |left, place| left | 1 << place);
        let expected = has_order(kind, &Held::new(), &calls, left);
        for notation in [Notation::Edn, Notation::JsonLines] {
            let text = text(kind, notation, &plans, &calls, &log);
            let report = check_history(&text, notation, Some(kind));
            let report = report.map_err(|error| TestCaseError::fail(format!("{error}\n{text}")))?;
            let verdict = matches!(report.verdict, HistoryVerdict::Linearizable);
            prop_assert!(verdict == expected, "{:?} {expected}:\n{text}", report.verdict);
            prop_assert_eq!(report.operations, plans.len() as u64);
        }
    }

    /// Whatever the bytes, there is an answer.
    #[test]
    fn no_text_is_too_much(text in "[\\[\\](){}#:_^\"\\\\a1 \n]{0,60}", tail in any::<String>()) {
        for notation in [Notation::Edn, Notation::JsonLines] {
            let _ = check_history(&text, notation, None);
            let _ = check_history(&format!("{{:process 0{text}{tail}"), notation, None);
        }
    }
}

fn judged(text: &str) -> HistoryReport {
    check_history(text, Notation::Edn, None).unwrap_or_else(|error| panic!("{error}"))
}

fn is_linearizable(text: &str) -> bool {
    match judged(text).verdict {
        HistoryVerdict::Linearizable => true,
        HistoryVerdict::NotLinearizable(_) => false,
        HistoryVerdict::Unknown(why) => panic!("{why}"),
    }
}

/// As jepsen.etcd's register test writes it, with a nemesis and a call without an answer.
const ETCD: &str = r#"
{:type :invoke, :f :write, :value [0 3], :process 0, :time 3291485317, :index 0}
{:type :info, :f :start-partition, :value nil, :process :nemesis, :time 3291485400, :index 1}
{:type :ok, :f :write, :value [0 3], :process 0, :time 3296209422, :index 2}
{:type :invoke, :f :read, :value [0 nil], :process 1, :time 3296209500, :index 3}
{:type :invoke, :f :cas, :value [0 [3 1]], :process 2, :time 3296209600, :index 4}
{:type :ok, :f :read, :value [0 3], :process 1, :time 3296209700, :index 5}
{:type :info, :f :cas, :value [0 [3 1]], :process 2, :time 8296209800, :index 6, :error :timeout}
{:type :invoke, :f :read, :value [1 nil], :process 1, :time 8296209900, :index 7}
{:type :ok, :f :read, :value [1 nil], :process 1, :time 8296210000, :index 8}
{:type :invoke, :f :read, :value [0 nil], :process 5, :time 8296210100, :index 9}
{:type :ok, :f :read, :value [0 1], :process 5, :time 8296210200, :index 10}
"#;

#[test]
fn histories_of_real_tools_are_read_and_judged() {
    let report = judged(ETCD);
    assert_eq!(report.kind, ObjectKind::Cas);
    assert_eq!(report.guessed_from.as_deref(), Some(&["cas", "read", "write"].map(str::to_owned)[..]));
    assert_eq!((report.operations, report.open, report.processes, report.keys), (5, 1, 4, Some(2)));
    assert_eq!(report.ordered_by, OrderedBy::Index);
    assert!(matches!(report.verdict, HistoryVerdict::Linearizable));
    assert!(!is_linearizable(&ETCD.replace(":value [0 1], :process 5", ":value [0 2], :process 5")));
    // One vector; records as jepsen.history prints them; tuples with their tag.
    let records = ETCD
        .replace("{:type", "#jepsen.history.Op{:type")
        .replace(":value [", ":value #jepsen.independent/tuple [");
    for text in [format!("[{ETCD}]"), format!("({records})"), records] {
        let report = judged(&text);
        assert_eq!((report.operations, report.keys), (5, Some(2)));
        assert!(matches!(report.verdict, HistoryVerdict::Linearizable));
    }
}

#[test]
fn values_are_what_they_are() {
    let read = |written: &str, seen: &str| {
        is_linearizable(&format!(
            "{{:process 0 :type :invoke :f :write :value {written}}} {{:process 0 :type :ok :f :write :value {written}}}
             {{:process 0 :type :invoke :f :read}} {{:process 0 :type :ok :f :read :value {seen}}}"
        ))
    };
    for (written, seen, same) in [
        ("9007199254740993", "9007199254740993", true),
        ("9007199254740993", "9007199254740992", false),
        ("1", "1N", true),
        ("1", "\"1\"", false),
        ("1/2", "2/4", true),
        ("nil", "nil", true),
        ("nil", "[]", false),
        ("[1 2]", "(1 2)", true),
        ("{1 2, \"1\" 3}", "{\"1\" 3, 1 2}", true),
        ("{1 2, \"1\" 3}", "{\"1\" 3}", false),
    ] {
        assert_eq!(read(written, seen), same, "{written} and {seen}");
    }
}

#[test]
fn a_single_operation_of_a_transaction_is_one() {
    let text = "{:process 0 :type :invoke :f :txn :value [[:append 5 1]]} {:process 0 :type :ok :f :txn :value [[:append 5 1]]}
                {:process 0 :type :invoke :f :txn :value [[:r 5 nil]]} {:process 0 :type :ok :f :txn :value [[:r 5 [1]]]}
                {:process 0 :type :invoke :f :txn :value [[:append 5 2]]} {:process 0 :type :info :f :txn}";
    let report = judged(text);
    assert_eq!(
        (report.kind, report.operations, report.open, report.keys),
        (ObjectKind::Append, 3, 1, Some(1))
    );
    assert!(
        is_linearizable(text)
            && !is_linearizable(&text.replace("[5 [1]]", "[5 [2]]").replace(":r 5 [1]", ":r 5 [2]"))
    );
}

#[test]
fn ties_of_time_are_counted_and_go_by_line() {
    let text = "{:process 0 :type :invoke :f :write :value 1 :time 10} {:process 0 :type :ok :f :write :value 1 :time 20}
                {:process 1 :type :invoke :f :read :time 20} {:process 1 :type :ok :f :read :value nil :time 30}";
    let report = judged(text);
    assert_eq!(report.ordered_by, OrderedBy::Time { ties: 1 });
    assert!(matches!(report.verdict, HistoryVerdict::NotLinearizable(_)));
    let by_line = text.replace(":time 30", "");
    assert_eq!(judged(&by_line).ordered_by, OrderedBy::Line);
}

#[test]
fn what_is_no_history_is_refused_where_it_is_none() {
    let invoke = "{:process 0 :type :invoke :f :read}\n";
    for (text, expected) in [
        (
            format!("{invoke}{{:process 0 :type :ok :f :read"),
            "2:1: error: `{` begins here, and the text ends before it does",
        ),
        (format!("{invoke}garbage"), "2:1: error: found `garbage`, a symbol; a map was expected"),
        (format!("[{invoke}] 7"), "2:3: error: a form after the vector of all entries; the end was expected"),
        (format!("[{invoke}"), "the text ends before it does"),
        (format!("{invoke}{invoke}"), "2:1: error: process 0 invokes before its call of line 1 has returned"),
        (
            "{:process 0 :type :ok :f :read}".to_owned(),
            "1:1: error: process 0 returns, and has invoked nothing",
        ),
        (format!("{invoke}{{:process 0 :type :ok :f :read}}"), "2:1: error: a read returns without a :value"),
        (
            format!("{invoke}{{:process 0 :type :ok :f :write}}"),
            "2:1: error: process 0 returns from `write`; `read` was expected",
        ),
        (
            "{:process 0 :type :invoke :f :acquire}".to_owned(),
            "1:1: error: no model has the function `acquire`",
        ),
        (
            "{:process 0 :type :began :f :read}".to_owned(),
            "1:1: error: type `:began`; :invoke, :ok, :fail or :info",
        ),
        ("{:process -1 :type :invoke :f :read}".to_owned(), "1:1: error: process -1"),
        ("{:type :invoke :f :read}".to_owned(), "1:1: error: an entry without :process"),
        (
            "{:process 0 :type :invoke :f :txn :value [[:r 1 nil] [:r 2 nil]]}".to_owned(),
            "1:1: error: a transaction of 2 operations",
        ),
    ] {
        let error = check_history(&text, Notation::Edn, None).err().map(|error| error.to_string());
        assert!(error.as_ref().is_some_and(|error| error.contains(expected)), "{text}: {error:?}");
    }
    let json =
        |text: &str| check_history(text, Notation::JsonLines, None).expect_err("it is wrong").to_string();
    assert!(json("{\"process\":0}\n{]").starts_with("1:1: error: an entry without :type"));
    assert!(json("\n{\"process\":0,").starts_with("2:"));
    assert!(
        json("{\"process\":0,\"type\":\"invoke\",\"f\":\"write\",\"value\":18446744073709551616}")
            .contains("may have lost digits")
    );
}

#[test]
fn a_long_history_of_a_compare_and_set_register_is_judged() {
    // Ten clients, of whom one in fifty calls never returns; values repeat, as Jepsen's do.
    let (mut text, mut seed, mut held) = (String::new(), 1_u64, 0);
    let mut draw = |below: u64| {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (seed >> 33) % below
    };
    let mut process: Vec<u64> = (0..10).collect();
    let mut busy: Vec<Option<(String, String)>> = vec![None; 10];
    let mut count = 0;
    while count < 10_000 || busy.iter().any(Option::is_some) {
        let client = draw(10) as usize;
        if let Some((function, value)) = busy[client].take() {
            let stage = match function.as_str() {
                "open" => "info",
                "cas-failed" => "fail",
                _ => "ok",
            };
            let function = if stage == "ok" { function.as_str() } else { "cas" };
            writeln!(text, "{{:process {} :type :{stage} :f :{function} :value {value}}}", process[client])
                .unwrap();
            if stage == "info" {
                process[client] += 10;
            }
        } else if count < 10_000 {
            count += 1;
            let (old, new) = (draw(5), draw(5));
            let (ask, value) = match draw(3) {
                0 => ("read", "nil".to_owned()),
                1 => ("write", new.to_string()),
                _ => ("cas", format!("[{old} {new}]")),
            };
            writeln!(text, "{{:process {} :type :invoke :f :{ask} :value {value}}}", process[client])
                .unwrap();
            // It takes effect at once, and returns at some time.
            busy[client] = Some(match ask {
                "read" => ("read".to_owned(), if held == 0 { "nil".into() } else { (held - 1).to_string() }),
                "write" => {
                    held = new + 1;
                    ("write".to_owned(), value)
                }
                _ => {
                    let swaps = held == old + 1;
                    if swaps {
                        held = new + 1;
                    }
                    let end = if draw(16) == 0 {
                        "open"
                    } else if swaps {
                        "cas"
                    } else {
                        "cas-failed"
                    };
                    (end.to_owned(), value)
                }
            });
        }
    }
    let report = judged(&text);
    assert!(report.open > 100, "{}", report.open);
    assert!(matches!(report.verdict, HistoryVerdict::Linearizable), "{:?}", report.verdict);
}

/// Ten clients at a time append to one list, thirty times; every tenth time somebody reads what the last to ask did first.
/// A read that never returns keeps all of it in one piece.
fn long_lists(is_swapped: bool) -> String {
    let mut text = String::from("{:process 99, :type :invoke, :f :read, :value nil}\n");
    let mut held: Vec<u32> = Vec::new();
    for round in 0..30 {
        for stage in ["invoke", "ok"] {
            for client in 0..10 {
                let value = 10 * round + client;
                writeln!(text, "{{:process {client}, :type :{stage}, :f :append, :value {value}}}")
                    .expect("text");
            }
        }
        held.extend((0..10).rev().map(|client| 10 * round + client));
        if round % 10 == 9 {
            let mut seen = held.clone();
            if is_swapped && round == 29 {
                seen.swap(95, 105);
            }
            writeln!(text, "{{:process 10, :type :invoke, :f :read, :value nil}}").expect("text");
            writeln!(text, "{{:process 10, :type :ok, :f :read, :value {seen:?}}}").expect("text");
        }
    }
    text.replace(',', " ")
}

#[test]
fn what_is_read_of_a_long_list_tells_in_which_order_it_was_appended() {
    assert!(is_linearizable(&long_lists(false)));
    assert!(!is_linearizable(&long_lists(true)));
}
