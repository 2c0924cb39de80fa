//! Long runs, cut short: what is told of their spans, and that bounds on it fail where something grows.

mod command;

use command::{object, refused};
use serde_json::Value;

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
            "faults=[]",
            "expect={soak.p95_growth_high: {at_most: 100}, undecided: {at_least: 0}}",
        ],
        1,
    );
    assert!(figure(&run, "soak.p95_growth_low") > 100.0, "{}", run["metrics"]);
}

#[test]
fn spans_are_not_too_many() {
    for span in ["0s", "1ns"] {
        let set = format!("soak={span}");
        let error = refused(&["run", "scenarios/documents/long_running.yaml", "--set", &set]);
        assert!(error.contains("more than 1000000 spans"), "{error}");
    }
}
