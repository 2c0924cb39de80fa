//! Histories of others: read, put in order, and judged for linearizability as those of runs are.
//!
//! The notations are Jepsen's, in EDN, and JSON Lines with the same entries.

mod datum;
mod edn;
mod error;
mod object;
mod operations;
mod read;
mod record;
mod value;

pub use datum::Datum;
pub use error::{HistoryError, Spot};
pub use object::ObjectKind;
pub use operations::OrderedBy;
pub use read::{LARGEST_FILE, Notation};
pub use record::{Record, Stage};

pub use read::read as read_history;

use error::quoted;
use object::{Ask, Asked, Key, Object, Told};
use operations::{Calls, Entry, is_set, pair, sort};
use std::collections::BTreeMap;
use synod_oracle::linearizability::{Call, History, Judge, Step};
use synod_sim::{NodeId, OperationId, Time, Violation};
use value::{Held, Names, Shown};

/// What was found out about a history.
#[derive(Clone, Debug)]
pub struct HistoryReport {
    /// The kind of object that it is a history of.
    pub kind: ObjectKind,
    /// The functions from which the kind was guessed; `None` if it was given.
    pub guessed_from: Option<Vec<String>>,
    /// How the entries were put in order.
    pub ordered_by: OrderedBy,
    /// Calls that clients made.
    pub operations: u64,
    /// Calls of which nobody knows what came.
    pub open: u64,
    /// Clients.
    pub processes: usize,
    /// The keys, of a history that has keys.
    pub keys: Option<usize>,
    /// Calls that were found to have an order.
    pub checked: u64,
    /// The verdict.
    pub verdict: HistoryVerdict,
}

/// Whether a history is linearizable.
#[derive(Clone, Debug)]
pub enum HistoryVerdict {
    /// It is.
    Linearizable,
    /// It is not: the smallest part of it that has no order.
    NotLinearizable(Violation),
    /// The search was given up, and why.
    Unknown(String),
}

/// Judges a history in `notation`, of objects of this `kind`; it is guessed from the functions if it is `None`.
///
/// # Errors
/// The first thing in the text that is wrong.
pub fn check_history(
    text: &str,
    notation: Notation,
    kind: Option<ObjectKind>,
) -> Result<HistoryReport, HistoryError> {
    let mut records = read::read(text, notation)?;
    let ordered_by = sort(&mut records)?;
    let functions = functions(&records);
    let guessed_from = kind.is_none().then(|| functions.keys().cloned().collect());
    let kind = match kind {
        Some(kind) => kind,
        None => guess(&records, &functions)?,
    };
    let has_times = records.iter().all(|record| record.time.is_some());
    let calls = pair(records)?;
    let Calls { count: operations, open, processes, .. } = calls;
    let mut reader = Reader { kind, objects: BTreeMap::new(), of_call: BTreeMap::new() };
    let only_grows = functions.keys().all(|function| ["read", "append", "add"].contains(&function.as_str()));
    let mut history: Box<dyn Judge<Object>> = Box::new(History::new(Object { kind, only_grows }));
    let mut offence = None;
    for (place, Entry { call, record, key }) in (0..).zip(&calls.entries) {
        let step = reader.step(*call, record, key.as_ref())?;
        let at = if has_times { record.time.unwrap_or_default().max(0) as u64 } else { place };
        let call = Call { operation: OperationId(*call), client: record.process, step };
        // What comes after an offence is read nevertheless, so that what is wrong there is told.
        if offence.is_none() {
            offence = history.on_call(Time::from_nanos(at), NodeId(record.process), call).err();
        }
    }
    if offence.is_none() {
        offence = history.on_end().err();
    }
    let verdict = match (offence, history.unknown()) {
        (Some(violation), _) => HistoryVerdict::NotLinearizable(violation),
        (None, Some(why)) => HistoryVerdict::Unknown(why),
        (None, None) => HistoryVerdict::Linearizable,
    };
    let has_keys = reader.objects.keys().any(Option::is_some);
    Ok(HistoryReport {
        kind,
        guessed_from,
        ordered_by,
        operations,
        open,
        processes,
        keys: has_keys.then_some(reader.objects.len()),
        checked: history.checked(),
        verdict,
    })
}

/// Returns the functions that are invoked, each with where it is first.
fn functions(records: &[Record]) -> BTreeMap<String, Spot> {
    let mut functions = BTreeMap::new();
    for record in records.iter().filter(|record| record.stage == Stage::Invoke) {
        functions.entry(record.function.clone()).or_insert(record.spot);
    }
    functions
}

/// Guesses the kind of object from what is asked of it.
fn guess(records: &[Record], functions: &BTreeMap<String, Spot>) -> Result<ObjectKind, HistoryError> {
    let has = |names: &[&str]| functions.keys().any(|function| names.contains(&function.as_str()));
    let known =
        ["read", "write", "cas", "compare-and-set", "compare-and-swap", "append", "put", "put-if", "add"];
    if let Some((function, &spot)) =
        functions.iter().find(|(function, _)| !known.contains(&function.as_str()))
    {
        return Err(HistoryError::at(spot, unknown_function(function)));
    }
    let sees_lists =
        |record: &Record| record.stage == Stage::Ok && matches!(record.value, Some(Datum::List(_)));
    Ok(if has(&["append", "put", "put-if"]) {
        ObjectKind::Append
    } else if has(&["add"]) {
        ObjectKind::Set
    } else if functions.keys().any(|function| is_set(function)) {
        ObjectKind::Cas
    } else if !has(&["write"]) && records.iter().any(sees_lists) {
        ObjectKind::Append
    } else {
        ObjectKind::Register
    })
}

fn unknown_function(function: &str) -> String {
    let kinds: Vec<String> =
        ObjectKind::ALL.iter().map(|kind| format!("{} ({})", kind.name(), kind.about())).collect();
    format!("no model has the function {}; there are {}", quoted(&function), kinds.join("; "))
}

/// Takes what entries say for what is asked of objects.
struct Reader {
    kind: ObjectKind,
    /// The names of the values of each object.
    objects: BTreeMap<Option<Datum>, (Key, Names)>,
    /// Which object each call that is under way asks, and what.
    of_call: BTreeMap<u64, (Names, Ask)>,
}

impl Reader {
    /// Returns the step that an entry of the call of this number is.
    fn step(
        &mut self,
        call: u64,
        record: &Record,
        key: Option<&Datum>,
    ) -> Result<Step<Object>, HistoryError> {
        let wrong = |message: String| HistoryError::at(record.spot, message);
        if record.stage == Stage::Invoke {
            let place = self.objects.len();
            let (key, names) = self.objects.entry(key.cloned()).or_insert_with_key(|key| {
                let name = key.as_ref().map_or("the object".to_owned(), |key| format!("key {key}"));
                let names = if self.kind == ObjectKind::Set { Names::default() } else { Names::with_nil() };
                (Key { place, name: name.into() }, names)
            });
            let (key, names) = (key.clone(), names.clone());
            let ask = ask(self.kind, record, &names).map_err(wrong)?;
            self.of_call.insert(call, (names.clone(), ask.clone()));
            return Ok(Step::Invoke(Asked { key, ask: Shown { what: ask, names } }));
        }
        let (names, ask) = self.of_call.remove(&call).expect("a return has its invocation");
        let is_conditional = matches!(ask, Ask::Set { .. });
        let told = match record.stage {
            Stage::Ok | Stage::Fail if is_conditional && record.swapped == Some(false) => {
                Told::Swapped(false)
            }
            Stage::Ok if is_conditional => Told::Swapped(true),
            Stage::Ok if ask == Ask::Read => {
                let value = record.value.as_ref().ok_or_else(|| {
                    wrong(
                        "a read returns without a :value; what it saw was expected, nil if nothing"
                            .to_owned(),
                    )
                })?;
                Told::Held(held(self.kind, value, &names).map_err(wrong)?)
            }
            Stage::Ok => Told::Done,
            Stage::Fail => return Ok(Step::Fail),
            Stage::Info | Stage::Invoke => return Ok(Step::Info),
        };
        Ok(Step::Ok(Shown { what: told, names }))
    }
}

/// Returns what an invocation asks of an object of this kind.
fn ask(kind: ObjectKind, record: &Record, names: &Names) -> Result<Ask, String> {
    let function = record.function.as_str();
    let value = || {
        let value = record.value.as_ref();
        value.ok_or_else(|| format!("{} without a :value", quoted(&function)))
    };
    let number = || value().map(|value| names.number(value));
    let pair = || match value()? {
        Datum::List(items) if items.len() == 2 => Ok((&items[0], &items[1])),
        Datum::Tuple(pair) => Ok((&pair.0, &pair.1)),
        other => Err(format!("value {}; a pair [old new] was expected", quoted(other))),
    };
    match (kind, function) {
        (_, "read") => Ok(Ask::Read),
        (ObjectKind::Register | ObjectKind::Cas, "write") => number().map(Ask::Write),
        (ObjectKind::Append, "put") => number().map(Ask::Put),
        (ObjectKind::Cas, function) if is_set(function) => {
            let (old, new) = pair()?;
            Ok(Ask::Set { old: Held::One(names.number(old)), new: names.number(new) })
        }
        (ObjectKind::Append, "put-if") => {
            let (old, new) = pair()?;
            Ok(Ask::Set { old: held(kind, old, names)?, new: names.number(new) })
        }
        (ObjectKind::Append, "append") => number().map(Ask::Append),
        (ObjectKind::Set, "add") => number().map(Ask::Add),
        _ => {
            let (name, about) = (kind.name(), kind.about());
            Err(format!("the model {name} has no function {}; it is {about}", quoted(&function)))
        }
    }
}

/// Returns what an object of this kind held of which a client read `value`.
fn held(kind: ObjectKind, value: &Datum, names: &Names) -> Result<Held, String> {
    let expected = |what: &str| format!("value {}, {}; {what} was expected", quoted(value), value.kind());
    let numbers = |items: &[Datum]| items.iter().map(|item| names.number(item)).collect::<Vec<_>>();
    match (kind, value) {
        (ObjectKind::Register | ObjectKind::Cas, value) => Ok(Held::One(names.number(value))),
        // Nothing was ever written: some say it by nil, others by what is empty.
        (_, Datum::Nil) => Ok(kind.initial()),
        (ObjectKind::Append, Datum::List(items)) => Ok(Held::list(numbers(items))),
        (ObjectKind::Append, Datum::Tuple(pair)) => {
            Ok(Held::list(vec![names.number(&pair.0), names.number(&pair.1)]))
        }
        (ObjectKind::Append, _) => Err(expected("a list, or nil")),
        (ObjectKind::Set, Datum::Set(items) | Datum::List(items)) => {
            let mut values = numbers(items);
            values.sort_unstable();
            values.dedup();
            if values.len() < items.len() {
                return Err(format!("value {} has an item twice; a set was expected", quoted(value)));
            }
            Ok(Held::set(values))
        }
        (ObjectKind::Set, _) => Err(expected("a set, or nil")),
    }
}
