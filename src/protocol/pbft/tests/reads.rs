//! Reads past the log: linearizable whatever one of four replicas says, and whoever is cut off; and not so where f + 1
//! answers are believed.

use std::rc::Rc;
use synod_common::kv::{Generator, Mix, Store};
use synod_fault::Fault;
use synod_log::{Machine, Workload as Asked};
use synod_oracle::linearizability::{Linearizability, MachineModel};
use synod_pbft::{
    Arrival, Bug, Clients, Config, Observation, Pbft, Quorum, Reads, Service, Workload, oracle,
};
use synod_sim::{Event, GroundTruth, Milestone, Oracle};
use synod_testing::{Outcome, TestRun, at, ms};

const REQUESTS: u64 = 120;

fn config(reads: Reads) -> Config {
    let mix = Mix { keys: 2, get: 600_000, put: 200_000, cas: 100_000, append: 100_000, renew: None };
    let service =
        Service { machine: Machine::new(Store::default()), workload: Asked::new(Generator::new(mix)) };
    let clients = Clients {
        hosts: 1,
        clients: 4,
        requests: REQUESTS,
        arrival: Arrival::Closed { think: ms(5) },
        payload_bytes: 0,
        service: Some(service),
    };
    Config {
        checkpoint_interval: 4,
        timeout: ms(200),
        timeout_max: ms(800),
        status_interval: ms(100),
        client_timeout: ms(100),
        reads,
        ..Config::new(Quorum::new(4, 1).expect("n >= 3f + 1"), Workload::Log(clients))
    }
}

fn watched(config: &Rc<Config>, ground_truth: &GroundTruth) -> Vec<Box<dyn Oracle<Pbft>>> {
    let mut oracles = oracle::all(config, ground_truth);
    let model = MachineModel(config.machine().expect("there is a service").clone());
    let call = |observation: &Observation| match observation {
        Observation::Called(call) => Some(MachineModel::call(call)),
        Observation::TookEffect(executed) => Some(MachineModel::executed(*executed)),
        _ => None,
    };
    oracles.push(Box::new(Linearizability::new(&Rc::new(ground_truth.clone()), model, call)));
    oracles
}

fn run(config: Config, seed: u64) -> TestRun<Pbft> {
    let nodes = config.nodes();
    TestRun::new(config, nodes)
        .agents(4, 1)
        .delays(ms(1), ms(9))
        .horizon(at(60_000))
        .seed(seed)
        .oracles(watched)
}

/// An insider that tells a client, every other time, what a store says in which nothing was written. Always, and no
/// write would come to an end while another replica is cut off.
fn liar() -> Vec<Fault> {
    let fault = r#"[{"insider": {"agents": [1], "attack": "lying_reply", "strength": "50%"}}]"#;
    serde_json::from_str(fault).expect("it is a fault")
}

/// What a run came to, and how many reads were not ordered.
fn play(run: TestRun<Pbft>) -> (Outcome<Pbft>, usize) {
    let count = Rc::new(std::cell::Cell::new(0));
    let reads = Rc::clone(&count);
    let outcome = run
        .until(move |_, event| {
            if let Event::Observed { observation: Observation::ReadCompleted { .. }, .. } = event {
                reads.set(reads.get() + 1);
            }
            false
        })
        .run();
    (outcome, count.get())
}

fn completed(outcome: &Outcome<Pbft>) -> u64 {
    let completed = |milestone: &_| matches!(milestone, Milestone::Completed(_));
    outcome.milestones.iter().filter(|(_, _, milestone)| completed(milestone)).count() as u64
}

#[test]
fn reads_need_no_slot() {
    for seed in 1..6 {
        let (outcome, reads) = play(run(config(Reads::Quorum), seed));
        let outcome = outcome.clean();
        assert!(completed(&outcome) == REQUESTS && reads > 20, "seed {seed}: {reads}");
        let (outcome, reads) = play(run(config(Reads::Log), seed));
        assert!(completed(&outcome.clean()) == REQUESTS && reads == 0);
    }
}

#[test]
fn a_liar_and_one_that_was_cut_off_change_nothing() {
    for seed in 1..11 {
        let (outcome, _) = play(cut_off(config(Reads::Quorum), seed));
        assert_eq!(completed(&outcome.clean()), REQUESTS, "seed {seed}");
    }
}

/// Replica 3 hears no other replica for a while, and has nothing to tell but the past; replica 1 lies.
fn cut_off(config: Config, seed: u64) -> TestRun<Pbft> {
    run(config, seed).faults(liar()).partition(&[&[0, 1, 2], &[3]], at(0), at(600))
}

#[test]
fn partitions_change_nothing() {
    for seed in 1..11 {
        let run = run(config(Reads::Quorum), seed).unstable_until(at(900));
        let run = run.partition(&[&[0, 1], &[2, 3]], at(50), at(400)).partition(
            &[&[0], &[1, 2, 3]],
            at(500),
            at(900),
        );
        let (outcome, _) = play(run);
        assert_eq!(completed(&outcome.clean()), REQUESTS, "seed {seed}");
    }
}

#[test]
fn who_believes_f_plus_1_answers_reads_the_past() {
    let is_caught = |seed: &u64| {
        let mutant = Config { bug: Some(Bug::ReadBelowQuorum), ..config(Reads::Quorum) };
        cut_off(mutant, *seed).until_violation_of("linearizability").run().violates("linearizability")
    };
    assert!((1..11).filter(is_caught).count() >= 8);
}
