//! Services on PBFT: leases by the log's time, whatever a primary says that it is, and bytes that are no command.

mod lease;

use lease::{Lease, Tenants};
use std::rc::Rc;
use synod_fault::Fault;
use synod_log::{Machine, Output, Workload as Asked};
use synod_oracle::linearizability::{Linearizability, MachineModel};
use synod_pbft::{
    Arrival, Bug, Clients, Config, Message, Observation, Operation, Pbft, Quorum, Reads, Request, Service,
    Workload, oracle,
};
use synod_sim::auth::Tag;
use synod_sim::inject::Action;
use synod_sim::{Authentication, Clock, Event, GroundTruth, NodeId, Oracle, Signed};
use synod_testing::{Outcome, TestRun, at, ms};

/// Four replicas, and clients that want one lease.
fn config(requests: u64) -> Config {
    let service =
        Service { machine: Machine::new(Lease::default()), workload: Asked::new(Tenants::default()) };
    let clients = Clients {
        hosts: 1,
        clients: 3,
        requests,
        arrival: Arrival::Closed { think: ms(20) },
        payload_bytes: 0,
        service: Some(service),
    };
    Config {
        checkpoint_interval: 4,
        timeout: ms(200),
        timeout_max: ms(800),
        status_interval: ms(100),
        client_timeout: ms(100),
        max_clock_skew: ms(60),
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
        .horizon(at(20_000))
        .seed(seed)
        .oracles(watched)
}

fn insider(attack: &str) -> Vec<Fault> {
    let fault = format!(r#"[{{"insider": {{"agents": [0], "attack": "{attack}"}}}}]"#);
    serde_json::from_str(&fault).expect("it is a fault")
}

fn completed(outcome: &Outcome<Pbft>) -> usize {
    let completed = |milestone: &_| matches!(milestone, synod_sim::Milestone::Completed(_));
    outcome.milestones.iter().filter(|(_, _, milestone)| completed(milestone)).count()
}

#[test]
fn leases_end_by_the_time_of_the_log_and_clients_see_one_history() {
    for seed in 1..6 {
        let outcome = run(config(60), seed).run().clean();
        assert_eq!(completed(&outcome), 60, "seed {seed}");
        assert!(outcome.checked["log_time"] > 40 && outcome.checked["linearizability"] == 60);
        let digests = (0..4).map(|node| match outcome.machine(node) {
            Some(Pbft::Replica(replica)) => replica.machine().expect("a service").digest(),
            _ => panic!("it is up"),
        });
        let digests: Vec<_> = digests.collect();
        assert!(digests.iter().all(|digest| *digest == digests[0]), "seed {seed}");
    }
}

/// Answers are equal only if they are of one time.
#[test]
fn reads_by_a_quorum_are_of_the_time_of_the_log() {
    for seed in 1..6 {
        let outcome = run(Config { reads: Reads::Quorum, ..config(60) }, seed).run().clean();
        assert_eq!((completed(&outcome), outcome.checked["linearizability"]), (60, 60), "seed {seed}");
        assert!(outcome.sent("read-reply") > 0);
    }
}

#[test]
fn clocks_that_differ_by_less_than_is_tolerated_change_nothing() {
    let wrong = |millis: i64| Clock { offset_ns: millis * 1_000_000, drift_ppb: 0 };
    for seed in 1..6 {
        let mut run = run(config(60), seed);
        run.clocks = vec![wrong(0), wrong(40), wrong(-10), wrong(20)];
        run.ground_truth.timely = false;
        let outcome = run.run().clean();
        assert_eq!((completed(&outcome), outcome.coverage.get("view_change")), (60, None), "seed {seed}");
    }
}

#[test]
fn one_backup_whose_clock_is_wrong_holds_nobody_up() {
    for offset_ns in [-900_000_000, 900_000_000] {
        let mut run = run(config(60), 1);
        run.clocks = vec![Clock::TRUE, Clock::TRUE, Clock { offset_ns, drift_ppb: 0 }];
        run.ground_truth.timely = false;
        run.ground_truth.fault_free = false;
        let outcome = run.until(|_, _| false).run().clean();
        assert_eq!(completed(&outcome), 60, "{offset_ns}");
    }
}

#[test]
fn a_primary_that_lies_about_the_time_is_replaced() {
    for attack in ["time_ahead", "time_behind"] {
        for seed in 1..6 {
            let outcome = run(config(60), seed).faults(insider(attack)).run().clean();
            assert_eq!(completed(&outcome), 60, "{attack}, seed {seed}");
            assert!(outcome.coverage["view_change"] > 0, "{attack}, seed {seed}");
            assert!(outcome.checked["log_time"] > 20, "{attack}, seed {seed}");
        }
    }
}

#[test]
fn backups_that_believe_any_time_are_found_out() {
    for attack in ["time_ahead", "time_behind"] {
        for seed in 1..6 {
            let mutant = Config { bug: Some(Bug::TickUnchecked), ..config(60) };
            let run = run(mutant, seed).faults(insider(attack)).until_violation_of("log_time");
            assert!(run.run().violates("log_time"), "{attack}, seed {seed}");
        }
    }
}

/// A lease ends, and the log says so, though nobody asks for anything.
#[test]
fn a_deadline_is_ordered_when_the_primarys_clock_reaches_it() {
    let outcome = run(config(1), 1).run().clean();
    for node in 0..4 {
        let Some(Pbft::Replica(replica)) = outcome.machine(node) else { panic!("it is up") };
        let machine = replica.machine().expect("a service");
        assert_eq!(machine.deadline(), None, "nobody holds it any more");
        assert!(machine.now() >= at(lease::TERM.as_nanos() / 1_000_000), "{node}: {:?}", machine.now());
    }
}

/// The last two clients send bytes that are no command.
#[test]
fn what_is_no_command_changes_nothing_and_is_answered_alike_by_all() {
    for seed in 1..4 {
        let config = config(30);
        let machine = config.machine().expect("a service").clone();
        let outputs = Rc::new(std::cell::RefCell::new(Vec::<Output>::new()));
        let seen = Rc::clone(&outputs);
        let damage = move |request: &Signed<Request>| {
            let command =
                if request.timestamp.is_multiple_of(2) { None } else { Some(machine.command(&[0xff; 7])) };
            let operation = Operation { command, ..request.operation.clone() };
            let body = Request { operation, ..Request::clone(request) };
            Signed::with_tag(body, request.signer(), 0, Tag::Absent)
        };
        let outcome = run(config, seed)
            .authentication(Authentication::None)
            .corrupt(4, move |_, envelope| match envelope.message {
                Message::Request(request) if request.client.0 > 0 => {
                    Action::Replace(Message::Request(damage(request)))
                }
                _ => Action::Pass,
            })
            .until(move |_, event| {
                if let Event::Observed { node, observation } = *event
                    && let Observation::Applied { request, outcome, .. } = observation
                    && node < NodeId(4)
                {
                    let output = outcome.output.clone().expect("every request is answered");
                    assert_eq!(output.is_malformed(), request.client.0 > 0);
                    seen.borrow_mut().push(output);
                }
                false
            })
            .run()
            .clean();
        assert_eq!(outputs.borrow().len(), 4 * 30, "seed {seed}");
        assert_eq!(completed(&outcome), 30, "seed {seed}");
    }
}
