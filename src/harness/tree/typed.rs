//! Tree -> typed value, through serde, with errors that carry the place.

use super::mismatch::Mismatch;
use super::{Entry, Node, Value};
use crate::error::quote;
use crate::source::Place;
use serde::de::{
    DeserializeOwned, DeserializeSeed, Deserializer, EnumAccess, Error as _, Expected, MapAccess, SeqAccess,
    Unexpected, VariantAccess, Visitor,
};

/// Reads `node` as a `T`.
pub fn read<T: DeserializeOwned>(node: &Node) -> Result<T, Mismatch> {
    T::deserialize(Reader(node))
}

/// Reads one node.
struct Reader<'a>(&'a Node);

impl<'a> Reader<'a> {
    /// Returns the text of a scalar that is there, as it was written.
    fn text(&self) -> Option<&'a str> {
        match &self.0.value {
            Value::Scalar { text, .. } if !self.0.is_null() => Some(text),
            _ => None,
        }
    }

    /// Says what is here instead of what is expected.
    fn mismatch(&self, expected: &dyn Expected) -> Mismatch {
        let found = match &self.0.value {
            Value::List(_) => Unexpected::Seq,
            Value::Map(_) => Unexpected::Map,
            Value::Scalar { .. } if self.0.is_null() => Unexpected::Unit,
            Value::Scalar { text, plain } => match Number::parse(text) {
                Some(Number::Natural(number)) if *plain => Unexpected::Unsigned(number),
                Some(Number::Negative(number)) if *plain => Unexpected::Signed(number),
                Some(Number::Float(number)) if *plain => Unexpected::Float(number),
                _ => Unexpected::Str(text),
            },
        };
        Mismatch::invalid_type(found, expected)
    }

    /// Returns the text that is here.
    fn expect_text(&self, expected: &dyn Expected) -> Result<&'a str, Mismatch> {
        self.text().ok_or_else(|| self.mismatch(expected))
    }

    /// Returns the number that is here, or else the truth value or text.
    fn scalar(&self) -> Scalar<'a> {
        match &self.0.value {
            _ if self.0.is_null() => Scalar::Null,
            Value::Scalar { plain: true, text } => match (text.as_str(), Number::parse(text)) {
                ("true", _) => Scalar::Bool(true),
                ("false", _) => Scalar::Bool(false),
                (_, Some(number)) => Scalar::Number(number),
                (text, None) => Scalar::Text(text),
            },
            Value::Scalar { text, .. } => Scalar::Text(text),
            Value::List(_) | Value::Map(_) => Scalar::None,
        }
    }

    /// Returns the entries that are here.
    fn expect_entries(&self, expected: &dyn Expected) -> Result<Entries<'a>, Mismatch> {
        match &self.0.value {
            Value::Map(entries) => Ok(Entries { rest: entries.iter(), value: None }),
            _ if self.0.is_null() => Ok(Entries { rest: [].iter(), value: None }),
            _ => Err(self.mismatch(expected)),
        }
    }

    /// Returns the items that are here.
    fn expect_items(&self, expected: &dyn Expected) -> Result<Items<'a>, Mismatch> {
        match &self.0.value {
            Value::List(items) => Ok(Items(items.iter())),
            _ if self.0.is_null() => Ok(Items([].iter())),
            _ => Err(self.mismatch(expected)),
        }
    }

    /// Returns the choice that is made here.
    fn expect_choice(&self, variants: &[&str], expected: &dyn Expected) -> Result<Choice<'a>, Mismatch> {
        let one_of = || Some(format!("expected one of: {}", variants.join(", ")));
        match &self.0.value {
            Value::Map(entries) => match entries.as_slice() {
                [entry] => Ok(Choice { name: &entry.key, place: entry.place, content: &entry.node }),
                [] => Err(Mismatch { help: one_of(), ..Mismatch::custom("expected a choice") }),
                [first, second, ..] => {
                    let (first, again) = (quote(&first.key), quote(&second.key));
                    let message = format!("expected one choice, found {first} and {again}");
                    Err(Mismatch::custom(message).at(second.place))
                }
            },
            _ => match self.text() {
                Some(name) => Ok(Choice { name, place: self.0.place, content: self.0 }),
                None => Err(Mismatch { help: one_of(), ..self.mismatch(expected) }),
            },
        }
    }

    fn number<'de, V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Mismatch> {
        let value = match self.scalar() {
            Scalar::Number(Number::Natural(number)) => visitor.visit_u64(number),
            Scalar::Number(Number::Negative(number)) => visitor.visit_i64(number),
            _ => Err(self.mismatch(&visitor)),
        };
        located(value, self.0.place)
    }

    fn entries<'de, V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Mismatch> {
        let value = match self.expect_entries(&visitor) {
            Ok(entries) => visitor.visit_map(entries),
            Err(mismatch) => Err(mismatch),
        };
        located(value, self.0.place)
    }

    fn items<'de, V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Mismatch> {
        let value = match self.expect_items(&visitor) {
            Ok(items) => visit_whole(items, visitor),
            Err(mismatch) => Err(mismatch),
        };
        located(value, self.0.place)
    }
}

/// Gives an error that has no place yet this one.
fn located<T>(value: Result<T, Mismatch>, place: Place) -> Result<T, Mismatch> {
    match value {
        Ok(value) => Ok(value),
        Err(mismatch) => Err(mismatch.at(place)),
    }
}

/// Lets `visitor` read a list, and refuses items that it leaves over.
fn visit_whole<'de, V: Visitor<'de>>(mut items: Items<'_>, visitor: V) -> Result<V::Value, Mismatch> {
    let value = visitor.visit_seq(&mut items)?;
    match items.0.next() {
        None => Ok(value),
        Some(extra) => Err(Mismatch::custom("this list has too many items").at(extra.place)),
    }
}

/// What a node that is neither a list nor a map says.
enum Scalar<'a> {
    Null,
    Bool(bool),
    Number(Number),
    Text(&'a str),
    /// It is a list or a map.
    None,
}

/// An unquoted scalar that is a number.
enum Number {
    Natural(u64),
    Negative(i64),
    Float(f64),
}

impl Number {
    fn parse(text: &str) -> Option<Number> {
        let numeric = text.starts_with(|c: char| c.is_ascii_digit() || matches!(c, '-' | '+' | '.'));
        match text.parse() {
            Ok(number) => Some(Number::Natural(number)),
            Err(_) => match (text.parse(), text.parse::<f64>()) {
                (Ok(number), _) => Some(Number::Negative(number)),
                (_, Ok(number)) if numeric && number.is_finite() => Some(Number::Float(number)),
                _ => None,
            },
        }
    }
}

/// Methods that read as another one does.
macro_rules! forward {
    ($($method:ident)* => $to:ident) => {$(
        fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Mismatch> {
            self.$to(visitor)
        }
    )*};
}

impl<'de> Deserializer<'de> for Reader<'_> {
    type Error = Mismatch;

    forward!(deserialize_i8 deserialize_i16 deserialize_i32 deserialize_i64 deserialize_i128 => number);
    forward!(deserialize_u8 deserialize_u16 deserialize_u32 deserialize_u64 deserialize_u128 => number);
    forward!(deserialize_f32 => deserialize_f64);
    forward!(deserialize_char deserialize_string deserialize_identifier => deserialize_str);
    forward!(deserialize_bytes deserialize_byte_buf => deserialize_any);
    forward!(deserialize_seq => items);
    forward!(deserialize_map => entries);

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Mismatch> {
        let value = match self.scalar() {
            Scalar::Null => visitor.visit_unit(),
            Scalar::Bool(value) => visitor.visit_bool(value),
            Scalar::Number(Number::Natural(number)) => visitor.visit_u64(number),
            Scalar::Number(Number::Negative(number)) => visitor.visit_i64(number),
            Scalar::Number(Number::Float(number)) => visitor.visit_f64(number),
            Scalar::Text(text) => visitor.visit_str(text),
            Scalar::None => match self.0.value {
                Value::List(_) => return self.items(visitor),
                _ => return self.entries(visitor),
            },
        };
        located(value, self.0.place)
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Mismatch> {
        let value = match self.scalar() {
            Scalar::Bool(value) => visitor.visit_bool(value),
            _ => Err(self.mismatch(&visitor)),
        };
        located(value, self.0.place)
    }

    fn deserialize_f64<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Mismatch> {
        let value = match self.scalar() {
            Scalar::Number(Number::Natural(number)) => visitor.visit_f64(number as f64),
            Scalar::Number(Number::Negative(number)) => visitor.visit_f64(number as f64),
            Scalar::Number(Number::Float(number)) => visitor.visit_f64(number),
            _ => Err(self.mismatch(&visitor)),
        };
        located(value, self.0.place)
    }

    // A number is a text as well: the one that stands in the file.
    fn deserialize_str<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Mismatch> {
        let value = match self.expect_text(&visitor) {
            Ok(text) => visitor.visit_str(text),
            Err(mismatch) => Err(mismatch),
        };
        located(value, self.0.place)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Mismatch> {
        if self.0.is_null() { visitor.visit_none() } else { visitor.visit_some(self) }
    }

    fn deserialize_unit<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Mismatch> {
        let value = match &self.0.value {
            Value::Map(entries) if entries.is_empty() => visitor.visit_unit(),
            _ if self.0.is_null() => visitor.visit_unit(),
            _ => Err(self.mismatch(&visitor)),
        };
        located(value, self.0.place)
    }

    fn deserialize_unit_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, Mismatch> {
        self.deserialize_unit(visitor)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, Mismatch> {
        let place = self.0.place;
        located(visitor.visit_newtype_struct(self), place)
    }

    fn deserialize_tuple<V: Visitor<'de>>(self, _: usize, visitor: V) -> Result<V::Value, Mismatch> {
        self.items(visitor)
    }

    fn deserialize_tuple_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: usize,
        visitor: V,
    ) -> Result<V::Value, Mismatch> {
        self.items(visitor)
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Mismatch> {
        self.entries(visitor)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Mismatch> {
        let value = match self.expect_choice(variants, &visitor) {
            Ok(choice) => visitor.visit_enum(choice),
            Err(mismatch) => Err(mismatch),
        };
        located(value, self.0.place)
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Mismatch> {
        visitor.visit_unit()
    }
}

/// The items of a list.
struct Items<'a>(std::slice::Iter<'a, Node>);

impl<'de> SeqAccess<'de> for &mut Items<'_> {
    type Error = Mismatch;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, Mismatch> {
        self.0.next().map(|node| seed.deserialize(Reader(node))).transpose()
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.0.len())
    }
}

/// The entries of a map.
struct Entries<'a> {
    rest: std::slice::Iter<'a, Entry>,
    value: Option<&'a Node>,
}

impl<'de> MapAccess<'de> for Entries<'_> {
    type Error = Mismatch;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, Mismatch> {
        let Some(entry) = self.rest.next() else { return Ok(None) };
        self.value = Some(&entry.node);
        key(seed, &entry.key, entry.place).map(Some)
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, Mismatch> {
        match self.value.take() {
            Some(node) => located(seed.deserialize(Reader(node)), node.place),
            None => Err(Mismatch::custom("a value was read before its key")),
        }
    }
}

/// Reads a name: a key or a choice.
fn key<'de, K: DeserializeSeed<'de>>(seed: K, name: &str, place: Place) -> Result<K::Value, Mismatch> {
    located(seed.deserialize(Reader(&name_node(name, place))), place)
}

fn name_node(name: &str, place: Place) -> Node {
    // Quoted, so that only what wants a number as a key reads one.
    let plain = name.starts_with(|c: char| c.is_ascii_digit());
    Node { value: Value::Scalar { text: name.to_owned(), plain }, place }
}

/// A choice, `name` or `name: content`. Without content, `content` is the scalar itself.
struct Choice<'a> {
    name: &'a str,
    place: Place,
    content: &'a Node,
}

impl Choice<'_> {
    /// Returns true if only the name was given.
    fn is_bare(&self) -> bool {
        matches!(&self.content.value, Value::Scalar { text, .. } if text == self.name)
            && self.content.place == self.place
    }

    fn needs_settings(&self) -> Mismatch {
        Mismatch {
            place: Some(self.place),
            message: format!("{} needs settings", quote(self.name)),
            help: Some(format!("write {}: …", self.name)),
        }
    }
}

impl<'de, 'a> EnumAccess<'de> for Choice<'a> {
    type Error = Mismatch;
    type Variant = Choice<'a>;

    fn variant_seed<V: DeserializeSeed<'de>>(self, seed: V) -> Result<(V::Value, Choice<'a>), Mismatch> {
        Ok((key(seed, self.name, self.place)?, self))
    }
}

impl<'de> VariantAccess<'de> for Choice<'_> {
    type Error = Mismatch;

    fn unit_variant(self) -> Result<(), Mismatch> {
        let empty = matches!(&self.content.value, Value::Map(entries) if entries.is_empty());
        if self.is_bare() || empty || self.content.is_null() {
            Ok(())
        } else {
            Err(Mismatch {
                place: Some(self.content.place),
                message: format!("{} has no settings", quote(self.name)),
                help: None,
            })
        }
    }

    fn newtype_variant_seed<T: DeserializeSeed<'de>>(self, seed: T) -> Result<T::Value, Mismatch> {
        if self.is_bare() {
            Err(self.needs_settings())
        } else {
            located(seed.deserialize(Reader(self.content)), self.content.place)
        }
    }

    fn tuple_variant<V: Visitor<'de>>(self, _: usize, visitor: V) -> Result<V::Value, Mismatch> {
        if self.is_bare() { Err(self.needs_settings()) } else { Reader(self.content).items(visitor) }
    }

    fn struct_variant<V: Visitor<'de>>(
        self,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Mismatch> {
        if self.is_bare() { Err(self.needs_settings()) } else { Reader(self.content).entries(visitor) }
    }
}
