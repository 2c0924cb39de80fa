//! Limits of a run, and how it ends.

use super::{Duration, RunDigest, Tally, Time};
use crate::units::plural;
use std::fmt;

/// The limits of a run.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// The run ends before the first event later than this.
    pub horizon: Time,
    /// Maximum number of events.
    pub events: u64,
    /// The most bytes that a run may hold: pending events, messages in flight, storage, and what its protocols say
    /// that they hold.
    pub memory_bytes: usize,
}

impl Default for Limits {
    fn default() -> Limits {
        Limits { horizon: Time::from_nanos(60_000_000_000), events: 50_000_000, memory_bytes: 2 << 30 }
    }
}

/// What a node's processor takes to handle a message; timers and starts cost the base alone. What a handler charges
/// comes on top. All zero: handlers take no time, which is the fast path.
#[derive(Copy, Clone, Debug, Default, PartialEq, Eq)]
pub struct CpuCost {
    /// For every message.
    pub base: Duration,
    /// For every 1,024 bytes of it.
    pub per_kib: Duration,
}

/// Why a run ended.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub enum Ending {
    /// Everything requested is done.
    Done,
    /// No event is pending.
    Quiescent,
    /// The horizon is reached.
    Horizon,
    /// An invariant is broken.
    Violation,
    /// The limit `limits.events` is reached.
    Events(u64),
    /// The limit `limits.memory` is exceeded.
    Memory(usize),
}

impl fmt::Display for Ending {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Ending::Done => out.write_str("decided"),
            Ending::Quiescent => out.write_str("quiescent: nothing was left to happen"),
            Ending::Horizon => out.write_str("stopped at the horizon"),
            Ending::Violation => out.write_str("stopped at a violation"),
            Ending::Events(events) => {
                write!(out, "stopped: {}; raise `limits.events`", plural(*events, "event"))
            }
            Ending::Memory(bytes) => {
                write!(out, "stopped: {} in use; raise `limits.memory`", plural(*bytes as u64, "byte"))
            }
        }
    }
}

/// How a run ended, with its statistics.
#[derive(Clone, Debug)]
pub struct End {
    /// Why.
    pub ending: Ending,
    /// Virtual time at the end.
    pub at: Time,
    /// Events executed.
    pub events: u64,
    /// Counters of network and nodes.
    pub tally: Tally,
    /// The run digest.
    pub digest: RunDigest,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_ending_says_what_to_raise() {
        assert_eq!(
            Ending::Events(50_000_000).to_string(),
            "stopped: 50,000,000 events; raise `limits.events`"
        );
        assert_eq!(Ending::Memory(999).to_string(), "stopped: 999 bytes in use; raise `limits.memory`");
    }
}
