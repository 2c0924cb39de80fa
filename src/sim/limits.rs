//! What bounds a run, and how it ends.

use super::{Duration, RunDigest, Tally, Time};
use std::fmt;

/// The bounds of a run.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// The run ends before the first event later than this.
    pub horizon: Time,
    /// The most events.
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
    /// What was asked is done.
    Done,
    /// Nothing is left to happen.
    Quiescent,
    /// The horizon is reached.
    Horizon,
    /// An invariant is broken.
    Violation,
    /// As many events as `limits.events` allows.
    Events(u64),
    /// More bytes than `limits.memory` allows.
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
                write!(out, "stopped: {} events; raise `limits.events`", thousands(*events))
            }
            Ending::Memory(bytes) => {
                write!(out, "stopped: {} bytes in use; raise `limits.memory`", thousands(*bytes as u64))
            }
        }
    }
}

fn thousands(number: u64) -> String {
    let digits = number.to_string();
    let mut grouped = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

/// How a run ended, and what happened in all.
#[derive(Clone, Debug)]
pub struct End {
    /// Why.
    pub ending: Ending,
    /// The virtual time that was reached.
    pub at: Time,
    /// Events executed.
    pub events: u64,
    /// What the network carried and the nodes did.
    pub tally: Tally,
    /// The digest of all that happened.
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
