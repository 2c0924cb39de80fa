//! Whole runs with one attacker among four replicas, one decision, all oracles on: how many one core makes a second.
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

/// Attacks of every sort: what withholds, delays, rewrites, adds, and leads twins.
const MODELS: &[&str] = &[
    "01_silent",
    "03_equivocation",
    "06_selective_drop",
    "08_timing",
    "10_replay",
    "11_header_mutation",
    "12_corruption",
    "13_invalid_signatures",
    "15_flooding",
    "17_adaptive_leader",
    "18_coalition",
];

fn adversarial(bench: &mut Criterion) {
    let mut group = bench.benchmark_group("adversarial");
    group.sample_size(10).warm_up_time(Duration::from_millis(500)).measurement_time(Duration::from_secs(2));
    group.throughput(Throughput::Elements(1));
    for model in MODELS {
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("fault_models/byzantine/{model}.yaml"));
        let text = format!(
            "
name: {model}
agents: 4
network: {{latency: {{lognormal: {{median: 10ms, p99: 30ms}}}}}}
protocol: {{pbft: {{}}}}
workload: {{requests: {{total: 1, arrival: {{closed: 0ms}}}}}}
faults: [{{model: {}}}]
",
            file.display()
        );
        let document = Document::parse(model, &text).expect("it is YAML");
        let scenario = document.prepare(&synod::standard()).expect("it is sound");
        let mut seeds = 0..;
        group.bench_function(*model, |bencher| {
            bencher.iter(|| {
                let outcome = scenario.run(seeds.next().expect("seeds do not end"), None).expect("it runs");
                assert!(outcome.violations.is_empty(), "{model}, seed {}", outcome.seed);
                black_box(outcome.end.digest)
            });
        });
    }
    group.finish();
}

criterion_group!(benches, adversarial);
criterion_main!(benches);
