//! The event queue: events leave in the order of (time, order of scheduling).
//!
//! A run starts on a [`Heap`], which is best while few events are pending and costs a small run nothing to
//! set up. Once more than [`HEAP_EVENTS_MAX`] are pending, all move to a [`Calendar`], whose cost per event hardly
//! grows with their number. Which of the two is in use depends on counts alone, and neither is visible in the order.
//!
//! Event references are narrow (40 bits, entries of 8 bytes), or wide (64 bits, entries of 16 bytes) from the start or
//! once a run has more pending than a narrow reference can name.
//!
//! Sources: R. Brown, *Calendar queues: a fast O(1) priority queue implementation for the simulation event set
//! problem* (CACM 31:10, 1988). W. T. Tang, R. S. M. Goh, I. L.-J. Thng, *Ladder queue* (ACM TOMACS 15:3, 2005),
//! sorts a bucket only when it becomes current, as here, but splits crowded buckets instead of retuning.

mod buckets;
mod calendar;
mod entry;
mod heap;
mod sort;
mod width;

pub use calendar::Calendar;
pub use entry::{Entry, Narrow, Wide};
pub use heap::Heap;

use super::Time;

/// What an event refers to: bits that only the kernel reads.
pub type EventRef = u64;

/// The most events that are pending before the queue becomes a calendar.
///
/// In steady state the two break even at some 200 events; setting a calendar up costs about 5 µs, which a run that gets
/// this far earns back at once. (All to all, 32 nodes: 187 µs a run against 450 µs on the heap alone.)
pub const HEAP_EVENTS_MAX: usize = 500;

/// The pending events of a run.
pub struct EventQueue {
    pending: Pending,
}

enum Pending {
    Few(Heap),
    Many(Box<Calendar<Narrow>>),
    Wide(Box<Calendar<Wide>>),
}

impl EventQueue {
    /// Creates an empty queue, at time zero, of narrow references.
    pub fn new() -> EventQueue {
        EventQueue { pending: Pending::Few(Heap::new()) }
    }

    /// Creates an empty queue, at time zero, of wide references.
    pub fn wide() -> EventQueue {
        EventQueue { pending: Pending::Wide(Box::default()) }
    }

    /// Schedules `event` at `at`.
    ///
    /// # Panics
    /// If `at` is earlier than the time that was popped last, or `event` needs more than [`Entry::EVENT_BITS`] bits.
    #[inline]
    pub fn push(&mut self, at: Time, event: EventRef) {
        match &mut self.pending {
            Pending::Many(calendar) => {
                if !calendar.push_quickly(at, event) {
                    push_slowly(calendar, at, event);
                }
            }
            Pending::Few(heap) => {
                heap.push(at, event);
                if heap.len() > HEAP_EVENTS_MAX {
                    self.spread();
                }
            }
            Pending::Wide(calendar) => push_wide(calendar, at, event),
        }
    }

    /// Takes the next event.
    #[inline]
    pub fn pop(&mut self) -> Option<(Time, EventRef)> {
        match &mut self.pending {
            Pending::Few(heap) => heap.pop(),
            Pending::Many(calendar) => match calendar.pop_quickly() {
                None => pop_slowly(calendar),
                event => event,
            },
            Pending::Wide(calendar) => pop_wide(calendar),
        }
    }

    /// Returns the number of events that are pending.
    pub fn len(&self) -> usize {
        match &self.pending {
            Pending::Few(heap) => heap.len(),
            Pending::Many(calendar) => calendar.len(),
            Pending::Wide(calendar) => calendar.len(),
        }
    }

    /// True when no event is pending.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Returns the bytes that the queue holds.
    pub fn retained_bytes(&self) -> usize {
        match &self.pending {
            Pending::Few(heap) => heap.retained_bytes(),
            Pending::Many(calendar) => size_of::<Calendar<Narrow>>() + calendar.retained_bytes(),
            Pending::Wide(calendar) => size_of::<Calendar<Wide>>() + calendar.retained_bytes(),
        }
    }

    /// Makes all references wide; each becomes what `widened` makes of it.
    #[cold]
    pub fn widen(&mut self, widened: &dyn Fn(EventRef) -> EventRef) {
        let now = match &self.pending {
            Pending::Few(heap) => heap.now(),
            Pending::Many(calendar) => calendar.now(),
            Pending::Wide(calendar) => calendar.now(),
        };
        let events = std::iter::from_fn(|| self.pop()).map(|(at, event)| (at, widened(event))).collect();
        self.pending = Pending::Wide(Box::new(Calendar::of(now, events)));
    }

    #[cold]
    fn spread(&mut self) {
        if let Pending::Few(heap) = &mut self.pending {
            let now = heap.now();
            let events = std::iter::from_fn(|| heap.pop()).collect();
            self.pending = Pending::Many(Box::new(Calendar::of(now, events)));
        }
    }
}

// What is rare is compiled here, and not with every protocol.

#[inline(never)]
fn push_slowly(calendar: &mut Calendar<Narrow>, at: Time, event: EventRef) {
    calendar.push_slowly(at, event);
}

#[inline(never)]
fn pop_slowly(calendar: &mut Calendar<Narrow>) -> Option<(Time, EventRef)> {
    calendar.pop_slowly()
}

#[inline(never)]
fn push_wide(calendar: &mut Calendar<Wide>, at: Time, event: EventRef) {
    calendar.push(at, event);
}

#[inline(never)]
fn pop_wide(calendar: &mut Calendar<Wide>) -> Option<(Time, EventRef)> {
    calendar.pop()
}

impl Default for EventQueue {
    fn default() -> EventQueue {
        EventQueue::new()
    }
}
