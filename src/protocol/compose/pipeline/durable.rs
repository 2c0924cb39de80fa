//! What a node of a pipeline writes down, and finds again after a crash.

use serde::Serialize;
use synod_common::decide::Ending;
use synod_common::decide::Tagged;
use synod_sim::Time;

/// Start of a stage: its proposal and time.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Entry {
    /// Decision of the stage before.
    pub(super) proposal: Option<u64>,
    /// When, by the member's clock.
    pub(super) at: Time,
}

/// Durable records, where `R` is the children's.
#[derive(Clone, Debug, Serialize)]
pub enum Record<R> {
    /// A child's own.
    Within(Tagged<R>),
    /// It started a stage.
    Entered(u32, Entry),
    /// It knows how a stage ended.
    Ended(u32, Ending),
}
