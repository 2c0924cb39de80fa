//! What protocols with a coordinator and sessions, one after another, check alike.

use crate::protocol::schedule::Schedule;
use crate::scenario::{Path, Problem};
use crate::sim::{Duration, NodeId};
use crate::units::Span;

/// The most opinions that a run draws: agents times sessions.
const MAX_OPINIONS: u64 = 50_000_000;

/// The place of a field of `protocol`.
pub(super) fn param(protocol: &str, field: &str) -> Path {
    Path::of(["protocol", protocol]).to(field)
}

/// The coordinator of `protocol`, one of so many agents.
pub(super) fn coordinator(protocol: &str, coordinator: u32, agents: u32) -> Result<NodeId, Problem> {
    if coordinator < agents {
        return Ok(NodeId(coordinator));
    }
    let message = format!("there is no agent {coordinator}: they are 0 to {}", agents - 1);
    Err(Problem::new(param(protocol, "coordinator"), message))
}

/// Refuses a mutant of `protocol` where none are built in.
pub(super) fn mutant<B>(protocol: &str, bug: Option<B>) -> Result<Option<B>, Problem> {
    match bug {
        Some(_) if !cfg!(feature = "mutants") => {
            let message = "mutants are not built in: build with the feature `mutants`";
            Err(Problem::new(param(protocol, "bug"), message))
        }
        bug => Ok(bug),
    }
}

/// A span of `protocol` that is to be halved.
pub(super) fn wait(protocol: &str, field: &str, span: Span) -> Result<Duration, Problem> {
    match span.0.as_nanos() {
        0 | 1 => Err(Problem::new(param(protocol, field), "waiting takes time")),
        _ => Ok(span.0),
    }
}

/// Sessions of a workload.
pub(super) struct Series {
    /// How many.
    pub(super) count: u64,
    /// When the first opens.
    pub(super) at: Span,
    /// The time from one to the next, if the file gives it.
    pub(super) every: Option<Span>,
    /// The same, if it does not.
    pub(super) otherwise: Duration,
    /// The same, at least.
    pub(super) least: Duration,
}

impl Series {
    /// When they open, with so many agents.
    pub(super) fn schedule(self, agents: u32) -> Result<Schedule, Problem> {
        let refuse =
            |field: &str, message: String| Err(Problem::new(Path::of(["workload"]).to(field), message));
        if self.count == 0 || self.count.saturating_mul(u64::from(agents)) > MAX_OPINIONS {
            let message =
                format!("{agents} agents can hold 1 to {} sessions", MAX_OPINIONS / u64::from(agents));
            return refuse("sessions", message);
        }
        let every = self.every.map_or(self.otherwise, |span| span.0);
        if every < self.least {
            return refuse("every", format!("sessions are at least {} apart", Span(self.least)));
        }
        Ok(Schedule { sessions: self.count, first: self.at.0, every })
    }
}
