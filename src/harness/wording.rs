//! Human-readable formatting of values.

use std::fmt::Write;
use std::ops::{Deref, DerefMut};
use synod_sim::Value;

/// The names under which `synod_compose::Tagged` and `synod_sim::Signed` are serialized.
const TAGGED: &str = "synod::Tagged";
const SIGNED: &str = "synod::Signed";

/// Formats `value` for people: names in words, as few brackets as possible, long lists by their length, digests by
/// their first digits.
///
/// ```text
/// commit: view 0, sequence 3, digest 17f2a0 by node 2
/// view entered: view 1, proposals [(1, 17f2a0)], low 0
/// ```
pub fn readable(value: &Value) -> String {
    let (child, inner) = peeled(value);
    let mut out = Words { text: String::new(), node: "node" };
    if let Some(child) = child {
        out.push_str("in ");
        write_part(&mut out, child);
        out.push_str(": ");
        // A child counts its members from 0: their numbers are not those of the agents.
        out.node = "member";
    }
    match inner {
        Value::Struct(name, fields) if signed(inner).is_none() => {
            out.push_str(&in_words(name));
            out.push_str(if fields.is_empty() { "" } else { ": " });
            write_fields(&mut out, fields);
        }
        _ => write_whole(&mut out, inner),
    }
    out.text
}

/// What is being written, and what nodes are called in it.
struct Words {
    text: String,
    node: &'static str,
}

impl Deref for Words {
    type Target = String;

    fn deref(&self) -> &String {
        &self.text
    }
}

impl DerefMut for Words {
    fn deref_mut(&mut self) -> &mut String {
        &mut self.text
    }
}

/// [`readable`], cut to about `most` bytes.
pub fn readable_within(value: &Value, most: usize) -> String {
    let mut words = readable(value);
    if words.len() > most {
        words.truncate(words.floor_char_boundary(most));
        words.push('…');
    }
    words
}

/// Returns the text of a message without its `kind`, with which it mostly begins.
pub fn beyond_kind(kind: &str, words: &str) -> String {
    let name = format!("{}: ", kind.replace(['-', '_'], " "));
    match words.find(&name) {
        Some(place) if place == 0 || words[..place].ends_with(": ") => words.replacen(&name, "", 1),
        _ => words.to_owned(),
    }
}

/// Returns the name of `value`, with its first field if that is a small number: `view entered, view 1`.
pub fn headline(value: &Value) -> String {
    let (_, inner) = peeled(value);
    let mut inner = signed(inner).unwrap_or(inner);
    // The innermost variant says what happened.
    while let Value::Variant(_, Some(content)) = inner
        && let variant @ Value::Variant(..) = signed(content).unwrap_or(content)
    {
        inner = variant;
    }
    let (name, content) = match inner {
        Value::Variant(name, content) => (in_words(name), content.as_deref()),
        Value::Struct(name, _) | Value::Named(name, _) => (in_words(name), Some(inner)),
        other => return readable_within(other, 40),
    };
    match content {
        Some(Value::Struct(_, fields)) if let [(field, first), ..] = &fields[..] => match first.bare() {
            Value::Natural(number) if *number < 10_000_000 => format!("{name}, {} {number}", spaced(field)),
            _ => name,
        },
        _ => name,
    }
}

/// Returns the value of a child of a composition, and which child it is of: the enclosing value says only that it is a
/// child's.
fn peeled(value: &Value) -> (Option<&Value>, &Value) {
    let content = match value {
        Value::Variant(_, Some(content)) => content,
        other => other,
    };
    let of = match content {
        Value::Struct(_, fields) => fields.iter().find_map(|(_, held)| child_of(held)),
        Value::Tuple(items) => items.iter().find_map(child_of),
        other => child_of(other),
    };
    match of {
        Some((child, inner)) => (Some(child), inner),
        None => (None, value),
    }
}

/// Returns the parts of a `synod_compose::Tagged`.
fn child_of(value: &Value) -> Option<(&Value, &Value)> {
    match value {
        Value::Named(TAGGED, parts) => match &**parts {
            Value::Tuple(parts) => match &parts[..] {
                [child, inner] => Some((child, inner)),
                _ => None,
            },
            _ => None,
        },
        _ => None,
    }
}

/// Returns the body of a `synod_sim::Signed`.
fn signed(value: &Value) -> Option<&Value> {
    signed_by(value).map(|(body, _)| body)
}

fn signed_by(value: &Value) -> Option<(&Value, &Value)> {
    match value {
        Value::Struct(SIGNED, fields) => match &fields[..] {
            [("body", body), ("signer", signer)] => Some((body, signer)),
            _ => None,
        },
        _ => None,
    }
}

/// Writes a value that stands alone, or after the name of the one that contains it.
fn write_whole(out: &mut Words, value: &Value) {
    if let Some((body, signer)) = signed_by(value) {
        write_whole(out, body);
        out.push_str(" by ");
        return write_part(out, signer);
    }
    match value {
        Value::Named(_, inner) => write_whole(out, inner),
        Value::Struct(_, fields) => write_fields(out, fields),
        Value::Tuple(items) => {
            if let Some((first, rest)) = items.split_first() {
                write_whole(out, first);
                rest.iter().for_each(|item| {
                    out.push_str(", ");
                    write_part(out, item);
                });
            }
        }
        Value::Variant(name, content) => {
            out.push_str(&in_words(name));
            if let Some(content) = content {
                let before = out.len();
                out.push_str(": ");
                write_whole(out, content);
                if out.ends_with(": ") {
                    out.truncate(before);
                }
            }
        }
        other => write_part(out, other),
    }
}

/// Writes a value that stands among others.
fn write_part(out: &mut Words, value: &Value) {
    // Writing to a string cannot fail.
    let _ = match value {
        Value::Nothing => write!(out, "none"),
        Value::Bool(value) => write!(out, "{value}"),
        Value::Natural(number) => write!(out, "{number}"),
        Value::Negative(number) => write!(out, "{number}"),
        Value::Real(number) => write!(out, "{number}"),
        Value::Text(text) => write!(out, "{text:?}"),
        Value::Node(node) => {
            let name = out.node;
            write!(out, "{name} {node}")
        }
        Value::Time(time) => write!(out, "{time}"),
        Value::Duration(span) => write!(out, "{span}"),
        Value::Digest(digits) => write!(out, "{}", &digits[..digits.len().min(DIGITS)]),
        Value::More(count) => write!(out, "{count} more"),
        Value::Named(_, inner) => return write_part(out, inner),
        Value::List(items) => return write_list(out, items),
        Value::Map(entries) => return write_map(out, entries),
        Value::Tuple(items) => return write_items(out, items, "(", ")"),
        Value::Struct(_, fields) if signed_by(value).is_none() => match &fields[..] {
            [] => write!(out, "nothing"),
            [(name, held)] => return write_field(out, name, held),
            _ => {
                out.push('(');
                write_fields(out, fields);
                write!(out, ")")
            }
        },
        Value::Variant(name, None) => write!(out, "{}", in_words(name)),
        Value::Variant(..) | Value::Struct(..) => {
            out.push('(');
            write_whole(out, value);
            write!(out, ")")
        }
    };
}

/// Number of digits to which digests are shortened.
const DIGITS: usize = 6;

/// Maximum length in bytes of a list that is written item by item.
const SHORT: usize = 60;

fn write_fields(out: &mut Words, fields: &[(&'static str, Value)]) {
    for (place, (name, value)) in fields.iter().enumerate() {
        out.push_str(if place > 0 { ", " } else { "" });
        write_field(out, name, value);
    }
}

fn write_field(out: &mut Words, name: &str, value: &Value) {
    out.push_str(&spaced(name));
    out.push(' ');
    write_part(out, value);
}

fn write_items(out: &mut Words, items: &[Value], open: &str, close: &str) {
    out.push_str(open);
    for (place, item) in items.iter().enumerate() {
        out.push_str(if place > 0 { ", " } else { "" });
        write_part(out, item);
    }
    out.push_str(close);
}

fn write_list(out: &mut Words, items: &[Value]) {
    let start = out.len();
    write_items(out, items, "[", "]");
    let count = match items {
        [rest @ .., Value::More(more)] => rest.len() as u64 + more,
        all => all.len() as u64,
    };
    shorten(out, start, count);
}

fn write_map(out: &mut Words, entries: &[(Value, Value)]) {
    let start = out.len();
    let mut count = entries.len() as u64;
    out.push('{');
    for (place, (key, value)) in entries.iter().enumerate() {
        out.push_str(if place > 0 { ", " } else { "" });
        write_part(out, key);
        match key {
            Value::More(more) => count += more - 1,
            _ => {
                out.push_str(": ");
                write_part(out, value);
            }
        }
    }
    out.push('}');
    shorten(out, start, count);
}

/// Replaces a list that was written from `start` on by its length, if it is long and has several items.
fn shorten(out: &mut Words, start: usize, count: u64) {
    if out.len() - start > SHORT && count > 1 {
        out.truncate(start);
        out.push_str(&format!("[{count} items]"));
    }
}

fn spaced(name: &str) -> String {
    name.replace('_', " ")
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

#[cfg(test)]
mod tests {
    use super::*;
    use serde::Serialize;
    use std::collections::BTreeMap;
    use synod_sim::auth::Tag;
    use synod_sim::{Body, Digest, Duration, NodeId, OperationId, Signed};

    #[derive(Clone, Debug, Serialize)]
    struct Vote {
        view: u64,
        digest: Option<Digest>,
    }

    impl Body for Vote {
        const KIND: &'static str = "vote";
    }

    #[derive(Serialize)]
    struct Operation {
        value: u64,
    }

    #[derive(Serialize)]
    struct Request {
        client: u32,
        operation: Operation,
        vote: Vote,
    }

    #[derive(Serialize)]
    #[serde(rename = "synod::Tagged")]
    struct Tagged<T>(u32, T);

    #[derive(Serialize)]
    enum Claim {
        Done,
        Vote(Signed<Vote>),
        ViewEntered { view: u64, proposals: Vec<(u64, Digest)>, wait: Duration },
        Proof(Vec<Signed<Vote>>, u32),
        Submitted { request: OperationId },
        Inner(Box<Claim>),
        Within(Tagged<Box<Claim>>),
        Held { claim: Tagged<Box<Claim>>, accused: Option<NodeId> },
        Beside(Tagged<Box<Claim>>, Option<NodeId>),
    }

    fn vote() -> Signed<Vote> {
        let digest = Some(Digest([0x17; 32]));
        Signed::with_tag(Vote { view: 3, digest }, NodeId(2), 0, Tag::Absent)
    }

    fn entered() -> Claim {
        let proposals = vec![(1, Digest([0xaf; 32]))];
        Claim::ViewEntered { view: 1, proposals, wait: Duration::from_millis(2) }
    }

    fn value<T: Serialize>(value: T) -> Value {
        Value::of(&value).expect("it has a form")
    }

    #[test]
    fn values_become_readable() {
        let request =
            Request { client: 3, operation: Operation { value: 7 }, vote: Vote { view: 3, digest: None } };
        for (value, words) in [
            (value(Claim::Vote(vote())), "vote: view 3, digest 171717 by node 2"),
            (value(vote()), "view 3, digest 171717 by node 2"),
            (value(entered()), "view entered: view 1, proposals [(1, afafaf)], wait 2ms"),
            (value(Claim::Submitted { request: OperationId(42) }), "submitted: request 42"),
            (value(request), "request: client 3, operation value 7, vote (view 3, digest none)"),
            (value(Claim::Proof(vec![vote(); 2], 7)), "proof: [2 items], 7"),
            (value(Claim::Done), "done"),
            (value(Some(7)), "7"),
            (value("yes"), "\"yes\""),
            (value(()), "none"),
            (value(BTreeMap::from([(1, NodeId(2)), (3, NodeId(4))])), "{1: node 2, 3: node 4}"),
            (value(Claim::Inner(Box::new(Claim::Done))), "inner: done"),
            (
                value(Claim::Within(Tagged(12, Box::new(entered())))),
                &format!("in 12: {}", readable(&value(entered()))),
            ),
            (value(Tagged(0, Claim::Done)), "in 0: done"),
            (value(Tagged(1, Claim::Vote(vote()))), "in 1: vote: view 3, digest 171717 by member 2"),
            (value(Claim::Beside(Tagged(5, Box::new(Claim::Done)), None)), "in 5: done"),
        ] {
            assert_eq!(readable(&value), words);
        }
        let proposed = value((vote(), [OperationId(4)]));
        assert_eq!(readable(&proposed), "view 3, digest 171717 by node 2, (4)");
        assert_eq!(beyond_kind("pre-vote", "pre vote: view 3"), "view 3");
        assert_eq!(beyond_kind("vote", "pre vote: view 3"), "pre vote: view 3");
        assert_eq!(beyond_kind("vote", "in 1: weighted: vote: view 3"), "in 1: weighted: view 3");
        let long = Value::beginning_of(&vec![7; 1_000], 2).expect("it has a form");
        assert_eq!(readable(&long), "[7, 7, 998 more]");
        assert_eq!(
            readable(&Value::beginning_of(&vec![7; 1_000], 30).expect("it has a form")),
            "[1000 items]"
        );
        assert_eq!(readable_within(&value("äöü"), 4), "\"ä…");
    }

    #[test]
    fn headlines_have_the_first_figure() {
        for (claim, words) in [
            (entered(), "view entered, view 1"),
            (Claim::Done, "done"),
            (Claim::Vote(vote()), "vote"),
            (Claim::Submitted { request: OperationId(4) }, "submitted, request 4"),
            (Claim::Inner(Box::new(entered())), "view entered, view 1"),
            (Claim::Within(Tagged(2, Box::new(entered()))), "view entered, view 1"),
            (Claim::Held { claim: Tagged(2, Box::new(Claim::Done)), accused: None }, "done"),
        ] {
            assert_eq!(headline(&value(claim)), words);
        }
    }
}
