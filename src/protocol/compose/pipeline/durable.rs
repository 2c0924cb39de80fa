//! What a node of a pipeline writes down, and finds again after a crash.

use crate::decide::Ending;
use crate::tagged::Tagged;
use serde::Serialize;
use synod_sim::Time;

/// What a stage started on, and when.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Entry {
    /// What the stage before has decided.
    pub(super) proposal: Option<u64>,
    /// When, by the member's clock.
    pub(super) at: Time,
}

/// What a node remembers after a crash, where `R` is what children do.
#[derive(Clone, Debug, Serialize)]
pub enum Record<R> {
    /// A child's.
    Within(Tagged<R>),
    /// It started a stage.
    Entered(u32, Entry),
    /// It knows how a stage ended.
    Ended(u32, Ending),
}
