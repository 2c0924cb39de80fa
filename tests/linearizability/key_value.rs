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

#[test]
fn mutants_are_found_out_by_what_their_clients_see() {
    for Trap { bug, faults, settings, most } in TRAPS {
        let faults = format!("faults=[{faults}]");
        let prepare = |bug: &str| {
            let common = ["agents=4", "expect={}", "oracles={only: [linearizability]}", &faults, bug];
            prepare("byzantine/key_value_coalition", &[&common, settings].concat())
        };
        let verdict = |scenario: &dyn Prepared, seed| {
            let outcome = scenario.run(seed, None).expect("it runs");
            finding(&outcome).expect("it watches").0
        };
        let truth = prepare("protocol.pbft.bug=null");
        for seed in 0..most {
            let verdict = verdict(&*truth, seed);
            assert_eq!(verdict, OracleVerdict::Held, "the true protocol, {}, seed {seed}", bug.name());
        }
        let mutant = prepare(&format!("protocol.pbft.bug={}", bug.name()));
        let is_found_out = |seed| verdict(&*mutant, seed) == OracleVerdict::Violated;
        assert!((0..most).any(is_found_out), "{} survives {most} seeds", bug.name());
    }
}

/// What gives a mutant away to its clients.
struct Trap {
    bug: Bug,
    faults: &'static str,
    settings: &'static [&'static str],
    /// Within how many seeds it is found out: as many as leave one chance in a hundred to miss it, by the share of the
    /// first 200 seeds in which it is.
    most: u64,
}

const TRAPS: [Trap; 2] = [
    // Both sides of a partition serve clients, since their quorums need not meet. A client looks beyond its own
    // primary only if it misses an answer, which losses see to. 182 of 200 seeds.
    Trap {
        bug: Bug::QuorumOneShort,
        faults: "partition: {groups: [[0, 2], [1, 3]], from: 100ms, until: 4s}",
        settings: &["network.loss=3%"],
        most: 2,
    },
    // Replicas that skip a slot lack its writes until they take over another's checkpoint, so there is none. 24 of 200
    // seeds.
    Trap {
        bug: Bug::GapSkipped,
        faults: "partition: {groups: [[0, 1], [2, 3]], from: 100ms, until: 6s, duty: {on: 200ms, off: 500ms}}, \
                 insider: {agents: f, attack: wrong_new_view, strength: 100%}",
        settings: &["protocol.pbft.checkpoint_interval=256"],
        most: 37,
    },
];

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
