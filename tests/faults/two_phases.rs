//! Two phases: what the protocol need not tolerate is over at `stabilize_at`, agents outside of the core stay broken,
//! and progress is demanded of the others, by a stated time.

use synod::harness::Outcome;
use synod::oracle::OracleVerdict;
use synod::scenario::Document;
use synod::sim::NodeId;

fn run(agents: u32, more: &str) -> Outcome {
    let text = format!(
        "name: phases\nagents: {agents}\nnetwork: {{latency: {{uniform: {{min: 1ms, max: 5ms}}}}}}\n\
         protocol: {{pbft: {{timeout: 500ms, timeout_max: 2s}}}}\n\
         workload: {{requests: {{total: 200, clients: 2, arrival: {{open: 10/s}}}}}}\nhorizon: 60s\n{more}"
    );
    let document = Document::parse("phases.yaml", &text).unwrap();
    let scenario = document.prepare(&synod::standard()).unwrap_or_else(|error| panic!("{error}"));
    scenario.run(1, None).unwrap()
}

fn liveness(outcome: &Outcome) -> OracleVerdict {
    outcome.oracles.iter().find(|report| report.name == "liveness").unwrap().verdict
}

fn ends(outcome: &Outcome) -> Vec<(&str, Option<String>)> {
    let end = |fault: &synod::fault::FaultReport| fault.until.map(|until| until.to_string());
    outcome.faults.iter().map(|fault| (fault.name.as_str(), end(fault))).collect()
}

#[test]
fn everything_beyond_what_is_tolerated_ends_and_all_is_decided() {
    let outcome = run(
        4,
        "stabilize_at: 10s\nfaults:\n  - silent: {agents: [3]}\n  - loss: {chance: 40%}\n  \
         - partition: {parts: 2, from: 2s}\n  - crash: {agents: [1, 2], from: 4s}\n",
    );
    assert!(outcome.verdict.passed(), "{:?}", outcome.violations);
    assert_eq!(liveness(&outcome), OracleVerdict::Held);
    let over = Some("10s".to_owned());
    assert_eq!(
        ends(&outcome),
        [("silent-1", None), ("loss-1", over.clone()), ("partition-1", over.clone()), ("crash-1", over)]
    );
    let bound = outcome.oracles.iter().find_map(|report| report.bound).unwrap();
    // (f + 2)·T_max + R_c + 3·T_s + 6Δ.
    assert_eq!(bound.to_string(), "7.03s");
    let json = serde_json::to_value(&outcome).unwrap();
    assert_eq!(json["oracles"][6]["bound_ns"], 7_030_000_000u64);
    assert!(json["oracles"][0].get("bound_ns").is_none());
}

#[test]
fn liveness_is_demanded_of_the_core_alone() {
    let outcome = run(
        7,
        "stabilize_at: 10s\ncore: [0, 1, 2, 3, 4]\nfaults:\n  - isolate: {agents: [5]}\n  \
         - partition: {groups: [[0, 1, 5], [2, 3, 4, 6]], from: 2s}\n  - crash: {agents: [0, 6], from: 1s}\n",
    );
    assert!(outcome.verdict.passed(), "{:?} {:?}", outcome.violations, outcome.expectations);
    assert_eq!(liveness(&outcome), OracleVerdict::Held);
    let over = Some("10s".to_owned());
    assert_eq!(
        ends(&outcome),
        [
            ("isolate-1", None),
            ("partition-1", over.clone()),
            ("partition-1-outside", None),
            ("crash-1", over),
            ("crash-1-outside", None)
        ]
    );
}

#[test]
fn a_leader_that_crashes_for_good_is_waited_for_no_longer() {
    for fault in ["crash: {agents: leader, from: 3s}", "isolate: {agents: leader, from: 3s}"] {
        let outcome = run(4, &format!("faults:\n  - {fault}\n"));
        assert!(outcome.verdict.passed(), "{fault}: {:?} {:?}", outcome.violations, outcome.expectations);
        assert_eq!(liveness(&outcome), OracleVerdict::Held, "{fault}");
        assert_eq!(outcome.faults[0].agents, [NodeId(0)], "agent 0 led");
        assert!(outcome.faults[0].effect.dropped > 0);
        assert_eq!(outcome.ended(), "decided");
    }
}

#[test]
fn a_leader_that_crashes_comes_back_itself() {
    let outcome =
        run(4, "faults:\n  - crash: {agents: leader, from: 3s, until: 6s, duty: {on: 1s, off: 500ms}}\n");
    assert!(outcome.verdict.passed(), "{:?}", outcome.violations);
    assert_eq!(outcome.faults[0].agents, [NodeId(0)]);
    assert_eq!(liveness(&outcome), OracleVerdict::Held);
}

#[test]
fn a_fault_that_did_nothing_is_a_warning() {
    let outcome = run(4, "faults:\n  - loss: {chance: 0%}\n  - slow_links: {by: 1ms}\n");
    let json = serde_json::to_value(&outcome).unwrap();
    assert_eq!(json["warnings"], serde_json::json!(["the fault \"loss-1\" did nothing"]));
}
