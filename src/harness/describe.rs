//! What a protocol's messages, timers and claims say, without their types.

use super::wording::readable;
use serde::Serialize;
use std::fmt;
use synod_sim::Value;

/// Something that can be told as a tree of values. The tree is made when it is asked for, and not before.
pub trait Describe {
    /// The tree with its first `most` scalars or a few more; see [`Value::beginning_of`].
    fn beginning(&self, most: usize) -> Value;

    /// The whole tree.
    fn value(&self) -> Value {
        self.beginning(usize::MAX)
    }
}

/// What refuses to be serialized says why in its place.
impl<T: Serialize + ?Sized> Describe for T {
    fn beginning(&self, most: usize) -> Value {
        Value::beginning_of(self, most).unwrap_or_else(|error| Value::Text(error.to_string()))
    }
}

impl fmt::Debug for dyn Describe + '_ {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&readable(&self.value()))
    }
}
