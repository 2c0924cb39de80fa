//! Topologies of several hops, and links that keep order.
//!
//! Shares are judged by four standard errors of the binomial law, under fixed seeds.

use super::*;
use crate::{Law, Probability, Topology};
use synod_sim::network::Recipients;

const MESSAGES: u64 = 20_000;

fn ms(millis: u64) -> Duration {
    Duration::from_millis(millis)
}

fn percent(percent: u32) -> Probability {
    Probability::from_ppm(percent * 10_000).expect("a probability")
}

fn plain() -> Link {
    Link::new(Law::constant(ms(3)))
}

fn ring(nodes: u32, link: Link) -> Fabric {
    let streams = Streams::new(5);
    Fabric::new(Topology::Ring.build(nodes, &streams).expect("a ring"), vec![link], &streams)
}

/// What becomes of message `number`, sent at `at` from node 0 to `to`.
fn send(network: &mut Fabric, to: u32, number: u64, at: Time) -> Vec<Fate> {
    let to = Recipients::One(NodeId(to));
    let mut arrivals = Vec::new();
    network.route(&Transmission { from: NodeId(0), to: &to, at, bytes: 8, number }, &mut arrivals);
    arrivals.into_iter().map(|arrival| arrival.fate).collect()
}

#[track_caller]
fn assert_share(what: &str, hits: u64, share: f64) {
    let off = (hits as f64 / MESSAGES as f64 - share).abs();
    let error = (share * (1.0 - share) / MESSAGES as f64).sqrt();
    assert!(off < 4.0 * error, "{what}: {hits} of {MESSAGES}, not {share}");
}

#[test]
fn each_hop_loses_damages_repeats_and_holds_back_by_itself() {
    let held = || Some(Reordering { probability: percent(10), extra: Law::constant(ms(1)) });
    for hops in 1..=4 {
        let share = 1.0 - (0..hops).fold(1.0, |kept, _| kept * 0.9);
        let late = Time::ZERO + ms(3 * u64::from(hops) + 1);
        let count = |link: Link, is_hit: &dyn Fn(&[Fate]) -> bool| {
            let mut network = ring(9, link);
            (0..MESSAGES).filter(|&number| is_hit(&send(&mut network, hops, number, Time::ZERO))).count()
                as u64
        };
        let lost = count(Link { loss: percent(10), ..plain() }, &|fates| {
            matches!(fates, [Fate::Lost(LossCause::Chance)])
        });
        assert_share(&format!("lost over {hops} hops"), lost, share);
        let damaged =
            count(Link { corruption: percent(10), ..plain() }, &|fates| matches!(fates, [Fate::Damaged(_)]));
        assert_share(&format!("damaged over {hops} hops"), damaged, share);
        let repeated = count(Link { duplication: percent(10), ..plain() }, &|fates| fates.len() == 2);
        assert_share(&format!("repeated over {hops} hops"), repeated, share);
        let held = count(
            Link { reordering: held(), ..plain() },
            &|fates| matches!(fates, [Fate::Intact(at)] if *at == late),
        );
        assert_share(&format!("held back over {hops} hops"), held, share);
    }
}

#[test]
fn each_hop_takes_its_time() {
    let mut network = ring(9, plain());
    for (to, hops) in [(0, 1), (1, 1), (2, 2), (4, 4), (5, 4), (8, 1)] {
        assert_eq!(send(&mut network, to, 1, Time::ZERO), [Fate::Intact(Time::ZERO + ms(3 * hops))]);
        assert_eq!(network.mean_latency(NodeId(0), NodeId(to)), ms(3 * hops));
    }
    assert!(network.delay_bound() >= Some(ms(12)) && network.delay_bound() <= Some(ms(24)));
    // A hop draws its own delay: the sum varies by the square root of their number.
    let law = Law::exponential(ms(10), Duration::ZERO).expect("a law");
    let mut network = ring(9, Link::new(law));
    let delays: Vec<f64> = (0..MESSAGES)
        .map(|number| match send(&mut network, 4, number, Time::ZERO)[..] {
            [Fate::Intact(at)] => at.since(Time::ZERO).as_nanos() as f64 / 1e6,
            _ => panic!("it arrives"),
        })
        .collect();
    let mean = delays.iter().sum::<f64>() / MESSAGES as f64;
    let variance = delays.iter().map(|delay| (delay - mean) * (delay - mean)).sum::<f64>() / MESSAGES as f64;
    assert!((mean - 40.0).abs() < 0.6 && (variance - 400.0).abs() < 40.0, "{mean}, {variance}");
}

#[test]
fn a_link_that_keeps_order_keeps_that_of_second_copies_too() {
    let link = |fifo| Link {
        latency: Law::exponential(ms(20), Duration::ZERO).expect("a law"),
        duplication: percent(50),
        reordering: Some(Reordering { probability: percent(20), extra: Law::constant(ms(50)) }),
        fifo,
        ..plain()
    };
    let arrivals = |fifo| {
        let mut network = ring(5, link(fifo));
        let copies = |number: u64| send(&mut network, 2, number, Time::ZERO + ms(number));
        let at = |fate| match fate {
            Fate::Intact(at) | Fate::Duplicate(at) | Fate::Damaged(at) => at,
            Fate::Lost(_) => panic!("nothing is lost"),
        };
        (0..500).flat_map(copies).map(at).collect::<Vec<Time>>()
    };
    assert!(arrivals(true).is_sorted());
    assert!(!arrivals(false).is_sorted(), "and the others do not");
    // Other receivers wait for nobody.
    let mut network = ring(5, link(true));
    send(&mut network, 2, 1, Time::ZERO + ms(900));
    let [Fate::Intact(at), ..] = send(&mut network, 1, 2, Time::ZERO)[..] else { panic!("it arrives") };
    assert!(at < Time::ZERO + ms(900));
}

#[test]
fn ways_are_as_short_as_the_links_allow() {
    let streams = Streams::new(3);
    let edges = [(0, 1), (1, 2), (2, 3), (3, 4), (4, 0), (4, 5), (5, 6)];
    let topologies = [
        Topology::Ring,
        Topology::Star { centre: NodeId(3) },
        Topology::Tree { branching: 2 },
        Topology::SmallWorld { neighbours: 2, rewiring: percent(30) },
        Topology::RandomRegular { degree: 4 },
        Topology::Edges(edges.map(|(a, b)| (NodeId(a), NodeId(b))).to_vec()),
        Topology::FullMesh,
    ];
    for topology in topologies {
        let layout = topology.build(7, &streams).expect("it is connected");
        let nodes = || (0..7).map(NodeId);
        // R. W. Floyd, *Algorithm 97: Shortest path* (1962).
        let linked = |from: NodeId, to: NodeId| layout.neighbours(from).contains(&to);
        let mut hops = [[99; 7]; 7];
        for (from, to) in nodes().flat_map(|from| nodes().map(move |to| (from, to))) {
            assert_eq!(linked(from, to), linked(to, from), "links carry both ways");
            assert!(from != to || !linked(from, to), "nobody is linked to itself");
            let direct = if from == to { 0 } else { 1 };
            hops[from.index()][to.index()] = if from == to || linked(from, to) { direct } else { 99 };
        }
        for by in 0..7 {
            for from in 0..7 {
                for to in 0..7 {
                    hops[from][to] = hops[from][to].min(hops[from][by] + hops[by][to]);
                }
            }
        }
        for (from, to) in nodes().flat_map(|from| nodes().map(move |to| (from, to))) {
            let shortest = hops[from.index()][to.index()].max(1);
            assert_eq!(layout.hops(from, to), shortest, "{topology:?}: {from:?} to {to:?}");
            assert!(shortest <= layout.hops_max());
            let path = layout.path(from, to);
            assert_eq!((path.len() as u32, path.last()), (shortest, Some(&to)));
            let steps = std::iter::once(from).chain(path.iter().copied()).zip(path.iter().copied());
            assert!(from == to || steps.into_iter().all(|(here, next)| linked(here, next)), "{topology:?}");
        }
    }
}
