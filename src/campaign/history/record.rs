//! The entries of a history as its file has them, whatever notation that is written in.

use super::datum::Datum;
use super::error::{HistoryError, Spot, quoted};

/// How far a call is.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub enum Stage {
    /// A client asks.
    Invoke,
    /// It was told.
    Ok,
    /// The call has had no effect, and never will.
    Fail,
    /// Nobody knows what came of it.
    Info,
}

/// An entry: one stage of a client's call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// Where its text begins.
    pub spot: Spot,
    /// The client, by its number.
    pub process: u32,
    /// How far its call is.
    pub stage: Stage,
    /// The name of the function.
    pub function: String,
    /// The value, if there is one: `nil` is one.
    pub value: Option<Datum>,
    /// The key, if it has an entry of its own.
    pub key: Option<Datum>,
    /// The number in the order of all.
    pub index: Option<i64>,
    /// When, in nanoseconds.
    pub time: Option<i64>,
    /// False for a compare-and-set that failed since it found another value: what it found is known not to be the one
    /// that it expected.
    pub swapped: Option<bool>,
}

impl Record {
    /// Returns the entry that a map stands for; `None` if it is none of a client's.
    pub(super) fn of(spot: Spot, map: &Datum) -> Result<Option<Record>, HistoryError> {
        let wrong = |message: String| HistoryError::at(spot, message);
        if !matches!(map, Datum::Map(_)) {
            let message =
                format!("found {}, {}; a map was expected, such as {EXAMPLE}", quoted(map), map.kind());
            return Err(wrong(message));
        }
        let missing =
            |name: &str| wrong(format!("an entry without {name}: {}; it looks like {EXAMPLE}", quoted(map)));
        let process = match map.get("process").ok_or_else(|| missing(":process"))? {
            Datum::Int(number) => u32::try_from(*number).map_err(|_| {
                wrong(format!("process {number}; a client's number is between 0 and {}", u32::MAX))
            })?,
            // The nemesis, and whoever else is no client.
            Datum::Keyword(_) | Datum::Text(_) | Datum::Symbol(_) => return Ok(None),
            other => {
                let found = quoted(other);
                return Err(wrong(format!(
                    "process {found}; a number or a name, such as :nemesis, was expected"
                )));
            }
        };
        let kind = map.get("type").ok_or_else(|| missing(":type"))?;
        let stage = match kind.name() {
            Some("invoke") => Stage::Invoke,
            Some("ok") => Stage::Ok,
            Some("fail") => Stage::Fail,
            Some("info") => Stage::Info,
            _ => {
                let found = quoted(kind);
                return Err(wrong(format!("type {found}; :invoke, :ok, :fail or :info was expected")));
            }
        };
        let function = map.get("f").ok_or_else(|| missing(":f"))?;
        let Some(function) = function.name() else {
            return Err(wrong(format!("f {}; a function's name was expected", quoted(function))));
        };
        let number = |name: &str| match map.get(name) {
            None | Some(Datum::Nil) => Ok(None),
            Some(Datum::Int(number)) => Ok(Some(*number)),
            Some(other) => Err(wrong(format!("{name} {}; an integer was expected", quoted(other)))),
        };
        let swapped = match map.get("swapped") {
            None | Some(Datum::Nil) => None,
            Some(Datum::Bool(swapped)) => Some(*swapped),
            Some(other) => {
                return Err(wrong(format!("swapped {}; true or false was expected", quoted(other))));
            }
        };
        let (function, key, value) = match (function, map.get("value")) {
            ("txn", Some(Datum::List(operations))) => {
                let (function, key, value) = only(operations).map_err(wrong)?;
                (function, Some(key), Some(value))
            }
            (function, value) => (function.to_owned(), map.get("key").cloned(), value.cloned()),
        };
        Ok(Some(Record {
            spot,
            process,
            stage,
            function,
            value,
            key,
            index: number("index")?,
            time: number("time")?,
            swapped,
        }))
    }
}

/// Returns function, key and value of a transaction that is a single operation: to judge others takes more than this.
fn only(operations: &[Datum]) -> Result<(String, Datum, Datum), String> {
    let [Datum::List(operation)] = operations else {
        let count = operations.len();
        return Err(format!(
            "a transaction of {count} operations; only those of one, [[f key value]], are judged"
        ));
    };
    let [function, key, value] = &operation[..] else {
        let found = quoted(&Datum::List(operation.clone()));
        return Err(format!("an operation {found} of a transaction; [f key value] was expected"));
    };
    let name = match function.name() {
        Some("r") => "read",
        Some("w") => "write",
        Some(name) => name,
        None => return Err(format!("function {} of a transaction; a name was expected", quoted(function))),
    };
    Ok((name.to_owned(), key.clone(), value.clone()))
}

const EXAMPLE: &str = "{:process 0, :type :invoke, :f :read, :value nil}";
