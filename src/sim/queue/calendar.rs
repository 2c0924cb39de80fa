//! The queue of large runs: a calendar that tunes itself.

use super::EventRef;
use super::buckets::{BUCKET_BITS, BUCKETS, Buckets};
use super::entry::{Entry, Narrow};
use super::sort::sort;
use super::width::LoadProfile;
use crate::collections::TreeMap;
use crate::{Duration, Time};
use std::cmp::Reverse;
use std::collections::BinaryHeap;

/// A calendar queue with buckets of 2^s ns, where 1 ≤ s ≤ 24 follows the load.
///
/// An event is in one of four places, by its time:
///
/// * in the *open* bucket, from which events are being popped and which was sorted when it was opened;
/// * *late*: in a small heap, if it was scheduled into the open bucket;
/// * in a bucket of the *window*, unsorted, in the order of scheduling;
/// * in the *overflow* beyond the window, by epoch (an eighth of a window), in the order of scheduling.
///
/// Equal times are always in one bucket, or one epoch. They stay in the order of scheduling because events are moved
/// between places in that order, before any later event can be put behind them, and because sorting is stable.
///
/// Pushing and popping take constant time per event, amortised, but for events in the late heap.
pub struct Calendar<E: Entry = Narrow> {
    now: Time,
    /// s: a bucket's width is 2^s ns.
    width_bits: u32,
    /// The number of the open bucket, which is its events' time shifted by s, or [`NONE_OPEN`].
    open: u64,
    sorted: Vec<E>,
    /// How many of `sorted` have been popped.
    cursor: usize,
    late: BinaryHeap<Reverse<E::Late>>,
    late_pushed: u64,
    /// The number of the window's first bucket, a multiple of an epoch's length.
    window: u64,
    buckets: Buckets<E>,
    overflow: TreeMap<u64, Vec<(Time, EventRef)>>,
    pushed: u64,
    popped: u64,
    profile: LoadProfile,
    /// How many events will have been popped when the width is reviewed next.
    review_at: u64,
    /// Number of will that have been pushed when one that overflows has it reviewed at once: a burst need not be over
    /// before the window is made to hold it.
    review_at_pushed: u64,
    scratch: Vec<E>,
}

/// Until the load is known, buckets of 16 µs and a window of 67 ms.
const WIDTH_BITS: u32 = 14;
const NONE_OPEN: u64 = u64::MAX;
const EPOCH_BITS: u32 = BUCKET_BITS - 3;
/// Reviews are further apart than this, and than the number of events to move if the width changes.
const REVIEW_EVENTS_MIN: u64 = 16_384;

/// Where a pushed event went.
#[derive(PartialEq)]
enum Place {
    Late,
    Window,
    Overflow,
}

impl<E: Entry> Calendar<E> {
    /// Creates an empty calendar, at time zero, with buckets of 16 µs.
    pub fn new() -> Calendar<E> {
        Calendar::at(Time::ZERO, WIDTH_BITS)
    }

    /// Creates a calendar, at `now`, of `events`, which are in their order.
    pub(super) fn of(now: Time, events: Vec<(Time, EventRef)>) -> Calendar<E> {
        // By Little's law, as many events as are pending leave within the mean time that they are pending.
        let mut profile = LoadProfile::new(now, 0);
        let mut total: u128 = 0;
        for &(at, _) in &events {
            profile.scheduled(now, at);
            total += u128::from(at.since(now).as_nanos());
        }
        let mean = Duration::from_nanos((total / events.len().max(1) as u128) as u64);
        // Events that are all due now, such as the start of every node, say nothing about those to come.
        let width_bits = if total == 0 { WIDTH_BITS } else { profile.best(mean, events.len() as u64) };
        let mut calendar = Calendar::at(now, width_bits);
        events.into_iter().for_each(|(at, event)| calendar.push(at, event));
        calendar
    }

    fn at(now: Time, width_bits: u32) -> Calendar<E> {
        Calendar {
            now,
            width_bits,
            open: NONE_OPEN,
            sorted: Vec::new(),
            cursor: 0,
            late: BinaryHeap::new(),
            late_pushed: 0,
            window: epoch_start(now.as_nanos() >> width_bits),
            buckets: Buckets::new(),
            overflow: TreeMap::new(),
            pushed: 0,
            popped: 0,
            profile: LoadProfile::new(now, 0),
            review_at: REVIEW_EVENTS_MIN,
            review_at_pushed: REVIEW_EVENTS_MIN,
            scratch: Vec::new(),
        }
    }

    /// Schedules `event` at `at`.
    ///
    /// # Panics
    /// If `at` is earlier than the time that was popped last, or `event` needs more than [`Entry::EVENT_BITS`] bits.
    #[inline]
    pub fn push(&mut self, at: Time, event: EventRef) {
        if !self.push_quickly(at, event) {
            self.push_slowly(at, event);
        }
    }

    /// Schedules `event` at `at`, if that takes no more than to append it to a chunk of the window; false if it is
    /// still to be placed.
    #[inline]
    pub(super) fn push_quickly(&mut self, at: Time, event: EventRef) -> bool {
        assert!(at >= self.now, "an event at {at:?} is scheduled in the past of {:?}", self.now);
        assert!(event <= event_mask::<E>(), "an event reference has {} bits", E::EVENT_BITS);
        self.pushed += 1;
        self.profile.scheduled(self.now, at);
        let bucket = at.as_nanos() >> self.width_bits;
        let offset = at.as_nanos() & ((1 << self.width_bits) - 1);
        bucket != self.open
            && bucket - self.window < BUCKETS as u64
            && self.buckets.append_to_chunk(bucket, E::pack(offset, event))
    }

    /// Places an event that is not placed yet.
    #[inline(never)]
    pub(super) fn push_slowly(&mut self, at: Time, event: EventRef) {
        if self.place(at, event) == Place::Overflow && self.pushed >= self.review_at_pushed {
            self.review();
        }
    }

    /// Takes the next event.
    #[inline]
    pub fn pop(&mut self) -> Option<(Time, EventRef)> {
        match self.pop_quickly() {
            None => self.pop_slowly(),
            event => event,
        }
    }

    /// Takes the next event, if it is one of those that were sorted when the bucket was opened.
    #[inline]
    pub(super) fn pop_quickly(&mut self) -> Option<(Time, EventRef)> {
        // Among equal times, what was in the bucket when it was opened was scheduled first.
        if let Some(&entry) = self.sorted.get(self.cursor)
            && self.late.peek().is_none_or(|&Reverse(late)| entry.offset() <= E::of_late(late).0)
        {
            self.cursor += 1;
            return Some(self.leave(entry.offset(), entry.event()));
        }
        None
    }

    /// Returns the number of events that are pending.
    pub fn len(&self) -> usize {
        (self.pushed - self.popped) as usize
    }

    /// True when no event is pending.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Returns the time that was popped last.
    pub(super) fn now(&self) -> Time {
        self.now
    }

    /// Returns the bytes that the calendar holds beyond its own.
    pub fn retained_bytes(&self) -> usize {
        let overflow: usize = self.overflow.values().map(Vec::capacity).sum();
        (self.sorted.capacity() + self.scratch.capacity()) * size_of::<E>()
            + self.late.capacity() * size_of::<E::Late>()
            + overflow * size_of::<(Time, EventRef)>()
            + self.buckets.retained_bytes()
    }

    #[inline]
    fn place(&mut self, at: Time, event: EventRef) -> Place {
        let bucket = at.as_nanos() >> self.width_bits;
        let offset = at.as_nanos() & ((1 << self.width_bits) - 1);
        if bucket == self.open {
            self.place_late(offset, event);
            Place::Late
        } else if bucket - self.window < BUCKETS as u64 {
            self.buckets.append(bucket, E::pack(offset, event));
            Place::Window
        } else {
            self.overflow.entry(bucket >> EPOCH_BITS).or_default().push((at, event));
            Place::Overflow
        }
    }

    #[inline(never)]
    fn place_late(&mut self, offset: u64, event: EventRef) {
        self.late.push(Reverse(E::late(offset, self.late_pushed, event)));
        self.late_pushed += 1;
    }

    /// Takes the next event, which is late or in another bucket.
    #[inline(never)]
    pub(super) fn pop_slowly(&mut self) -> Option<(Time, EventRef)> {
        if self.popped >= self.review_at {
            self.review();
        }
        if let Some(Reverse(late)) = self.late.pop() {
            let (offset, event) = E::of_late(late);
            return Some(self.leave(offset, event));
        }
        if self.is_empty() {
            return None;
        }
        self.open_next();
        let entry = self.sorted[0];
        self.cursor = 1;
        Some(self.leave(entry.offset(), entry.event()))
    }

    /// Accounts for an event that leaves from the open bucket.
    #[inline]
    fn leave(&mut self, offset: u64, event: EventRef) -> (Time, EventRef) {
        self.popped += 1;
        self.now = Time::from_nanos(self.open << self.width_bits | offset);
        (self.now, event)
    }

    /// Opens the next bucket that holds events; there must be one.
    fn open_next(&mut self) {
        let from = self.window.max(self.now.as_nanos() >> self.width_bits);
        self.open = match self.buckets.distance_to_occupied(from) {
            Some(distance) => from + distance,
            None => {
                let (&epoch, _) = self.overflow.first_key_value().expect("events are pending");
                self.move_window(epoch << EPOCH_BITS);
                let distance = self.buckets.distance_to_occupied(self.window);
                self.window + distance.expect("an epoch in the overflow has events")
            }
        };
        self.move_window(epoch_start(self.open));
        self.sorted.clear();
        self.buckets.take(self.open, &mut self.sorted);
        sort(&mut self.sorted, &mut self.scratch, self.width_bits);
        self.cursor = 0;
        self.late_pushed = 0;
    }

    /// Moves the window's start to `window`, and what lies in it now from the overflow into buckets.
    fn move_window(&mut self, window: u64) {
        if window == self.window {
            return;
        }
        self.window = window;
        while let Some((&epoch, _)) = self.overflow.first_key_value()
            && (epoch << EPOCH_BITS) - window < BUCKETS as u64
            && let Some((_, events)) = self.overflow.pop_first()
        {
            for (at, event) in events {
                self.place(at, event);
            }
        }
    }

    fn review(&mut self) {
        let width_bits = self.profile.review(self.now, self.popped, self.width_bits);
        if width_bits != self.width_bits {
            self.retune(width_bits);
        }
        self.profile = LoadProfile::new(self.now, self.popped);
        let events = REVIEW_EVENTS_MIN.max(self.len() as u64);
        self.review_at = self.popped + events;
        self.review_at_pushed = self.pushed + events;
    }

    /// Changes the width of the buckets, and moves every pending event to its new place.
    ///
    /// Only equal times have to be moved in order. They are together in one of the four places, or in the open bucket
    /// and the late heap, in that order.
    fn retune(&mut self, width_bits: u32) {
        let old_bits = std::mem::replace(&mut self.width_bits, width_bits);
        let old_open = std::mem::replace(&mut self.open, NONE_OPEN);
        let old_window = std::mem::replace(&mut self.window, epoch_start(self.now.as_nanos() >> width_bits));
        let old_chains = self.buckets.detach();
        let old_overflow = std::mem::take(&mut self.overflow);
        let time = |bucket: u64, offset: u64| Time::from_nanos(bucket << old_bits | offset);

        let mut entries = std::mem::take(&mut self.sorted);
        for &entry in &entries[self.cursor..] {
            self.place(time(old_open, entry.offset()), entry.event());
        }
        while let Some(Reverse(late)) = self.late.pop() {
            let (offset, event) = E::of_late(late);
            self.place(time(old_open, offset), event);
        }
        for (index, chain) in old_chains.into_iter().enumerate() {
            let bucket = old_window + (index as u64).wrapping_sub(old_window) % BUCKETS as u64;
            entries.clear();
            self.buckets.release(chain, &mut entries);
            for &entry in &entries {
                self.place(time(bucket, entry.offset()), entry.event());
            }
        }
        for (at, event) in old_overflow.into_values().flatten() {
            self.place(at, event);
        }
        entries.clear();
        self.sorted = entries;
        self.cursor = 0;
    }
}

impl<E: Entry> Default for Calendar<E> {
    fn default() -> Calendar<E> {
        Calendar::new()
    }
}

/// Returns the largest event reference that an entry holds.
#[inline]
const fn event_mask<E: Entry>() -> u64 {
    u64::MAX >> (u64::BITS - E::EVENT_BITS)
}

/// Returns the first bucket of the epoch of `bucket`.
fn epoch_start(bucket: u64) -> u64 {
    bucket >> EPOCH_BITS << EPOCH_BITS
}

#[cfg(test)]
mod tests {
    use super::super::entry::Wide;
    use super::*;

    const LENGTH: u64 = (BUCKETS as u64) << 14;

    fn drain<E: Entry>(calendar: &mut Calendar<E>) -> Vec<(u64, EventRef)> {
        std::iter::from_fn(|| calendar.pop()).map(|(at, event)| (at.as_nanos(), event)).collect()
    }

    #[test]
    fn what_was_in_the_overflow_stays_ahead_of_later_equal_times() {
        let mut calendar = Calendar::<Narrow>::new();
        let far = LENGTH + 5;
        [(far, 9), (far, 8), (LENGTH / 2, 1), (far - 1, 2)]
            .iter()
            .for_each(|&(at, event)| calendar.push(Time::from_nanos(at), event));
        assert_eq!(calendar.overflow.len(), 1);
        assert_eq!(calendar.pop(), Some((Time::from_nanos(LENGTH / 2), 1)));
        assert!(calendar.overflow.is_empty(), "the window has moved over it");
        calendar.push(Time::from_nanos(far), 7);
        assert_eq!(drain(&mut calendar), [(far - 1, 2), (far, 9), (far, 8), (far, 7)]);
    }

    #[test]
    fn late_events_stay_behind_equal_times_and_before_later_ones() {
        let mut calendar = Calendar::<Narrow>::new();
        [(10, 5), (20, 4), (20, 3), (30, 2)]
            .iter()
            .for_each(|&(at, event)| calendar.push(Time::from_nanos(at), event));
        calendar.pop();
        [(20, 1), (10, 9), (20, 0), (25, 8)]
            .iter()
            .for_each(|&(at, event)| calendar.push(Time::from_nanos(at), event));
        assert_eq!(calendar.late.len(), 4);
        assert_eq!(drain(&mut calendar), [(10, 9), (20, 4), (20, 3), (20, 1), (20, 0), (25, 8), (30, 2)]);
    }

    #[test]
    fn what_it_holds_is_counted_wherever_it_is() {
        // Far beyond the window, in the window, sorted, late: each event takes its size at least.
        let size = size_of::<(Time, EventRef)>();
        let mut calendar = Calendar::<Narrow>::new();
        let before = calendar.retained_bytes();
        (0..1_000).for_each(|event| calendar.push(Time::from_nanos(9 * LENGTH), event));
        let far = calendar.retained_bytes();
        assert!((1_000 * size..4_000 * size).contains(&(far - before)), "{before}, {far}");
        (0..1_000).for_each(|event| calendar.push(Time::from_nanos(7), event));
        calendar.pop();
        (0..1_000).for_each(|event| calendar.push(Time::from_nanos(7), event));
        let near = calendar.retained_bytes() - far;
        assert!(near >= 2_000 * size_of::<Narrow>() && near < 64 * 2_000 * size_of::<Narrow>(), "{near}");
    }

    #[test]
    fn retuning_keeps_the_order_wherever_events_are() {
        retuning_keeps_the_order::<Narrow>();
        retuning_keeps_the_order::<Wide>();
    }

    fn retuning_keeps_the_order<E: Entry>() {
        for width_bits in 1..=24 {
            let mut calendar = Calendar::<E>::new();
            let times =
                [40, 40, 9_000, 70_000, 70_001, LENGTH - 1, LENGTH - 1, LENGTH * 2, LENGTH * 9, u64::MAX];
            let push = |calendar: &mut Calendar<E>, first: EventRef| {
                (first..)
                    .zip(times)
                    .for_each(|(event, at)| calendar.push(Time::from_nanos(at), 1_000 - event));
            };
            calendar.push(Time::from_nanos(30), 0);
            push(&mut calendar, 0);
            calendar.pop();
            push(&mut calendar, 10);
            assert_eq!(calendar.late.len(), 3);
            calendar.retune(width_bits);
            push(&mut calendar, 20);
            let mut expected: Vec<_> =
                (0..30u64).map(|event| (times[event as usize % 10], 1_000 - event)).collect();
            expected.sort_by_key(|&(at, _)| at);
            assert_eq!(drain(&mut calendar), expected, "2^{width_bits} ns");
        }
    }

    #[test]
    fn the_width_follows_the_load_and_settles() {
        let mut calendar = Calendar::<Narrow>::new();
        let mut word = 1u64;
        let mut hold = |calendar: &mut Calendar, events: u64, ahead: u64| {
            let mut widths = vec![calendar.width_bits];
            for event in 0..events {
                word = word.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                let now = calendar.pop().map_or(Time::ZERO, |(now, _)| now);
                calendar.push(now + Duration::from_nanos((word >> 33) % ahead), event);
                widths.push(calendar.width_bits);
            }
            widths.dedup();
            widths
        };
        (0..10_000).for_each(|event| calendar.push(Time::ZERO, event));
        for ahead in [1_000_000_000, 10_000, 50_000_000] {
            let adapting = hold(&mut calendar, 200_000, ahead);
            assert!(adapting.len() > 1, "{adapting:?} for events up to {ahead} ns ahead");
            let settled = hold(&mut calendar, 200_000, ahead);
            assert_eq!(settled.len(), 1, "{settled:?} for events up to {ahead} ns ahead");
        }
    }
}
