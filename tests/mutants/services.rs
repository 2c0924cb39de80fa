//! Services with a known bug, on Raft and on PBFT: the oracle of the service, which knows nothing of its code, catches
//! each; true services pass the same seeds.

use synod::scenario::Document;
use synod::services::{counter, lock, queue};

/// Seeds that a bug has to show itself in.
const SEEDS: u64 = 32;

/// Which of [`SEEDS`] seeds the oracle of a service objects to.
fn objections(service: &str, log: &str, bug: Option<&str>) -> Vec<u64> {
    let path = format!("{}/scenarios/services/{service}_{log}.yaml", env!("CARGO_MANIFEST_DIR"));
    let mut document = Document::load(path.as_ref()).unwrap_or_else(|error| panic!("{error}"));
    let mut set = |assignment: String| document.set(&assignment).unwrap_or_else(|error| panic!("{error}"));
    set(format!("oracles={{only: [{service}]}}"));
    set("expect={}".to_owned());
    if let Some(bug) = bug {
        set(format!("workload.requests.service.{service}.bug={bug}"));
    }
    let prepared = document.prepare(&synod::standard()).unwrap_or_else(|error| panic!("{error}"));
    let objects = |seed: &u64| {
        let outcome = prepared.run(*seed, None).unwrap_or_else(|error| panic!("{error}"));
        outcome.violations.iter().any(|violation| violation.oracle == service)
    };
    match bug {
        // One is enough.
        Some(_) => (0..SEEDS).find(objects).into_iter().collect(),
        None => (0..SEEDS).filter(objects).collect(),
    }
}

fn every_bug_is_caught(service: &str, bugs: &[&str]) {
    for log in ["raft", "pbft"] {
        assert_eq!(objections(service, log, None), Vec::<u64>::new(), "the true {service} on {log}");
        let missed: Vec<&&str> =
            bugs.iter().filter(|bug| objections(service, log, Some(bug)).is_empty()).collect();
        assert!(missed.is_empty(), "{service} on {log}: {missed:?} in {SEEDS} seeds");
    }
}

#[test]
fn locks() {
    every_bug_is_caught("lock", &lock::Bug::ALL.iter().map(|bug| bug.name()).collect::<Vec<_>>());
}

#[test]
fn counters() {
    every_bug_is_caught("counter", &counter::Bug::ALL.iter().map(|bug| bug.name()).collect::<Vec<_>>());
}

#[test]
fn queues() {
    every_bug_is_caught("queue", &queue::Bug::ALL.iter().map(|bug| bug.name()).collect::<Vec<_>>());
}
