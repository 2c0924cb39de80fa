//! Bounds of the protocols' parameters: what lies at the bound is taken, and what lies one beyond it is refused with the
//! reason.

use synod::scenario::Document;

/// The refusal of `params` of a protocol, with this workload, among so many agents; nothing if they are sound.
fn refusal(agents: u32, protocol: &str, params: &str, workload: &str) -> String {
    let text = format!(
        "name: x\nagents: {agents}\nnetwork: {{latency: {{constant: 1ms}}}}\nprotocol: {{{protocol}: {{{params}}}}}\n\
         workload: {workload}\nhorizon: 10s\n"
    );
    let prepared = Document::parse("x.yaml", &text).expect("it is YAML").prepare(&synod::standard());
    prepared.err().map(|error| error.to_string()).unwrap_or_default()
}

/// What is at the bound, what is one beyond, and a part of the refusal.
type Bound = (&'static str, &'static str, &'static str);

#[track_caller]
fn check(agents: u32, protocol: &str, workload: &str, bounds: &[Bound]) {
    for (allowed, refused, why) in bounds {
        assert_eq!(refusal(agents, protocol, allowed, workload), "", "{protocol}: {allowed}");
        let refusal = refusal(agents, protocol, refused, workload);
        assert!(
            refusal.starts_with("x.yaml:") && refusal.contains(why),
            "{protocol}: {refused}: {refusal:?}"
        );
    }
}

const REQUESTS: &str = "{requests: {total: 1, arrival: {closed: 1ms}}}";
const SESSIONS: &str = "{sessions: 1}";

#[test]
fn pbft() {
    let bounds = [
        ("f: 1", "f: 2", "3f + 1"),
        (
            "checkpoint_interval: 1, in_flight: 2",
            "checkpoint_interval: 0, in_flight: 2",
            "every 1 to 1048576 slots",
        ),
        ("checkpoint_interval: 1048576", "checkpoint_interval: 1048577", "every 1 to 1048576 slots"),
        ("batch: {max: 1}", "batch: {max: 0}", "a batch holds at least one request"),
        ("in_flight: 1", "in_flight: 0", "1 to 32 slots can be in flight"),
        ("in_flight: 32", "in_flight: 33", "1 to 32 slots can be in flight"),
        ("timeout: 1ns", "timeout: 0ns", "waiting takes time"),
        (
            "timeout: 2s, timeout_max: 2s",
            "timeout: 2s, timeout_max: 1999999999ns",
            "the cap lies below the timeout",
        ),
        ("status_interval: 1ns", "status_interval: 0ns", "longer than no time"),
        ("client_timeout: 1ns", "client_timeout: 0ns", "waiting takes time"),
    ];
    check(4, "pbft", REQUESTS, &bounds);
    let decision = |value| format!("{{decision: {{value: {value}, value_max: 9}}}}");
    assert_eq!(refusal(4, "pbft", "", &decision(9)), "");
    assert!(refusal(4, "pbft", "", &decision(10)).contains("correct replicas would not vote for this value"));
}

#[test]
fn raft() {
    let bounds = [
        ("heartbeat: 1ns", "heartbeat: 0ns", "heartbeats take time"),
        (
            "election_timeout: 100ms, heartbeat: 50ms",
            "election_timeout: 99999999ns, heartbeat: 50ms",
            "hear twice in its election timeout",
        ),
        ("client_timeout: 1ns", "client_timeout: 0ns", "waiting takes time"),
        ("pre_vote: true", "pre_vote: true, check_quorum: false", "pre-vote without CheckQuorum"),
        (
            "reads: {lease: {drift: 1%}}",
            "reads: {lease: {drift: 1%}}, pre_vote: false, check_quorum: false",
            "a lease needs followers",
        ),
        (
            "reads: {lease: {drift: 99.9999%}}",
            "reads: {lease: {drift: 100%}}",
            "with such a drift no lease lasts",
        ),
        ("snapshot_interval: 1", "snapshot_interval: 0", "at least one entry"),
        ("batch: 1", "batch: 0", "at least one entry"),
        ("in_flight: 1", "in_flight: 0", "at least one append"),
        ("client_attempts: 1", "client_attempts: 0", "a client asks at least once"),
        (
            "changes: [{at: 10s, transfer: 2}]",
            "changes: [{at: 10000000001ns, transfer: 2}]",
            "the run ends at 10s",
        ),
        ("changes: [{at: 1s, transfer: 2}]", "changes: [{at: 1s, transfer: 3}]", "there is no agent 3"),
    ];
    check(3, "raft", REQUESTS, &bounds);
}

#[test]
fn votes() {
    let bounds = [
        ("rule: {of_total: 50.0000001%}", "rule: {of_total: 50%}", "more than half"),
        (
            "rule: {of_cast: {share: 50.0000001%, participation: 50%}}",
            "rule: {of_cast: {share: 50%, participation: 50%}}",
            "more than half",
        ),
        ("weights: given, cap: 50%", "weights: given, cap: 50.0000001%", "one voter could decide alone"),
        ("weights: given, cap: 30%", "weights: equal, cap: 30%", "nothing to cap"),
        (
            "rule: {of_total: 60%}, weights: given, cap: 59.9999999%",
            "rule: {of_total: 60%}, weights: given, cap: 60%",
            "one voter could decide alone",
        ),
        ("rule: plurality, confidence: true", "confidence: true", "at their full weight"),
        ("faulty_weight: 33.3333333%", "faulty_weight: 33.3333334%", "less than a third"),
        (
            "faulty_weight: 10%",
            "faulty_weight: 10%, rule: plurality",
            "certificates are for shares of all weight",
        ),
        (
            "weights: {log_odds: {floor: 0.0000001%}}",
            "weights: {log_odds: {floor: 0%}}",
            "everybody has some weight",
        ),
        (
            "weights: {log_odds: {half_life: 1}}",
            "weights: {log_odds: {half_life: 0}}",
            "half_life is at least 1",
        ),
    ];
    check(7, "weighted", SESSIONS, &bounds);
}

#[test]
fn hierarchical() {
    let bounds = [
        ("branching: 2", "branching: 1", "a cluster of one leads to no other"),
        ("max_levels: 1", "max_levels: 0", "a tree has a level"),
        ("heartbeat: 1ns", "heartbeat: 0ns", "heartbeats are apart"),
        ("faulty_per_cluster: 1, faulty_weight: 10%", "faulty_per_cluster: 1", "decisions need certificates"),
        ("mode: delegated", "mode: delegated, faulty_weight: 10%", "certificates are for tallies"),
    ];
    check(9, "hierarchical", SESSIONS, &bounds);
}

#[test]
fn iterative() {
    let bounds = [
        ("faulty: 2", "faulty: 3", "of 8 agents at most 2 may lie: n >= 3f + 1"),
        (
            "faulty: 3, byzantine: false",
            "faulty: 4, byzantine: false",
            "at most 3 may be silent: n >= 2f + 1",
        ),
        ("faulty: 2, grace: 1ms", "faulty: 3, grace: 1ms", "n >= 3f + 1"),
        ("rounds: 1", "rounds: 0", "1 to 65535 rounds"),
        ("rounds: 65535", "rounds: 65536", "1 to 65535 rounds"),
        ("converged: {rounds: 1}", "converged: {rounds: 0}", "converging shows in a round"),
        (
            "failover: 3ns, faulty: 1, byzantine: false",
            "failover: 2ns, faulty: 1, byzantine: false",
            "waiting takes time",
        ),
        (
            "failover: 1s, faulty: 1, byzantine: false",
            "failover: 1s, faulty: 1",
            "a claim to lead is believed",
        ),
    ];
    check(8, "iterative", SESSIONS, &bounds);
    // With seven agents of whom two may lie every honest review is needed.
    assert_eq!(refusal(8, "iterative", "faulty: 2, grace: 1ms", SESSIONS), "");
    assert!(refusal(7, "iterative", "faulty: 2, grace: 1ms", SESSIONS).contains("grace takes n >= 3f + 2"));
}
