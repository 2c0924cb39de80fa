//! What a member writes down, and finds again after a crash.

use super::message::{Close, Open};
use serde::Serialize;
use std::rc::Rc;
use synod_common::decide::{Ending, InitHistory, Tagged};
use synod_sim::{Signed, Time};

/// Durable record of entering a rung.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Entry {
    pub(super) rung: u32,
    pub(super) init_history: InitHistory,
    pub(super) at: Time,
}

/// Durable records, where `R` is the children's and `T` their abort histories.
#[derive(Clone, Debug, Serialize)]
pub enum Record<R, T: Serialize> {
    /// A child's own.
    Within(Tagged<R>),
    /// It entered a rung.
    Entered(Entry),
    /// It left one.
    Closed(Signed<Close<T>>),
    /// It opened one.
    Opened(Rc<Signed<Open<T>>>),
    /// It has its outcome.
    Concluded(Ending),
}
