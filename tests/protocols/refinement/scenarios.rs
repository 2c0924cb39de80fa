//! Every scenario of the folder holds what it expects, and sessions converge as quickly as they are meant to.

use super::{prepare, run};
use std::fs;
use std::path::Path;
use synod::scenario::Document;

#[test]
fn every_scenario_shows_what_it_says() {
    let mut failed = Vec::new();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios/iterative");
    for file in fs::read_dir(folder).expect("there are scenarios") {
        let file = file.expect("a folder lists its entries").path();
        let document = Document::load(&file).unwrap_or_else(|error| panic!("{error}"));
        let scenario = document.prepare(&synod::standard()).unwrap_or_else(|error| panic!("{error}"));
        for seed in 1..=3 {
            let outcome = run(&*scenario, seed);
            let unmet = outcome.expectations.iter().filter(|expectation| !expectation.verdict.passed());
            for unmet in unmet {
                let name = scenario.name();
                failed.push(format!(
                    "{name}, seed {seed}: {} is {}, not {}",
                    unmet.metric, unmet.value, unmet.bound
                ));
            }
        }
    }
    assert!(failed.is_empty(), "{}", failed.join("\n"));
}

/// Agents of whom a third know and the others guess, among them as many liars as are borne.
fn calibrated(agents: u32, faulty: u32, attack: &str) -> String {
    let experts = agents.div_ceil(3);
    let liars: Vec<u32> = (agents - faulty..agents).collect();
    format!(
        "
name: calibrated
agents: {agents}
groups:
  - {{name: experts, count: {experts}, competence: 95%}}
  - {{name: others, count: {}, competence: 40%}}
network: {{latency: {{lognormal: {{median: 20ms, p99: 80ms}}}}}}
protocol: {{iterative: {{faulty: {faulty}, propose: 500ms, review: 500ms}}}}
workload: {{value: {{number: {{low: 0, high: 1000000}}}}}}
faults: [{{insider: {{agents: {liars:?}, attack: {attack}}}}}]
stop: quiescent
horizon: 10m
",
        agents - experts
    )
}

#[test]
fn nine_of_ten_sessions_converge_within_five_rounds_whatever_liars_do() {
    let (mut sessions, mut quick) = (0, 0);
    for (agents, faulty) in [(4, 1), (8, 1), (12, 2), (20, 2), (50, 3)] {
        for attack in ["convergence_stalling", "oscillation", "feedback_bombing", "sycophantic_echo"] {
            let scenario = prepare(&calibrated(agents, faulty, attack));
            for seed in 0..10 {
                let outcome = run(&*scenario, seed);
                sessions += 1;
                let has_converged = outcome.metrics["iterative.converged"].value() == 1.0;
                quick += u32::from(has_converged && outcome.metrics["rounds"].value() <= 5.0);
            }
        }
    }
    assert!(10 * quick >= 9 * sessions, "{quick} of {sessions}");
}
