//! The event queue against its own two halves and against heaps, on the loads that decide its design.
//!
//! Run with `cargo bench --bench queue`; a filter such as `-- hold-500` picks one load.

use criterion::{BatchSize, Criterion, SamplingMode, Throughput, criterion_group, criterion_main};
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

/// All to all: each of `nodes` events that leave makes one sender broadcast to `nodes` receivers, 10 to 50 ms ahead.
fn all_to_all<Q: Queue>(nodes: u64, events: u64) -> u64 {
    let (mut queue, mut words) = (Q::default(), Words(9));
    let mut broadcast = |queue: &mut Q, now: u64, sender: u64| {
        for receiver in 0..nodes {
            queue.push(now + 10_000_000 + words.below(40_000_000), sender << 20 | receiver);
        }
    };
    (0..nodes).for_each(|sender| broadcast(&mut queue, 0, sender));
    let (mut sum, mut heard) = (0u64, vec![0; nodes as usize]);
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
}

/// Hold: every event that leaves schedules another one, `ahead` of it.
fn hold<Q: Queue>(pending: u64, events: u64, mut ahead: impl FnMut(&mut Words) -> u64) -> u64 {
    let (mut queue, mut words) = (Q::default(), Words(7));
    for event in 0..pending {
        queue.push(ahead(&mut words), event);
    }
    let mut sum = 0u64;
    for _ in 0..events {
        let (now, event) = queue.pop().expect("the number of pending events is held");
        sum = sum.wrapping_mul(31).wrapping_add(now ^ event);
        queue.push(now + ahead(&mut words), event);
    }
    sum
}

/// Exponential with a mean of 1 ms, from a table of quantiles, so that the queue is measured and not the logarithm.
fn exponentials() -> impl FnMut(&mut Words) -> u64 + Clone {
    let quantiles: Vec<u64> =
        (0..4096).map(|i| (-libm::log((f64::from(i) + 0.5) / 4096.0) * 1e6) as u64).collect();
    move |words| {
        let word = words.next();
        quantiles[(word >> 52) as usize] + (word & 255)
    }
}

/// Events that are scheduled for one instant, and then leave.
fn burst<Q: Queue>(events: u64) -> u64 {
    let mut queue = Q::default();
    let mut sum = 0u64;
    for round in 1..=10 {
        (0..events / 10).for_each(|event| queue.push(round * 1_000_000, event));
        while let Some((now, event)) = queue.pop() {
            sum = sum.wrapping_mul(31).wrapping_add(now ^ event);
        }
    }
    sum
}

/// A short-lived queue, as in a run of four nodes.
fn small_run<Q: Queue>(events: u64) -> u64 {
    hold::<Q>(16, events, |words| 10_000_000 + words.below(40_000_000))
}

fn measure<Q: Queue>(criterion: &mut Criterion) {
    let exponential = exponentials();
    let mut load = |name: &str, events: u64, run: &dyn Fn(u64) -> u64| {
        let mut group = criterion.benchmark_group(name);
        group.throughput(Throughput::Elements(events)).sampling_mode(SamplingMode::Flat);
        group.bench_function(Q::NAME, |bencher| {
            bencher.iter_batched(|| (), |()| black_box(run(black_box(events))), BatchSize::PerIteration);
        });
        group.finish();
    };
    load("hold-500-nodes", 3_000_000, &|events| all_to_all::<Q>(500, events));
    load("hold-2000-nodes", 12_000_000, &|events| all_to_all::<Q>(2_000, events));
    load("phold-10000", 1_000_000, &|events| hold::<Q>(10_000, events, exponential.clone()));
    load("mixed-timers", 1_000_000, &|events| {
        hold::<Q>(20_000, events, |words| {
            if words.next() % 10 == 0 {
                1_000_000_000 + words.below(1_000_000)
            } else {
                50_000 + words.below(100_000)
            }
        })
    });
    load("tiny-50", 100_000, &|events| hold::<Q>(50, events, |words| words.below(40_000_000)));
    load("small-run-300-events", 300, &small_run::<Q>);
    load("one-instant-100000", 1_000_000, &burst::<Q>);
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
