//! Narrow uplinks: what takes long to leave a node is sent once, and who cannot keep a leader is told why.

use synod::harness::Outcome;
use synod::scenario::Document;

fn run(text: &str) -> Outcome {
    let document = Document::parse("narrow.yaml", text).expect("it reads");
    document.prepare(&synod::standard()).expect("it is sound").run(1, None).expect("it runs")
}

fn figure(outcome: &Outcome, name: &str) -> f64 {
    outcome.metrics.get(name).expect("it is measured").value()
}

/// A primary sends a proposal to three backups, one after the other: at 8 Mbps a megabyte takes a second.
#[test]
fn a_large_proposal_is_sent_to_each_backup_once() {
    for megabytes in [1, 2] {
        let outcome = run(&format!(
            "{{name: narrow, about: x, agents: 4, network: {{latency: {{constant: 10ms}}, bandwidth: 8Mbps}},
               protocol: {{pbft: {{timeout: 60s, timeout_max: 60s}}}},
               workload: {{decision: {{value: 42, payload: {megabytes}MB}}}}}}"
        ));
        let sent = f64::from(3 * megabytes) * 1e6;
        let (bytes, last) = (figure(&outcome, "bytes.sent"), outcome.end.at.as_nanos() as f64 / 1e9);
        assert!((sent..1.1 * sent).contains(&bytes), "{megabytes} MB: {bytes} bytes were sent");
        let due = f64::from(3 * megabytes) + 0.01;
        assert!((due..due + 0.05).contains(&last), "{megabytes} MB: all had decided at {last} s");
    }
}

fn raft(election_timeout: &str) -> Outcome {
    run(&format!(
        "{{name: narrow, about: x, agents: 3, network: {{latency: {{constant: 10ms}}, bandwidth: 8Mbps}},
           protocol: {{raft: {{election_timeout: {election_timeout}, client_timeout: 60s, reads: log}}}},
           workload: {{requests: {{total: 5, payload: 1MB, arrival: {{closed: 10ms}}}}}}, horizon: 2m}}"
    ))
}

#[test]
fn commands_for_which_followers_have_no_patience_are_warned_of() {
    let warnings = raft("300ms").warnings();
    assert!(warnings.iter().any(|warning| warning.contains("raise `election_timeout`")), "{warnings:?}");
    let patient = raft("5s");
    assert_eq!(patient.warnings(), [] as [&str; 0]);
    assert_eq!((figure(&patient, "raft.leaders"), figure(&patient, "undecided")), (1.0, 0.0));
    // A command to the leader, and from there to two followers; the first finds the leader by way of the others.
    let bytes = figure(&patient, "bytes.sent");
    assert!((15e6..17.5e6).contains(&bytes), "{bytes} bytes were sent");
}
