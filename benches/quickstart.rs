//! Whole runs of `scenarios/quickstart.yaml`, oracles and metrics on: how many seeds a second one core sweeps.
//!
//! What the sweep itself adds, and what a second core brings, shows in the seconds (`user` and `sys` where others use
//! the machine too) of
//!
//! ```text
//! for jobs in 1 2; do
//!     time target/release/synod sweep scenarios/quickstart.yaml --seeds 0..50000 --jobs $jobs --output $(mktemp -d)
//! done
//! ```
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

fn quickstart(bench: &mut Criterion) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios/quickstart.yaml");
    let document = Document::load(&path).expect("the quickstart is there");
    let scenario = document.prepare(&synod::standard()).expect("the quickstart is sound");
    let mut seeds = 0..;
    let mut group = bench.benchmark_group("quickstart");
    group.sample_size(10).warm_up_time(Duration::from_secs(1)).measurement_time(Duration::from_secs(3));
    group.throughput(Throughput::Elements(1));
    group.bench_function("run", |bencher| {
        bencher.iter(|| {
            let outcome = scenario.run(seeds.next().expect("seeds do not end"), None).expect("it runs");
            assert!(outcome.verdict.passed(), "seed {}", outcome.seed);
            black_box(outcome.end.digest)
        });
    });
    group.finish();
}

criterion_group!(benches, quickstart);
criterion_main!(benches);
