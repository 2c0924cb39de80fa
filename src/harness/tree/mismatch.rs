//! What serde says is wrong with a value, in the language of scenario files.

use crate::error::{quote, unknown};
use crate::source::Place;
use serde::de::{Expected, Unexpected};
use std::fmt::{self, Display};

/// Why a tree is not of the type that was asked for.
#[derive(Debug)]
pub struct Mismatch {
    /// Where; the innermost value that was being read.
    pub place: Option<Place>,
    /// What is wrong.
    pub message: String,
    /// What would be right.
    pub help: Option<String>,
}

impl Mismatch {
    /// The same, at `place` unless it has a place already.
    pub fn at(self, place: Place) -> Mismatch {
        Mismatch { place: self.place.or(Some(place)), ..self }
    }
}

impl serde::de::Error for Mismatch {
    fn custom<M: Display>(message: M) -> Mismatch {
        Mismatch { place: None, message: message.to_string(), help: None }
    }

    fn invalid_type(found: Unexpected<'_>, expected: &dyn Expected) -> Mismatch {
        let found = match found {
            Unexpected::Unit | Unexpected::Option => "nothing".into(),
            Unexpected::Seq => "a list".into(),
            Unexpected::Map => "a map".into(),
            Unexpected::Str(text) => quote(text),
            Unexpected::Unsigned(number) => number.to_string(),
            Unexpected::Signed(number) => number.to_string(),
            Unexpected::Float(number) => number.to_string(),
            other => other.to_string(),
        };
        Mismatch::custom(format!("expected {}, found {found}", plain(expected)))
    }

    fn invalid_value(found: Unexpected<'_>, expected: &dyn Expected) -> Mismatch {
        Mismatch::invalid_type(found, expected)
    }

    fn invalid_length(found: usize, expected: &dyn Expected) -> Mismatch {
        Mismatch::custom(format!("expected {}, found a list of {found}", plain(expected)))
    }

    fn unknown_variant(name: &str, known: &'static [&'static str]) -> Mismatch {
        let (message, help) = unknown("choice", name, known);
        Mismatch { place: None, message, help }
    }

    fn unknown_field(name: &str, known: &'static [&'static str]) -> Mismatch {
        let (message, help) = unknown("field", name, known);
        Mismatch { place: None, message, help }
    }

    fn missing_field(name: &'static str) -> Mismatch {
        Mismatch::custom(format!("missing field \"{name}\""))
    }

    fn duplicate_field(name: &'static str) -> Mismatch {
        Mismatch::custom(format!("\"{name}\" is given twice"))
    }
}

impl Display for Mismatch {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.message)
    }
}

impl std::error::Error for Mismatch {}

/// Returns what serde says that it expects, in words for people who do not write Rust.
fn plain(expected: &dyn Expected) -> String {
    let words = expected.to_string();
    match words.as_str() {
        "u8" => "a whole number from 0 to 255".into(),
        "u16" => "a whole number from 0 to 65535".into(),
        "u32" => "a whole number from 0 to 4294967295".into(),
        "u64" | "usize" => "a whole number, not negative".into(),
        "i8" | "i16" | "i32" | "i64" | "isize" => "a whole number".into(),
        "f32" | "f64" => "a number".into(),
        "a boolean" => "true or false".into(),
        "a string" => "a text".into(),
        "a sequence" => "a list".into(),
        _ if words.starts_with("struct ") => "a map of settings".into(),
        _ => match words.strip_prefix("an array of length ") {
            Some(length) => format!("a list of {length}"),
            None => words,
        },
    }
}
