//! What messages and claims say, short enough to read: their `Debug` form without its scaffolding.

use super::history::Deed;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::{self, Debug, Write};
use synod_harness::{Happening, Recorder};
use synod_sim::Moment;

/// The `Debug` form of `value`, at most about `most` bytes of it: what lies beyond is not even worked out.
pub(super) fn clipped(value: &dyn Debug, most: usize) -> String {
    struct Clip {
        text: String,
        most: usize,
    }
    impl Write for Clip {
        fn write_str(&mut self, part: &str) -> fmt::Result {
            let room = self.most - self.text.len();
            if part.len() <= room {
                self.text.push_str(part);
                return Ok(());
            }
            self.text.push_str(&part[..part.floor_char_boundary(room)]);
            self.text.push('…');
            Err(fmt::Error)
        }
    }
    let mut clip = Clip { text: String::new(), most };
    // Refusing what is too long is how the form is cut short.
    let _ = write!(clip, "{value:?}");
    clip.text
}

/// A `Debug` form for people: names in words, no braces where a comma says as much, long digests by their first
/// digits.
///
/// ```text
/// Commit(Commit { view: 0, sequence: 3, digest: 17f2a0c44d5e6b71 } by n2)
/// commit: view 0, sequence 3, digest 17f2a0 by node 2
/// ```
pub fn readable(form: &str) -> String {
    let (child, mut rest) = unwrapped(form);
    let mut out = child.map_or(String::new(), |child| format!("in {child}: "));
    // True before the value of a field, or of a variant, whose type says nothing more.
    let mut is_value = false;
    while let Some(first) = rest.chars().next() {
        let end = rest.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(rest.len());
        if end > 0 {
            let (word, after) = rest.split_at(end);
            let is_type = after.starts_with(['(', ' ']) && after.trim_start().starts_with(['(', '{']);
            rest = after;
            match is_value && is_type && word.starts_with(|c: char| c.is_ascii_uppercase()) {
                true if after.starts_with('(') => rest = &after[1..],
                true => {}
                false => push_word(&mut out, word, after),
            }
            is_value = false;
            continue;
        }
        match first {
            '{' | '(' => {
                out.truncate(out.trim_end().len());
                out.push_str(if out.is_empty() || out.ends_with(['[', '(', ':']) { "" } else { ": " });
            }
            '}' | ')' => out.truncate(out.trim_end().len()),
            '[' => match long_list(rest) {
                Some((words, after)) => {
                    out.push_str(&words);
                    rest = after;
                    continue;
                }
                None => out.push('['),
            },
            ':' => {}
            other => out.push(other),
        }
        is_value = matches!(first, ':' | '(') || is_value && first == ' ';
        rest = &rest[first.len_utf8()..];
    }
    let mut text = String::with_capacity(out.len());
    for word in out.split_whitespace() {
        text.push_str(if text.is_empty() { "" } else { " " });
        text.push_str(word);
    }
    // A variant and the one thing that it holds often bear one name.
    while let Some((name, held)) = text.split_once(": ")
        && held.strip_prefix(name).is_some_and(|after| after.starts_with(':'))
    {
        text = held.to_owned();
    }
    text
}

/// The words for a list at the start of `form` that is too long to read, with what follows it; `None` if it is short.
fn long_list(form: &str) -> Option<(String, &str)> {
    /// Up to this length a list is told item by item.
    const SHORT: usize = 60;
    let (mut depth, mut commas) = (0, 0);
    for (place, letter) in form.char_indices() {
        match letter {
            '[' | '(' | '{' => depth += 1,
            ']' | ')' | '}' => depth -= 1,
            ',' if depth == 1 => commas += 1,
            '…' => return Some((format!("[{commas} items and more]"), &form[place..])),
            _ => {}
        }
        if depth == 0 {
            let is_short = place <= SHORT || commas == 0;
            return (!is_short)
                .then(|| (format!("[{} items]", commas + 1), &form[place + letter.len_utf8()..]));
        }
    }
    None
}

/// Adds a word: a long digest by its first digits, `ViewEntered` as `view entered`, `n3` as `node 3`, `Some(x)` as `x`.
fn push_word(out: &mut String, word: &str, after: &str) {
    const DIGITS: usize = 6;
    let is_digest = word.len() >= 16 && word.bytes().all(|byte| byte.is_ascii_hexdigit());
    let node = word
        .strip_prefix('n')
        .filter(|number| !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit()));
    if is_digest {
        out.push_str(&word[..DIGITS]);
    } else if let Some(number) = node {
        out.push_str(&format!("node {number}"));
    } else if word.starts_with(|c: char| c.is_ascii_uppercase()) {
        if !(word == "Some" && after.starts_with('(')) {
            out.push_str(&in_words(word));
        }
    } else {
        out.push_str(&word.replace('_', " "));
    }
}

/// `ViewEntered` as `view entered`.
fn in_words(name: &str) -> String {
    let mut words = String::new();
    for (place, letter) in name.char_indices() {
        if letter.is_ascii_uppercase() && place > 0 {
            words.push(' ');
        }
        words.push(letter.to_ascii_lowercase());
    }
    words
}

/// The form of what a child of a composition says, and the child's number: `Committed(1)` of `Within(Of(3, Committed(1)))`.
fn unwrapped(form: &str) -> (Option<&str>, &str) {
    let within = ["Within(", "Within { claim: "].iter().find_map(|shell| form.strip_prefix(shell));
    let inner = within.unwrap_or(form).strip_prefix("Of(").and_then(|inner| inner.split_once(", "));
    match inner.filter(|(child, _)| child.bytes().all(|digit| digit.is_ascii_digit())) {
        Some((child, inner)) => (Some(child), inner),
        None => (None, form),
    }
}

/// A claim's name, with its first figure if that is a plain number: `view entered, view 1`.
pub fn headline(form: &str) -> String {
    let (_, form) = unwrapped(form);
    let name = form.split([' ', '{', '(', ')', ',']).next().unwrap_or_default();
    let figure = form[name.len()..].trim_start_matches([' ', '{', '(']).split([',', '}', ')']).next();
    let plain = figure.and_then(|figure| figure.trim().split_once(": ")).filter(|(_, value)| {
        !value.is_empty() && value.len() < 8 && value.bytes().all(|byte| byte.is_ascii_digit())
    });
    match plain {
        Some((field, value)) => format!("{}, {} {value}", in_words(name), field.replace('_', " ")),
        None => in_words(name),
    }
}

/// How much of a message's `Debug` form is read, and how much is told of it, in bytes.
const MESSAGE: (usize, usize) = (4_000, 200);

/// Puts chosen messages of a run into words, when the run is made once more.
#[derive(Debug, Default)]
pub(super) struct Wording {
    /// Which steps to word, by their place among all of the run's.
    wanted: BTreeSet<u64>,
    pub(super) words: BTreeMap<u64, String>,
    place: u64,
}

impl Wording {
    /// Words the messages of the steps at `wanted`.
    pub(super) fn of(wanted: BTreeSet<u64>) -> Wording {
        Wording { wanted, ..Wording::default() }
    }
}

impl Recorder for Wording {
    fn record(&mut self, _: Moment, happening: Happening<'_>) {
        let message = match happening {
            // These are no steps of a node.
            Happening::Cut { .. } | Happening::Healed { .. } => return,
            Happening::Sent { message, .. } | Happening::Delivered { message, .. } => Some(message),
            _ => None,
        };
        let place = self.place;
        self.place += 1;
        if let Some(message) = message
            && self.wanted.contains(&place)
        {
            let mut words = readable(&clipped(message, MESSAGE.0));
            if words.len() > MESSAGE.1 {
                words.truncate(words.floor_char_boundary(MESSAGE.1));
                words.push('…');
            }
            self.words.insert(place, words);
        }
    }
}

impl Deed {
    /// What the node claimed, or which timer expired, in words.
    pub fn words(&self) -> Option<String> {
        match self {
            Deed::Claimed { claim, .. } => Some(readable(claim)),
            Deed::Expired { timer, .. } => Some(readable(timer)),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_forms_become_readable() {
        for (form, words) in [
            (
                "Commit(Commit { view: 0, sequence: 3, digest: 17f2a0c44d5e6b71 } by n2)",
                "commit: view 0, sequence 3, digest 17f2a0 by node 2",
            ),
            (
                "ViewEntered { view: 1, proposals: [(1, 17f2a0c44d5e6b71)], low: 0 }",
                "view entered: view 1, proposals [1, 17f2a0], low 0",
            ),
            ("Submitted { request: OperationId(42) }", "submitted: request 42"),
            (
                "Request { client: ClientId(3), operation: Operation { value: 7 } }",
                "request: client 3, operation: value 7",
            ),
            ("Retry(ClientId(1))", "retry: 1"),
            (
                "Proof([Vote { view: 0, slot: 32 } by n0, Vote { view: 0, slot: 32 } by n1], 7)",
                "proof: [2 items], 7",
            ),
            (
                "Proof([Vote { view: 0, slot: 32 } by n0, Vote { view: 0, slot: 3…",
                "proof: [1 items and more]…",
            ),
            ("Progress", "progress"),
            ("Some(7)", "7"),
            ("\"yes\"", "\"yes\""),
            ("", ""),
        ] {
            assert_eq!(readable(form), words);
        }
    }

    #[test]
    fn headlines_have_the_first_figure() {
        assert_eq!(headline("ViewEntered { view: 1, low: 0 }"), "view entered, view 1");
        assert_eq!(headline("Executed { digest: 17f2a0c44d5e6b71 }"), "executed");
        assert_eq!(headline("Done"), "done");
        assert_eq!(headline("Within(Of(2, ViewEntered { view: 1 }))"), "view entered, view 1");
        assert_eq!(headline("Within { claim: Of(2, Done), accused: None }"), "done");
        assert_eq!(readable("Of(12, ViewEntered { view: 1 })"), "in 12: view entered: view 1");
        assert_eq!(readable("Within(Of(0, Done))"), "in 0: done");
    }

    #[test]
    fn clipping_stops_a_long_form_within_its_letters() {
        assert_eq!(clipped(&"äöü", 4), "\"ä…");
        assert_eq!(clipped(&[1u8; 1_000_000], 5), "[1, 1…");
        assert_eq!(clipped(&7, 4), "7");
    }
}
