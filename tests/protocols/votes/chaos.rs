//! Nothing goes wrong with the true protocol, whatever goes wrong around it.

use super::{objections, prepare};
use std::collections::{BTreeMap, BTreeSet};
use synod::oracle::{Agreement, NoPanic};
use synod::protocol::vote::weighted::oracle;

const RULES: [&str; 5] = [
    "rule: majority, faulty_weight: 25%",
    "rule: {of_total: 60%}, weights: {log_odds: {learning: true, half_life: 4}}, cap: 30%",
    "rule: plurality, confidence: true, weights: given",
    "rule: {of_cast: {share: 60%, participation: 30%}}, weights: {legacy: {}}",
    "rule: {median: {tolerance: 1}}, weights: {log_odds: {}}",
];

/// Nine voters of three kinds; a third of them may be struck by anything for six seconds.
fn scenario(rule: &str, corrupted: &str) -> String {
    format!(
        "
name: chaos
agents: 9
groups:
  - {{name: experts, count: 2, competence: 90%, weight: 3, speed: 50/s, record: {{tasks: {{correct: 9, total: 10}}}}}}
  - {{name: voters, count: 5, competence: 65%, correlation: 20%, record: {{tasks: {{correct: 3, total: 5}}}}}}
  - {{name: idlers, count: 2, competence: 60%, reliability: 60%, weight: 2}}
network: {{latency: {{uniform: {{min: 1ms, max: 60ms}}}}, loss: 1%}}
protocol: {{weighted: {{deadline: 500ms, {rule}}}}}
workload: {{options: 3, sessions: 6}}
swarm: {{faults: 6, {corrupted}}}
horizon: 12s
stop: horizon
allow_unsafe: true
"
    )
}

#[test]
fn the_true_protocol_survives_chaos() {
    let seeds = std::env::var("SYNOD_SEEDS").map_or(60, |seeds| seeds.parse().expect("a number of seeds"));
    let mut wrong = Vec::new();
    let mut checked: BTreeMap<&str, u64> = BTreeMap::new();
    for rule in RULES {
        // Where nobody is to lie nothing is promised of a coordinator that does: faults are those of the environment.
        let corrupted = if rule.contains("faulty_weight") { "corrupted: 2" } else { "corrupted: 0" };
        let scenario = prepare(&scenario(rule, corrupted));
        for seed in 0..seeds {
            let outcome = scenario.run(seed, None).unwrap_or_else(|error| panic!("{error}"));
            for oracle in &outcome.oracles {
                *checked.entry(oracle.name).or_default() += oracle.checked;
            }
            wrong.extend(objections(&outcome).into_iter().map(|why| format!("{rule}, seed {seed}: {why}")));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    let named: BTreeSet<&str> =
        oracle::NAMES.iter().copied().chain([NoPanic::NAME, Agreement::NAME]).collect();
    assert_eq!(checked.keys().copied().collect::<BTreeSet<_>>(), named);
    assert!(checked.values().all(|&count| count > 0), "{checked:?}");
}
