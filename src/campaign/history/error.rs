//! What is wrong with a history, and where.

use std::fmt;

/// A place in a text, both from 1; columns count characters.
#[derive(Copy, Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Spot {
    /// The line.
    pub line: usize,
    /// The column.
    pub column: usize,
}

/// A history that cannot be judged. It prints as `line:column: error: message`, for the name of the file to stand before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HistoryError {
    /// Where.
    pub spot: Spot,
    /// What was found, and what would be accepted.
    pub message: String,
}

impl HistoryError {
    pub(super) fn at(spot: Spot, message: impl Into<String>) -> HistoryError {
        HistoryError { spot, message: message.into() }
    }
}

impl fmt::Display for HistoryError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Spot { line, column } = self.spot;
        write!(out, "{line}:{column}: error: {}", self.message)
    }
}

impl std::error::Error for HistoryError {}

/// Most characters of a value that an error quotes.
const QUOTED: usize = 60;

/// Returns the beginning of a value or a word, as an error quotes it: what is no plain character is escaped.
pub(super) fn quoted(value: &impl fmt::Display) -> String {
    let text = value.to_string();
    let mut shown: String = text.chars().take(QUOTED).flat_map(printable).collect();
    if text.chars().nth(QUOTED).is_some() {
        shown.push('…');
    }
    format!("`{shown}`")
}

fn printable(letter: char) -> Vec<char> {
    if letter.is_control() { letter.escape_default().collect() } else { vec![letter] }
}
