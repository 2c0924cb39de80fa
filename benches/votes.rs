//! One decision of a weighted vote, oracles and metrics on: `scenarios/weighted/five_hundred.yaml`.
#![allow(missing_docs, reason = "criterion's macros make undocumented items")]

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use mimalloc::MiMalloc;
use std::hint::black_box;
use std::path::Path;
use std::time::Duration;
use synod::scenario::Document;

/// As in the `synod` command.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

fn votes(bench: &mut Criterion) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios/weighted/five_hundred.yaml");
    let document = Document::load(&path).expect("the scenario is there");
    let scenario = document.prepare(&synod::standard()).expect("the scenario is sound");
    let mut seeds = 0..;
    let mut group = bench.benchmark_group("votes");
    group.sample_size(10).warm_up_time(Duration::from_secs(1)).measurement_time(Duration::from_secs(3));
    group.throughput(Throughput::Elements(1));
    group.bench_function("weighted, 500 agents, one decision", |bencher| {
        bencher.iter(|| {
            let outcome = scenario.run(seeds.next().expect("seeds do not end"), None).expect("it runs");
            assert!(outcome.verdict.passed(), "seed {}", outcome.seed);
            black_box(outcome.end.digest)
        });
    });
    group.finish();
}

criterion_group!(benches, votes);
criterion_main!(benches);
