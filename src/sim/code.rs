//! Event codes of the run digest. Never renumber them: digests would change.

use super::{Duration, NodeId, Time};

pub(super) const SENT: u64 = 1;
pub(super) const DELIVERED: u64 = 2;
pub(super) const LOST: u64 = 3;
pub(super) const EXPIRED: u64 = 4;
pub(super) const OBSERVED: u64 = 5;
pub(super) const CRASHED: u64 = 6;
pub(super) const RESTARTED: u64 = 7;
pub(super) const CUT: u64 = 8;
pub(super) const HEALED: u64 = 9;
pub(super) const PERSISTED: u64 = 10;
pub(super) const STARTED: u64 = 11;
pub(super) const SYNCED: u64 = 12;
pub(super) const TRUNCATED: u64 = 13;
pub(super) const SLOWED: u64 = 14;
pub(super) const CLOCK_SET: u64 = 15;
pub(super) const PANICKED: u64 = 16;
pub(super) const PAUSED: u64 = 17;
pub(super) const RESUMED: u64 = 18;

/// A node that does not exist may have a number of more bits.
const NODE_MASK: u64 = (1 << 28) - 1;

/// Packs event code, sender and receiver into the second word of a digest entry.
#[inline]
pub(super) fn word(code: u64, from: NodeId, to: NodeId) -> u64 {
    code << 56 | (from.0 as u64) << 28 | to.0 as u64 & NODE_MASK
}

/// Describes an entry of the digest's transcript.
pub fn describe([at, what, content]: [u64; 3]) -> String {
    let at = Time::from_nanos(at);
    let (code, from, to) = (what >> 56, what >> 28 & NODE_MASK, what & NODE_MASK);
    let what = match code {
        SENT => format!("agent {from} sends {content:016x}"),
        DELIVERED => format!("agent {to} receives {content:016x} from agent {from}"),
        LOST => format!("{content:016x} from agent {from} to agent {to} is lost"),
        EXPIRED => format!("a timer of agent {from} expires"),
        OBSERVED => format!("agent {from} claims {content:016x}"),
        CRASHED => format!("agent {from} crashes"),
        RESTARTED => format!("agent {from} restarts with {content} records"),
        CUT => format!("cut {content} begins"),
        HEALED => format!("cut {content} heals"),
        PERSISTED => format!("agent {from} persists {content:016x}"),
        STARTED => format!("agent {from} starts"),
        SYNCED => format!("agent {from} has synced"),
        TRUNCATED => format!("agent {from} truncates the log of scope {content:016x}"),
        SLOWED => format!("agent {from} becomes slower by {}", Duration::from_nanos(content)),
        CLOCK_SET => format!("the clock of agent {from} is set: {content:016x}"),
        PANICKED => format!("agent {from} panics: {content:016x}"),
        PAUSED => format!("agent {from} stands still"),
        RESUMED => format!("agent {from} goes on"),
        other => unreachable!("no event has code {other}"),
    };
    format!("at {at} {what}")
}
