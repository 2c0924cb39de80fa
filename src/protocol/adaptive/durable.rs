//! What a member writes down, and finds again after a crash.

use super::message::{Close, Open};
use serde::Serialize;
use std::rc::Rc;
use synod_compose::{Ending, InitHistory, Tagged};
use synod_sim::{Signed, Time};

/// What a member wrote down when it entered a rung.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Entry {
    pub(super) rung: u32,
    pub(super) init_history: InitHistory,
    pub(super) at: Time,
}

/// What a member remembers after a crash, where `R` is what children do and `T` how they are left.
#[derive(Clone, Debug, Serialize)]
pub enum Record<R, T: Serialize> {
    /// A child's.
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
