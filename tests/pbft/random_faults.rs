//! Whatever the network does, and whoever crashes or is cut off: replicas never disagree, no request is applied
//! twice, and once the network heals everything completes.
//!
//! `PROPTEST_CASES` sets how many cases are tried.

use super::trial::{Finished, Trial, at, most, ms};
use proptest::prelude::*;
use synod::net::{Law, Link, Probability, Reordering};
use synod::protocol::pbft::{Arrival, Clients, Quorum, Workload};
use synod::sim::inject::Action;
use synod::sim::{Authentication, Damage, Duration, Time};

/// The parts of a run.
#[derive(Clone, Debug)]
struct Case {
    seed: u64,
    n: u32,
    /// How many replicas more than f are declared faulty never: f is this much below ⌊(n−1)/3⌋.
    spare: u32,
    load: Load,
    tuning: Tuning,
    wire: Wire,
    /// Replicas that are silent from the start, of the f.
    mute: u32,
    troubles: Vec<Trouble>,
}

#[derive(Clone, Debug)]
struct Load {
    hosts: u32,
    clients: u32,
    requests: u64,
    open: bool,
}

#[derive(Clone, Debug)]
struct Tuning {
    interval: u64,
    batch_max: usize,
    batch_delay_ms: u64,
    in_flight: u64,
    timeout_ms: u64,
    sync_ms: u64,
    authentication: Authentication,
}

#[derive(Clone, Debug)]
struct Wire {
    mean_ms: u64,
    heavy: bool,
    loss: u32,
    duplication: u32,
    reordering: u32,
    corruption: u32,
    fifo: bool,
}

/// Something that begins after `after_ms` and is over `for_ms` later; the next begins after that.
#[derive(Clone, Debug)]
struct Trouble {
    after_ms: u64,
    for_ms: u64,
    what: What,
}

#[derive(Clone, Debug)]
enum What {
    /// As many replicas as may be are down, from this one on.
    Down(u32, Damage),
    /// Replicas are parted by these bits of their numbers.
    Parted(u32),
}

const HORIZON: u64 = 400_000;

fn cases() -> impl Strategy<Value = Case> {
    let load = (1u32..=3, 1u32..=6, 1u64..=80, any::<bool>()).prop_map(|(hosts, clients, requests, open)| {
        Load { hosts, clients: clients.max(hosts), requests, open }
    });
    let authentication = prop_oneof![
        4 => Just(Authentication::Mac),
        2 => Just(Authentication::Authenticator),
    ];
    let tuning = (
        prop_oneof![Just(1u64), Just(2), Just(4), Just(16)],
        1usize..=8,
        prop_oneof![Just(0u64), Just(5)],
        1u64..=8,
        prop_oneof![Just(100u64), Just(500)],
        prop_oneof![3 => Just(0u64), 1 => Just(3)],
        authentication,
    )
        .prop_map(
            |(interval, batch_max, batch_delay_ms, in_flight, timeout_ms, sync_ms, authentication)| Tuning {
                interval,
                batch_max,
                batch_delay_ms,
                in_flight: in_flight.min(2 * interval),
                timeout_ms,
                sync_ms,
                authentication,
            },
        );
    let wire = (
        1u64..=30,
        any::<bool>(),
        chance(200_000),
        chance(200_000),
        chance(300_000),
        chance(50_000),
        any::<bool>(),
    )
        .prop_map(|(mean_ms, heavy, loss, duplication, reordering, corruption, fifo)| Wire {
            mean_ms,
            heavy,
            loss,
            duplication,
            reordering,
            corruption,
            fifo,
        });
    let damage = prop_oneof![Just(Damage::None), Just(Damage::Unsynced), Just(Damage::Torn)];
    let what = prop_oneof![
        2 => (0u32..16, damage).prop_map(|(first, damage)| What::Down(first, damage)),
        1 => (0u32..1024).prop_map(What::Parted),
    ];
    let trouble = (0u64..2_000, 1u64..4_000, what).prop_map(|(after_ms, for_ms, what)| Trouble {
        after_ms,
        for_ms,
        what,
    });
    let troubles = prop::collection::vec(trouble, 0..8);
    (any::<u64>(), 1u32..=10, 0u32..=1, load, tuning, wire, 0u32..=2, troubles).prop_map(
        |(seed, n, spare, load, tuning, wire, mute, troubles)| Case {
            seed,
            n,
            spare: spare.min(most(n)),
            load,
            tuning,
            wire,
            mute: mute.min(most(n) - spare.min(most(n))),
            troubles,
        },
    )
}

/// Parts per million, often none.
fn chance(most: u32) -> impl Strategy<Value = u32> {
    prop_oneof![Just(0), 0..=most]
}

fn run(case: &Case) -> Finished {
    let Case { seed, n, load, tuning, wire, .. } = case.clone();
    let mut trial = Trial::log(n, load.clients, load.requests).seeded(seed);
    let f = most(n) - case.spare;
    trial.config.quorum = Quorum::new(n, f).unwrap();
    let arrival = if load.open { Arrival::Open { mean: ms(100) } } else { Arrival::Closed { think: ms(50) } };
    let Load { hosts, clients, requests, .. } = load;
    trial.config.workload =
        Workload::Log(Clients { hosts, clients, requests, arrival, payload_bytes: 8, service: None });
    let config = &mut trial.config;
    config.checkpoint_interval = tuning.interval;
    config.batch_max = tuning.batch_max;
    config.batch_delay = ms(tuning.batch_delay_ms);
    config.in_flight_max = tuning.in_flight;
    config.timeout = ms(tuning.timeout_ms);
    config.client_timeout = ms(tuning.timeout_ms / 2);
    trial.sync_latency = ms(tuning.sync_ms);
    trial.authentication = tuning.authentication;
    trial.link = link(&wire);
    trial.ground_truth.horizon = at(HORIZON);
    for node in (0..case.mute).map(|place| (seed as u32 % n + place) % n) {
        trial = trial.lying(node, |_, _, _| Action::Drop);
    }
    let mut from = Time::ZERO;
    for trouble in &case.troubles {
        from += ms(trouble.after_ms);
        let until = from + ms(trouble.for_ms);
        match trouble.what {
            What::Down(first, damage) => {
                // The mute take from the same account.
                let victims = (0..n).map(|place| (first + place) % n);
                let mute = trial.faulty.clone();
                let victims = victims.filter(|node| mute.iter().all(|mute| mute.0 != *node));
                for node in victims.take((f - case.mute) as usize) {
                    trial = trial.restarting(node, damage, from, until);
                }
            }
            What::Parted(bits) => {
                let side = |bit| (0..n).filter(|node| bits >> node & 1 == bit).collect::<Vec<_>>();
                trial = trial.parting(&[&side(0), &side(1)], from, until);
            }
        }
        from = until;
    }
    assert!(from < at(HORIZON / 2), "half of the time is without trouble");
    trial.run()
}

fn link(wire: &Wire) -> Link {
    let mean = ms(wire.mean_ms);
    let chance = |ppm| Probability::from_ppm(ppm).unwrap();
    let latency = if wire.heavy {
        Law::lognormal(mean, 1.0).unwrap()
    } else {
        Law::exponential(mean, Duration::ZERO).unwrap()
    };
    Link {
        loss: chance(wire.loss),
        duplication: chance(wire.duplication),
        corruption: chance(wire.corruption),
        reordering: Some(Reordering { probability: chance(wire.reordering), extra: Law::constant(ms(40)) }),
        fifo: wire.fifo,
        ..Link::new(latency)
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, ..ProptestConfig::default() })]

    #[test]
    fn safety_always_and_everything_in_the_end(case in cases()) {
        run(&case).done();
    }
}

/// A case without troubles, as the shrinker leaves it.
fn plain(
    seed: u64,
    n: u32,
    load: (u32, u32, u64, bool),
    tuning: (u64, usize, u64, u64),
    wire: Wire,
    mute: u32,
) -> Case {
    let (hosts, clients, requests, open) = load;
    let (interval, batch_max, in_flight, timeout_ms) = tuning;
    let (batch_delay_ms, sync_ms, authentication) = (0, 0, Authentication::Mac);
    let load = Load { hosts, clients, requests, open };
    let tuning =
        Tuning { interval, batch_max, batch_delay_ms, in_flight, timeout_ms, sync_ms, authentication };
    Case { seed, n, spare: 0, load, tuning, wire, mute, troubles: Vec::new() }
}

fn wire(mean_ms: u64, heavy: bool, [loss, duplication, reordering, corruption]: [u32; 4]) -> Wire {
    Wire { mean_ms, heavy, loss, duplication, reordering, corruption, fifo: false }
}

#[test]
fn a_primary_proposes_nothing_before_its_view_has_begun() {
    let chances = [98_425, 137_432, 104_740, 27_327];
    let wire = Wire { fifo: true, ..wire(15, true, chances) };
    run(&plain(7_720_522_932_467_215_301, 3, (3, 3, 29, true), (16, 2, 1, 100), wire, 0)).done();
}

#[test]
fn who_took_a_state_over_vouches_for_it() {
    let wire = wire(11, false, [0, 0, 257_523, 11_282]);
    run(&plain(373_140_190_072_445_959, 2, (1, 4, 23, false), (1, 1, 1, 100), wire, 0)).done();
}

#[test]
fn who_gave_its_view_up_alone_learns_what_the_others_commit() {
    let lossy = wire(8, false, [79_377, 0, 17_376, 0]);
    run(&plain(820_271_107_971_595_625, 5, (1, 2, 3, false), (4, 1, 2, 100), lossy, 0)).done();
    let lossy = wire(14, true, [128_817, 63_891, 0, 35_463]);
    run(&plain(7_101_661_608_022_062_104, 8, (3, 3, 6, true), (2, 2, 2, 500), lossy, 2)).done();
}

#[test]
fn who_missed_a_vote_that_is_not_sent_again_learns_what_it_decided() {
    let damaging = wire(12, true, [0, 0, 237_961, 16_823]);
    let mut case = plain(0, 4, (1, 1, 9, false), (4, 2, 1, 100), damaging, 1);
    case.tuning.batch_delay_ms = 5;
    run(&case).done();
}

#[test]
fn a_view_has_the_time_of_its_attempt_even_where_new_view_comes_first() {
    let lossy = wire(3, false, [175_623, 11_087, 0, 0]);
    run(&plain(355_309_780_144_581_251, 8, (1, 1, 18, true), (4, 1, 1, 100), lossy, 2)).done();
}

#[test]
fn who_is_one_slot_behind_what_nobody_can_prove_takes_the_state_over() {
    let lossy = wire(16, true, [150_132, 154_392, 0, 29_929]);
    let mut case = plain(2_945_866_358_512_062_351, 8, (2, 6, 17, false), (1, 4, 2, 500), lossy, 2);
    case.troubles = vec![
        Trouble { after_ms: 366, for_ms: 3_246, what: What::Parted(614) },
        Trouble { after_ms: 197, for_ms: 1_843, what: What::Down(0, Damage::None) },
        Trouble { after_ms: 421, for_ms: 1_928, what: What::Parted(238) },
    ];
    run(&case).done();
}
