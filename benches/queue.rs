//! The event queue against its own two halves and against heaps, on the loads that decide its design.
//!
//! Run with `cargo bench --bench queue`; a filter such as `-- phold` picks one load.

use criterion::{Criterion, SamplingMode, Throughput, criterion_group, criterion_main};
use dary_heap::QuaternaryHeap;
use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::hint::black_box;
use std::time::Duration;
use synod::sim::Time;
use synod::sim::queue::{Calendar, EventQueue, Heap};

trait Queue: Default {
    const NAME: &'static str;
    fn push(&mut self, at: u64, event: u64);
    fn pop(&mut self) -> Option<(u64, u64)>;
}

macro_rules! own_queue {
    ($queue:ty, $name:literal) => {
        impl Queue for $queue {
            const NAME: &'static str = $name;
            #[inline]
            fn push(&mut self, at: u64, event: u64) {
                self.push(Time::from_nanos(at), event);
            }
            #[inline]
            fn pop(&mut self) -> Option<(u64, u64)> {
                self.pop().map(|(at, event)| (at.as_nanos(), event))
            }
        }
    };
}
own_queue!(EventQueue, "event-queue");
own_queue!(Calendar, "calendar");
own_queue!(Heap, "heap");

/// std's heap of keys that are not packed.
#[derive(Default)]
struct Std24 {
    heap: BinaryHeap<Reverse<(u64, u64, u64)>>,
    sequence: u64,
}

impl Queue for Std24 {
    const NAME: &'static str = "std-heap-24-bytes";
    #[inline]
    fn push(&mut self, at: u64, event: u64) {
        self.sequence += 1;
        self.heap.push(Reverse((at, self.sequence, event)));
    }
    #[inline]
    fn pop(&mut self) -> Option<(u64, u64)> {
        self.heap.pop().map(|Reverse((at, _, event))| (at, event))
    }
}

/// Heaps of packed keys, without the renumbering that `Heap` does.
macro_rules! packed_heap {
    ($name:ident, $heap:ident, $label:literal) => {
        #[derive(Default)]
        struct $name {
            heap: $heap<Reverse<u128>>,
            sequence: u64,
        }

        impl Queue for $name {
            const NAME: &'static str = $label;
            #[inline]
            fn push(&mut self, at: u64, event: u64) {
                self.sequence += 1;
                self.heap.push(Reverse(u128::from(at) << 64 | u128::from(self.sequence << 40 | event)));
            }
            #[inline]
            fn pop(&mut self) -> Option<(u64, u64)> {
                self.heap.pop().map(|Reverse(key)| ((key >> 64) as u64, key as u64 & ((1 << 40) - 1)))
            }
        }
    };
}
packed_heap!(Std16, BinaryHeap, "std-heap-16-bytes");
packed_heap!(Dary16, QuaternaryHeap, "dary-heap-16-bytes");

/// A generator that costs next to nothing.
struct Words(u64);

impl Words {
    #[inline]
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    /// Uniform in 0..`bound`.
    #[inline]
    fn below(&mut self, bound: u64) -> u64 {
        ((u128::from(self.next()) * u128::from(bound)) >> 64) as u64
    }
}

/// A load in its steady state: takes so many events and schedules as many.
type Load = Box<dyn FnMut(u64) -> u64>;

/// All to all: each of `nodes` senders has broadcast to all, 10 to 50 ms ahead, and broadcasts again when it has heard
/// from `nodes`.
fn all_to_all<Q: Queue + 'static>(nodes: u64) -> Load {
    let (mut queue, mut words) = (Q::default(), Words(9));
    let mut broadcast = move |queue: &mut Q, now: u64, sender: u64| {
        for receiver in 0..nodes {
            queue.push(now + 10_000_000 + words.below(40_000_000), sender << 20 | receiver);
        }
    };
    (0..nodes).for_each(|sender| broadcast(&mut queue, 0, sender));
    let (mut sum, mut heard) = (0u64, vec![0; nodes as usize]);
    Box::new(move |events| {
        for _ in 0..events {
            let (now, event) = queue.pop().expect("the number of pending events is held");
            sum = sum.wrapping_mul(31).wrapping_add(now ^ event);
            let receiver = event & ((1 << 20) - 1);
            heard[receiver as usize] += 1;
            if heard[receiver as usize] == nodes {
                heard[receiver as usize] = 0;
                broadcast(&mut queue, now, receiver);
            }
        }
        sum
    })
}

/// Hold: every event that leaves schedules another one, `ahead` of it.
fn hold<Q: Queue + 'static>(pending: u64, mut ahead: impl FnMut(&mut Words) -> u64 + 'static) -> Load {
    let (mut queue, mut words) = (Q::default(), Words(7));
    (0..pending).for_each(|event| queue.push(ahead(&mut words), event));
    let mut sum = 0u64;
    Box::new(move |events| {
        for _ in 0..events {
            let (now, event) = queue.pop().expect("the number of pending events is held");
            sum = sum.wrapping_mul(31).wrapping_add(now ^ event);
            queue.push(now + ahead(&mut words), event);
        }
        sum
    })
}

/// Exponential with a mean of 1 ms, from a table of quantiles, so that the queue is measured and not the logarithm.
fn exponential() -> impl FnMut(&mut Words) -> u64 {
    let quantiles: Vec<u64> =
        (0..4096).map(|i| (-libm::log((f64::from(i) + 0.5) / 4096.0) * 1e6) as u64).collect();
    move |words| {
        let word = words.next();
        quantiles[(word >> 52) as usize] + (word & 255)
    }
}

/// Nine short delays, and then a timer of a second.
fn messages_and_timers(words: &mut Words) -> u64 {
    match words.below(10) {
        0 => 1_000_000_000 + words.below(1_000_000),
        _ => 50_000 + words.below(100_000),
    }
}

fn uniform(words: &mut Words) -> u64 {
    10_000_000 + words.below(40_000_000)
}

/// Ten times, a tenth of the events are scheduled for one instant and then leave.
fn one_instant<Q: Queue>(events: u64) -> u64 {
    let (mut queue, mut sum) = (Q::default(), 0u64);
    for round in 1..=10 {
        (0..events / 10).for_each(|event| queue.push(round * 1_000_000, event));
        while let Some((now, event)) = queue.pop() {
            sum = sum.wrapping_mul(31).wrapping_add(now ^ event);
        }
    }
    sum
}

fn measure<Q: Queue + 'static>(criterion: &mut Criterion) {
    let mut bench = |name: &str, events: u64, set_up: &dyn Fn() -> Load| {
        let mut group = criterion.benchmark_group(name);
        group.throughput(Throughput::Elements(events)).sampling_mode(SamplingMode::Flat);
        group.bench_function(Q::NAME, |bencher| {
            let mut load = set_up();
            // Until a queue that tunes itself has had the time to do so.
            load(5 * events);
            bencher.iter(|| black_box(load(black_box(events))));
        });
        group.finish();
    };
    bench("all-to-all-500", 250_000, &|| all_to_all::<Q>(500));
    bench("all-to-all-2000", 1_000_000, &|| all_to_all::<Q>(2_000));
    bench("phold-10000", 100_000, &|| hold::<Q>(10_000, exponential()));
    bench("messages-and-timers-20000", 100_000, &|| hold::<Q>(20_000, messages_and_timers));
    bench("tiny-50", 100_000, &|| hold::<Q>(50, uniform));
    bench("one-instant-100000", 1_000_000, &|| Box::new(one_instant::<Q>));
    // Whole runs, from an empty queue on.
    bench("run-500-nodes", 3_000_000, &|| Box::new(|events| all_to_all::<Q>(500)(events)));
    bench("run-4-nodes", 300, &|| Box::new(|events| all_to_all::<Q>(4)(events)));
}

fn queues(criterion: &mut Criterion) {
    measure::<EventQueue>(criterion);
    measure::<Calendar>(criterion);
    measure::<Heap>(criterion);
    measure::<Std24>(criterion);
    measure::<Std16>(criterion);
    measure::<Dary16>(criterion);
}

criterion_group! {
    name = benches;
    config = Criterion::default()
        .sample_size(10)
        .warm_up_time(Duration::from_millis(100))
        .measurement_time(Duration::from_millis(500))
        .without_plots();
    targets = queues
}
criterion_main!(benches);
