//! A place in the sources, and what would be written there instead.

use serde::{Deserialize, Serialize};
use std::fmt;
use std::ops::Range;

/// Kinds of edits: those of cargo-mutants, and a few of the older literature.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, PartialEq, Eq, PartialOrd, Ord)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// `<` for `<=`, `==` for `!=`.
    Comparison,
    /// `+` for `-`.
    Arithmetic,
    /// `&&` for `||`.
    Logic,
    /// The condition of an `if` or a `while` negated.
    NegatedCondition,
    /// `x` for `!x`.
    DeletedNegation,
    /// `x` for `x + 1`.
    DroppedOne,
    /// A number one higher.
    OffByOne,
    /// A guard of a match arm always true, or never.
    Guard,
    /// A call whose value nobody uses, left out.
    DeletedCall,
    /// A function that returns a default value at once.
    DefaultBody,
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Kind::Comparison => "comparison",
            Kind::Arithmetic => "arithmetic",
            Kind::Logic => "logic",
            Kind::NegatedCondition => "negated condition",
            Kind::DeletedNegation => "deleted negation",
            Kind::DroppedOne => "dropped one",
            Kind::OffByOne => "off by one",
            Kind::Guard => "guard",
            Kind::DeletedCall => "deleted call",
            Kind::DefaultBody => "default body",
        })
    }
}

/// How an edit is written down so that a switch can turn it on.
#[derive(Clone, Debug)]
pub enum Edit {
    /// Another expression.
    Instead(String),
    /// The negation of a condition.
    Negated,
    /// A condition that always holds, or never.
    Constant(bool),
    /// No statement.
    Deleted,
    /// A value that is returned before anything else is done. The place is empty.
    Returned(&'static str),
}

/// A place at which something can be planted.
#[derive(Clone, Debug)]
pub struct Site {
    /// The source, from the checkout's root.
    pub file: String,
    /// The place in bytes.
    pub place: Range<usize>,
    /// The line, from 1.
    pub line: usize,
    /// The function around it, with the type that it belongs to.
    pub function: String,
    /// What kind of edit it is.
    pub kind: Kind,
    /// The edit.
    pub edit: Edit,
    /// What stands there, in one line.
    pub before: String,
    /// What is planted, in one line.
    pub after: String,
    /// Which of those it is that are the same in all this, from 1.
    pub nth: usize,
}

impl Site {
    /// What tells this site from others, and stays the same when lines move.
    pub fn fingerprint(&self) -> String {
        let nth = if self.nth > 1 { format!(" #{}", self.nth) } else { String::new() };
        format!("{} {}: {} -> {}{nth}", self.file, self.function, self.before, self.after)
    }

    /// What is written at the place: the mutant if its switch is on, what stood there if not.
    pub fn text(&self, source: &str, number: u32) -> String {
        let own = &source[self.place.clone()];
        let on = format!("crate::synod_planted::on({number})");
        match &self.edit {
            Edit::Instead(other) => format!("(if {on} {{ {other} }} else {{ {own} }})"),
            Edit::Negated => format!("({on} != ({own}))"),
            Edit::Constant(true) => format!("({on} || ({own}))"),
            Edit::Constant(false) => format!("(!{on} && ({own}))"),
            Edit::Deleted => format!("if !{on} {{ {own} }}"),
            Edit::Returned(value) => format!(" if {on} {{ return {value}; }} "),
        }
    }
}
