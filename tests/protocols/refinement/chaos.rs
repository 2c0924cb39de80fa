//! Nothing goes wrong with the true protocol, whatever goes wrong around it.

use super::{objections, prepare, run};
use std::collections::BTreeMap;

/// What is refined, and how.
const WAYS: [(&str, &str); 6] = [
    ("faulty: 2", "{number: {low: 0, high: 1000000}}"),
    ("faulty: 2, grace: 100ms, pull: 30%", "{list: {of: 12}}"),
    ("faulty: 3, byzantine: false, grace: 50ms, evaluator: true, good_enough: 90%", "{set: {of: 30}}"),
    ("faulty: 2, converged: {rounds: 1, approves: 60%}, deadline: 5s", "{text: {words: 30, vocabulary: 40}}"),
    (
        "faulty: 1, rounds: 4, pull: 70%",
        "{record: [{name: kind, value: {category: {options: 3}}}, {name: size, value: {number: {low: 1, high: 9000, scale: logarithmic}}}]}",
    ),
    ("faulty: 2, method: {agreement: {tolerance: 50}}", "{number: {low: -50000, high: 50000}}"),
];

/// Nine agents of three kinds; up to two of them lie, and all may be struck by anything for as long as it lasts.
fn scenario(params: &str, value: &str) -> String {
    let reliability = if params.contains("agreement") { "100%" } else { "70%" };
    format!(
        "
name: chaos
agents: 9
groups:
  - {{name: experts, count: 2, competence: 95%, weight: 3, speed: 50/s}}
  - {{name: others, count: 6, competence: 40%, correlation: 20%}}
  - {{name: idlers, count: 1, competence: 50%, reliability: {reliability}}}
network: {{latency: {{uniform: {{min: 1ms, max: 60ms}}}}, loss: 1%}}
protocol: {{iterative: {{propose: 300ms, review: 300ms, {params}}}}}
workload: {{value: {value}, sessions: 3}}
swarm: {{faults: 6, corrupted: 2}}
horizon: 90s
stop: horizon
allow_unsafe: true
"
    )
}

#[test]
fn the_true_protocol_survives_chaos() {
    let seeds = std::env::var("SYNOD_SEEDS").map_or(90, |seeds| seeds.parse().expect("a number of seeds"));
    let mut wrong = Vec::new();
    let mut checked: BTreeMap<&str, u64> = BTreeMap::new();
    for (params, value) in WAYS {
        let scenario = prepare(&scenario(params, value));
        for seed in 0..seeds {
            let outcome = run(&*scenario, seed);
            for oracle in &outcome.oracles {
                *checked.entry(oracle.name).or_default() += oracle.checked;
            }
            wrong.extend(objections(&outcome).into_iter().map(|why| format!("{params}, seed {seed}: {why}")));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    // Phases end by their time where nothing is lost; here something always is.
    let vacuous: Vec<_> = checked.iter().filter(|&(_, &count)| count == 0).map(|(name, _)| *name).collect();
    assert_eq!(vacuous, ["phases"], "{checked:?}");
}
