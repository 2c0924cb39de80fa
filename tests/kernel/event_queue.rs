//! The event queue against a model: an ordered map keyed by (time, order of scheduling).

use proptest::prelude::*;
use std::collections::BTreeMap;
use synod::sim::queue::{Calendar, EventQueue, Heap};
use synod::sim::{Duration, Time};

/// How far ahead events are scheduled.
#[derive(Clone, Debug)]
enum Ahead {
    /// All at one instant, so far ahead.
    Instant(u64),
    /// Anywhere below so many bits of nanoseconds.
    Below(u32),
    /// At one of a few instants, so far apart: many equal times, scheduled in turn.
    Grid(u64),
    /// Mostly soon, seldom far beyond the window.
    MessagesAndTimers,
}

impl Ahead {
    fn draw(&self, word: u64) -> Duration {
        Duration::from_nanos(match *self {
            Ahead::Instant(nanos) => nanos,
            Ahead::Below(bits) => word >> (64 - bits),
            Ahead::Grid(step) => step.saturating_mul(word % 7),
            Ahead::MessagesAndTimers if word.is_multiple_of(10) => 1_000_000_000 + (word >> 32) % 4,
            Ahead::MessagesAndTimers => word >> 47,
        })
    }
}

#[derive(Clone, Debug)]
enum Step {
    Push(usize, Ahead),
    Pop(usize),
    /// So many times, one event leaves and one is scheduled.
    Hold(usize, Ahead),
}

fn ahead() -> impl Strategy<Value = Ahead> {
    prop_oneof![
        prop_oneof![Just(0), 1u64..100_000_000, Just(u64::MAX)].prop_map(Ahead::Instant),
        (1u32..48).prop_map(Ahead::Below),
        (0u32..40).prop_map(|bits| Ahead::Grid(1 << bits)),
        Just(Ahead::MessagesAndTimers),
    ]
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        2 => (1usize..200, ahead()).prop_map(|(events, ahead)| Step::Push(events, ahead)),
        2 => (1_000usize..6_000, ahead()).prop_map(|(events, ahead)| Step::Push(events, ahead)),
        2 => (1usize..5_000).prop_map(Step::Pop),
        2 => (1usize..200, ahead()).prop_map(|(events, ahead)| Step::Hold(events, ahead)),
        1 => (10_000usize..40_000, ahead()).prop_map(|(events, ahead)| Step::Hold(events, ahead)),
    ];
    prop::collection::vec(step, 1..12)
}

trait Queue: Default {
    fn push(&mut self, at: Time, event: u64);
    fn pop(&mut self) -> Option<(Time, u64)>;
    fn len(&self) -> usize;
}

macro_rules! queue {
    ($queue:ty) => {
        impl Queue for $queue {
            fn push(&mut self, at: Time, event: u64) {
                self.push(at, event);
            }
            fn pop(&mut self) -> Option<(Time, u64)> {
                self.pop()
            }
            fn len(&self) -> usize {
                assert_eq!(self.is_empty(), self.len() == 0);
                self.len()
            }
        }
    };
}
queue!(EventQueue);
queue!(Calendar);
queue!(Heap);

/// A queue beside its model; they are compared at every pop.
#[derive(Default)]
struct Pair<Q> {
    queue: Q,
    model: BTreeMap<(Time, u64), u64>,
    sequence: u64,
    now: Time,
    word: u64,
}

impl<Q: Queue> Pair<Q> {
    fn push(&mut self, ahead: &Ahead) {
        self.word = self.word.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let at = self.now + ahead.draw(self.word ^ self.word >> 29);
        // References say nothing about the order of scheduling, and use all their bits.
        let event = self.sequence.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 24;
        self.queue.push(at, event);
        self.model.insert((at, self.sequence), event);
        self.sequence += 1;
    }

    fn pop(&mut self) {
        let expected = self.model.pop_first().map(|((at, _), event)| (at, event));
        assert_eq!(self.queue.pop(), expected);
        self.now = expected.map_or(self.now, |(at, _)| at);
    }

    fn check(steps: &[Step]) {
        let mut pair = Pair::<Q>::default();
        for step in steps {
            match step {
                Step::Push(events, ahead) => (0..*events).for_each(|_| pair.push(ahead)),
                Step::Pop(events) => (0..*events).for_each(|_| pair.pop()),
                Step::Hold(events, ahead) => (0..*events).for_each(|_| {
                    pair.pop();
                    pair.push(ahead);
                }),
            }
            assert_eq!(pair.queue.len(), pair.model.len());
        }
        (0..=pair.model.len()).for_each(|_| pair.pop());
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn the_queue_is_its_model(steps in steps()) {
        Pair::<EventQueue>::check(&steps);
    }

    #[test]
    fn the_calendar_is_its_model(steps in steps()) {
        Pair::<Calendar>::check(&steps);
    }

    #[test]
    fn the_heap_is_its_model(steps in steps()) {
        Pair::<Heap>::check(&steps);
    }
}

#[test]
fn equal_times_leave_in_the_order_of_scheduling() {
    let mut queue = EventQueue::new();
    let at = Time::from_nanos(5_000_000);
    (0..200_000).for_each(|event| queue.push(at, 200_000 - event));
    assert!((0..100_000).all(|event| queue.pop() == Some((at, 200_000 - event))));
    // Scheduled at the very instant that is being popped: behind all that is there already.
    (0..100_000).for_each(|event| queue.push(at, event * 3));
    assert!((100_000..200_000).all(|event| queue.pop() == Some((at, 200_000 - event))));
    assert!((0..100_000).all(|event| queue.pop() == Some((at, event * 3))));
    assert!(queue.pop().is_none());
}

#[test]
fn a_steady_load_allocates_nothing_more() {
    let mut pair = Pair::<EventQueue>::default();
    (0..20_000).for_each(|_| pair.push(&Ahead::Below(22)));
    let mut turn = || {
        for _ in 0..100_000 {
            pair.pop();
            pair.push(&Ahead::Below(22));
        }
        pair.queue.retained_bytes()
    };
    let retained = [turn(), turn(), turn()];
    assert!(retained[2] <= retained[1] + retained[1] / 20, "{retained:?}");
    assert!(retained[2] < 20_000 * 200, "{retained:?}");
}

#[test]
fn a_small_queue_is_small() {
    let mut pair = Pair::<EventQueue>::default();
    (0..50).for_each(|_| pair.push(&Ahead::Below(22)));
    assert!(pair.queue.retained_bytes() <= 64 * 16);
}

#[test]
fn the_end_of_time_is_a_time() {
    let mut queue = EventQueue::new();
    (0..5_000).for_each(|event| queue.push(Time::MAX, event));
    queue.push(Time::ZERO, 7);
    assert_eq!(queue.pop(), Some((Time::ZERO, 7)));
    assert!((0..5_000).all(|event| queue.pop() == Some((Time::MAX, event))));
    queue.push(Time::MAX, 1);
    assert_eq!(queue.pop(), Some((Time::MAX, 1)));
}

#[test]
#[should_panic(expected = "in the past")]
fn nothing_is_scheduled_in_the_past_of_a_large_queue() {
    let mut queue = EventQueue::new();
    (0..5_000).for_each(|event| queue.push(Time::from_nanos(9), event));
    queue.pop();
    queue.push(Time::from_nanos(8), 0);
}

#[test]
#[should_panic(expected = "40 bits")]
fn a_reference_has_40_bits() {
    EventQueue::new().push(Time::ZERO, 1 << 40);
}
