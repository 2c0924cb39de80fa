//! Where values come from: files and overrides.

use synod_sim::units::is_printable;

/// The widest line that an error shows in full, in characters.
const SNIPPET_WIDTH: usize = 120;

/// A text that values were read from.
#[derive(Clone, Debug)]
pub struct Source {
    /// The file as the user named it, or `--set path=value`.
    pub name: String,
    /// What was read.
    pub text: String,
    /// What it is.
    pub kind: SourceKind,
}

/// What a source is, and so what errors tell of it.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub enum SourceKind {
    /// The file that the user named: errors tell its lines.
    File,
    /// A file that another one named: errors tell where it is wrong and how, and nothing that it holds, for whoever
    /// wrote the other file may not be allowed to read this one.
    Referred,
    /// An override, whose positions would mean nothing to anyone.
    Override,
}

/// A place in one of a document's sources.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// Which source.
    pub source: u32,
    /// The line, from 1.
    pub line: u32,
    /// The column in characters, from 1.
    pub column: u32,
    /// How many characters from there on are meant.
    pub width: u32,
}

/// A position in a text file.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub struct Position {
    /// The line, from 1.
    pub line: u32,
    /// The column in characters, from 1.
    pub column: u32,
}

/// The offending line, with what to underline.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Snippet {
    pub(crate) text: String,
    /// Characters before the first caret.
    pub(crate) indent: usize,
    /// How many carets.
    pub(crate) width: usize,
}

/// Returns the position just after `text`.
pub fn end_position(text: &str) -> Position {
    let last_line = text.rsplit('\n').next().unwrap_or_default();
    Position { line: 1 + text.matches('\n').count() as u32, column: 1 + last_line.chars().count() as u32 }
}

impl Source {
    /// Returns the position of `place`, and the line that it is on.
    pub(crate) fn show(&self, place: Place) -> (Option<Position>, Option<Box<Snippet>>) {
        let position = Position { line: place.line, column: place.column };
        match self.kind {
            SourceKind::File => (Some(position), self.snippet(place)),
            SourceKind::Referred => (Some(position), None),
            SourceKind::Override => (None, None),
        }
    }

    fn snippet(&self, place: Place) -> Option<Box<Snippet>> {
        let line = self.text.lines().nth(place.line as usize - 1)?;
        let column = place.column as usize - 1;
        // A line that is too long is shown from a little before the place.
        let skip = if line.chars().count() > SNIPPET_WIDTH { column.saturating_sub(20) } else { 0 };
        // What is not printed as one column would put the carets in the wrong place.
        let printable = |c: char| if is_printable(c) { c } else { ' ' };
        let text: String = line.chars().skip(skip).take(SNIPPET_WIDTH).map(printable).collect();
        let indent = column - skip;
        let room = text.chars().count().saturating_sub(indent).max(1);
        let width = (place.width as usize).clamp(1, room);
        Some(Box::new(Snippet { text: text.trim_end().to_owned(), indent, width }))
    }
}
