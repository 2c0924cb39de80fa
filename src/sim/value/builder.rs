//! A serializer that builds the tree.

use super::Value;
use crate::{Duration, NodeId, Time};
use serde::ser::{
    self, SerializeMap, SerializeSeq, SerializeStruct, SerializeStructVariant, SerializeTuple,
    SerializeTupleStruct, SerializeTupleVariant,
};
use serde::{Serialize, Serializer};
use std::cell::Cell;
use std::fmt::{self, Display};

/// Serialized names of the kernel's own types.
const NODE: &str = "synod::NodeId";
const TIME: &str = "synod::Time";
const DURATION: &str = "synod::Duration";
pub(crate) const DIGEST: &str = "synod::Digest";

/// Why a value has no tree: the error of its own `Serialize`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ValueError(String);

impl Display for ValueError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0)
    }
}

impl std::error::Error for ValueError {}

impl ser::Error for ValueError {
    fn custom<M: Display>(message: M) -> ValueError {
        ValueError(message.to_string())
    }
}

/// Builds the tree of one value; all builders of a tree share one budget of scalars.
#[derive(Copy, Clone)]
pub(super) struct Builder<'a> {
    room: &'a Cell<usize>,
}

/// The items of a list or tuple, or the entries of a map.
pub(super) struct Items<'a, T> {
    builder: Builder<'a>,
    items: Vec<T>,
    /// Number of omitted ones.
    more: u64,
    /// The struct or variant that contains them.
    name: &'static str,
    /// The key whose value comes next.
    key: Option<Value>,
}

type Fields<'a> = Items<'a, (&'static str, Value)>;

impl<'a> Builder<'a> {
    pub(super) fn new(room: &'a Cell<usize>) -> Builder<'a> {
        Builder { room }
    }

    fn build<T: Serialize + ?Sized>(self, value: &T) -> Result<Value, ValueError> {
        value.serialize(self)
    }

    fn scalar(self, value: Value) -> Result<Value, ValueError> {
        self.room.set(self.room.get().saturating_sub(1));
        Ok(value)
    }

    fn items<T>(self, name: &'static str, length: usize) -> Items<'a, T> {
        // A length is a hint that the type gives, and not to be trusted.
        Items { builder: self, items: Vec::with_capacity(length.min(64)), more: 0, name, key: None }
    }

    fn whole(self, number: i128) -> Result<Value, ValueError> {
        self.scalar(match (u64::try_from(number), i64::try_from(number)) {
            (Ok(natural), _) => Value::Natural(natural),
            (_, Ok(negative)) => Value::Negative(negative),
            _ => Value::Text(number.to_string()),
        })
    }
}

impl<T> Items<'_, T> {
    /// Returns true if the budget allows another item of a list; counts the item as omitted otherwise.
    fn has_room(&mut self) -> bool {
        let has_room = self.builder.room.get() > 0;
        self.more += u64::from(!has_room);
        has_room
    }
}

impl Items<'_, Value> {
    fn push<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), ValueError> {
        self.items.push(self.builder.build(value)?);
        Ok(())
    }

    fn list(mut self) -> Value {
        if self.more > 0 {
            self.items.push(Value::More(self.more));
        }
        Value::List(self.items)
    }
}

impl Fields<'_> {
    fn push<T: Serialize + ?Sized>(&mut self, name: &'static str, value: &T) -> Result<(), ValueError> {
        self.items.push((name, self.builder.build(value)?));
        Ok(())
    }

    fn fields(self) -> Value {
        Value::Struct(self.name, self.items)
    }
}

fn variant(name: &'static str, content: Value) -> Value {
    Value::Variant(name, Some(Box::new(content)))
}

/// Methods that build an integer.
macro_rules! whole {
    ($($method:ident $type:ty;)*) => {$(
        fn $method(self, value: $type) -> Result<Value, ValueError> {
            self.whole(i128::from(value))
        }
    )*};
}

impl<'a> Serializer for Builder<'a> {
    type Ok = Value;
    type Error = ValueError;
    type SerializeSeq = Items<'a, Value>;
    type SerializeTuple = Items<'a, Value>;
    type SerializeTupleStruct = Items<'a, Value>;
    type SerializeTupleVariant = Items<'a, Value>;
    type SerializeMap = Items<'a, (Value, Value)>;
    type SerializeStruct = Fields<'a>;
    type SerializeStructVariant = Fields<'a>;

    whole! {
        serialize_i8 i8;
        serialize_i16 i16;
        serialize_i32 i32;
        serialize_i64 i64;
        serialize_i128 i128;
        serialize_u8 u8;
        serialize_u16 u16;
        serialize_u32 u32;
        serialize_u64 u64;
    }

    fn serialize_u128(self, number: u128) -> Result<Value, ValueError> {
        match i128::try_from(number) {
            Ok(number) => self.whole(number),
            Err(_) => self.scalar(Value::Text(number.to_string())),
        }
    }

    fn serialize_f32(self, number: f32) -> Result<Value, ValueError> {
        self.scalar(Value::Real(f64::from(number)))
    }

    fn serialize_f64(self, number: f64) -> Result<Value, ValueError> {
        self.scalar(Value::Real(number))
    }

    fn serialize_bool(self, value: bool) -> Result<Value, ValueError> {
        self.scalar(Value::Bool(value))
    }

    fn serialize_char(self, letter: char) -> Result<Value, ValueError> {
        self.scalar(Value::Text(letter.to_string()))
    }

    fn serialize_str(self, text: &str) -> Result<Value, ValueError> {
        self.scalar(Value::Text(text.to_owned()))
    }

    fn serialize_bytes(self, bytes: &[u8]) -> Result<Value, ValueError> {
        self.collect_seq(bytes)
    }

    fn serialize_none(self) -> Result<Value, ValueError> {
        self.serialize_unit()
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<Value, ValueError> {
        self.build(value)
    }

    fn serialize_unit(self) -> Result<Value, ValueError> {
        self.scalar(Value::Nothing)
    }

    fn serialize_unit_struct(self, _: &'static str) -> Result<Value, ValueError> {
        self.serialize_unit()
    }

    fn serialize_unit_variant(
        self,
        _: &'static str,
        _: u32,
        name: &'static str,
    ) -> Result<Value, ValueError> {
        self.scalar(Value::Variant(name, None))
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(
        self,
        name: &'static str,
        value: &T,
    ) -> Result<Value, ValueError> {
        Ok(match (name, self.build(value)?) {
            (NODE, Value::Natural(number)) => Value::Node(NodeId(number as u32)),
            (TIME, Value::Natural(nanos)) => Value::Time(Time::from_nanos(nanos)),
            (DURATION, Value::Natural(nanos)) => Value::Duration(Duration::from_nanos(nanos)),
            (DIGEST, Value::Text(digits)) => Value::Digest(digits),
            (_, inner) => Value::Named(name, Box::new(inner)),
        })
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: u32,
        name: &'static str,
        value: &T,
    ) -> Result<Value, ValueError> {
        Ok(variant(name, self.build(value)?))
    }

    fn serialize_seq(self, length: Option<usize>) -> Result<Items<'a, Value>, ValueError> {
        Ok(self.items("", length.unwrap_or(0).min(self.room.get())))
    }

    fn serialize_tuple(self, length: usize) -> Result<Items<'a, Value>, ValueError> {
        Ok(self.items("", length))
    }

    fn serialize_tuple_struct(
        self,
        name: &'static str,
        length: usize,
    ) -> Result<Items<'a, Value>, ValueError> {
        Ok(self.items(name, length))
    }

    fn serialize_tuple_variant(
        self,
        _: &'static str,
        _: u32,
        name: &'static str,
        length: usize,
    ) -> Result<Items<'a, Value>, ValueError> {
        Ok(self.items(name, length))
    }

    fn serialize_map(self, length: Option<usize>) -> Result<Items<'a, (Value, Value)>, ValueError> {
        Ok(self.items("", length.unwrap_or(0).min(self.room.get())))
    }

    fn serialize_struct(self, name: &'static str, length: usize) -> Result<Fields<'a>, ValueError> {
        Ok(self.items(name, length))
    }

    fn serialize_struct_variant(
        self,
        _: &'static str,
        _: u32,
        name: &'static str,
        length: usize,
    ) -> Result<Fields<'a>, ValueError> {
        Ok(self.items(name, length))
    }
}

impl SerializeSeq for Items<'_, Value> {
    type Ok = Value;
    type Error = ValueError;

    fn serialize_element<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), ValueError> {
        if self.has_room() { self.push(value) } else { Ok(()) }
    }

    fn end(self) -> Result<Value, ValueError> {
        Ok(self.list())
    }
}

impl SerializeTuple for Items<'_, Value> {
    type Ok = Value;
    type Error = ValueError;

    fn serialize_element<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), ValueError> {
        self.push(value)
    }

    fn end(self) -> Result<Value, ValueError> {
        Ok(Value::Tuple(self.items))
    }
}

impl SerializeTupleStruct for Items<'_, Value> {
    type Ok = Value;
    type Error = ValueError;

    fn serialize_field<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), ValueError> {
        self.push(value)
    }

    fn end(self) -> Result<Value, ValueError> {
        Ok(Value::Named(self.name, Box::new(Value::Tuple(self.items))))
    }
}

impl SerializeTupleVariant for Items<'_, Value> {
    type Ok = Value;
    type Error = ValueError;

    fn serialize_field<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), ValueError> {
        self.push(value)
    }

    fn end(self) -> Result<Value, ValueError> {
        Ok(variant(self.name, Value::Tuple(self.items)))
    }
}

impl SerializeMap for Items<'_, (Value, Value)> {
    type Ok = Value;
    type Error = ValueError;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<(), ValueError> {
        self.key = if self.has_room() { Some(self.builder.build(key)?) } else { None };
        Ok(())
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), ValueError> {
        if let Some(key) = self.key.take() {
            self.items.push((key, self.builder.build(value)?));
        }
        Ok(())
    }

    fn end(mut self) -> Result<Value, ValueError> {
        if self.more > 0 {
            self.items.push((Value::More(self.more), Value::Nothing));
        }
        Ok(Value::Map(self.items))
    }
}

impl SerializeStruct for Fields<'_> {
    type Ok = Value;
    type Error = ValueError;

    fn serialize_field<T: Serialize + ?Sized>(
        &mut self,
        name: &'static str,
        value: &T,
    ) -> Result<(), ValueError> {
        self.push(name, value)
    }

    fn end(self) -> Result<Value, ValueError> {
        Ok(self.fields())
    }
}

impl SerializeStructVariant for Fields<'_> {
    type Ok = Value;
    type Error = ValueError;

    fn serialize_field<T: Serialize + ?Sized>(
        &mut self,
        name: &'static str,
        value: &T,
    ) -> Result<(), ValueError> {
        self.push(name, value)
    }

    fn end(self) -> Result<Value, ValueError> {
        Ok(variant(self.name, self.fields()))
    }
}
