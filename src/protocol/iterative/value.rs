//! What agents propose.

use serde::Serialize;
use std::collections::BTreeSet;

/// A proposed value. Of which kind it has to be, and within what bounds, a [`Domain`](super::Domain) says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub enum Value {
    /// A number.
    Number(i64),
    /// One of several that have no order.
    Category(u32),
    /// Some of several.
    Set(BTreeSet<u32>),
    /// Several in order.
    List(Vec<u32>),
    /// A text, word by word; words are numbers of a vocabulary.
    Text(Vec<u32>),
    /// Several values, by their places; `None` for one that is missing.
    Record(Vec<Option<Value>>),
}
