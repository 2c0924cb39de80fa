//! The calls of a history: entries in order, each return with its invocation.

use super::datum::Datum;
use super::error::{HistoryError, quoted};
use super::record::{Record, Stage};
use std::collections::{BTreeMap, BTreeSet};

/// By what the entries are in order.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub enum OrderedBy {
    /// By their `index`, which no two share.
    Index,
    /// By their `time`; those of one time by their lines, and so many have the time of the one before.
    Time {
        /// Entries that have the time of the one before.
        ties: u64,
    },
    /// By their lines.
    Line,
}

/// Puts entries in the order in which things happened.
///
/// # Errors
/// If two have the same index.
pub(super) fn sort(records: &mut [Record]) -> Result<OrderedBy, HistoryError> {
    if records.iter().all(|record| record.index.is_some()) {
        records.sort_by_key(|record| record.index);
        if let Some(pair) = records.windows(2).find(|pair| pair[0].index == pair[1].index) {
            let (index, first) = (pair[1].index.unwrap_or_default(), pair[0].spot.line);
            let message = format!("index {index} is that of the entry in line {first} too");
            return Err(HistoryError::at(pair[1].spot, message));
        }
        return Ok(OrderedBy::Index);
    }
    if records.iter().all(|record| record.time.is_some()) {
        records.sort_by_key(|record| record.time);
        let ties = records.windows(2).filter(|pair| pair[0].time == pair[1].time).count() as u64;
        return Ok(OrderedBy::Time { ties });
    }
    Ok(OrderedBy::Line)
}

/// A stage of a call: the number of the call, and its entry without a key.
#[derive(Clone, Debug)]
pub(super) struct Entry {
    /// The number of the call, from 0 in the order of the invocations.
    pub call: u64,
    /// The entry; its value is without the key.
    pub record: Record,
    /// The key, if calls have keys.
    pub key: Option<Datum>,
}

/// The calls of a history.
#[derive(Clone, Debug)]
pub(super) struct Calls {
    /// Their stages, in order.
    pub entries: Vec<Entry>,
    /// How many calls there are.
    pub count: u64,
    /// How many of them have neither been answered nor failed.
    pub open: u64,
    /// The clients.
    pub processes: usize,
}

/// Takes each return with its invocation, in `records` that are in order.
///
/// # Errors
/// If a client returns from what it has not invoked, or invokes before it returns.
pub(super) fn pair(records: Vec<Record>) -> Result<Calls, HistoryError> {
    let has_keys = have_keys(&records);
    let mut pending: BTreeMap<u32, (u64, Record)> = BTreeMap::new();
    let mut processes = BTreeSet::new();
    let (mut entries, mut count, mut settled) = (Vec::with_capacity(records.len()), 0, 0);
    for record in records {
        let process = record.process;
        let call = if record.stage == Stage::Invoke {
            processes.insert(process);
            if let Some((_, before)) = pending.insert(process, (count, record.clone())) {
                let line = before.spot.line;
                let message =
                    format!("process {process} invokes before its call of line {line} has returned");
                return Err(HistoryError::at(record.spot, message));
            }
            count += 1;
            count - 1
        } else {
            let Some((call, invoked)) = pending.remove(&process) else {
                let message = format!("process {process} returns, and has invoked nothing");
                return Err(HistoryError::at(record.spot, message));
            };
            // Of a transaction that never returned nobody knows more.
            if invoked.function != record.function && record.function != "txn" {
                let (found, expected) = (quoted(&record.function), quoted(&invoked.function));
                let message = format!(
                    "process {process} returns from {found}; {expected} was expected, which it invoked in line {}",
                    invoked.spot.line
                );
                return Err(HistoryError::at(record.spot, message));
            }
            settled += u64::from(record.stage != Stage::Info);
            call
        };
        entries.push(keyed(call, record, has_keys)?);
    }
    Ok(Calls { entries, count, open: count - settled, processes: processes.len() })
}

/// Returns true if the values of all invocations are pairs of a key and a value: tuples, or what is written like one.
fn have_keys(records: &[Record]) -> bool {
    let is_pair = |datum: &Datum| match datum {
        Datum::Tuple(_) => true,
        Datum::List(items) => items.len() == 2,
        _ => false,
    };
    let mut invoked = records.iter().filter(|record| record.stage == Stage::Invoke && record.key.is_none());
    let is_keyed = |record: &Record| match &record.value {
        Some(Datum::Tuple(_)) => true,
        // A compare-and-set alone has a pair for its value.
        Some(Datum::List(items)) if is_conditional(&record.function) => {
            items.len() == 2 && is_pair(&items[1])
        }
        Some(value) => is_pair(value),
        None => false,
    };
    let is_read = |record: &Record| matches!(&record.value, Some(Datum::List(items)) if items.get(1) == Some(&Datum::Nil));
    let mut has_evidence = false;
    invoked.all(|record| {
        has_evidence |= matches!(record.value, Some(Datum::Tuple(_)))
            || is_read(record)
            || is_conditional(&record.function);
        is_keyed(record)
    }) && has_evidence
}

/// Returns true for the names of a compare-and-set.
pub(super) fn is_set(function: &str) -> bool {
    matches!(function, "cas" | "compare-and-set" | "compare-and-swap")
}

/// Returns true for the names of what has a pair for its value.
fn is_conditional(function: &str) -> bool {
    is_set(function) || function == "put-if"
}

/// Takes the key out of a value.
fn keyed(call: u64, mut record: Record, has_keys: bool) -> Result<Entry, HistoryError> {
    if let Some(key) = record.key.clone() {
        return Ok(Entry { call, record, key: Some(key) });
    }
    if !has_keys {
        return Ok(Entry { call, record, key: None });
    }
    let (key, value) = match record.value.take() {
        // Of a call that never returned nobody need repeat the key.
        None | Some(Datum::Nil) if record.stage != Stage::Invoke => {
            return Ok(Entry { call, record, key: None });
        }
        Some(Datum::Tuple(pair)) => *pair,
        Some(Datum::List(items)) if items.len() == 2 => {
            let [key, value] = <[Datum; 2]>::try_from(items).unwrap_or([Datum::Nil, Datum::Nil]);
            (key, value)
        }
        other => {
            let found = other.map_or("nothing".to_owned(), |other| quoted(&other));
            let message = format!("value {found}; a pair [key value] was expected, as others have");
            return Err(HistoryError::at(record.spot, message));
        }
    };
    record.value = Some(value);
    Ok(Entry { call, record, key: Some(key) })
}
