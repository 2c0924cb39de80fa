//! How wide the calendar's buckets should be: what each width would have cost, from counts alone.

use super::buckets::BUCKET_BITS;
use crate::{Duration, Time};

/// The widest bucket is 2²⁴ ns, as an entry has 24 bits of time.
pub(super) const WIDTH_BITS_MAX: u32 = 24;
/// The narrowest bucket is 2 ns, so that no bucket has the number `u64::MAX`.
pub(super) const WIDTH_BITS_MIN: u32 = 1;

/// What happened since the last review: how many events were scheduled how far ahead, and how many left.
///
/// A review prices every width by that record. It changes the width only for a clear gain, because moving all pending
/// events costs about as much as popping them, and load that comes in bursts must not move them to and fro.
pub(super) struct LoadProfile {
    /// Number of events that were scheduled ahead by a span of so many bits.
    ahead: [u64; 65],
    since: Time,
    popped: u64,
}

// Nanoseconds, as measured: any event; opening a bucket; a detour over the late heap; one over the overflow.
const EVENT_COST: u64 = 10;
const BUCKET_COST: u64 = 30;
const LATE_COST: u64 = 40;
const OVERFLOW_COST: u64 = 30;

impl LoadProfile {
    /// Creates an empty record that starts at `since`, when `popped` events had been popped.
    pub(super) fn new(since: Time, popped: u64) -> LoadProfile {
        LoadProfile { ahead: [0; 65], since, popped }
    }

    /// Notes that an event is scheduled at `at` while it is `now`.
    #[inline]
    pub(super) fn scheduled(&mut self, now: Time, at: Time) {
        self.ahead[(64 - at.since(now).as_nanos().leading_zeros()) as usize] += 1;
    }

    /// Returns the width to use from `now` on, when `popped` events have been popped, instead of `width_bits`.
    pub(super) fn review(&self, now: Time, popped: u64, width_bits: u32) -> u32 {
        let price = |bits| self.price(bits, now.since(self.since), popped - self.popped);
        let best = self.best(now.since(self.since), popped - self.popped);
        if price(best) * 5 < price(width_bits) * 4 { best } else { width_bits }
    }

    /// Returns the cheapest width if `popped` events leave within `elapsed`.
    pub(super) fn best(&self, elapsed: Duration, popped: u64) -> u32 {
        (WIDTH_BITS_MIN..=WIDTH_BITS_MAX)
            .min_by_key(|&bits| self.price(bits, elapsed, popped))
            .expect("there are widths to choose from")
    }

    fn price(&self, width_bits: u32, elapsed: Duration, popped: u64) -> u64 {
        let buckets = (elapsed.as_nanos() >> width_bits).clamp(1, popped.max(1));
        let late: u64 = self.ahead[..=width_bits as usize].iter().sum();
        let overflow: u64 = self.ahead[(width_bits + BUCKET_BITS + 1) as usize..].iter().sum();
        // Half a nanosecond for each doubling of a bucket: more digits to sort by, less of it in cache.
        let sorting = popped * u64::from((popped / buckets).checked_ilog2().unwrap_or(0)) / 2;
        popped * EVENT_COST + buckets * BUCKET_COST + late * LATE_COST + overflow * OVERFLOW_COST + sorting
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Returns the width after `pending` events that stay `ahead` each have left once.
    fn settled(pending: u64, ahead: Duration, width_bits: u32) -> u32 {
        let mut profile = LoadProfile::new(Time::ZERO, 0);
        (0..pending).for_each(|_| profile.scheduled(Time::ZERO, Time::ZERO + ahead));
        profile.review(Time::ZERO + ahead, pending, width_bits)
    }

    #[test]
    fn the_window_reaches_as_far_as_most_events() {
        for ahead_bits in 20..36 {
            let ahead = Duration::from_nanos((1 << ahead_bits) - 1);
            assert_eq!(settled(4_000_000, ahead, 1), ahead_bits - BUCKET_BITS);
        }
    }

    #[test]
    fn few_events_get_wide_buckets_and_dense_ones_narrow() {
        let ahead = Duration::from_millis(20);
        let widths = [2_000, 20_000, 200_000].map(|pending| settled(pending, ahead, 1));
        assert!(widths.is_sorted_by(|a, b| a > b), "{widths:?}");
    }

    #[test]
    fn a_width_that_is_nearly_best_stays() {
        let ahead = Duration::from_millis(20);
        let best = settled(100_000, ahead, 1);
        assert_eq!(settled(100_000, ahead, best + 1), best + 1);
        assert_eq!(settled(100_000, ahead, 24), best);
    }
}
