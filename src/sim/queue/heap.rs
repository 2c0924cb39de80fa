//! The queue of small runs: a binary heap of packed keys.
//!
//! Heaps of higher arity win only beyond the size at which the calendar takes over.

use super::EventRef;
use super::entry::{Entry, Narrow};
use crate::Time;
use std::cmp::Reverse;
use std::collections::BinaryHeap;

/// A heap of 16-byte keys: 64 bits of time, 24 of the order of scheduling, 40 of event reference.
///
/// When the order's 24 bits are used up, what is pending is numbered anew, once in 16 million events.
#[derive(Default)]
pub struct Heap {
    keys: BinaryHeap<Reverse<u128>>,
    /// The order of the next event, in the place where a key has it.
    next_order: u64,
    now: Time,
}

const EVENT_BITS: u32 = Narrow::EVENT_BITS;
const EVENT_MASK: u64 = ORDER_ONE - 1;
const ORDER_ONE: u64 = 1 << EVENT_BITS;

impl Heap {
    /// Creates an empty heap, at time zero.
    pub fn new() -> Heap {
        Heap::default()
    }

    /// Schedules `event` at `at`.
    ///
    /// # Panics
    /// If `at` is earlier than the time that was popped last, `event` needs more than 40 bits, or
    /// 2²⁴ − 1 events are pending.
    #[inline]
    pub fn push(&mut self, at: Time, event: EventRef) {
        assert!(at >= self.now, "an event at {at:?} is scheduled in the past of {:?}", self.now);
        assert!(event <= EVENT_MASK, "an event reference has {EVENT_BITS} bits");
        self.keys.push(Reverse((at.as_nanos() as u128) << 64 | (self.next_order | event) as u128));
        self.next_order = self.next_order.wrapping_add(ORDER_ONE);
        if self.next_order == 0 {
            self.renumber();
        }
    }

    /// Takes the next event.
    #[inline]
    pub fn pop(&mut self) -> Option<(Time, EventRef)> {
        let Reverse(key) = self.keys.pop()?;
        self.now = Time::from_nanos((key >> 64) as u64);
        Some((self.now, key as u64 & EVENT_MASK))
    }

    /// Returns the number of events that are pending.
    pub fn len(&self) -> usize {
        self.keys.len()
    }

    /// True when no event is pending.
    pub fn is_empty(&self) -> bool {
        self.keys.is_empty()
    }

    /// Returns the bytes that the heap holds beyond its own.
    pub fn retained_bytes(&self) -> usize {
        self.keys.capacity() * size_of::<u128>()
    }

    /// Returns the time that was popped last.
    pub(super) fn now(&self) -> Time {
        self.now
    }

    #[cold]
    fn renumber(&mut self) {
        assert!(self.keys.len() < 1 << (64 - EVENT_BITS), "a heap holds fewer than 2^24 events");
        let mut keys = std::mem::take(&mut self.keys).into_vec();
        // Reversed keys sort from the last to the first.
        keys.sort_unstable();
        for Reverse(key) in keys.iter_mut().rev() {
            *key = *key >> 64 << 64 | (self.next_order | *key as u64 & EVENT_MASK) as u128;
            self.next_order += ORDER_ONE;
        }
        self.keys = BinaryHeap::from(keys);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbering_anew_keeps_the_order_of_equal_times() {
        let mut heap = Heap::new();
        heap.next_order = u64::MAX << EVENT_BITS << 2;
        let at = Time::from_nanos(7);
        (0..10).for_each(|event| heap.push(at, 9 - event));
        heap.push(Time::from_nanos(3), 77);
        assert_eq!(heap.next_order >> EVENT_BITS, 11, "numbered anew, and then counted on");
        assert_eq!(heap.pop(), Some((Time::from_nanos(3), 77)));
        (0..10).for_each(|event| assert_eq!(heap.pop(), Some((at, 9 - event))));
        assert_eq!(heap.pop(), None);
    }

    #[test]
    #[should_panic(expected = "in the past")]
    fn nothing_is_scheduled_in_the_past() {
        let mut heap = Heap::new();
        heap.push(Time::from_nanos(5), 0);
        heap.pop();
        heap.push(Time::from_nanos(4), 0);
    }
}
