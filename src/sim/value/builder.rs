//! A serializer that builds the tree.
//!
//! What is open is on a stack, and not in the hands of the values that are being serialized, and nothing is inlined:
//! whatever is compiled once for every type is a call or two.

use super::Value;
use crate::{Duration, NodeId, Time};
use serde::ser::{
    self, SerializeMap, SerializeSeq, SerializeStruct, SerializeStructVariant, SerializeTuple,
    SerializeTupleStruct, SerializeTupleVariant,
};
use serde::{Serialize, Serializer};
use std::fmt::{self, Display};

/// Serialized names of the kernel's own types.
const NODE: &str = "synod::NodeId";
const TIME: &str = "synod::Time";
const DURATION: &str = "synod::Duration";
pub(crate) const DIGEST: &str = "synod::Digest";

/// Why a value has no tree: the error of its own `Serialize`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ValueError(Box<Message>);

/// Behind a thin pointer, since every step of a serialization passes a result on.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Message(Box<str>);

impl Display for ValueError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0.0)
    }
}

impl std::error::Error for ValueError {}

impl ser::Error for ValueError {
    fn custom<M: Display>(message: M) -> ValueError {
        ValueError(Box::new(Message(message.to_string().into())))
    }
}

pub(super) type Done = Result<(), ValueError>;

/// Builds the tree of one value.
pub(super) struct Builder {
    /// Number of scalars that the tree still has room for.
    room: usize,
    /// What has begun and is not complete, from the outside in.
    open: Vec<Part>,
    /// The whole, when it is complete.
    whole: Option<Value>,
}

/// A part of the tree that is not complete.
struct Part {
    shape: Shape,
    /// The type or the variant.
    name: &'static str,
    /// Its items or the values of its fields.
    items: Vec<Value>,
    /// The names of its fields.
    fields: Vec<&'static str>,
    /// Number of omitted items or entries.
    more: u64,
}

#[derive(Copy, Clone)]
enum Shape {
    List,
    Tuple,
    TupleStruct,
    TupleVariant,
    Struct,
    StructVariant,
    NewtypeStruct,
    NewtypeVariant,
    /// Its items are keys and values by turns.
    Map,
}

impl Builder {
    /// Returns a builder of a tree of about `most` scalars.
    pub(super) fn new(most: usize) -> Builder {
        Builder { room: most, open: Vec::new(), whole: None }
    }

    /// Returns the tree of a value whose serialization is done.
    pub(super) fn finish(self, done: Done) -> Result<Value, ValueError> {
        done.map(|()| self.whole.expect("a value serializes as something"))
    }

    /// Adds a complete value to the innermost part.
    #[inline(never)]
    fn add(&mut self, value: Value) {
        match self.open.last_mut() {
            Some(part) => part.items.push(value),
            None => self.whole = Some(value),
        }
    }

    #[inline(never)]
    fn scalar(&mut self, value: Value) -> Done {
        self.room = self.room.saturating_sub(1);
        self.add(value);
        Ok(())
    }

    #[inline(never)]
    fn number(&mut self, number: i128) -> Done {
        self.scalar(match (u64::try_from(number), i64::try_from(number)) {
            (Ok(natural), _) => Value::Natural(natural),
            (_, Ok(negative)) => Value::Negative(negative),
            _ => Value::Text(number.to_string()),
        })
    }

    /// Begins a part of about `length` items.
    #[inline(never)]
    fn begin(&mut self, shape: Shape, name: &'static str, length: usize) -> &mut Builder {
        // A length is a hint that the type gives, and not to be trusted.
        let items = Vec::with_capacity(length.min(64));
        self.open.push(Part { shape, name, items, fields: Vec::new(), more: 0 });
        self
    }

    /// Names the field whose value comes next.
    #[inline(never)]
    fn field(&mut self, name: &'static str) {
        self.innermost().fields.push(name);
    }

    /// Returns true if there is room for another item of a list or entry of a map; counts it as omitted otherwise.
    #[inline(never)]
    fn has_room(&mut self) -> bool {
        let has_room = self.room > 0;
        self.innermost().more += u64::from(!has_room);
        has_room
    }

    #[inline(never)]
    fn innermost(&mut self) -> &mut Part {
        self.open.last_mut().expect("a part has begun")
    }

    /// Ends the innermost part, if its content is done.
    #[inline(never)]
    fn close(&mut self, content: Done) -> Done {
        content?;
        let part = self.open.pop().expect("a part has begun");
        self.add(part.complete());
        Ok(())
    }
}

impl Part {
    fn complete(mut self) -> Value {
        let named = |value| Value::Named(self.name, Box::new(value));
        let variant = |value| Value::Variant(self.name, Some(Box::new(value)));
        let more = (self.more > 0).then_some(Value::More(self.more));
        match self.shape {
            Shape::List => {
                self.items.extend(more);
                Value::List(self.items)
            }
            Shape::Tuple => Value::Tuple(self.items),
            Shape::TupleStruct => named(Value::Tuple(self.items)),
            Shape::TupleVariant => variant(Value::Tuple(self.items)),
            Shape::Struct => Value::Struct(self.name, self.fields.into_iter().zip(self.items).collect()),
            Shape::StructVariant => {
                variant(Value::Struct(self.name, self.fields.into_iter().zip(self.items).collect()))
            }
            Shape::NewtypeVariant => variant(self.items.remove(0)),
            Shape::NewtypeStruct => match (self.name, self.items.remove(0)) {
                (NODE, Value::Natural(number)) => Value::Node(NodeId(number as u32)),
                (TIME, Value::Natural(nanos)) => Value::Time(Time::from_nanos(nanos)),
                (DURATION, Value::Natural(nanos)) => Value::Duration(Duration::from_nanos(nanos)),
                (DIGEST, Value::Text(digits)) => Value::Digest(digits),
                (_, inner) => named(inner),
            },
            Shape::Map => {
                let mut items = self.items.into_iter();
                let entries = std::iter::from_fn(|| Some((items.next()?, items.next()?)));
                Value::Map(entries.chain(more.map(|more| (more, Value::Nothing))).collect())
            }
        }
    }
}

/// Methods that build an integer.
macro_rules! whole {
    ($($method:ident $type:ty;)*) => {$(
        fn $method(self, value: $type) -> Done {
            self.number(i128::from(value))
        }
    )*};
}

impl<'a> Serializer for &'a mut Builder {
    type Ok = ();
    type Error = ValueError;
    type SerializeSeq = &'a mut Builder;
    type SerializeTuple = &'a mut Builder;
    type SerializeTupleStruct = &'a mut Builder;
    type SerializeTupleVariant = &'a mut Builder;
    type SerializeMap = &'a mut Builder;
    type SerializeStruct = &'a mut Builder;
    type SerializeStructVariant = &'a mut Builder;

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

    fn serialize_u128(self, number: u128) -> Done {
        match i128::try_from(number) {
            Ok(number) => self.number(number),
            Err(_) => self.scalar(Value::Text(number.to_string())),
        }
    }

    fn serialize_f32(self, number: f32) -> Done {
        self.scalar(Value::Real(f64::from(number)))
    }

    fn serialize_f64(self, number: f64) -> Done {
        self.scalar(Value::Real(number))
    }

    fn serialize_bool(self, value: bool) -> Done {
        self.scalar(Value::Bool(value))
    }

    fn serialize_char(self, letter: char) -> Done {
        self.scalar(Value::Text(letter.to_string()))
    }

    fn serialize_str(self, text: &str) -> Done {
        self.scalar(Value::Text(text.to_owned()))
    }

    fn serialize_bytes(self, bytes: &[u8]) -> Done {
        self.collect_seq(bytes)
    }

    fn serialize_none(self) -> Done {
        self.serialize_unit()
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Done {
        value.serialize(self)
    }

    fn serialize_unit(self) -> Done {
        self.scalar(Value::Nothing)
    }

    fn serialize_unit_struct(self, _: &'static str) -> Done {
        self.serialize_unit()
    }

    fn serialize_unit_variant(self, _: &'static str, _: u32, name: &'static str) -> Done {
        self.scalar(Value::Variant(name, None))
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(self, name: &'static str, value: &T) -> Done {
        let content = value.serialize(self.begin(Shape::NewtypeStruct, name, 1));
        self.close(content)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: u32,
        name: &'static str,
        value: &T,
    ) -> Done {
        let content = value.serialize(self.begin(Shape::NewtypeVariant, name, 1));
        self.close(content)
    }

    fn serialize_seq(self, length: Option<usize>) -> Result<Self, ValueError> {
        let length = length.unwrap_or(0).min(self.room);
        Ok(self.begin(Shape::List, "", length))
    }

    fn serialize_tuple(self, length: usize) -> Result<Self, ValueError> {
        Ok(self.begin(Shape::Tuple, "", length))
    }

    fn serialize_tuple_struct(self, name: &'static str, length: usize) -> Result<Self, ValueError> {
        Ok(self.begin(Shape::TupleStruct, name, length))
    }

    fn serialize_tuple_variant(
        self,
        _: &'static str,
        _: u32,
        name: &'static str,
        length: usize,
    ) -> Result<Self, ValueError> {
        Ok(self.begin(Shape::TupleVariant, name, length))
    }

    fn serialize_map(self, length: Option<usize>) -> Result<Self, ValueError> {
        let length = length.unwrap_or(0).min(self.room);
        Ok(self.begin(Shape::Map, "", 2 * length))
    }

    fn serialize_struct(self, name: &'static str, length: usize) -> Result<Self, ValueError> {
        Ok(self.begin(Shape::Struct, name, length))
    }

    fn serialize_struct_variant(
        self,
        _: &'static str,
        _: u32,
        name: &'static str,
        length: usize,
    ) -> Result<Self, ValueError> {
        Ok(self.begin(Shape::StructVariant, name, length))
    }

    fn collect_seq<I: IntoIterator<Item: Serialize>>(self, items: I) -> Done {
        self.begin(Shape::List, "", 0);
        for item in items {
            if self.has_room() {
                item.serialize(&mut *self)?;
            }
        }
        self.close(Ok(()))
    }
}

impl SerializeSeq for &mut Builder {
    type Ok = ();
    type Error = ValueError;

    fn serialize_element<T: Serialize + ?Sized>(&mut self, value: &T) -> Done {
        if self.has_room() { value.serialize(&mut **self) } else { Ok(()) }
    }

    fn end(self) -> Done {
        self.close(Ok(()))
    }
}

impl SerializeTuple for &mut Builder {
    type Ok = ();
    type Error = ValueError;

    fn serialize_element<T: Serialize + ?Sized>(&mut self, value: &T) -> Done {
        value.serialize(&mut **self)
    }

    fn end(self) -> Done {
        self.close(Ok(()))
    }
}

impl SerializeTupleStruct for &mut Builder {
    type Ok = ();
    type Error = ValueError;

    fn serialize_field<T: Serialize + ?Sized>(&mut self, value: &T) -> Done {
        value.serialize(&mut **self)
    }

    fn end(self) -> Done {
        self.close(Ok(()))
    }
}

impl SerializeTupleVariant for &mut Builder {
    type Ok = ();
    type Error = ValueError;

    fn serialize_field<T: Serialize + ?Sized>(&mut self, value: &T) -> Done {
        value.serialize(&mut **self)
    }

    fn end(self) -> Done {
        self.close(Ok(()))
    }
}

impl SerializeMap for &mut Builder {
    type Ok = ();
    type Error = ValueError;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Done {
        if self.has_room() { key.serialize(&mut **self) } else { Ok(()) }
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Done {
        // It has a key to go with, or else both are omitted.
        if self.innermost().items.len() % 2 == 1 { value.serialize(&mut **self) } else { Ok(()) }
    }

    fn end(self) -> Done {
        self.close(Ok(()))
    }
}

impl SerializeStruct for &mut Builder {
    type Ok = ();
    type Error = ValueError;

    fn serialize_field<T: Serialize + ?Sized>(&mut self, name: &'static str, value: &T) -> Done {
        self.field(name);
        value.serialize(&mut **self)
    }

    fn end(self) -> Done {
        self.close(Ok(()))
    }
}

impl SerializeStructVariant for &mut Builder {
    type Ok = ();
    type Error = ValueError;

    fn serialize_field<T: Serialize + ?Sized>(&mut self, name: &'static str, value: &T) -> Done {
        self.field(name);
        value.serialize(&mut **self)
    }

    fn end(self) -> Done {
        self.close(Ok(()))
    }
}
