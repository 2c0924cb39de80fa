//! The key-value store on PBFT: what clients see is linearizable whatever f replicas do, and the oracle says so where
//! it is not.

use std::path::Path;
use synod::harness::{Outcome, Prepared};
use synod::oracle::OracleVerdict;
use synod::protocol::pbft::Bug;
use synod::scenario::Document;

fn prepare(scenario: &str, settings: &[&str]) -> Box<dyn Prepared> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("scenarios/{scenario}.yaml"));
    let mut document = Document::load(&path).expect("it is there");
    settings.iter().for_each(|setting| document.set(setting).expect("it can be set"));
    document.prepare(&synod::standard()).unwrap_or_else(|error| panic!("{error}"))
}

fn run(scenario: &str, seed: u64) -> Outcome {
    prepare(scenario, &[]).run(seed, None).expect("it runs")
}

/// What the oracle found, and how many operations it judged; `None` if it did not watch.
fn finding(outcome: &Outcome) -> Option<(OracleVerdict, u64)> {
    let report = outcome.oracles.iter().find(|report| report.name == "linearizability")?;
    Some((report.verdict, report.checked))
}

#[test]
fn clients_of_a_store_see_a_linearizable_history() {
    for seed in 1..4 {
        let outcome = run("pbft/key_value", seed);
        assert!(outcome.verdict.passed(), "seed {seed}");
        // Not every client need have heard when the last request is decided.
        let (verdict, checked) = finding(&outcome).expect("it watches");
        assert!(verdict == OracleVerdict::Held && checked > 3_900, "seed {seed}: {verdict:?}, {checked}");
    }
}

#[test]
fn it_does_not_watch_where_there_is_no_store() {
    assert_eq!(finding(&run("pbft/open_loop", 1)), None);
}

#[test]
fn f_byzantine_replicas_change_nothing() {
    for attack in ["lying_reply", "equivocation", "coalition"] {
        for seed in 1..6 {
            let outcome = run(&format!("byzantine/key_value_{attack}"), seed);
            assert!(outcome.verdict.passed(), "{attack}, seed {seed}: {:?}", outcome.violations);
            let (verdict, checked) = finding(&outcome).expect("it watches");
            assert!(
                verdict == OracleVerdict::Held && checked > 190,
                "{attack}, {seed}: {verdict:?}, {checked}"
            );
        }
    }
}

#[test]
fn one_liar_more_is_found_out_with_the_smallest_history() {
    for seed in 1..11 {
        let outcome = run("byzantine/key_value_positive_control", seed);
        assert!(outcome.verdict.passed(), "seed {seed}");
        let violation = &outcome.violations[0];
        let interleaving = violation.interleaving.as_ref().expect("it is drawn");
        let count = interleaving.intervals.len();
        assert!((1..=6).contains(&count), "seed {seed}: {}", violation.message);
        assert!(violation.message.contains(&interleaving.before), "{}", violation.message);
    }
}

/// Quorums that need not meet let two sides of a partition serve different stores; who skips a slot lacks its writes.
#[test]
fn mutants_are_found_out_by_what_their_clients_see() {
    for (bug, attack, most) in MUTANTS {
        let bug = format!("protocol.pbft.bug={}", bug.name());
        let model =
            format!("faults=[{{model: {{file: ../../fault_models/byzantine/{attack}.yaml, name: attack}}}}]");
        let settings =
            ["agents=4", "expect={}", "oracles={only: [linearizability]}", bug.as_str(), model.as_str()];
        let scenario = prepare("byzantine/key_value_coalition", &settings);
        let found = (0..most).find(|&seed| {
            let outcome = scenario.run(seed, None).expect("it runs");
            finding(&outcome).is_some_and(|(verdict, _)| verdict == OracleVerdict::Violated)
        });
        assert!(found.is_some(), "{bug} under {attack}");
    }
}

/// Mutants, the attack under which each is found out, and within how many seeds.
const MUTANTS: [(Bug, &str, u64); 2] =
    [(Bug::QuorumOneShort, "07_partition_and_heal", 15), (Bug::GapSkipped, "26_wrong_new_view", 15)];

#[test]
fn a_mix_that_makes_no_whole_is_refused() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios/pbft/key_value.yaml");
    for (setting, complaint) in [
        ("workload.requests.commands.get=40%", "add up to 100%"),
        ("workload.requests.commands.keys=0", "a store has 1 to"),
    ] {
        let mut document = Document::load(&path).expect("it is there");
        document.set(setting).expect("it can be set");
        let error = document.prepare(&synod::standard()).err().expect("it is refused").to_string();
        assert!(error.contains(complaint), "{error}");
    }
}

/// Gets are answered past the log, and what clients see is linearizable still.
#[test]
fn reads_by_quorum_need_no_slot() {
    for attack in ["lying_reply", "coalition"] {
        for seed in 1..4 {
            let scenario = prepare(
                &format!("byzantine/key_value_{attack}"),
                &["protocol.pbft.reads=quorum", "expect={}"],
            );
            let outcome = scenario.run(seed, None).expect("it runs");
            let (verdict, _) = finding(&outcome).expect("it watches");
            assert_eq!(verdict, OracleVerdict::Held, "{attack}, seed {seed}");
        }
    }
}
