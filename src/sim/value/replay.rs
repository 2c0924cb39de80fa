//! A tree as the value that it was made from would serialize, with all names: for values without their types.

use super::Value;
use super::builder::{DIGEST, DURATION, NODE, TIME};
use serde::ser::{Serialize, SerializeStruct, SerializeTuple, Serializer};

/// Serializes a tree so that the tree of what comes out is the same again.
#[derive(Copy, Clone, Debug)]
pub struct Replay<'a>(pub(super) &'a Value);

impl Serialize for Replay<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0 {
            Value::Node(node) => serializer.serialize_newtype_struct(NODE, &node.0),
            Value::Time(time) => serializer.serialize_newtype_struct(TIME, &time.as_nanos()),
            Value::Duration(span) => serializer.serialize_newtype_struct(DURATION, &span.as_nanos()),
            Value::Digest(digits) => serializer.serialize_newtype_struct(DIGEST, digits),
            Value::List(items) => serializer.collect_seq(items.iter().map(Replay)),
            Value::Tuple(items) => {
                let mut tuple = serializer.serialize_tuple(items.len())?;
                items.iter().try_for_each(|item| tuple.serialize_element(&Replay(item)))?;
                tuple.end()
            }
            Value::Map(entries) => {
                serializer.collect_map(entries.iter().map(|(key, value)| (Replay(key), Replay(value))))
            }
            Value::Struct(name, fields) => {
                let mut shape = serializer.serialize_struct(name, fields.len())?;
                fields.iter().try_for_each(|(field, value)| shape.serialize_field(field, &Replay(value)))?;
                shape.end()
            }
            Value::Named(name, inner) => serializer.serialize_newtype_struct(name, &Replay(inner)),
            Value::Variant(name, None) => serializer.serialize_unit_variant("", 0, name),
            Value::Variant(name, Some(content)) => {
                serializer.serialize_newtype_variant("", 0, name, &Replay(content))
            }
            plain => plain.serialize(serializer),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Digest, Duration, NodeId, OperationId, Time};
    use std::collections::BTreeMap;

    #[derive(serde::Serialize)]
    enum Claim {
        Bare,
        Named { by: NodeId, at: Time, slot: OperationId },
        Pair(Duration, Digest),
        Wrapped(Vec<(u8, Option<i64>)>),
    }

    #[test]
    fn a_replayed_tree_is_the_same_tree() {
        let claims = [
            Claim::Bare,
            Claim::Named { by: NodeId(3), at: Time::from_nanos(7), slot: OperationId(1) },
            Claim::Pair(Duration::from_nanos(9), Digest::of(&1)),
            Claim::Wrapped(vec![(1, Some(-2)), (3, None)]),
        ];
        let odd = (claims, BTreeMap::from([((1, true), 0.5)]), "text");
        let tree = Value::of(&odd).expect("it has a form");
        assert_eq!(Value::of(&tree.replay()), Ok(tree));
    }
}
