//! The catalogue of attacks: every file in `fault_models/` is sound, does something, and breaks nothing that holds up to
//! its bound.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use synod::campaign::{Outcome, Registry};
use synod::scenario::{Document, FaultModel};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fault_models")
}

/// Every fault model, with the path under which a scenario of that folder picks it.
fn models() -> BTreeMap<String, FaultModel> {
    let mut models = BTreeMap::new();
    for kind in fs::read_dir(folder()).expect("there are fault models") {
        let kind = kind.expect("a folder lists its entries").path();
        if !kind.is_dir() {
            continue;
        }
        for file in fs::read_dir(kind).expect("a folder") {
            let path = file.expect("a folder lists its entries").path();
            let name = path.strip_prefix(folder()).expect("it lies in there").display().to_string();
            let model = FaultModel::load(&path).unwrap_or_else(|error| panic!("{error}"));
            models.insert(name, model);
        }
    }
    models
}

/// The number of the attack that needs more agents than PBFT bears.
const POSITIVE_CONTROL: u32 = 19;

/// Four replicas, of which one may lie, under the model.
fn scenario(file: &str, workload: &str, allow_unsafe: bool) -> String {
    format!(
        "
name: {file}
agents: 4
network: {{latency: {{uniform: {{min: 1ms, max: 9ms}}}}}}
protocol:
  pbft: {{timeout: 200ms, timeout_max: 800ms, status_interval: 100ms, checkpoint_interval: 8}}
workload: {workload}
faults: [{{model: {}}}]
allow_unsafe: {allow_unsafe}
horizon: 20s
",
        folder().join(file).display()
    )
}

const WORKLOADS: [&str; 2] =
    ["{requests: {total: 40, clients: 2, arrival: {closed: 5ms}}}", "{decision: {}}"];

fn runs(file: &str, allow_unsafe: bool) -> Vec<Outcome> {
    let registry = Registry::standard();
    let mut outcomes = Vec::new();
    for workload in WORKLOADS {
        let text = scenario(file, workload, allow_unsafe);
        let document = Document::parse(file, &text).expect("it is YAML");
        let scenario = registry.prepare(document).unwrap_or_else(|error| panic!("{error}"));
        outcomes.extend((0..6).map(|seed| scenario.run(seed, None).expect("it runs")));
    }
    outcomes
}

#[test]
fn each_file_says_which_attack_it_is() {
    let models = models();
    for (file, model) in &models {
        assert!(!model.aims.is_empty(), "{file} aims at something");
        let number = file.rsplit('/').next().and_then(|name| name.split_once('_')).map(|(number, _)| number);
        if let Some(attack) = model.attack.filter(|_| file.starts_with("byzantine")) {
            assert_eq!(number, Some(&*format!("{attack:02}")), "{file}");
        }
    }
    for attack in 1..=19 {
        assert!(models.values().any(|model| model.attack == Some(attack)), "attack {attack} has a file");
    }
}

#[test]
fn the_table_names_every_file() {
    let table = fs::read_to_string(folder().join("README.md")).expect("a table");
    for file in models().keys().filter(|file| file.starts_with("byzantine")) {
        assert!(table.contains(&format!("({file})")), "{file} is in the table");
    }
}

#[test]
fn every_model_does_something_and_breaks_nothing() {
    let mut wrong = Vec::new();
    for (file, model) in models() {
        let is_control = model.attack == Some(POSITIVE_CONTROL);
        let outcomes = runs(&file, is_control);
        let effect: u64 =
            outcomes.iter().flat_map(|outcome| &outcome.faults).map(|fault| fault.effect.total()).sum();
        if effect == 0 {
            wrong.push(format!("{file} does nothing"));
        }
        for outcome in outcomes.iter().filter(|_| !is_control) {
            for violation in &outcome.violations {
                let (seed, oracle) = (outcome.seed, violation.oracle);
                wrong.push(format!("{file}, seed {seed}: {oracle}: {}", violation.message));
            }
            if outcome.metrics["undecided"].value() > 0.0 {
                wrong.push(format!("{file}, seed {}: undecided, {}", outcome.seed, outcome.end.ending));
            }
        }
        let is_broken =
            outcomes.iter().any(|outcome| outcome.violations.iter().any(|v| v.oracle == "agreement"));
        if is_control && !is_broken {
            wrong.push(format!("{file} breaks no agreement"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
