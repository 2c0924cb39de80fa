//! Type-erased values of a protocol's messages, timers and claims.

use super::wording::readable;
use serde::Serialize;
use std::fmt;
use synod_sim::{Value, ValueError};

/// Something that can be shown as a tree of values, which is built on demand.
pub trait Describe {
    /// Returns the tree with about its first `most` scalars; see [`Value::beginning_of`].
    fn beginning(&self, most: usize) -> Value;

    /// Returns the whole tree.
    fn value(&self) -> Value {
        self.beginning(usize::MAX)
    }
}

/// A value whose serialization fails is replaced by its error.
impl<T: Serialize + ?Sized> Describe for T {
    fn beginning(&self, most: usize) -> Value {
        or_error(Value::beginning_of(self, most))
    }
}

fn or_error(value: Result<Value, ValueError>) -> Value {
    value.unwrap_or_else(|error| Value::Text(error.to_string()))
}

impl fmt::Debug for dyn Describe + '_ {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&readable(&self.value()))
    }
}
