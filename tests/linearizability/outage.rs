//! Operations of unknown outcome whose effect nobody saw cost nothing: an outage leaves hundreds of them.

use synod::oracle::OracleVerdict;
use synod::scenario::Document;

/// Two of three replicas are down for five seconds, and clients lose patience after 100 ms.
const OUTAGE: &str = "
name: outage
about: A majority is down for a while.
agents: 3
network: {latency: {uniform: {min: 1ms, max: 5ms}}}
protocol: {raft: {client_timeout: 100ms}}
workload:
  requests: {total: 3000, clients: 16, hosts: 4, arrival: {closed: 10ms}, commands: {keys: 1, get: 50%, put: 50%}}
faults:
  - crash: {agents: [0, 1], from: 2s, until: 7s}
horizon: 2m
expect: {undecided: {at_most: 3000}}
";

#[test]
fn an_outage_is_judged_whole_and_soon() {
    for settings in [
        &[][..],
        &["workload.requests.commands.keys=5"],
        &["workload.requests.commands={keys: 1, get: 30%, append: 70%}"],
        &["workload.requests.commands={keys: 1, get: 40%, put: 20%, cas: 20%, append: 20%}"],
    ] {
        let mut document = Document::parse("outage.yaml", OUTAGE).expect("it is a scenario");
        settings.iter().for_each(|setting| document.set(setting).expect("it can be set"));
        let prepared = document.prepare(&synod::standard()).unwrap_or_else(|error| panic!("{error}"));
        let outcome = prepared.run(1, None).expect("it runs");
        let mut reports = outcome.oracles.iter();
        let report = reports.find(|report| report.name == "linearizability").expect("it watches");
        assert_eq!(report.verdict, OracleVerdict::Held, "{settings:?}: {:?}", report.unknown);
        assert!(report.checked >= 2_000, "{settings:?}: {}", report.checked);
    }
}
