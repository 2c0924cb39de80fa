//! What protocols with a coordinator and sessions, one after another, check alike.

use crate::{Path, Problem};
use synod_common::schedule::Schedule;
use synod_sim::units::Span;
use synod_sim::units::plural;
use synod_sim::{Duration, NodeId};

/// The most opinions that a run draws: agents times sessions.
const MAX_OPINIONS: u64 = 50_000_000;

/// Returns the place of a field of `protocol`.
pub fn param(protocol: &str, field: &str) -> Path {
    Path::of(["protocol", protocol]).to(field)
}

/// Returns the coordinator of `protocol`, one of so many agents.
pub fn coordinator(protocol: &str, coordinator: u32, agents: u32) -> Result<NodeId, Problem> {
    if coordinator < agents {
        return Ok(NodeId(coordinator));
    }
    let message = format!("there is no agent {coordinator}: they are 0 to {}", agents - 1);
    Err(Problem::new(param(protocol, "coordinator"), message))
}

/// Refuses a mutant of `protocol` where none are `built_in`.
pub fn mutant<B>(protocol: &str, bug: Option<B>, built_in: bool) -> Result<Option<B>, Problem> {
    match bug {
        Some(_) if !built_in => {
            let message = "mutants are not built in: build with the feature `mutants`";
            Err(Problem::new(param(protocol, "bug"), message))
        }
        bug => Ok(bug),
    }
}

/// Returns a span of `protocol` that is to be halved.
pub fn wait(protocol: &str, field: &str, span: Span) -> Result<Duration, Problem> {
    match span.0.as_nanos() {
        0 | 1 => Err(Problem::new(param(protocol, field), "waiting takes time")),
        _ => Ok(span.0),
    }
}

/// Sessions of a workload.
pub struct Series {
    /// How many.
    pub count: u64,
    /// When the first opens.
    pub at: Span,
    /// The time from one to the next, if the file gives it.
    pub every: Option<Span>,
    /// The same, if it does not.
    pub otherwise: Duration,
    /// The same, at least.
    pub least: Duration,
}

impl Series {
    /// Returns when they open, with so many agents.
    pub fn schedule(self, agents: u32) -> Result<Schedule, Problem> {
        let refuse =
            |field: &str, message: String| Err(Problem::new(Path::of(["workload"]).to(field), message));
        if self.count == 0 || self.count.saturating_mul(u64::from(agents)) > MAX_OPINIONS {
            let message = format!(
                "{} can hold 1 to {}",
                plural(agents.into(), "agent"),
                plural(MAX_OPINIONS / u64::from(agents), "session")
            );
            return refuse("sessions", message);
        }
        let every = self.every.map_or(self.otherwise, |span| span.0);
        if every < self.least {
            return refuse("every", format!("sessions are at least {} apart", Span(self.least)));
        }
        Ok(Schedule { sessions: self.count, first: self.at.0, every })
    }
}
