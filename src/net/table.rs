//! Reader of small CSV files. Its errors name the line.

use csv::{Position, ReaderBuilder, StringRecord, Trim};
use std::fmt;
use std::io::Read;
use synod_sim::NodeId;

/// A problem in a CSV file, with its line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CsvError {
    /// The line, counted from 1; the last line when something is missing from the file.
    pub line: u64,
    /// The problem.
    pub problem: CsvProblem,
}

/// A problem in a line of a CSV file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CsvProblem {
    /// The line cannot be read, or is not UTF-8. The text is the reader's error message.
    Unreadable(String),
    /// The line has the wrong number of columns.
    Columns {
        /// The required number of columns.
        expected: usize,
        /// The number of columns that it has.
        found: usize,
    },
    /// This text is not a duration.
    NotADuration(String),
    /// This text is not a node number.
    NotANode(String),
    /// An edge leads from this node to itself.
    SelfLoop(NodeId),
    /// The file holds no data.
    NoData,
}

impl fmt::Display for CsvError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "line {}: ", self.line)?;
        match &self.problem {
            CsvProblem::Unreadable(why) => out.write_str(why),
            CsvProblem::Columns { expected, found } => {
                write!(out, "{expected} column(s) expected, {found} found")
            }
            CsvProblem::NotADuration(text) => write!(
                out,
                "{text:?} is no duration: write a number with its unit (1.5ms), or name the unit in the header \
                 (latency_ms)"
            ),
            CsvProblem::NotANode(text) => write!(out, "{text:?} is no node number"),
            CsvProblem::SelfLoop(node) => write!(out, "an edge from node {node} to itself"),
            CsvProblem::NoData => out.write_str("the file holds no data"),
        }
    }
}

impl std::error::Error for CsvError {}

/// Returns the rows of `reader` with their line numbers, from 1. Blank lines and lines that start with `#` are skipped.
///
/// # Errors
/// If the file cannot be read, or if a row does not have `columns` columns.
pub(super) fn rows(mut reader: impl Read, columns: usize) -> Result<Vec<(u64, StringRecord)>, CsvError> {
    let unreadable = |line, error: &dyn fmt::Display| CsvError {
        line,
        problem: CsvProblem::Unreadable(error.to_string()),
    };
    let mut text = Vec::new();
    reader.read_to_end(&mut text).map_err(|error| unreadable(1, &error))?;
    let mut rows = Vec::new();
    let table = ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .comment(Some(b'#'))
        .trim(Trim::All)
        .from_reader(&text[..]);
    for row in table.into_records() {
        let row =
            row.map_err(|error| unreadable(error.position().map_or(1, |at| line(&text, at)), &error))?;
        let line = row.position().map_or(1, |at| line(&text, at));
        if row.iter().all(str::is_empty) {
            continue;
        }
        if row.len() != columns {
            let problem = CsvProblem::Columns { expected: columns, found: row.len() };
            return Err(CsvError { line, problem });
        }
        rows.push((line, row));
    }
    Ok(rows)
}

/// Returns the line number of the row at `position`. For a row after blank lines or comments, the reader's position is
/// that of the first of these.
fn line(text: &[u8], position: &Position) -> u64 {
    let skipped = |line: &&[u8]| matches!(line, [] | [b'\r'] | [b'#', ..]);
    let rest = &text[position.byte() as usize..];
    position.line() + rest.split(|&byte| byte == b'\n').take_while(skipped).count() as u64
}
