//! Long runs, cut short: what is told of their spans, and that bounds on it fail where something grows.

use super::command::{Folder, object, page, refused};
use serde_json::Value;
use std::fs;

/// The scenario of a day as one of twelve minutes: spans of a minute, and faults in the second of every three.
fn minutes(more: &[&str], code: i32) -> Value {
    const SHORT: [&str; 6] = [
        "workload.requests.total=8000",
        "horizon=20m",
        "soak=1m",
        "faults=[{crash: {agents: [1], from: 70s, until: 12m, duty: {on: 10s, off: 170s}}}, \
         {isolate: {agents: leader, from: 90s, until: 12m, duty: {on: 2s, off: 178s}}}]",
        "limits.events=10000000",
        "expect={success_rate: {at_least: 99.9%}, soak.decisions_per_second: {at_least: 9}, \
         soak.p95_growth_high: {at_most: 100}}",
    ];
    let settings: Vec<&str> = SHORT.iter().chain(more).flat_map(|setting| ["--set", setting]).collect();
    object(&[&["run", "scenarios/documents/long_running.yaml"], &settings[..]].concat(), code)
}

fn figure(run: &Value, name: &str) -> f64 {
    run["metrics"][name].as_f64().unwrap_or_else(|| panic!("{name} is missing: {}", run["metrics"]))
}

#[test]
fn spans_without_faults_are_told_of() {
    let run = minutes(&[], 0);
    assert_eq!(run["verdict"], "pass");
    // Thirteen whole minutes, four of them with faults, and the first.
    assert_eq!(figure(&run, "soak.spans"), 8.0);
    assert!((9.5..10.7).contains(&figure(&run, "soak.decisions_per_second")));
    let [low, middle, high] = ["_low", "", "_high"].map(|end| figure(&run, &format!("soak.p95_growth{end}")));
    assert!(low < middle && middle < high, "{low} {middle} {high}");
    // A minute's growth counts 1,440 times.
    assert!(low < 1.0 && high > 1.0, "{low} {high}");
    assert!(figure(&run, "soak.rest_growth_low") < figure(&run, "soak.rest_growth_high"));
    for name in ["agreement", "view_change_safety", "validity", "order", "checkpoint", "one_outcome"] {
        let oracles = run["oracles"].as_array().expect("a list");
        let oracle = oracles.iter().find(|oracle| oracle["name"] == name).expect("it is there");
        assert_eq!(oracle["verdict"], "held", "{name} has judged something");
    }
}

#[test]
fn latencies_that_grow_are_found() {
    // Processors that need a little longer than they have: queues grow without end.
    let run = minutes(
        &[
            "cpu.base=60ms",
            "workload.requests.hosts=2",
            "faults=[]",
            "expect={soak.p95_growth_high: {at_most: 100}, undecided: {at_least: 0}}",
        ],
        1,
    );
    assert!(figure(&run, "soak.p95_growth_low") > 100.0, "{}", run["metrics"]);
}

/// A log of ten writes a second, from which all is forgotten that is older than so many entries. With its seed a sample
/// of every minute finds nothing under way.
fn log(entries: u32) -> String {
    format!(
        "{{name: log, about: A log and its snapshots., seed: 7, agents: 3, network: {{latency: {{constant: 5ms}}}}, \
         protocol: {{raft: {{snapshot_interval: {entries}, snapshot_trail: 8}}}}, \
         workload: {{requests: {{total: 9000, arrival: {{open: 10/s}}, commands: {{keys: 8, put: 100%}}}}}}, \
         horizon: 20m, soak: 1m, limits: {{events: 10000000}}, \
         expect: {{soak.rest_growth_low: {{at_most: 1}}}}}}"
    )
}

#[test]
fn state_that_leaks_is_found_and_state_that_swings_is_not() {
    let folder = Folder::new("soak-leak");
    let swings = object(&["run", &folder.write("swings.yaml", &log(64))], 0);
    assert!(figure(&swings, "soak.rest_growth_high") > 1.0, "{}", swings["metrics"]);
    assert!(figure(&swings, "raft.snapshots_taken") > 100.0);
    // Nothing is ever forgotten.
    let leaks = object(&["run", &folder.write("leaks.yaml", &log(1_000_000))], 1);
    assert!(figure(&leaks, "soak.rest_growth_low") > 100.0, "{}", leaks["metrics"]);
    let drift = &leaks["drift"];
    assert_eq!(drift["span_ns"], 60_000_000_000_u64);
    let spans = figure(&leaks, "soak.spans") as usize;
    let rest: Vec<u64> =
        drift["rest_bytes"].as_array().expect("a list").iter().filter_map(Value::as_u64).collect();
    assert_eq!((rest.len(), drift["calm"][0].as_bool()), (spans + 1, Some(false)), "{drift}");
    assert!(rest.is_sorted_by(|before, after| before < after), "{rest:?}");
}

#[test]
fn a_benchmark_shows_what_grows() {
    let folder = Folder::new("soak-bench");
    folder.write("log.yaml", &log(64));
    let suite = "{name: soak, about: For tests., series: [{name: log, about: A log., scenarios: [log.yaml], seeds: 0..2}]}";
    let (suite, output) = (folder.write("suite.yaml", suite), folder.at("out"));
    page(&["bench", &suite, "--output", &output], 0);
    let read = |name: &str| fs::read_to_string(format!("{output}/{name}")).expect("it was written");
    let results: Value = serde_json::from_str(&read("results.json")).expect("JSON");
    let first = object(&["run", &folder.at("log.yaml"), "--seed", "0"], 0);
    assert_eq!(results["points"][0]["drift"], first["drift"], "of the first run");
    let summary = read("summary.md");
    assert!(summary.contains("| p95 in a day | memory in a day |"), "{summary}");
    let plot = read("plots/log-drift-n-3.svg");
    assert!(plot.contains("kept at rest") && plot.contains(" a day, 95 % from "), "{plot}");
}

#[test]
fn spans_are_not_too_many() {
    for span in ["0s", "1ns"] {
        let set = format!("soak={span}");
        let error = refused(&["run", "scenarios/documents/long_running.yaml", "--set", &set]);
        assert!(error.contains("more than 10000 spans"), "{error}");
    }
}
