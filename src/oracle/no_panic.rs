//! A protocol's code does not panic: an assertion that fails in a handler is a finding, like any other violation.

use synod_sim::{Event, EventTime, Oracle, Protocol, Violation};

/// The oracle, which every run has.
#[derive(Debug, Default)]
pub struct NoPanic {
    events: u64,
}

impl NoPanic {
    /// Its name.
    pub const NAME: &'static str = "no_panic";

    /// Names the evidence that tells file, line and column.
    pub const PLACE: &'static str = "place";
}

impl<P: Protocol> Oracle<P> for NoPanic {
    fn name(&self) -> &'static str {
        NoPanic::NAME
    }

    fn claim(&self) -> &'static str {
        "No handler of the protocol panics."
    }

    fn on_event(&mut self, _: EventTime, event: &Event<'_, P>) -> Result<(), Violation> {
        // What is shown is no event of the run.
        self.events += u64::from(!matches!(event, Event::Shown { .. }));
        let &Event::Panicked { node, during, message, place } = event else { return Ok(()) };
        let at = place.map(|place| format!(", at {place}")).unwrap_or_default();
        let message = format!("agent {node} panicked while {during}{at}: {message}");
        let violation = Violation::new([node], message);
        Err(match place {
            Some(place) => violation.with(NoPanic::PLACE, place),
            None => violation,
        })
    }

    fn checked(&self) -> u64 {
        self.events
    }
}
