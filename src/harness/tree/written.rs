//! Typed value -> tree, through serde.

use super::{Entry, Mismatch, Node, Place, Value};
use serde::ser::{
    self, Error as _, SerializeMap, SerializeSeq, SerializeStruct, SerializeStructVariant, SerializeTuple,
    SerializeTupleStruct, SerializeTupleVariant,
};
use serde::{Serialize, Serializer};
use std::fmt::Display;

/// Writes `value` as a tree that reads back to the same. Its values have no places.
///
/// # Errors
/// If a map has keys that are no texts or numbers, or if `value` refuses to be written.
pub fn write<T: Serialize + ?Sized>(value: &T) -> Result<Node, Mismatch> {
    value.serialize(Writer)
}

/// The place of what was not read from anywhere.
const NOWHERE: Place = Place { source: 0, line: 1, column: 1, width: 1 };

fn node(value: Value) -> Node {
    Node { value, place: NOWHERE }
}

/// A number, a truth value or nothing.
fn plain(text: impl Display) -> Node {
    node(Value::Scalar { text: text.to_string(), plain: true })
}

fn text(text: &str) -> Node {
    node(Value::Scalar { text: text.to_owned(), plain: false })
}

/// A choice with its content: `name: content`.
pub fn choice(name: &str, content: Node) -> Node {
    node(Value::Map(vec![Entry { key: name.to_owned(), place: NOWHERE, node: content }]))
}

struct Writer;

/// The items of a list, and of which choice it is the content.
struct Items {
    items: Vec<Node>,
    choice: Option<&'static str>,
}

/// The entries of a map, of which choice it is the content, and the key whose value comes next.
struct Entries {
    entries: Vec<Entry>,
    choice: Option<&'static str>,
    key: Option<String>,
}

impl Items {
    fn of(length: usize, choice: Option<&'static str>) -> Items {
        Items { items: Vec::with_capacity(length), choice }
    }

    fn push<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Mismatch> {
        self.items.push(write(value)?);
        Ok(())
    }

    fn finish(self) -> Node {
        let list = node(Value::List(self.items));
        match self.choice {
            Some(name) => choice(name, list),
            None => list,
        }
    }
}

impl Entries {
    fn of(length: usize, choice: Option<&'static str>) -> Entries {
        Entries { entries: Vec::with_capacity(length), choice, key: None }
    }

    fn push<T: Serialize + ?Sized>(&mut self, key: &str, value: &T) -> Result<(), Mismatch> {
        let node = write(value)?;
        self.enter(key.to_owned(), node);
        Ok(())
    }

    fn enter(&mut self, key: String, node: Node) {
        self.entries.push(Entry { key, place: NOWHERE, node });
    }

    fn finish(self) -> Node {
        let map = node(Value::Map(self.entries));
        match self.choice {
            Some(name) => choice(name, map),
            None => map,
        }
    }
}

/// Methods that write a scalar without quotes.
macro_rules! plain {
    ($($method:ident $type:ty;)*) => {$(
        fn $method(self, value: $type) -> Result<Node, Mismatch> {
            Ok(plain(value))
        }
    )*};
}

impl Serializer for Writer {
    type Ok = Node;
    type Error = Mismatch;
    type SerializeSeq = Items;
    type SerializeTuple = Items;
    type SerializeTupleStruct = Items;
    type SerializeTupleVariant = Items;
    type SerializeMap = Entries;
    type SerializeStruct = Entries;
    type SerializeStructVariant = Entries;

    plain! {
        serialize_bool bool;
        serialize_i8 i8;
        serialize_i16 i16;
        serialize_i32 i32;
        serialize_i64 i64;
        serialize_i128 i128;
        serialize_u8 u8;
        serialize_u16 u16;
        serialize_u32 u32;
        serialize_u64 u64;
        serialize_u128 u128;
        serialize_f32 f32;
        serialize_f64 f64;
    }

    fn serialize_char(self, value: char) -> Result<Node, Mismatch> {
        Ok(text(value.encode_utf8(&mut [0; 4])))
    }

    fn serialize_str(self, value: &str) -> Result<Node, Mismatch> {
        Ok(text(value))
    }

    fn serialize_bytes(self, bytes: &[u8]) -> Result<Node, Mismatch> {
        write(&bytes.to_vec())
    }

    fn serialize_none(self) -> Result<Node, Mismatch> {
        self.serialize_unit()
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<Node, Mismatch> {
        write(value)
    }

    fn serialize_unit(self) -> Result<Node, Mismatch> {
        Ok(plain("null"))
    }

    fn serialize_unit_struct(self, _: &'static str) -> Result<Node, Mismatch> {
        self.serialize_unit()
    }

    fn serialize_unit_variant(self, _: &'static str, _: u32, name: &'static str) -> Result<Node, Mismatch> {
        Ok(text(name))
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        value: &T,
    ) -> Result<Node, Mismatch> {
        write(value)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: u32,
        name: &'static str,
        value: &T,
    ) -> Result<Node, Mismatch> {
        Ok(choice(name, write(value)?))
    }

    fn serialize_seq(self, length: Option<usize>) -> Result<Items, Mismatch> {
        Ok(Items::of(length.unwrap_or(0), None))
    }

    fn serialize_tuple(self, length: usize) -> Result<Items, Mismatch> {
        Ok(Items::of(length, None))
    }

    fn serialize_tuple_struct(self, _: &'static str, length: usize) -> Result<Items, Mismatch> {
        Ok(Items::of(length, None))
    }

    fn serialize_tuple_variant(
        self,
        _: &'static str,
        _: u32,
        name: &'static str,
        length: usize,
    ) -> Result<Items, Mismatch> {
        Ok(Items::of(length, Some(name)))
    }

    fn serialize_map(self, length: Option<usize>) -> Result<Entries, Mismatch> {
        Ok(Entries::of(length.unwrap_or(0), None))
    }

    fn serialize_struct(self, _: &'static str, length: usize) -> Result<Entries, Mismatch> {
        Ok(Entries::of(length, None))
    }

    fn serialize_struct_variant(
        self,
        _: &'static str,
        _: u32,
        name: &'static str,
        length: usize,
    ) -> Result<Entries, Mismatch> {
        Ok(Entries::of(length, Some(name)))
    }
}

impl SerializeSeq for Items {
    type Ok = Node;
    type Error = Mismatch;

    fn serialize_element<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Mismatch> {
        self.push(value)
    }

    fn end(self) -> Result<Node, Mismatch> {
        Ok(self.finish())
    }
}

impl SerializeTuple for Items {
    type Ok = Node;
    type Error = Mismatch;

    fn serialize_element<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Mismatch> {
        self.push(value)
    }

    fn end(self) -> Result<Node, Mismatch> {
        Ok(self.finish())
    }
}

impl SerializeTupleStruct for Items {
    type Ok = Node;
    type Error = Mismatch;

    fn serialize_field<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Mismatch> {
        self.push(value)
    }

    fn end(self) -> Result<Node, Mismatch> {
        Ok(self.finish())
    }
}

impl SerializeTupleVariant for Items {
    type Ok = Node;
    type Error = Mismatch;

    fn serialize_field<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Mismatch> {
        self.push(value)
    }

    fn end(self) -> Result<Node, Mismatch> {
        Ok(self.finish())
    }
}

impl SerializeMap for Entries {
    type Ok = Node;
    type Error = Mismatch;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<(), Mismatch> {
        match write(key)?.value {
            Value::Scalar { text, .. } => self.key = Some(text),
            Value::List(_) | Value::Map(_) => return Err(Mismatch::custom("a key is a text")),
        }
        Ok(())
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Mismatch> {
        let key = self.key.take().ok_or_else(|| Mismatch::custom("a value was written before its key"))?;
        let node = write(value)?;
        self.enter(key, node);
        Ok(())
    }

    fn end(self) -> Result<Node, Mismatch> {
        Ok(self.finish())
    }
}

impl SerializeStruct for Entries {
    type Ok = Node;
    type Error = Mismatch;

    fn serialize_field<T: Serialize + ?Sized>(
        &mut self,
        key: &'static str,
        value: &T,
    ) -> Result<(), Mismatch> {
        self.push(key, value)
    }

    fn end(self) -> Result<Node, Mismatch> {
        Ok(self.finish())
    }
}

impl SerializeStructVariant for Entries {
    type Ok = Node;
    type Error = Mismatch;

    fn serialize_field<T: Serialize + ?Sized>(
        &mut self,
        key: &'static str,
        value: &T,
    ) -> Result<(), Mismatch> {
        self.push(key, value)
    }

    fn end(self) -> Result<Node, Mismatch> {
        Ok(self.finish())
    }
}

impl ser::Error for Mismatch {
    fn custom<M: Display>(message: M) -> Mismatch {
        <Mismatch as serde::de::Error>::custom(message)
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
