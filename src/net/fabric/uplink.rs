//! Bandwidth: a sender puts one copy after the other on its uplink.

use std::num::NonZeroU64;
use synod_sim::{Duration, NodeId, Time};

/// When every node's uplink is free.
#[derive(Clone, Debug)]
pub(super) struct Uplinks(Box<[Time]>);

impl Uplinks {
    pub(super) fn new(nodes: u32) -> Uplinks {
        Uplinks(vec![Time::ZERO; nodes as usize].into())
    }

    /// Returns when the uplink of `node` is free.
    pub(super) fn free_at(&self, node: NodeId) -> Time {
        self.0[node.index()]
    }

    /// Queues a copy of `bytes` bytes that `node` sends at `at`, and says when its last bit is on the link.
    pub(super) fn transmit(&mut self, node: NodeId, at: Time, bytes: usize, bandwidth: NonZeroU64) -> Time {
        let free = &mut self.0[node.index()];
        *free = at.max(*free) + transmission(bytes, bandwidth);
        *free
    }
}

/// Returns how long `bytes` bytes take at `bandwidth` bits per second, rounded up to whole nanoseconds.
pub(super) fn transmission(bytes: usize, bandwidth: NonZeroU64) -> Duration {
    let nanos = (bytes as u128 * 8 * 1_000_000_000).div_ceil(u128::from(bandwidth.get()));
    Duration::from_nanos(u64::try_from(nanos).unwrap_or(u64::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn transmission_takes_bytes_times_eight_over_bandwidth() {
        let nanos = |bytes, bps| transmission(bytes, NonZeroU64::new(bps).unwrap()).as_nanos();
        assert_eq!(nanos(1_500, 1_000_000_000), 12_000);
        assert_eq!(nanos(1, 3_000_000_000), 3);
        assert_eq!(nanos(0, 1), 0);
        assert_eq!(nanos(usize::MAX, 1), u64::MAX);
    }
}
