//! How long it takes to judge operations of clients that never rest: on one key and over several, with and without calls
//! that nobody answers; side by side with stateright's tester, on histories that it can finish.

#[path = "../tests/linearizability/histories.rs"]
#[allow(dead_code, reason = "tests use the rest of it")]
mod histories;

use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};
use histories::{Entry, honest, judged, mix};
use stateright::semantics::{ConsistencyTester, LinearizabilityTester, SequentialSpec};
use synod::oracle::linearizability::Step;
use synod::protocol::common::kv::{Command, Output, Store};

struct Case {
    name: &'static str,
    clients: u32,
    operations: u64,
    keys: u32,
    unknown: Option<u64>,
}

const CASES: [Case; 5] = [
    Case { name: "10000_on_one_key", clients: 10, operations: 10_000, keys: 1, unknown: None },
    Case { name: "10000_on_8_keys", clients: 10, operations: 10_000, keys: 8, unknown: None },
    Case { name: "10000_on_one_key_20_clients", clients: 20, operations: 10_000, keys: 1, unknown: None },
    Case { name: "100000_on_10_keys_20_clients", clients: 20, operations: 100_000, keys: 10, unknown: None },
    Case { name: "10000_on_8_keys_open", clients: 10, operations: 10_000, keys: 8, unknown: Some(50) },
];

fn linearizability(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("linearizability");
    group.sample_size(10);
    for Case { name, clients, operations, keys, unknown } in CASES {
        group.throughput(Throughput::Elements(operations));
        group.bench_function(name, |bencher| {
            bencher.iter_batched(
                || honest(1, clients, operations, mix(keys), unknown),
                |entries| {
                    let history = judged(entries).unwrap_or_else(|_| panic!("the clients are honest"));
                    assert_eq!(history.given_up().count(), 0);
                },
                BatchSize::LargeInput,
            );
        });
    }
    group.finish();
}

/// The store, as stateright's tester takes it.
#[derive(Clone, Debug, Default)]
struct Reference(Store);

impl SequentialSpec for Reference {
    type Op = Command;
    type Ret = Output;

    fn invoke(&mut self, command: &Command) -> Output {
        self.0.apply(command)
    }
}

fn reference(entries: &[Entry]) -> bool {
    let mut tester = LinearizabilityTester::new(Reference::default());
    for Entry { client, step, .. } in entries {
        match step {
            Step::Invoke(command) => drop(tester.on_invoke(*client, command.clone()).expect("it is idle")),
            Step::Ok(output) => drop(tester.on_return(*client, output.clone()).expect("it has asked")),
            _ => unreachable!("all return"),
        }
    }
    tester.is_consistent()
}

/// What it takes grows faster than the length: these are as long as it can judge within a second.
const SHORT: u64 = 200;

fn beside_stateright(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("linearizability_of_200_operations");
    group.sample_size(10).throughput(Throughput::Elements(10 * SHORT));
    let histories = || (0..10).map(|seed| honest(seed, 4, SHORT, mix(1), None));
    group.bench_function("synod", |bencher| {
        bencher.iter_batched(
            || histories().collect::<Vec<_>>(),
            |all| all.into_iter().for_each(|entries| assert!(judged(entries).is_ok())),
            BatchSize::LargeInput,
        );
    });
    group.bench_function("stateright", |bencher| {
        let all: Vec<_> = histories().collect();
        bencher.iter(|| all.iter().for_each(|entries| assert!(reference(entries))));
    });
    group.finish();
}

criterion_group!(benches, linearizability, beside_stateright);
criterion_main!(benches);
