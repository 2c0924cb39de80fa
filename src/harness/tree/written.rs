//! Typed value -> tree of a scenario file, through its serialized form.

use super::{Entry, Mismatch, Node, Place, Value};
use serde::Serialize;
use serde::de::Error as _;
use std::fmt::Display;
use synod_sim::Value as Said;

/// Writes `value` as a tree that reads back to the same. Its values have no places.
///
/// # Errors
/// If a map has keys that are no texts or numbers, or if `value` refuses to be written.
pub fn write<T: Serialize + ?Sized>(value: &T) -> Result<Node, Mismatch> {
    node_of(Said::of(value).map_err(Mismatch::custom)?)
}

/// The place of what was not read from anywhere.
const NOWHERE: Place = Place { source: 0, line: 1, column: 1, width: 1 };

fn node(value: Value) -> Node {
    Node { value, place: NOWHERE }
}

/// Returns a number, a truth value or nothing.
fn plain(text: impl Display) -> Node {
    node(Value::Scalar { text: text.to_string(), plain: true })
}

fn text(text: String) -> Node {
    node(Value::Scalar { text, plain: false })
}

fn entry(key: &str, node: Node) -> Entry {
    Entry { key: key.to_owned(), place: NOWHERE, node }
}

/// Returns a choice with its content: `name: content`.
pub fn choice(name: &str, content: Node) -> Node {
    node(Value::Map(vec![entry(name, content)]))
}

fn node_of(said: Said) -> Result<Node, Mismatch> {
    Ok(match said {
        Said::Nothing => plain("null"),
        Said::Bool(value) => plain(value),
        Said::Natural(number) => plain(number),
        Said::Negative(number) => plain(number),
        Said::Real(number) => plain(number),
        Said::Node(number) => plain(number),
        Said::Time(time) => plain(time.as_nanos()),
        Said::Duration(span) => plain(span.as_nanos()),
        Said::Text(letters) | Said::Digest(letters) => text(letters),
        Said::List(items) | Said::Tuple(items) => {
            node(Value::List(items.into_iter().map(node_of).collect::<Result<_, _>>()?))
        }
        Said::Map(entries) => {
            let entries = entries.into_iter().map(|(key, value)| Ok(entry(&key_of(key)?, node_of(value)?)));
            node(Value::Map(entries.collect::<Result<_, Mismatch>>()?))
        }
        Said::Struct(_, fields) => {
            let entries = fields.into_iter().map(|(name, value)| Ok(entry(name, node_of(value)?)));
            node(Value::Map(entries.collect::<Result<_, Mismatch>>()?))
        }
        Said::Named(_, inner) => node_of(*inner)?,
        Said::Variant(name, None) => text(name.to_owned()),
        Said::Variant(name, Some(content)) => choice(name, node_of(*content)?),
        Said::More(_) => return Err(Mismatch::custom("the tree is not whole")),
    })
}

fn key_of(key: Said) -> Result<String, Mismatch> {
    match node_of(key)?.value {
        Value::Scalar { text, .. } => Ok(text),
        Value::List(_) | Value::Map(_) => Err(Mismatch::custom("a key is a text")),
    }
}

#[cfg(test)]
mod tests {
    use super::super::read;
    use super::*;
    use serde::Deserialize;
    use std::collections::BTreeMap;

    #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
    enum Kind {
        Bare,
        One(u32),
        Pair(i64, String),
        Named { ratio: f64, map: BTreeMap<u32, bool> },
    }

    #[test]
    fn what_is_written_reads_back() {
        let map = BTreeMap::from([(7, true), (8, false)]);
        let kinds = vec![
            Kind::Bare,
            Kind::One(3),
            Kind::Pair(-4, "5".to_owned()),
            Kind::Named { ratio: 0.1, map: map.clone() },
            Kind::Named { ratio: 1e300, map: BTreeMap::new() },
        ];
        let tree = write(&(&kinds, None::<u8>, Some("null"), '~')).expect("it has a form");
        let read: (Vec<Kind>, Option<u8>, Option<String>, char) = read(&tree).expect("it reads back");
        assert_eq!(read, (kinds, None, Some("null".to_owned()), '~'));
    }
}
