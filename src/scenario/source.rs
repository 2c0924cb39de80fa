//! Where values come from: files, read with limits, and overrides.

use super::error::{Position, ScenarioError, Snippet};
use std::fs::{self, File};
use std::io::Read;
use std::path::Path as FilePath;

/// The largest file that is read, in bytes: 16 MiB.
pub const MAX_FILE_BYTES: u64 = 16 << 20;

/// The widest line that an error shows in full, in characters.
const SNIPPET_WIDTH: usize = 120;

/// A text that values were read from.
#[derive(Clone, Debug)]
pub(super) struct Source {
    /// The file as the user named it, or `--set path=value`.
    pub(super) name: String,
    /// What was read.
    pub(super) text: String,
    /// False for an override, whose positions would mean nothing to anyone.
    pub(super) is_file: bool,
}

/// A place in one of a document's sources.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub(super) struct Place {
    /// Which source.
    pub(super) source: u32,
    /// The line, from 1.
    pub(super) line: u32,
    /// The column in characters, from 1.
    pub(super) column: u32,
    /// How many characters from there on are meant.
    pub(super) width: u32,
}

/// Reads a text file.
///
/// # Errors
/// If there is no such file, or it is a directory, larger than [`MAX_FILE_BYTES`] or not UTF-8.
pub(super) fn read(path: &FilePath) -> Result<String, ScenarioError> {
    let name = path.display().to_string();
    let fail = |message: String| ScenarioError::of_file(&name, message);
    let refuse = |error: std::io::Error| fail(format!("cannot be read: {}", plain(&error)));
    // Before it is opened: opening a pipe waits for somebody to write into it.
    let kind = fs::metadata(path).map_err(refuse)?;
    if kind.is_dir() {
        return Err(fail("is a directory, not a file".into()));
    }
    if !kind.is_file() {
        return Err(fail("is not an ordinary file".into()));
    }
    let file = File::open(path).map_err(refuse)?;
    let mut bytes = Vec::new();
    // One byte more than is allowed tells a file that is too large, even one that never ends.
    file.take(MAX_FILE_BYTES + 1)
        .read_to_end(&mut bytes)
        .map_err(|error| fail(format!("cannot be read: {}", plain(&error))))?;
    if bytes.len() as u64 > MAX_FILE_BYTES {
        return Err(fail(format!("is larger than {} MiB, the most that is read", MAX_FILE_BYTES >> 20)));
    }
    String::from_utf8(bytes).map_err(|error| {
        let valid = &error.as_bytes()[..error.utf8_error().valid_up_to()];
        let position = Some(end_position(&String::from_utf8_lossy(valid)));
        ScenarioError { position, ..fail("is not UTF-8 text".into()) }
    })
}

/// The reason that the operating system gives, without its number.
fn plain(error: &std::io::Error) -> String {
    let text = error.to_string();
    match text.split_once(" (os error") {
        Some((reason, _)) => reason.to_lowercase(),
        None => text,
    }
}

/// The position just after `text`.
pub(super) fn end_position(text: &str) -> Position {
    let last_line = text.rsplit('\n').next().unwrap_or_default();
    Position { line: 1 + text.matches('\n').count() as u32, column: 1 + last_line.chars().count() as u32 }
}

impl Source {
    /// The position of `place`, and the line that it is on.
    pub(super) fn show(&self, place: Place) -> (Option<Position>, Option<Box<Snippet>>) {
        if !self.is_file {
            return (None, None);
        }
        let position = Position { line: place.line, column: place.column };
        (Some(position), self.snippet(place))
    }

    fn snippet(&self, place: Place) -> Option<Box<Snippet>> {
        let line = self.text.lines().nth(place.line as usize - 1)?;
        let column = place.column as usize - 1;
        // A line that is too long is shown from a little before the place.
        let skip = if line.chars().count() > SNIPPET_WIDTH { column.saturating_sub(20) } else { 0 };
        // What is not printed as one column would put the carets in the wrong place.
        let printable = |c: char| if c.is_control() { ' ' } else { c };
        let text: String = line.chars().skip(skip).take(SNIPPET_WIDTH).map(printable).collect();
        let indent = column - skip;
        let room = text.chars().count().saturating_sub(indent).max(1);
        let width = (place.width as usize).clamp(1, room);
        Some(Box::new(Snippet { text: text.trim_end().to_owned(), indent, width }))
    }
}
