//! What is wrong with a scenario file, where, and what would be right.

use super::path::Path;
use super::source::{Place, Position, Snippet, Source, SourceKind};
use std::fmt;

use synod_sim::units::printable;
pub use synod_sim::units::quote;

/// A scenario file that cannot be used, with the position of what is wrong.
///
/// It prints as `file:line:column: error: message`, followed by the line in question and, where there is one, a help
/// line. What was given by an override has no position in the file: `file` then is the override itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScenarioError {
    /// The file as it was named by the user, or `--set path=value`.
    pub file: String,
    /// Where in the file; `None` if the file could not be read at all, and for overrides.
    pub position: Option<Position>,
    /// What is wrong.
    pub message: String,
    /// What would be right.
    pub help: Option<String>,
    pub(super) snippet: Option<Box<Snippet>>,
}

impl ScenarioError {
    /// Returns an error about a file as a whole.
    pub fn of_file(file: &str, message: impl Into<String>) -> ScenarioError {
        ScenarioError {
            file: file.to_owned(),
            position: None,
            message: message.into(),
            help: None,
            snippet: None,
        }
    }

    /// Returns an error at a place in a source.
    pub fn at(source: &Source, place: Place, message: String, help: Option<String>) -> ScenarioError {
        let (position, snippet) = source.show(place);
        let message = match source.kind {
            SourceKind::Referred => without_quotes(&message),
            SourceKind::File | SourceKind::Override => message,
        };
        ScenarioError { file: source.name.clone(), position, message, help, snippet }
    }
}

impl fmt::Display for ScenarioError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&printable(&self.file))?;
        if let Some(Position { line, column }) = self.position {
            write!(out, ":{line}:{column}")?;
        }
        write!(out, ": error: {}", self.message)?;
        let gutter = self.position.map_or(0, |position| position.line.to_string().len());
        if let (Some(position), Some(snippet)) = (self.position, self.snippet.as_deref()) {
            let Snippet { text, indent, width } = snippet;
            write!(out, "\n{:gutter$} |\n{} | {text}\n{:gutter$} | ", "", position.line, "")?;
            write!(out, "{:indent$}{}", "", "^".repeat(*width))?;
        }
        match &self.help {
            Some(help) => write!(out, "\n{:gutter$} = help: {help}", ""),
            None => Ok(()),
        }
    }
}

impl std::error::Error for ScenarioError {}

/// Returns the message with `"…"` in the place of all that it quotes: that is what a file holds, escaped by [`quote`].
fn without_quotes(message: &str) -> String {
    let mut out = String::with_capacity(message.len());
    let mut is_quoted = false;
    let mut characters = message.chars();
    while let Some(c) = characters.next() {
        match c {
            '\\' if is_quoted => drop(characters.next()),
            '"' => {
                out.push_str(if is_quoted { "…\"" } else { "\"" });
                is_quoted = !is_quoted;
            }
            c if !is_quoted => out.push(c),
            _ => {}
        }
    }
    out
}

/// What is wrong with a value that has the right shape: named by its path, so that whoever checks needs no position.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The value that is wrong.
    pub path: Path,
    /// What is wrong with it.
    pub message: String,
    /// What would be right.
    pub help: Option<String>,
}

impl Problem {
    /// Creates a problem with the value at `path`.
    pub fn new(path: Path, message: impl Into<String>) -> Problem {
        Problem { path, message: message.into(), help: None }
    }

    /// Returns the same problem, with advice.
    pub fn help(self, help: impl Into<String>) -> Problem {
        Problem { help: Some(help.into()), ..self }
    }

    /// A `what` (`metric`, `oracle` …) of this name is not among those that there are.
    pub fn unknown(path: Path, what: &str, name: &str, known: &[&str]) -> Problem {
        let (message, help) = unknown(what, name, known);
        Problem { path, message, help }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}: {}", self.path, self.message)
    }
}

impl std::error::Error for Problem {}

/// Message and help for a name that is not known: the nearest that is, or else all of them.
pub(super) fn unknown(what: &str, name: &str, known: &[&str]) -> (String, Option<String>) {
    if let Some(new) = renamed(name, known) {
        return (format!("{} was renamed to \"{new}\"", quote(name)), None);
    }
    let message = format!("unknown {what} {}", quote(name));
    match nearest(name, known) {
        Some(near) => (format!("{message}, did you mean \"{near}\"?"), None),
        None if known.is_empty() => (message, None),
        None => (message, Some(format!("expected one of: {}", known.join(", ")))),
    }
}

/// Old names of fields and choices with their new names. An old name may have several: the names expected in its place
/// tell which is meant.
const RENAMED: &[(&str, &str)] = &[
    ("lives", "instances"),
    ("loss", "loss_bad"),
    ("otherwise", "loss_good"),
    ("starve", "selective_omission"),
    ("garble", "bad_signature"),
    ("invert", "reversed_order"),
    ("bursts", "gilbert_elliott"),
];

/// Returns the present name, among those `known`, of what was once called `name`.
fn renamed<'a>(name: &str, known: &[&'a str]) -> Option<&'a str> {
    let is_new_name = |known: &str| RENAMED.iter().any(|&(old, new)| old == name && new == known);
    known.iter().copied().find(|&known| is_new_name(known))
}

/// Returns the known name that `name` most likely stands for.
fn nearest<'a>(name: &str, known: &[&'a str]) -> Option<&'a str> {
    // Nobody misspells a name of this length, and the distance takes quadratic time.
    if name.len() > 80 {
        return None;
    }
    let name = name.to_lowercase();
    known
        .iter()
        .map(|&other| (strsim::damerau_levenshtein(&name, &other.to_lowercase()), other))
        .filter(|(distance, other)| *distance <= 1.max(name.len().min(other.len()) / 3))
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, other)| other)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unknown_names_suggest_the_nearest_or_list_all() {
        let known = ["latency", "loss", "bandwidth"];
        assert_eq!(
            unknown("field", "latancy", &known).0,
            r#"unknown field "latancy", did you mean "latency"?"#
        );
        assert_eq!(unknown("field", "Loss", &known).0, r#"unknown field "Loss", did you mean "loss"?"#);
        assert_eq!(
            unknown("field", "colour", &known),
            (
                r#"unknown field "colour""#.to_owned(),
                Some("expected one of: latency, loss, bandwidth".to_owned())
            )
        );
    }

    #[test]
    fn what_a_message_quotes_can_be_left_out() {
        assert_eq!(
            without_quotes(r#"unknown field "a \"b\\", did you mean "c"?"#),
            r#"unknown field "…", did you mean "…"?"#
        );
        assert_eq!(without_quotes("nothing is quoted"), "nothing is quoted");
    }

    #[test]
    fn what_was_renamed_is_told_by_its_new_name() {
        let known = ["enter", "leave", "loss_bad", "loss_good"];
        assert_eq!(
            unknown("field", "otherwise", &known),
            (r#""otherwise" was renamed to "loss_good""#.into(), None)
        );
        let known = ["latency", "reordering"];
        assert_eq!(unknown("field", "otherwise", &known).0, r#"unknown field "otherwise""#);
    }
}
