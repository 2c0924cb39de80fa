//! Reading the entries of a history.

use super::datum::Datum;
use super::edn::{Forms, integer};
use super::error::{HistoryError, Spot};
use super::record::Record;
use serde_json::Value;

/// The largest file that is read, in bytes.
pub const LARGEST_FILE: u64 = 256 << 20;

/// The notation of a history.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub enum Notation {
    /// Maps in EDN, one after the other or in one vector.
    Edn,
    /// JSON objects, one a line.
    JsonLines,
}

impl Notation {
    /// Returns the notation of a file that is called `name`: JSON Lines for `.jsonl`, `.ndjson` and `.json`, or else EDN.
    pub fn of_file(name: &str) -> Notation {
        let ending = name.rsplit_once('.').map_or("", |(_, ending)| ending);
        match ending {
            "jsonl" | "ndjson" | "json" => Notation::JsonLines,
            _ => Notation::Edn,
        }
    }
}

/// Returns the entries of clients, as they stand in `text`.
///
/// # Errors
/// The first place at which the text is no history.
pub fn read(text: &str, notation: Notation) -> Result<Vec<Record>, HistoryError> {
    match notation {
        Notation::Edn => read_edn(text),
        Notation::JsonLines => read_json_lines(text),
    }
}

fn read_edn(text: &str) -> Result<Vec<Record>, HistoryError> {
    let mut forms = Forms::new(text);
    let mut records = Vec::new();
    let close = forms.enter();
    loop {
        if let Some(close) = close
            && forms.leave(close)
        {
            break;
        }
        match forms.form()? {
            Some((spot, form)) => records.extend(Record::of(spot, &form)?),
            None if close.is_some() => {
                let begun = Spot { line: 1, column: 1 };
                let message = "the vector of all entries begins here, and the text ends before it does";
                return Err(HistoryError::at(begun, message));
            }
            None => break,
        }
    }
    match forms.form()? {
        Some((spot, _)) => {
            Err(HistoryError::at(spot, "a form after the vector of all entries; the end was expected"))
        }
        None => Ok(records),
    }
}

fn read_json_lines(text: &str) -> Result<Vec<Record>, HistoryError> {
    let mut records = Vec::new();
    for (place, line) in text.lines().enumerate() {
        let line = line.trim_start_matches('\u{feff}');
        if line.trim().is_empty() {
            continue;
        }
        let at = |column: usize| Spot { line: place + 1, column };
        let value: Value = serde_json::from_str(line).map_err(|error| {
            let text = error.to_string();
            let message = text.rsplit_once(" at line ").map_or(&*text, |(message, _)| message);
            HistoryError::at(at(error.column().max(1)), format!("no JSON object: {message}"))
        })?;
        let datum = datum(value).map_err(|message| HistoryError::at(at(1), message))?;
        records.extend(Record::of(at(1), &datum)?);
    }
    Ok(records)
}

/// Returns a JSON value as a datum; its nesting is bounded by the reader of JSON.
fn datum(value: Value) -> Result<Datum, String> {
    Ok(match value {
        Value::Null => Datum::Nil,
        Value::Bool(value) => Datum::Bool(value),
        Value::Number(number) => {
            let text = number.to_string();
            match number.as_f64() {
                _ if number.is_i64() || number.is_u64() => {
                    integer(text.starts_with('-'), text.trim_start_matches('-'))
                }
                // What a reader of JSON makes of integers beyond 64 bits.
                Some(real) if real.abs() >= TOO_LARGE => {
                    return Err(format!("the number {text} may have lost digits: write it as a string"));
                }
                _ => Datum::Real(text),
            }
        }
        Value::String(text) => Datum::Text(text),
        Value::Array(items) => Datum::List(items.into_iter().map(datum).collect::<Result<_, _>>()?),
        Value::Object(entries) => {
            let entry = |(key, value)| Ok::<_, String>((Datum::Keyword(key), datum(value)?));
            Datum::Map(entries.into_iter().map(entry).collect::<Result<_, _>>()?)
        }
    })
}

/// From here on floating-point numbers may stand for integers that do not fit in 64 bits.
const TOO_LARGE: f64 = 9_223_372_036_854_775_807.0;
