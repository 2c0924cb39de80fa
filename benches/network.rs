//! What a delay costs to draw, and a broadcast to route.

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use std::hint::black_box;
use std::num::NonZeroU64;
use synod::net::{Empirical, Fabric, Law, Link, LinkClass, Probability, Reordering, Topology};
use synod::sim::network::Transmission;
use synod::sim::{Duration, Network, NodeId, Purpose, Recipients, Streams, Time};

const NODES: u32 = 501;
const MS: Duration = Duration::from_millis(1);

fn laws() -> Vec<(&'static str, Law)> {
    let samples = (1..=1_000).map(Duration::from_micros).collect();
    vec![
        ("constant", Law::constant(MS)),
        ("uniform", Law::uniform(MS, Duration::from_millis(3)).unwrap()),
        ("exponential", Law::exponential(Duration::from_millis(2), MS).unwrap()),
        ("normal", Law::normal(Duration::from_millis(5), MS, Duration::ZERO).unwrap()),
        ("lognormal", Law::lognormal(MS, 0.5).unwrap()),
        ("gamma", Law::gamma(2.5, MS).unwrap()),
        ("gamma below 1", Law::gamma(0.5, MS).unwrap()),
        ("pareto", Law::pareto(MS, 2.5).unwrap()),
        ("empirical", Law::empirical(Empirical::new(samples).unwrap())),
    ]
}

/// A thousand draws, each from the words of its own copy.
fn draws(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("draw");
    group.throughput(Throughput::Elements(1_000));
    let key = Streams::new(1).counter(Purpose::Latency);
    for (name, law) in laws() {
        let sampler = law.sampler();
        group.bench_function(name, |bencher| {
            bencher.iter(|| {
                for number in 0..1_000 {
                    black_box(sampler.sample(&mut key.draws(NodeId(0), NodeId(1), number)));
                }
            });
        });
    }
    group.finish();
}

/// One broadcast to 500 recipients.
fn broadcasts(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("route to 500");
    group.throughput(Throughput::Elements(500));
    let mut bench = |name: &str, topology: Topology, links: Vec<Link>| {
        let streams = Streams::new(1);
        let mut fabric = Fabric::new(topology.build(NODES, &streams).unwrap(), links, &streams);
        let to = Recipients::Peers(0..NODES);
        let mut arrivals = Vec::new();
        let mut number = 0;
        group.bench_function(name, |bencher| {
            bencher.iter(|| {
                arrivals.clear();
                number += 1;
                let from = NodeId(number as u32 % NODES);
                let transmission = Transmission { from, to: &to, at: Time::ZERO, bytes: 100, number };
                fabric.route(&transmission, &mut arrivals);
                black_box(arrivals.last());
            });
        });
    };

    for (name, law) in laws() {
        bench(&format!("mesh, {name}"), Topology::FullMesh, vec![Link::new(law)]);
    }
    let uniform = || Link::new(Law::uniform(MS, Duration::from_millis(3)).unwrap());
    let some = Probability::from_ppm(1_000).unwrap();
    let classes = vec![vec![LinkClass(0), LinkClass(1)], vec![LinkClass(1), LinkClass(0)]];
    let region_of = (0..NODES).map(|node| (node % 2) as u16).collect();
    bench("regions, uniform", Topology::Regions { region_of, classes }, vec![uniform(), uniform()]);
    bench("ring, uniform", Topology::Ring, vec![uniform()]);
    bench("mesh, loss", Topology::FullMesh, vec![Link { loss: some, ..uniform() }]);
    let bandwidth_bps = NonZeroU64::new(1_000_000_000);
    bench("mesh, bandwidth", Topology::FullMesh, vec![Link { bandwidth_bps, ..uniform() }]);
    bench("mesh, fifo", Topology::FullMesh, vec![Link { fifo: true, ..uniform() }]);
    let everything = Link {
        loss: some,
        duplication: some,
        reordering: Some(Reordering { probability: some, extra: Law::constant(MS) }),
        corruption: some,
        bandwidth_bps,
        max_message_bytes: Some(1_000),
        fifo: true,
        ..uniform()
    };
    bench("mesh, everything", Topology::FullMesh, vec![everything]);
    group.finish();
}

criterion_group!(benches, draws, broadcasts);
criterion_main!(benches);
