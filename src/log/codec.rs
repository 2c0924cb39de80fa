//! How values of a machine become bytes, and bytes become values again.
//!
//! The encoding is postcard's, the kernel's canonical one: a value of a given type is as long as it says itself.

use super::bytes::{Bytes, Writer};
use serde::de::DeserializeOwned;
use serde::ser::{Serialize, SerializeTuple, Serializer};
use std::any::Any;
use std::cell::OnceCell;
use std::fmt;
use std::rc::Rc;
use synod_sim::Value;

/// Why bytes are no value of a machine.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub enum Malformed {
    /// They end too early, or hold what the type does not.
    Undecodable,
    /// So many bytes follow a value.
    Trailing(usize),
}

impl fmt::Display for Malformed {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Malformed::Undecodable => write!(out, "malformed"),
            Malformed::Trailing(count) => write!(out, "malformed: {count} more bytes than a value has"),
        }
    }
}

impl std::error::Error for Malformed {}

pub(crate) fn encode<T: Serialize>(value: &T) -> Bytes {
    postcard::serialize_with_flavor(value, Writer::new()).expect("values of machines encode without a schema")
}

pub(crate) fn decode<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Malformed> {
    match postcard::take_from_bytes(bytes) {
        Ok((value, [])) => Ok(value),
        Ok((_, rest)) => Err(Malformed::Trailing(rest.len())),
        Err(_) => Err(Malformed::Undecodable),
    }
}

/// What people read of the bytes of one type, for code that does not know the type.
pub(crate) struct Codec {
    /// The machine's name.
    machine: &'static str,
    /// Of a command: true if it changes nothing.
    pub(crate) is_read: bool,
    tree: fn(&[u8]) -> Result<Value, Malformed>,
    debug: fn(&[u8], &mut fmt::Formatter<'_>) -> fmt::Result,
    display: fn(&[u8], &mut fmt::Formatter<'_>) -> fmt::Result,
}

impl Codec {
    pub(crate) const fn of<T>(machine: &'static str, is_read: bool) -> Codec
    where
        T: Serialize + DeserializeOwned + fmt::Debug + fmt::Display,
    {
        Codec { machine, is_read, tree: tree::<T>, debug: debug::<T>, display: display::<T> }
    }
}

fn tree<T: Serialize + DeserializeOwned>(bytes: &[u8]) -> Result<Value, Malformed> {
    let value: T = decode(bytes)?;
    Ok(Value::of(&value).unwrap_or_else(|error| Value::Text(error.to_string())))
}

fn debug<T: DeserializeOwned + fmt::Debug>(bytes: &[u8], out: &mut fmt::Formatter<'_>) -> fmt::Result {
    match decode::<T>(bytes) {
        Ok(value) => value.fmt(out),
        Err(error) => write!(out, "{error} {bytes:02x?}"),
    }
}

fn display<T: DeserializeOwned + fmt::Display>(bytes: &[u8], out: &mut fmt::Formatter<'_>) -> fmt::Result {
    match decode::<T>(bytes) {
        Ok(value) => value.fmt(out),
        Err(error) => write!(out, "{error}"),
    }
}

/// A value of a machine, encoded. Two are compared by their bytes alone, and should be of one type. Clones share it.
#[derive(Clone)]
pub(crate) struct Encoded(Rc<Held<dyn Any>>);

struct Held<V: ?Sized> {
    bytes: Bytes,
    codec: &'static Codec,
    /// Its modelled size, in bytes.
    size: u32,
    value: V,
}

/// A value beside its bytes, which are decoded once: every replica applies the same command.
pub(crate) type Decoded<T> = OnceCell<Result<T, Malformed>>;

impl Encoded {
    /// `value` is what [`Encoded::value`] finds: a [`Decoded`].
    pub(crate) fn new(bytes: Bytes, codec: &'static Codec, size: usize, value: impl Any) -> Encoded {
        let size = u32::try_from(size).expect("a value has less than four gigabytes");
        Encoded(Rc::new(Held { bytes, codec, size, value }))
    }

    #[inline]
    pub(crate) fn bytes(&self) -> &[u8] {
        &self.0.bytes
    }

    #[inline]
    pub(crate) fn codec(&self) -> &'static Codec {
        self.0.codec
    }

    #[inline]
    pub(crate) fn size(&self) -> usize {
        self.0.size as usize
    }

    /// Decodes the value.
    ///
    /// # Panics
    /// If it is a value of another machine than `machine`.
    pub(crate) fn decode<T: DeserializeOwned>(&self, machine: &str) -> Result<T, Malformed> {
        assert_eq!(self.0.codec.machine, machine, "values stay with their machine");
        decode(&self.0.bytes)
    }

    /// Returns the value, which is decoded if nobody has done so.
    ///
    /// # Panics
    /// If it is a value of another machine than `machine`, or none was to be held.
    #[inline]
    pub(crate) fn value<T: DeserializeOwned + 'static>(&self, machine: &str) -> Result<&T, Malformed> {
        assert_eq!(self.0.codec.machine, machine, "values stay with their machine");
        let value: Option<&Decoded<T>> = self.0.value.downcast_ref();
        let value = value.expect("values of one machine and kind have one type");
        value.get_or_init(|| decode(&self.0.bytes)).as_ref().map_err(|&error| error)
    }
}

impl Serialize for Encoded {
    /// For people: the value. Otherwise its bytes, without a length: just as the value itself would be written.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if serializer.is_human_readable() {
            return match (self.0.codec.tree)(&self.0.bytes) {
                Ok(tree) => tree.serialize(serializer),
                Err(error) => serializer.collect_str(&error),
            };
        }
        let mut tuple = serializer.serialize_tuple(self.0.bytes.len())?;
        self.0.bytes.iter().try_for_each(|byte| tuple.serialize_element(byte))?;
        tuple.end()
    }
}

impl fmt::Debug for Encoded {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        (self.0.codec.debug)(&self.0.bytes, out)
    }
}

impl fmt::Display for Encoded {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        (self.0.codec.display)(&self.0.bytes, out)
    }
}
