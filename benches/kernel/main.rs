//! What the kernel costs: votes all to all, jobs one to one, and decisions of PBFT.
//!
//! Run with `cargo bench --bench kernel`; a filter such as `-- phold` picks one load. The figures are wall time, so a
//! machine that does something else shows less.

mod workloads;

use criterion::{Criterion, SamplingMode, Throughput, criterion_group, criterion_main};
use std::hint::black_box;
use synod::sim::Authentication;
use workloads::{all_to_all, decision, deliveries, one_to_one};

fn votes(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("votes");
    group.sample_size(10).sampling_mode(SamplingMode::Flat);
    for nodes in [500, 2_000] {
        group.throughput(Throughput::Elements(deliveries(nodes)));
        group.bench_function(format!("{nodes} nodes"), |bencher| {
            bencher.iter(|| black_box(all_to_all(nodes)))
        });
    }
    group.finish();
}

fn phold(criterion: &mut Criterion) {
    const EVENTS: u64 = 10_000_000;
    let mut group = criterion.benchmark_group("phold");
    group.sample_size(10).sampling_mode(SamplingMode::Flat).throughput(Throughput::Elements(EVENTS));
    group.bench_function("10000 processes", |bencher| bencher.iter(|| black_box(one_to_one(10_000, EVENTS))));
    group.finish();
}

fn pbft(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("pbft decision");
    group.sample_size(10).sampling_mode(SamplingMode::Flat);
    for (nodes, authentication, name) in [
        (512, Authentication::Mac, "mac"),
        (1_000, Authentication::Mac, "mac"),
        (512, Authentication::Ed25519, "ed25519"),
    ] {
        // Nearly all of its messages are votes, all to all, twice.
        group.throughput(Throughput::Elements(deliveries(nodes)));
        group.bench_function(format!("{nodes} replicas, {name}"), |bencher| {
            bencher.iter(|| black_box(decision(nodes, authentication)));
        });
    }
    group.finish();
}

criterion_group!(benches, votes, phold, pbft);
criterion_main!(benches);
