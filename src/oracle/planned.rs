//! What a scenario plans apart from faults, such as changes of members: whether it took effect.

use serde::Serialize;
use synod_sim::{Event, EventTime, Protocol};

/// Watches whether what is planned takes effect.
pub trait PlanWatch<P: Protocol> {
    /// Looks at an event of the run.
    fn on_event(&mut self, moment: EventTime, event: &Event<'_, P>);

    /// Returns what became of each thing that is planned, in the plan's order.
    fn reports(&self) -> Vec<PlanReport>;
}

/// What became of something that is planned.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PlanReport {
    /// What is planned, and for when.
    pub name: String,
    /// Whether it took effect.
    pub took_effect: bool,
}
