//! What one class of links is like.

use crate::{Law, Probability};
use std::num::NonZeroU64;

/// Everything about one class of links.
///
/// Where a message takes several hops, each hop draws its own delay, and each may lose, damage, duplicate or hold
/// back the copy that crosses it.
#[derive(Clone, Debug, PartialEq)]
pub struct Link {
    /// How long a copy takes.
    pub latency: Law,
    /// How likely a copy is lost.
    pub loss: Probability,
    /// How likely a copy arrives twice. The second copy has a delay of its own; there is never a third.
    pub duplication: Probability,
    /// Whether copies are held back, so that later ones overtake them.
    pub reordering: Option<Reordering>,
    /// How likely a copy arrives damaged. A second copy is not damaged along with the first.
    pub corruption: Probability,
    /// How fast the sender can put copies on links of this class, in bits per second; `None` takes no time at all.
    ///
    /// A sender has one uplink: what it sends over links that have a bandwidth leaves one copy after the other.
    pub bandwidth_bps: Option<NonZeroU64>,
    /// The largest message that is carried, in bytes; larger ones are lost.
    pub max_message_bytes: Option<u64>,
    /// Whether a copy never arrives before one that was sent earlier from the same node to the same node. One that is
    /// held back then holds back those behind it.
    pub fifo: bool,
}

/// How copies are held back.
#[derive(Clone, Debug, PartialEq)]
pub struct Reordering {
    /// How likely a copy is held back.
    pub probability: Probability,
    /// By how much, beyond its delay.
    pub extra: Law,
}

impl Link {
    /// A link with this latency, without faults and without limits.
    pub const fn new(latency: Law) -> Link {
        Link {
            latency,
            loss: Probability::NEVER,
            duplication: Probability::NEVER,
            reordering: None,
            corruption: Probability::NEVER,
            bandwidth_bps: None,
            max_message_bytes: None,
            fifo: false,
        }
    }

    /// Returns true if a copy's fate depends on nothing but latency and size.
    pub(super) fn has_only_latency(&self) -> bool {
        let Link {
            latency: _,
            loss,
            duplication,
            reordering,
            corruption,
            bandwidth_bps,
            max_message_bytes: _,
            fifo,
        } = self;
        loss.is_never()
            && duplication.is_never()
            && reordering.is_none()
            && corruption.is_never()
            && bandwidth_bps.is_none()
            && !fifo
    }

    /// Returns true if a message of `bytes` bytes is not too large.
    pub(super) fn carries(&self, bytes: usize) -> bool {
        self.max_message_bytes.is_none_or(|most| bytes as u64 <= most)
    }
}
