//! Protocols made of protocols: what their mutants do is seen, what they must do holds over many seeds, and sessions
//! share nothing.

use std::path::PathBuf;
use synod::harness::{Outcome, Prepared};
use synod::protocol::{adaptive, compose, distributed};
use synod::scenario::Document;

fn prepare(scenario: &str, settings: &[&str]) -> Box<dyn Prepared> {
    let path =
        PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("scenarios").join(scenario).with_extension("yaml");
    let mut document = Document::load(&path).expect("it is there");
    settings.iter().for_each(|assignment| document.set(assignment).expect("it can be set"));
    document.prepare(&synod::standard()).unwrap_or_else(|error| panic!("{scenario}: {error}"))
}

fn run(scenario: &str, seed: u64, settings: &[&str]) -> Outcome {
    prepare(scenario, settings).run(seed, None).expect("it runs")
}

fn violated(outcome: &Outcome) -> Vec<&'static str> {
    outcome.violations.iter().map(|violation| violation.oracle).collect()
}

/// A mutant, the oracle that catches it, and where: a scenario, what is set in it, and the first seed.
type Case = (&'static str, &'static str, &'static str, &'static [&'static str], u64);

fn pipeline_case(bug: compose::Bug) -> Case {
    let (scenario, settings, seed): (_, &[&str], _) = match bug {
        compose::Bug::OneVoucherIsEnough => ("pipeline/lying_experts", &[], 0),
        compose::Bug::FirstWordCounts => ("pipeline/lying_experts", &[], 0),
        compose::Bug::EndsTwice => ("pipeline/three_kinds", &["stop=quiescent"], 0),
    };
    (bug.name(), bug.oracle(), scenario, settings, seed)
}

/// Agent 6 hears nothing and leaves; when it can ask again what came of it, a liar answers too.
const LEFT_ALONE: &str = "faults=[{mutate: {agents: [1], what: contents}}, \
                          {isolate: {agents: [6], from: 20ms, until: 8s}}]";

fn adaptive_case(bug: adaptive::Bug) -> Case {
    let (scenario, settings, seed): (_, &[&str], _) = match bug {
        adaptive::Bug::FloorIgnored => ("documents/adaptive_coordination", &[], 0),
        adaptive::Bug::FallbackWithoutClose => ("adaptive/torn", &[], 1),
        adaptive::Bug::BoundForgotten => ("adaptive/torn", &[], 14),
        adaptive::Bug::OneVoiceSettles => ("adaptive/equivocation", &[LEFT_ALONE], 1),
        adaptive::Bug::OscillatingTriggers => ("adaptive/late_decision", &[], 0),
    };
    (bug.name(), bug.oracle(), scenario, settings, seed)
}

/// In how many seeds a mutant must be caught.
const SEEDS: u64 = 200;

fn assert_caught(protocol: &str, cases: impl IntoIterator<Item = Case>) {
    let mut wrong = Vec::new();
    for (name, oracle, scenario, settings, seed) in cases {
        let bug = format!("protocol.{protocol}.bug={name}");
        let with_bug = [settings, &[bug.as_str()]].concat();
        let mutant = prepare(scenario, &with_bug);
        let catches = |seed| violated(&mutant.run(seed, None).expect("it runs")).contains(&oracle);
        if !catches(seed) {
            let first = (0..SEEDS).find(|&seed| catches(seed));
            wrong.push(format!("{name} survives seed {seed}; {oracle} catches it first in {first:?}"));
        }
        let truth = run(scenario, seed, settings);
        if !violated(&truth).is_empty() {
            wrong.push(format!("{name}, seed {seed}: the true protocol violates {:?}", violated(&truth)));
        }
        let judged = truth.oracles.iter().find(|report| report.name == oracle);
        if judged.is_none_or(|report| report.checked == 0) {
            wrong.push(format!("{name}, seed {seed}: {oracle} is vacuous"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn mutants_of_pipelines_are_caught() {
    assert_caught("pipeline", compose::Bug::ALL.iter().map(|&bug| pipeline_case(bug)));
}

#[test]
fn mutants_of_chains_are_caught() {
    assert_caught("adaptive", adaptive::Bug::ALL.iter().map(|&bug| adaptive_case(bug)));
}

/// A committee of four, where one agent in ten is silent, has two of them now and then; one that is drawn as the
/// tail of the law demands has not.
#[test]
fn a_committee_that_is_too_small_is_caught() {
    let bug = distributed::Bug::SmallestCommittee;
    let small = format!("protocol.distributed.bug={}", bug.name());
    let silent = [
        "agents=40",
        "groups=[]",
        "protocol.distributed.faulty=4",
        "protocol.distributed.tree.faulty_weight=10%",
        "faults=[{silent: {agents: 4}}]",
        "expect={}",
        "horizon=100ms",
    ];
    let caught = |settings: &[&str]| {
        let prepared = prepare("distributed/fault_free_200", settings);
        let is_caught =
            |&seed: &u64| violated(&prepared.run(seed, None).expect("it runs")).contains(&bug.oracle());
        (0..SEEDS).filter(is_caught).count()
    };
    let count = caught(&[&silent[..], &[small.as_str()]].concat());
    assert!(count > 0, "the small committee survives {SEEDS} seeds");
    assert_eq!(caught(&silent), 0);
}

#[test]
fn true_chains_and_pipelines_hold_whatever_goes_wrong() {
    let mut wrong = Vec::new();
    let with_raft = ["adaptive/raft_torn", "pipeline/raft_first", "sessions/raft_5"];
    for scenario in ["adaptive/swarm", "adaptive/torn", "pipeline/lossy", "pipeline/lying_experts"]
        .iter()
        .chain(&with_raft)
    {
        let prepared = prepare(scenario, &[]);
        for seed in 0..500 {
            let outcome = prepared.run(seed, None).expect("it runs");
            if !outcome.verdict.passed() {
                wrong.push(format!("{scenario}, seed {seed}: {:?}", violated(&outcome)));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// The oracles of children see what they would see of them alone: mutants inside are caught by their own oracles, among
/// members under other numbers as well.
#[test]
fn mutants_inside_are_caught_by_lifted_oracles() {
    let cases = [
        ("sessions/equivocation", "protocol.sessions.of.pbft.bug=duplicate_senders_counted", "validity"),
        ("pipeline/lossy", "protocol.pipeline.stages.1.by.weighted.bug=late_weight_forgotten", "early_stop"),
        ("adaptive/swarm", "protocol.adaptive.chain.0.by.pbft.bug=quorum_one_short", "validity"),
        ("sessions/raft_5", "protocol.sessions.of.raft.bug=two_votes_in_a_term", "election_safety"),
    ];
    let mut wrong = Vec::new();
    for (scenario, bug, oracle) in cases {
        let mutant = prepare(scenario, &[bug]);
        let found = |seed| violated(&mutant.run(seed, None).expect("it runs"));
        if !(0..SEEDS).any(|seed| found(seed).contains(&oracle)) {
            let others: Vec<_> = (0..SEEDS).flat_map(found).collect();
            wrong.push(format!("{scenario}: {oracle} never objects, but {others:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// What is wrong inside a composition is said where it stands in the file.
#[test]
fn mistakes_are_found_where_they_stand() {
    for (scenario, setting, message) in [
        ("pipeline/lossy", "protocol.pipeline.stages.0.groups=[expert]", "there is no group \"expert\""),
        ("pipeline/lossy", "protocol.pipeline.stages=[]", "a pipeline has at least one stage"),
        ("pipeline/lossy", "protocol.pipeline.stages.0.by.pbft.f=3", "f"),
        ("adaptive/torn", "protocol.adaptive.faulty=3", "pbft tolerates 2 faulty agents, not 3"),
        ("adaptive/torn", "protocol.adaptive.chain.1.by={iterative: {}}", "iterative is no rung"),
        (
            "adaptive/raft_torn",
            "protocol.adaptive.chain.0.by.raft.learners=[6]",
            "the voters of a rung are all",
        ),
        (
            "sessions/raft_5",
            "protocol.sessions.of={pipeline: {}}",
            "pipeline does not run inside other protocols",
        ),
        (
            "adaptive/torn",
            "protocol.adaptive.chain.0.by={simple: {}}",
            "tolerates more than what comes before it",
        ),
        ("sessions/pbft_13", "workload.sessions=0", "there are 1 to 100000 sessions"),
        ("distributed/fault_free_200", "protocol.distributed.faulty=67", "no committee tolerates that"),
        (
            "distributed/fault_free_200",
            "protocol.distributed.committee.f=1",
            "follows from how many there are",
        ),
    ] {
        let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("scenarios").join(scenario);
        let mut document = Document::load(&path.with_extension("yaml")).expect("it is there");
        document.set(setting).expect("it can be set");
        let error = match document.prepare(&synod::standard()) {
            Ok(_) => panic!("{setting} is taken"),
            Err(error) => error.to_string(),
        };
        assert!(error.contains(message), "{setting}: {error}");
        let place = setting.split('=').next().expect("a path");
        assert!(error.contains("--set") || error.contains(".yaml:"), "{place}: {error}");
    }
}

/// What Raft's abort proofs say binds the rung after it: a chain that forgets it decides twice.
#[test]
fn a_chain_that_forgets_what_raft_may_have_decided_is_caught() {
    let mutant = prepare("adaptive/raft_torn", &["protocol.adaptive.bug=bound_forgotten"]);
    let found = |seed| violated(&mutant.run(seed, None).expect("it runs"));
    assert!((0..SEEDS).any(|seed| found(seed).contains(&"one_decision")), "it survives {SEEDS} seeds");
}

/// Rungs are left for each reason, and entered bound to what was decided before.
#[test]
fn chains_are_left_for_every_reason() {
    let mut seen = std::collections::BTreeMap::<&str, u64>::new();
    for (scenario, seeds) in [
        ("adaptive/swarm", 200),
        ("adaptive/torn", 100),
        ("documents/adaptive_failures", 1),
        ("documents/adaptive_time_pressure", 1),
    ] {
        let prepared = prepare(scenario, &[]);
        for seed in 0..seeds {
            let outcome = prepared.run(seed, None).expect("it runs");
            outcome.coverage.iter().for_each(|(mark, count)| *seen.entry(mark).or_default() += count);
        }
    }
    for mark in ["rung_entered", "rung_bound", "left_for_time", "left_for_failures", "left_with_others"] {
        assert!(seen.contains_key(mark), "{mark} never happens: {seen:?}");
    }
}

/// A session in a crowd costs and decides what it does alone.
#[test]
fn sessions_share_nothing() {
    let sent = |outcome: &Outcome| outcome.metrics["messages.sent"].value();
    let alone = run("sessions/pbft_13", 1, &["workload.sessions=1", "expect={}"]);
    let crowd = run("sessions/pbft_13", 1, &["workload.sessions=40", "expect={}"]);
    assert_eq!(sent(&crowd), 40.0 * sent(&alone));
    assert_eq!(crowd.metrics["decisions"].value(), 40.0);
}
