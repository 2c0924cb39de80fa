//! Values of histories, whatever notation they were written in.

use std::collections::BTreeMap;
use std::fmt::{self, Write};

/// A value. Equal are those that Clojure calls equal: a list and a vector of the same items, `1` and `1N`; but not `1`
/// and `1.0`, nor `1` and `"1"`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Datum {
    /// Nothing: `nil`, `null`.
    Nil,
    /// A Boolean.
    Bool(bool),
    /// An integer of 64 bits.
    Int(i64),
    /// A larger integer, in digits, without leading zeros.
    Big(String),
    /// A fraction in lowest terms, which is no integer: `1/2`.
    Ratio(String),
    /// A floating-point number, or a decimal one, as it was written.
    Real(String),
    /// A string.
    Text(String),
    /// A character.
    Char(char),
    /// A keyword, without its colon.
    Keyword(String),
    /// A symbol.
    Symbol(String),
    /// A list or a vector.
    List(Vec<Datum>),
    /// A set: items in order, none twice.
    Set(Vec<Datum>),
    /// A map; of objects in JSON the keys are keywords.
    Map(BTreeMap<Datum, Datum>),
    /// Jepsen's tuple of a key and a value.
    Tuple(Box<(Datum, Datum)>),
}

impl Datum {
    /// Returns a keyword.
    pub fn keyword(name: &str) -> Datum {
        Datum::Keyword(name.to_owned())
    }

    /// Returns what a map has under the keyword `name`.
    pub fn get(&self, name: &str) -> Option<&Datum> {
        let Datum::Map(entries) = self else { return None };
        entries.get(&Datum::keyword(name))
    }

    /// Returns the number, if it is an integer of 64 bits.
    pub fn int(&self) -> Option<i64> {
        if let Datum::Int(number) = self { Some(*number) } else { None }
    }

    /// Returns the name of a keyword, a symbol or a string.
    pub fn name(&self) -> Option<&str> {
        match self {
            Datum::Keyword(name) | Datum::Symbol(name) | Datum::Text(name) => Some(name),
            _ => None,
        }
    }

    /// Returns what kind of value it is, in words.
    pub fn kind(&self) -> &'static str {
        match self {
            Datum::Nil => "nil",
            Datum::Bool(_) => "a Boolean",
            Datum::Int(_) | Datum::Big(_) => "an integer",
            Datum::Ratio(_) => "a fraction",
            Datum::Real(_) => "a floating-point number",
            Datum::Text(_) => "a string",
            Datum::Char(_) => "a character",
            Datum::Keyword(_) => "a keyword",
            Datum::Symbol(_) => "a symbol",
            Datum::List(_) => "a list",
            Datum::Set(_) => "a set",
            Datum::Map(_) => "a map",
            Datum::Tuple(_) => "a tuple of key and value",
        }
    }
}

/// Writes it as EDN.
impl fmt::Display for Datum {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Datum::Nil => out.write_str("nil"),
            Datum::Bool(value) => write!(out, "{value}"),
            Datum::Int(number) => write!(out, "{number}"),
            Datum::Big(digits) => write!(out, "{digits}N"),
            Datum::Ratio(text) | Datum::Real(text) | Datum::Symbol(text) => out.write_str(text),
            Datum::Text(text) => write_text(out, text),
            Datum::Char(letter) => match letter {
                ' ' => out.write_str("\\space"),
                '\n' => out.write_str("\\newline"),
                '\t' => out.write_str("\\tab"),
                '\r' => out.write_str("\\return"),
                letter => write!(out, "\\{letter}"),
            },
            Datum::Keyword(name) => write!(out, ":{name}"),
            Datum::List(items) => write_items(out, "[", items, "]"),
            Datum::Set(items) => write_items(out, "#{", items, "}"),
            Datum::Map(entries) => {
                out.write_char('{')?;
                for (place, (key, value)) in entries.iter().enumerate() {
                    write!(out, "{}{key} {value}", if place == 0 { "" } else { ", " })?;
                }
                out.write_char('}')
            }
            Datum::Tuple(pair) => write!(out, "[{} {}]", pair.0, pair.1),
        }
    }
}

fn write_items(out: &mut fmt::Formatter<'_>, open: &str, items: &[Datum], close: &str) -> fmt::Result {
    out.write_str(open)?;
    for (place, item) in items.iter().enumerate() {
        write!(out, "{}{item}", if place == 0 { "" } else { " " })?;
    }
    out.write_str(close)
}

fn write_text(out: &mut fmt::Formatter<'_>, text: &str) -> fmt::Result {
    out.write_char('"')?;
    for letter in text.chars() {
        match letter {
            '"' => out.write_str("\\\"")?,
            '\\' => out.write_str("\\\\")?,
            '\n' => out.write_str("\\n")?,
            '\r' => out.write_str("\\r")?,
            '\t' => out.write_str("\\t")?,
            letter if letter.is_control() => write!(out, "\\u{:04x}", u32::from(letter))?,
            letter => out.write_char(letter)?,
        }
    }
    out.write_char('"')
}
