//! Values as trees: messages, timers and claims without their protocol's types.

mod builder;

pub(super) use builder::DIGEST;
pub use builder::ValueError;

use super::{Duration, NodeId, Time};
use builder::Builder;
use serde::Serialize;
use serde::ser::{SerializeStruct, SerializeTuple, Serializer};

/// A value as a tree, which [`Value::of`] makes from its [`Serialize`] form.
///
/// It keeps names of types, fields and variants, and distinguishes the kernel's own types from plain numbers. Its JSON
/// is that of the value itself.
///
/// ```
/// use serde::Serialize;
/// use synod_sim::{NodeId, Value};
///
/// #[derive(Serialize)]
/// struct Vote {
///     slot: u64,
///     by: NodeId,
/// }
///
/// let vote = Value::of(&Vote { slot: 3, by: NodeId(1) })?;
/// assert_eq!(vote, Value::Struct("Vote", vec![("slot", Value::Natural(3)), ("by", Value::Node(NodeId(1)))]));
/// assert!(vote.has("slot", &Value::Natural(3)));
/// # Ok::<(), synod_sim::ValueError>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// Nothing: `()`, `None`, a struct without fields.
    Nothing,
    /// A Boolean.
    Bool(bool),
    /// A non-negative integer.
    Natural(u64),
    /// A negative integer.
    Negative(i64),
    /// A floating-point number.
    Real(f64),
    /// A string; also an integer beyond 64 bits.
    Text(String),
    /// A node.
    Node(NodeId),
    /// A point in virtual time.
    Time(Time),
    /// A duration of virtual time.
    Duration(Duration),
    /// A digest, in hexadecimal digits.
    Digest(String),
    /// A list: items of one type.
    List(Vec<Value>),
    /// A tuple: items of several types.
    Tuple(Vec<Value>),
    /// A map.
    Map(Vec<(Value, Value)>),
    /// The name of a struct and its fields; a variant's fields bear the variant's name.
    Struct(&'static str, Vec<(&'static str, Value)>),
    /// The name of a struct without names of fields, and what it holds.
    Named(&'static str, Box<Value>),
    /// A variant of an enum, and what it holds, if anything.
    Variant(&'static str, Option<Box<Value>>),
    /// At the end of a list or map: the number of omitted items.
    More(u64),
}

impl Value {
    /// Returns the tree of `value`.
    ///
    /// # Errors
    /// If serialization of `value` fails.
    pub fn of<T: Serialize + ?Sized>(value: &T) -> Result<Value, ValueError> {
        Value::beginning_of(value, usize::MAX)
    }

    /// Returns the tree of `value` with about its first `most` scalars: of later lists and maps only the length is
    /// kept.
    ///
    /// # Errors
    /// If serialization of `value` fails.
    pub fn beginning_of<T: Serialize + ?Sized>(value: &T, most: usize) -> Result<Value, ValueError> {
        let mut builder = Builder::new(most);
        let done = value.serialize(&mut builder);
        builder.finish(done)
    }

    /// Returns the value without its newtype wrappers.
    pub fn bare(&self) -> &Value {
        match self {
            Value::Named(_, inner) => inner.bare(),
            other => other,
        }
    }

    /// Returns true if a field `name` at any depth equals `value`.
    pub fn has(&self, name: &str, value: &Value) -> bool {
        match self {
            Value::Struct(_, fields) => fields
                .iter()
                .any(|(field, held)| *field == name && held.bare() == value.bare() || held.has(name, value)),
            other => other.parts().any(|part| part.has(name, value)),
        }
    }

    /// Returns true if it, or any part of it, equals `value`.
    pub fn contains(&self, value: &Value) -> bool {
        self.bare() == value.bare() || self.parts().any(|part| part.contains(value))
    }

    /// Returns its direct parts.
    fn parts(&self) -> Box<dyn Iterator<Item = &Value> + '_> {
        match self {
            Value::List(items) | Value::Tuple(items) => Box::new(items.iter()),
            Value::Map(entries) => Box::new(entries.iter().flat_map(|(key, value)| [key, value])),
            Value::Struct(_, fields) => Box::new(fields.iter().map(|(_, value)| value)),
            Value::Named(_, inner) | Value::Variant(_, Some(inner)) => Box::new(std::iter::once(&**inner)),
            _ => Box::new(std::iter::empty()),
        }
    }

    /// Returns true if it can be the key of a JSON object.
    fn is_key(&self) -> bool {
        matches!(
            self.bare(),
            Value::Bool(_)
                | Value::Natural(_)
                | Value::Negative(_)
                | Value::Text(_)
                | Value::Digest(_)
                | Value::Node(_)
                | Value::Time(_)
                | Value::Duration(_)
                | Value::Variant(_, None)
        )
    }
}

impl Serialize for Value {
    /// As the value itself: [`Value::of`] a tree is the same tree. In JSON, times and spans are nanoseconds, and a map
    /// with keys that JSON does not know is a list of pairs.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Value::Nothing => serializer.serialize_unit(),
            Value::Bool(value) => serializer.serialize_bool(*value),
            Value::Natural(number) => serializer.serialize_u64(*number),
            Value::Negative(number) => serializer.serialize_i64(*number),
            Value::Real(number) => serializer.serialize_f64(*number),
            Value::Text(text) => serializer.serialize_str(text),
            Value::Digest(text) => serializer.serialize_newtype_struct(DIGEST, text),
            Value::Node(node) => node.serialize(serializer),
            Value::Time(time) => time.serialize(serializer),
            Value::Duration(span) => span.serialize(serializer),
            Value::List(items) => serializer.collect_seq(items),
            Value::Tuple(items) => {
                let mut tuple = serializer.serialize_tuple(items.len())?;
                items.iter().try_for_each(|item| tuple.serialize_element(item))?;
                tuple.end()
            }
            Value::Map(entries) if entries.iter().all(|(key, _)| key.is_key()) => {
                serializer.collect_map(entries.iter().map(|(key, value)| (key, value)))
            }
            Value::Map(entries) => serializer.collect_seq(entries),
            Value::Struct(name, fields) => {
                let mut form = serializer.serialize_struct(name, fields.len())?;
                fields.iter().try_for_each(|(field, value)| form.serialize_field(field, value))?;
                form.end()
            }
            Value::Named(name, inner) => serializer.serialize_newtype_struct(name, inner),
            Value::Variant(name, None) => serializer.serialize_unit_variant("", 0, name),
            Value::Variant(name, Some(content)) => serializer.serialize_newtype_variant("", 0, name, content),
            Value::More(count) => serializer.collect_str(&format_args!("{count} more")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Digest, OperationId, Signed, auth::Tag};
    use serde_json::json;
    use std::collections::BTreeMap;

    #[derive(Serialize)]
    struct Vote {
        slot: u64,
        digest: Digest,
    }

    #[derive(Serialize)]
    enum Message {
        Ping,
        Vote(Vote),
        Move { by: i32, until: Time },
        Pair(u8, char),
    }

    fn of<T: Serialize>(value: &T) -> Value {
        Value::of(value).expect("it has a form")
    }

    fn vote() -> Vote {
        Vote { slot: 3, digest: Digest::ZERO }
    }

    #[test]
    fn names_and_the_kernels_types_are_kept() {
        let digest = Value::Digest("0000000000000000".to_owned());
        let fields = vec![("slot", Value::Natural(3)), ("digest", digest)];
        let vote = Value::Variant("Vote", Some(Box::new(Value::Struct("Vote", fields))));
        assert_eq!(of(&Message::Vote(self::vote())), vote);
        let moved = of(&Message::Move { by: -2, until: Time::from_nanos(7) });
        let fields = vec![("by", Value::Negative(-2)), ("until", Value::Time(Time::from_nanos(7)))];
        assert_eq!(moved, Value::Variant("Move", Some(Box::new(Value::Struct("Move", fields)))));
        assert_eq!(of(&Message::Ping), Value::Variant("Ping", None));
        assert_eq!(of(&OperationId(4)), Value::Named("OperationId", Box::new(Value::Natural(4))));
        let span = Duration::from_nanos(5);
        let tuple = Value::Tuple(vec![Value::Node(NodeId(1)), Value::Duration(span), Value::Nothing]);
        assert_eq!(of(&(NodeId(1), span, None::<u8>)), tuple);
    }

    #[test]
    fn as_json_it_is_what_the_value_itself_would_be() {
        fn same<T: Serialize>(value: T) {
            let direct = serde_json::to_value(&value).expect("it has a JSON form");
            assert_eq!(serde_json::to_value(of(&value)).expect("it has a JSON form"), direct);
            assert_eq!(of(&of(&value)), of(&value), "the tree of a tree is the tree");
        }
        same(Message::Ping);
        same(Message::Vote(vote()));
        same(Message::Move { by: -2, until: Time::from_nanos(7) });
        same(Message::Pair(1, 'ä'));
        same((NodeId(1), Duration::from_nanos(5), OperationId(6), 0.5, "text", [1u8, 2]));
        same(BTreeMap::from([(NodeId(3), vec![Some(true), None])]));
        let odd = of(&BTreeMap::from([((1, 2), 3)]));
        assert_eq!(serde_json::to_value(odd).expect("it has a JSON form"), json!([[[1, 2], 3]]));
    }

    #[test]
    fn a_signed_body_is_told_with_its_signer() {
        #[derive(Serialize, Debug)]
        struct Ballot {
            yes: bool,
        }
        impl crate::Body for Ballot {
            const KIND: &'static str = "ballot";
        }
        let signed = Signed::with_tag(Ballot { yes: true }, NodeId(2), 0, Tag::Absent);
        let json = serde_json::to_value(of(&signed)).expect("it has a JSON form");
        assert_eq!(json, json!({"body": {"yes": true}, "signer": 2}));
    }

    #[test]
    fn what_is_long_is_cut_and_counted() {
        let long = Value::beginning_of(&(vec![7u8; 100], "after", vec![1, 2]), 3).expect("it has a form");
        let Value::Tuple(parts) = long else { panic!("a tuple") };
        let Value::List(items) = &parts[0] else { panic!("a list") };
        assert_eq!(items.len(), 4);
        assert_eq!(items[3], Value::More(97));
        assert_eq!(parts[1], Value::Text("after".to_owned()));
        assert_eq!(parts[2], Value::List(vec![Value::More(2)]));
    }

    #[test]
    fn parts_are_found_however_deep() {
        let votes = of(&vec![(NodeId(1), Some(vote()))]);
        assert!(votes.has("slot", &Value::Natural(3)) && !votes.has("digest", &Value::Natural(3)));
        assert!(votes.contains(&of(&Digest::ZERO)) && votes.contains(&of(&OperationId(3))));
        assert!(!votes.contains(&Value::Natural(1)), "node 1 is no number");
    }
}
