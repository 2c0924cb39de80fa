//! A log of 100,000 operations, oracles and metrics on, as the pool of clients grows and nothing else: what an operation
//! costs must not grow with the number of clients.
#![allow(missing_docs, reason = "criterion's macros make undocumented items")]

use criterion::{BenchmarkId, Criterion, SamplingMode, Throughput, criterion_group, criterion_main};
use mimalloc::MiMalloc;
use std::hint::black_box;
use synod::scenario::Document;

/// As in the `synod` command.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

/// Enough for each of the most clients to ask once.
const OPERATIONS: u64 = 100_000;

const CLIENTS: [u32; 3] = [1_000, 10_000, 100_000];

fn clients(bench: &mut Criterion) {
    let mut group = bench.benchmark_group("clients");
    group.sample_size(10).sampling_mode(SamplingMode::Flat).throughput(Throughput::Elements(OPERATIONS));
    for (protocol, settings) in [("pbft", "batch: {max: 64, delay: 1ms}, in_flight: 8"), ("raft", "")] {
        for clients in CLIENTS {
            let text = format!(
                "
name: {protocol}-clients
agents: 4
network: {{latency: {{lognormal: {{median: 2ms, p99: 8ms}}}}}}
protocol: {{{protocol}: {{{settings}}}}}
workload:
  requests:
    total: {OPERATIONS}
    clients: {clients}
    hosts: 10
    arrival: {{open: 5000/s}}
    commands: {{keys: 1000, get: 50%, put: 50%}}
"
            );
            let document = Document::parse("clients", &text).expect("it is YAML");
            let scenario = document.prepare(&synod::standard()).expect("it is sound");
            let mut seeds = 0..;
            group.bench_function(BenchmarkId::new(protocol, clients), |bencher| {
                bencher.iter(|| {
                    let outcome =
                        scenario.run(seeds.next().expect("seeds do not end"), None).expect("it runs");
                    assert!(outcome.verdict.passed(), "{protocol}, seed {}", outcome.seed);
                    black_box(outcome.end.digest)
                });
            });
        }
    }
    group.finish();
}

criterion_group!(benches, clients);
criterion_main!(benches);
