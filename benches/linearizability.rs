//! How long it takes to judge 10,000 operations of ten clients that never rest: on one key, and over eight.

#[path = "../tests/linearizability/histories.rs"]
#[allow(dead_code, reason = "tests use the rest of it")]
mod histories;

use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};
use histories::{honest, judged, mix};

const OPERATIONS: u64 = 10_000;

fn linearizability(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("linearizability");
    group.throughput(Throughput::Elements(OPERATIONS)).sample_size(10);
    for (name, keys) in [("one_key", 1), ("eight_keys", 8)] {
        group.bench_function(name, |bencher| {
            bencher.iter_batched(
                || honest(1, 10, OPERATIONS, mix(keys), None),
                |entries| {
                    let history = judged(entries).unwrap_or_else(|_| panic!("the clients are honest"));
                    assert_eq!(history.judged(), OPERATIONS);
                },
                BatchSize::LargeInput,
            );
        });
    }
    group.finish();
}

criterion_group!(benches, linearizability);
criterion_main!(benches);
