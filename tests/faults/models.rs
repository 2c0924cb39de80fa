//! The catalogue of attacks: every file in `fault_models/` is sound, does something, and breaks nothing that holds up
//! to its bound.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use synod::harness::Outcome;
use synod::oracle::ViolationReport;
use synod::scenario::{Document, FaultModel};
use synod::sim::NodeId;

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

/// True for models of liars.
fn is_attack(file: &str) -> bool {
    ["byzantine/", "hierarchy/", "votes/", "refinement/"].iter().any(|folder| file.starts_with(folder))
}

/// The number of the attack that needs more agents than PBFT bears.
const POSITIVE_CONTROL: u32 = 19;

/// Four replicas, of which one may lie, under the model.
fn scenario(
    file: &str,
    (name, workload): (&str, &str),
    (agents, beside): (&str, &str),
    allow_unsafe: bool,
) -> String {
    if file.starts_with("votes/") {
        return vote(file, "weighted: {faulty_weight: 20%}");
    }
    if file.starts_with("hierarchy/") {
        let tree = "branching: 3, heartbeat: 40ms, faulty_per_cluster: 2";
        return vote(file, &format!("hierarchical: {{faulty_weight: 20%, {tree}}}"));
    }
    if file.starts_with("refinement/") {
        return refinement(file);
    }
    format!(
        "
name: {name}
agents: 4
network:
  regions:
    members: {{eu: 1, us: 3}}
    within: {{uniform: {{min: 1ms, max: 9ms}}}}
    between: [{{pair: [eu, us], latency: {{uniform: {{min: 1ms, max: 9ms}}}}}}]
protocol:
  pbft: {{timeout: 200ms, timeout_max: 800ms, status_interval: 100ms, checkpoint_interval: 8}}
workload: {workload}
authentication: {}
faults: [{{model: {{file: {}{}}}}}{}]
allow_unsafe: {allow_unsafe}
horizon: 20s
",
        if file.contains("authenticator") { "authenticator" } else { "mac" },
        folder().join(file).display(),
        format_args!("{}{}", fitted(file), agents),
        beside
    )
}

/// Ten voters, of whom two may lie, under the model.
fn vote(file: &str, protocol: &str) -> String {
    format!(
        "
name: vote
agents: 10
network: {{latency: {{uniform: {{min: 1ms, max: 9ms}}}}}}
protocol: {{{protocol}}}
workload: {{sessions: 6}}
faults: [{{model: {{file: {}}}}}]
",
        folder().join(file).display()
    )
}

/// Ten agents who refine a number, of whom two may lie, under the model. They are not drawn: the one who coordinates is
/// trusted. A session that liars keep from converging is decided by what is good enough.
fn refinement(file: &str) -> String {
    format!(
        "
name: refinement
agents: 10
network: {{latency: {{uniform: {{min: 1ms, max: 9ms}}}}}}
protocol: {{iterative: {{faulty: 2, good_enough: 90%}}}}
workload: {{sessions: 6}}
faults: [{{model: {{file: {}, agents: [3, 8]}}}}]
horizon: 20m
",
        folder().join(file).display()
    )
}

/// What is to be different: these runs are short, so faults of the environment come and go early.
fn fitted(file: &str) -> &'static str {
    match file {
        file if file.starts_with("byzantine/") => "",
        "crash/stop.yaml" => ", from: 50ms",
        "crash/rolling_restarts.yaml" => ", from: 50ms, until: 150ms, stagger: 200ms",
        _ => ", from: 50ms, until: 500ms",
    }
}

const WORKLOADS: [(&str, &str); 2] =
    [("log", "{requests: {total: 40, clients: 2, arrival: {closed: 5ms}}}"), ("decision", "{decision: {}}")];

/// Whom the model strikes, and what goes wrong beside it. What insiders do shows where one leads the first view, or
/// takes over the second while the first primary has fallen behind.
fn casts(file: &str) -> &'static [(&'static str, &'static str)] {
    const ISOLATED: &str = ", {isolate: {agents: [0], from: 30ms, until: 700ms}}";
    match file.strip_prefix("byzantine/").and_then(|name| name[..2].parse::<u32>().ok()) {
        Some(20..) => &[(", agents: [0]", ""), (", agents: [1]", ISOLATED)],
        _ => &[("", "")],
    }
}

/// Runs of the model with either workload.
fn runs(file: &str, allow_unsafe: bool) -> Vec<Outcome> {
    let registry = synod::standard();
    let mut outcomes = Vec::new();
    for (workload, cast) in WORKLOADS.into_iter().flat_map(|w| casts(file).iter().map(move |cast| (w, *cast)))
    {
        let text = scenario(file, workload, cast, allow_unsafe);
        let document = Document::parse(file, &text).expect("it is YAML");
        let scenario = document.prepare(&registry).unwrap_or_else(|error| panic!("{error}"));
        // Which agents are drawn matters to the positive control: it takes a first primary that colludes.
        let seeds = if allow_unsafe { 20 } else { 6 };
        outcomes.extend((0..seeds).map(|seed| scenario.run(seed, None).expect("it runs")));
    }
    outcomes
}

#[test]
fn each_file_says_which_attack_it_is() {
    let models = models();
    for (file, model) in &models {
        assert!(!model.aims.is_empty(), "{file} aims at something");
        let number = file.rsplit('/').next().and_then(|name| name.split_once('_')).map(|(number, _)| number);
        if let Some(attack) = model.attack.filter(|_| is_attack(file)) {
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
    for file in models().keys().filter(|file| is_attack(file)) {
        assert!(table.contains(&format!("({file})")), "{file} is in the table");
    }
}

/// What is wrong with a run under a model that is borne.
fn complaints(file: &str, outcome: &Outcome) -> Vec<String> {
    let said = |violation: &ViolationReport| format!("{}: {}", violation.oracle, violation.message);
    let mut complaints: Vec<String> = outcome.violations.iter().map(said).collect();
    // A session whose initiator is struck may come to nothing.
    let is_struck = outcome.faults.iter().any(|fault| fault.agents.contains(&NodeId(0)));
    // Who is eclipsed by all that it hears from gives the session up in which that shows.
    let is_eclipsed = file == "hierarchy/58_eclipse.yaml" && outcome.metrics["undecided"].value() == 1.0;
    let may_fail = is_struck && outcome.scenario.ends_with("decision") || is_eclipsed;
    if outcome.metrics["undecided"].value() > 0.0 && !may_fail {
        complaints.push(format!("undecided, {}", outcome.end.ending));
    }
    complaints.iter().map(|complaint| format!("{file}, seed {}: {complaint}", outcome.seed)).collect()
}

#[test]
fn every_model_does_something_and_breaks_nothing() {
    let mut wrong = Vec::new();
    for (file, model) in models() {
        let is_control = model.attack == Some(POSITIVE_CONTROL);
        let outcomes = runs(&file, is_control);
        let effect: u64 = outcomes.iter().map(|outcome| outcome.faults[0].effect.total()).sum();
        if effect == 0 {
            wrong.push(format!("{file} does nothing"));
        }
        if !is_control {
            outcomes.iter().for_each(|outcome| wrong.extend(complaints(&file, outcome)));
        }
        let is_broken =
            outcomes.iter().any(|outcome| outcome.violations.iter().any(|v| v.oracle == "agreement"));
        if is_control && !is_broken {
            wrong.push(format!("{file} breaks no agreement"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// What is said of a PBFT scenario whose only fault is `fault`, which stands in line 8 of it.
fn refusal(fault: &str) -> String {
    let text = format!(
        "name: refused
agents: 4
network: {{latency: {{constant: 1ms}}}}
protocol: {{pbft: {{}}}}
workload: {{decision: {{}}}}
horizon: 20s
faults:
  - {fault}
"
    );
    let document = Document::parse("x.yaml", &text).expect("it is YAML");
    match document.prepare(&synod::standard()) {
        Ok(_) => panic!("{fault} is accepted"),
        Err(error) => error.to_string().lines().next().unwrap_or_default().to_owned(),
    }
}

#[test]
fn names_that_the_protocol_does_not_know_are_refused_where_they_stand() {
    for (fault, message) in [
        (
            "twins: {agents: 1, withhold: [commit, comit]}",
            r#"x.yaml:8:43: error: unknown kind of message "comit", did you mean "commit"?"#,
        ),
        (
            "insider: {agents: 1, attack: no such attack}",
            r#"x.yaml:8:34: error: unknown attack "no such attack""#,
        ),
        (
            "adaptive: {agents: 1, by: leader, choices: [insider: {attack: no such attack}]}",
            r#"x.yaml:8:67: error: unknown attack "no such attack""#,
        ),
        (
            "adaptive: {agents: 1, by: leader, choices: [silent: {from: 1s}]}",
            "x.yaml:8:49: error: a choice has no window of its own: it is that of the whole",
        ),
        ("reversed_order: {agents: 1, window: 0ms}", "x.yaml:8:41: error: a window takes time"),
    ] {
        assert_eq!(refusal(fault), message, "{fault}");
    }
}
