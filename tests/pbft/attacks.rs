//! What insiders do to PBFT: whatever they try, every invariant holds, everything is decided, what can be proven
//! against them is, and nobody is accused wrongly.

use std::rc::Rc;
use synod::net::{Fabric, Law, Link, Topology};
use synod::oracle::{Detection, OperationTracker, OracleSet, StopCondition};
use synod::protocol::pbft::oracle::{self, GroundTruth};
use synod::protocol::pbft::{Arrival, Clients, Config, Operation, Pbft, Quorum, Session, Workload};
use synod::sim::collections::SortedMap;
use synod::sim::inject::{InFlight, Intervention, SharedEffects};
use synod::sim::{
    Authentication, Cut, Duration, Insiders, Limits, NodeId, Protocol, Purpose, Setup, Simulation, Streams,
    Time,
};

const SEEDS: std::ops::Range<u64> = 0..20;

/// When a node that is cut off is back.
const HEALED: u64 = 700;

const fn ms(millis: u64) -> Duration {
    Duration::from_millis(millis)
}

/// An attack and where it is tried.
#[derive(Copy, Clone)]
struct Trial {
    attack: &'static str,
    strength_ppm: u32,
    /// The first insider; the others follow it.
    first: u32,
    /// Who is cut off at first, from the front or, if negative, from the back.
    cut_off: Option<i32>,
    authentication: Authentication,
    /// The mark of the proof that must come of it.
    proof: Option<&'static str>,
    /// True if it bites, and is proven, in some seeds only.
    sometimes: bool,
}

impl Trial {
    /// By the first f replicas, the first primary among them, with nothing else wrong.
    const fn new(attack: &'static str) -> Trial {
        Trial {
            attack,
            strength_ppm: 1_000_000,
            first: 0,
            cut_off: None,
            authentication: Authentication::Mac,
            proof: None,
            sometimes: false,
        }
    }

    /// By the f replicas after the first primary, which is cut off for a while.
    const fn in_view_one(self) -> Trial {
        Trial { first: 1, cut_off: Some(0), ..self }
    }

    const fn with_latecomer(self) -> Trial {
        Trial { cut_off: Some(-1), ..self }
    }

    const fn sometimes(self) -> Trial {
        Trial { sometimes: true, ..self }
    }

    const fn at(self, strength_ppm: u32) -> Trial {
        Trial { strength_ppm, ..self }
    }

    const fn proving(self, mark: &'static str) -> Trial {
        Trial { proof: Some(mark), ..self }
    }
}

/// `n` replicas with short timers: T = 200 ms, T_max = 800 ms.
fn config(n: u32, workload: Workload) -> Config {
    Config {
        checkpoint_interval: 4,
        batch_max: 2,
        in_flight_max: 4,
        timeout: ms(200),
        timeout_max: ms(800),
        status_interval: ms(100),
        client_timeout: ms(100),
        ..Config::new(Quorum::new(n, Quorum::most_faults(n)).expect("n >= 3f + 1"), workload)
    }
}

fn log(n: u32) -> Config {
    let arrival = Arrival::Closed { think: ms(5) };
    config(
        n,
        Workload::Log(Clients {
            hosts: 1,
            clients: 4,
            requests: 32,
            arrival,
            payload_bytes: 0,
            service: None,
        }),
    )
}

fn session(n: u32, initiator: u32) -> Config {
    let operation = Operation::new(7, 0);
    let initiator = NodeId(initiator);
    config(
        n,
        Workload::Session(Session { initiator, at: Duration::ZERO, operation, valid: 0..=9, deadline: None }),
    )
}

/// What came of a run.
struct Report {
    effect: u64,
    is_done: bool,
    coverage: SortedMap<&'static str, u64>,
    proven: usize,
}

/// Plays `trial` and objects to whatever no run may show.
fn play(trial: Trial, config: Config, seed: u64) -> Report {
    let (n, f, nodes) = (config.quorum.n, config.quorum.f, config.nodes());
    let insiders: Vec<NodeId> = (trial.first..trial.first + f).map(NodeId).collect();
    let correct: Vec<bool> = (0..nodes as u32).map(|node| !insiders.contains(&NodeId(node))).collect();
    let streams = Streams::new(seed);
    let layout = Topology::FullMesh.build(nodes as u32, &streams).expect("a mesh of any size");
    let law = Law::uniform(ms(1), ms(9)).expect("a range");
    let mut setup =
        Setup::<Pbft>::new(config, nodes, streams, Fabric::new(layout, vec![Link::new(law)], &streams));
    let healed = Time::ZERO + ms(HEALED);
    if let Some(place) = trial.cut_off {
        let node = if place < 0 { n.wrapping_add_signed(place) } else { place as u32 };
        let sides = (0..nodes as u32).map(|other| Some(u32::from(other == node))).collect();
        setup.interventions.push((
            Time::ZERO,
            Intervention::Cut { id: 1, cut: Cut::Sides(sides), in_flight: InFlight::Deliver },
        ));
        setup.interventions.push((healed, Intervention::Heal { id: 1 }));
    }
    let effects = SharedEffects::default();
    setup.interceptors.push(Pbft::attack(
        trial.attack,
        Insiders {
            config: Rc::clone(&setup.config),
            nodes: insiders.clone(),
            strength_ppm: trial.strength_ppm,
            rng: streams.stream(Purpose::Fault, 1),
            effects: SharedEffects::clone(&effects),
        },
    ));
    setup.corrupted.clone_from(&insiders);
    setup.authentication = trial.authentication;
    let horizon = Time::ZERO + ms(12_000);
    setup.limits = Limits { horizon, ..Limits::default() };
    let ground_truth = GroundTruth {
        correct: correct.clone(),
        live_required: correct.clone(),
        permanent_leader_faults: Vec::new(),
        delay_max: Some(ms(10)),
        timely: trial.cut_off.is_none(),
        stable_from: Some(if trial.cut_off.is_some() { healed } else { Time::ZERO }),
        lossless: trial.cut_off.is_none(),
        fault_free: false,
        horizon,
    };
    let deciders = correct[..n as usize].to_vec();
    let progress = OperationTracker::new(setup.config.operations(), deciders, nodes > n as usize);
    let detection = Detection::new(correct, insiders.iter().map(|&node| (node, Time::ZERO)).collect());
    let oracles = oracle::all(&setup.config, &ground_truth);
    let mut run =
        Simulation::new(setup, OracleSet::new(oracles, progress, detection, StopCondition::AllDecided));
    let end = run.run();
    let oracle_set = run.into_observer();
    let is_done = oracle_set.operations().is_done();
    let coverage = oracle_set.coverage().clone();
    let found = oracle_set.detection().report();
    let (_, violations) = oracle_set.conclude(&end);
    let here = format!("{} at n = {n}, seed {seed}", trial.attack);
    assert!(violations.is_empty(), "{here}: {violations:#?}");
    assert_eq!(found.accusations, 0, "{here}");
    let effect = effects.borrow().total();
    Report { effect, is_done, coverage, proven: found.proven.len() }
}

/// A log under attack: it is done nevertheless, and what can be proven is.
fn withstands(trial: Trial) {
    for n in [4, 7] {
        let (mut bites, mut proofs) = (0, 0);
        for seed in SEEDS {
            let here = format!("{} at n = {n}, seed {seed}", trial.attack);
            let report = play(trial, log(n), seed);
            assert!(report.is_done, "{here}: not everything is decided");
            assert!(report.effect > 0 || trial.sometimes, "{here}: it did nothing");
            bites += u64::from(report.effect > 0);
            let is_proven = trial.proof.is_some_and(|proof| report.coverage.contains_key(proof));
            assert_eq!(is_proven, report.proven > 0, "{here}: {:?}", report.coverage);
            assert!(is_proven || trial.proof.is_none() || trial.sometimes, "{here}: nothing is proven");
            proofs += u64::from(is_proven);
        }
        assert!(bites > 0, "{} never bites at n = {n}", trial.attack);
        assert!(proofs > 0 || trial.proof.is_none(), "{} is never proven at n = {n}", trial.attack);
    }
}

/// One decision under attack, asked for by the last replica.
fn withstands_in_a_session(trial: Trial) {
    for n in [4, 7] {
        for seed in SEEDS {
            let here = format!("{} at n = {n}, seed {seed}", trial.attack);
            let report = play(trial, session(n, n - 1), seed);
            assert!(report.is_done, "{here}: not decided");
            assert!(report.effect > 0, "{here}: it did nothing");
        }
    }
}

macro_rules! attacks {
    ($($test:ident $play:ident $trial:expr;)*) => {$(
        #[test]
        fn $test() {
            $play($trial);
        }
    )*};
}

attacks! {
    pre_prepare_equivocation withstands
        Trial::new("pre_prepare_equivocation").proving("equivocation_proven");
    pre_prepare_to_few withstands Trial::new("pre_prepare_to_few");
    watermark_jump withstands Trial::new("watermark_jump");
    watermark_jump_by_a_little withstands Trial::new("watermark_jump").at(1);
    sequence_gap withstands Trial::new("sequence_gap");
    sequence_gap_of_one withstands Trial::new("sequence_gap").at(1);
    forged_certificate withstands Trial::new("forged_certificate").proving("invalid_view_change_proven");
    omitted_certificate withstands Trial::new("omitted_certificate").proving("omitted_certificate_proven").sometimes();
    wrong_new_view withstands
        Trial::new("wrong_new_view").in_view_one().proving("invalid_new_view_proven");
    withheld_new_view withstands Trial::new("withheld_new_view").in_view_one();
    new_view_to_some withstands Trial::new("new_view_to_some").in_view_one();
    slow_primary withstands Trial::new("slow_primary").at(700_000);
    censorship withstands Trial::new("censorship").at(500_000);
    front_running withstands Trial::new("front_running");
    checkpoint_lie withstands Trial::new("checkpoint_lie").proving("false_checkpoint_proven");
    bad_snapshot withstands Trial::new("bad_snapshot").with_latecomer().sometimes();
    lying_reply withstands Trial::new("lying_reply");
    view_change_spam withstands
        Trial::new("view_change_spam").proving("omitted_certificate_proven").sometimes();
    withheld_commits withstands Trial::new("withheld_commits");
    partial_authenticator withstands
        Trial { authentication: Authentication::Authenticator, ..Trial::new("partial_authenticator") };
    pre_prepare_to_few_in_a_session withstands_in_a_session Trial::new("pre_prepare_to_few");
    watermark_jump_in_a_session withstands_in_a_session Trial::new("watermark_jump");
    forged_certificate_in_a_session withstands_in_a_session Trial::new("forged_certificate");
    wrong_new_view_in_a_session withstands_in_a_session Trial::new("wrong_new_view").in_view_one();
    withheld_new_view_in_a_session withstands_in_a_session Trial::new("withheld_new_view").in_view_one();
    new_view_to_some_in_a_session withstands_in_a_session Trial::new("new_view_to_some").in_view_one();
    slow_primary_in_a_session withstands_in_a_session Trial::new("slow_primary").at(700_000);
    censorship_in_a_session withstands_in_a_session Trial::new("censorship");
    view_change_spam_in_a_session withstands_in_a_session Trial::new("view_change_spam");
    withheld_commits_in_a_session withstands_in_a_session Trial::new("withheld_commits");
}

/// Whoever asks may lie about what it asks: then nobody has to decide, but those who do decide alike.
#[test]
fn an_initiator_that_equivocates_divides_nobody() {
    let trial = Trial::new("pre_prepare_equivocation");
    for n in [4, 7] {
        let reports: Vec<Report> = SEEDS.map(|seed| play(trial, session(n, 0), seed)).collect();
        assert!(reports.iter().all(|report| report.effect > 0 && report.proven > 0));
    }
}

#[test]
fn every_attack_is_tried_and_does_nothing_without_strength() {
    for attack in Pbft::ATTACKS {
        let trial = Trial { attack: attack.name, strength_ppm: 0, ..Trial::new("") };
        let report = play(trial, log(4), 1);
        assert!(report.is_done && report.proven == 0, "{}", attack.name);
    }
}
