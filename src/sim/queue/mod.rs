//! The event queue: events leave in the order of (time, order of scheduling).

use super::Time;
use std::cmp::Reverse;
use std::collections::BinaryHeap;

/// What an event refers to: 40 bits that only the kernel reads.
pub type EventRef = u64;

/// The pending events of a run.
#[derive(Default)]
pub struct EventQueue {
    heap: BinaryHeap<Reverse<(Time, u64, EventRef)>>,
    sequence: u64,
}

impl EventQueue {
    /// An empty queue.
    pub fn new() -> EventQueue {
        EventQueue::default()
    }

    /// Schedules `event` at `at`.
    pub fn push(&mut self, at: Time, event: EventRef) {
        self.sequence += 1;
        self.heap.push(Reverse((at, self.sequence, event)));
    }

    /// Takes the next event.
    pub fn pop(&mut self) -> Option<(Time, EventRef)> {
        self.heap.pop().map(|Reverse((at, _, event))| (at, event))
    }

    /// How many events are pending.
    pub fn len(&self) -> usize {
        self.heap.len()
    }

    /// True when no event is pending.
    pub fn is_empty(&self) -> bool {
        self.heap.is_empty()
    }

    /// The bytes that the queue holds.
    pub fn retained_bytes(&self) -> usize {
        self.heap.capacity() * 24
    }
}
