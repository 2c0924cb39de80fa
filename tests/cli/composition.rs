//! The example's protocol inside Synod's compositions, next to Synod's own, under crashes, loss, partitions and lies.

use super::command::Folder;
use super::example::{example, stdout};
use serde_json::Value;

/// What `sweep` says of a scenario of the example's, with these settings.
fn sweep(scenario: &str, seeds: &str, settings: &[&str]) -> Value {
    let folder = Folder::new(&format!("composition-{scenario}-{}", settings.len()));
    let (path, output) = (format!("examples/composition/{scenario}.yaml"), folder.at("sweep"));
    let mut arguments = vec!["sweep", &path, "--seeds", seeds, "--output", &output, "--format", "json"];
    settings.iter().for_each(|assignment| arguments.extend(["--set", assignment]));
    let output = example(&arguments);
    let error = String::from_utf8_lossy(&output.stderr);
    serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{scenario}: {error}"))
}

/// The result of one run.
fn run(scenario: &str, seed: &str) -> Value {
    let path = format!("examples/composition/{scenario}.yaml");
    let output = example(&["run", &path, "--seed", seed, "--format", "json"]);
    serde_json::from_slice(&output.stdout).expect("JSON")
}

/// Every run passes, and what is listed happens.
fn assert_holds(scenario: &str, marks: &[&str]) {
    let sweep = sweep(scenario, "0..100", &[]);
    assert_eq!(sweep["passed"], 100, "{scenario}: {} {}", sweep["violations"], sweep["failures"]);
    for mark in marks {
        assert!(sweep["coverage"][mark].as_u64() > Some(0), "{scenario}: {mark} never happens");
    }
}

/// The oracle of this name has judged something, and held.
fn assert_judged(scenario: &str, oracles: &[&str]) {
    let run = run(scenario, "1");
    for name in oracles {
        let all = run["oracles"].as_array().expect("oracles");
        let found = all.iter().find(|oracle| oracle["name"] == *name);
        let verdict = &found.unwrap_or_else(|| panic!("{scenario}: no {name}"))["verdict"];
        assert_eq!(verdict, "held", "{scenario}: {name}");
    }
}

#[test]
fn it_is_a_session() {
    assert_holds("sessions", &["extra_round"]);
    assert_judged("sessions", &["agreement"]);
    assert_eq!(run("sessions", "3")["metrics"]["decisions"], 10);
}

#[test]
fn it_is_a_stage_before_ours() {
    assert_holds("pipeline", &["extra_round", "pipeline_decided", "double_handover_proven"]);
    assert_judged("pipeline", &["stage_entry", "stage_agreement", "one_ending", "agreement", "one_vote"]);
}

#[test]
fn it_is_a_stage_between_those_of_raft() {
    assert_holds("raft", &["elected", "pipeline_decided"]);
    assert_judged("raft", &["stage_entry", "log_decision", "state_machine_safety", "agreement"]);
}

#[test]
fn it_is_a_stage_after_ours() {
    let stages = "protocol.pipeline.stages=[{groups: [experts], by: {pbft: {f: 2}}, deadline: 20s},
      {groups: [voters], by: {one_third_rule: {round_timeout: 200ms, liars: 1}}, deadline: 60s}]";
    let sweep = sweep("pipeline", "0..100", &[stages, "expect={}"]);
    assert_eq!(sweep["passed"], 100, "{sweep:#}");
    // All propose what the experts have decided.
    assert!(sweep["metrics"]["decisions"]["p50"] == 1);
}

#[test]
fn it_is_the_first_rung_among_liars() {
    assert_holds("liars", &["extra_round", "left_for_failures", "rung_bound", "adaptive_decided"]);
    assert_judged("liars", &["one_decision", "security_floor", "dwell", "agreement", "order"]);
}

#[test]
fn it_is_a_rung_before_and_after_ours() {
    for scenario in ["torn", "after_pbft"] {
        assert_holds(scenario, &["rung_bound", "left_for_failures", "left_with_others"]);
    }
}

/// A scenario, the bug of a mutant, and the oracle that catches it.
const MUTANTS: [(&str, &str, &str); 3] = [
    // The example's abort proof says nothing of what it held.
    ("torn", "protocol.adaptive.chain.0.by.one_third_rule.bug=estimate_forgotten", "one_decision"),
    // The chain forgets what the example's abort proofs say.
    ("torn", "protocol.adaptive.bug=bound_forgotten", "one_decision"),
    // The stage after the example's trusts one member of it.
    ("pipeline", "protocol.pipeline.bug=one_voucher_is_enough", "stage_entry"),
];

#[test]
fn what_is_wrong_with_it_or_with_the_composition_is_caught() {
    for (scenario, bug, oracle) in MUTANTS {
        let mutant = sweep(scenario, "0..300", &[bug]);
        assert!(mutant["violations"][oracle].as_u64() > Some(0), "{bug}: {}", mutant["violations"]);
    }
}

#[test]
fn a_liar_is_no_member_of_a_stage_that_trusts_its_members() {
    let trusting = "protocol.pipeline.stages.2.by={simple: {}}";
    let output = example(&["check", "examples/composition/pipeline.yaml", "--set", trusting]);
    assert!(String::from_utf8_lossy(&output.stderr).contains("the protocol trusts its agents"));
}

#[test]
fn it_is_a_candidate_of_select() {
    let output = example(&["select", "examples/one_third_rule.yaml", "--runs", "40", "--format", "json"]);
    let trial: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    let arms = trial["trial"]["arms"].as_array().expect("candidates ran");
    let own = arms.iter().find(|arm| arm["protocol"] == "one_third_rule").expect("it ran");
    assert_eq!((&own["unsafe_runs"], &own["decided"]), (&0.into(), &own["runs"]), "{own}");
    assert!(arms.iter().any(|arm| arm["protocol"] == "raft"), "{arms:?}");
}

#[test]
fn mistakes_in_it_are_found_where_they_stand() {
    let check = |from: &str, to: &str| {
        let folder = Folder::new("composition-mistakes");
        let text = std::fs::read_to_string("examples/composition/torn.yaml").expect("it is there");
        assert!(text.contains(from), "{from}");
        let output = example(&["check", &folder.write("file.yaml", &text.replace(from, to))]);
        String::from_utf8_lossy(&output.stderr).into_owned()
    };
    let error = check("round_timeout: 60ms", "round_timeot: 60ms");
    assert!(error.contains(r#"file.yaml:18:32: error: unknown field "round_timeot""#), "{error}");
    let error = check("round_timeout: 60ms", "round_timeout: 0s");
    assert!(error.contains("file.yaml:18:47: error: waiting takes time"), "{error}");
    let error = check("{one_third_rule:", "{one_thrd_rule:");
    let nearest =
        r#"file.yaml:18:15: error: unknown protocol "one_thrd_rule", did you mean "one_third_rule"?"#;
    assert!(error.contains(nearest), "{error}");
    let error = check("{one_third_rule: {round_timeout: 60ms}}", "{pipeline: {}}");
    assert!(error.contains("pipeline does not run inside other protocols"), "{error}");
    assert!(error.contains("expected one of: pbft,") && error.contains("one_third_rule"), "{error}");
}

#[test]
fn the_schema_has_it_among_what_runs_inside_others() {
    let schema: Value = serde_json::from_str(&stdout(&example(&["schema"]))).expect("JSON");
    let inner = schema["definitions"]["InnerProtocol"]["oneOf"].as_array().expect("alternatives");
    let has = |name: &str| inner.iter().any(|one| one["required"][0] == name);
    assert!(has("pbft") && has("one_third_rule") && !has("pipeline"), "{inner:?}");
}

/// A repro file has the parameters of the protocols inside written out, and reads back.
#[test]
fn a_failure_of_a_composition_replays() {
    let folder = Folder::new("composition-repro");
    let (output, bug) = (folder.at("sweep"), MUTANTS[0].1);
    let torn = "examples/composition/torn.yaml";
    let sweep = example(&["sweep", torn, "--seeds", "0..100", "--output", &output, "--set", bug]);
    assert_eq!(sweep.status.code(), Some(1));
    let is_repro = |name: &String| name.starts_with("seed-");
    let repros = std::fs::read_dir(&output).expect("it is there");
    let names = repros.map(|entry| entry.expect("it can be read").file_name().into_string().expect("text"));
    let repro = names.filter(is_repro).min().expect("a run failed");
    let path = format!("{output}/{repro}");
    let text = std::fs::read_to_string(&path).expect("it is there");
    assert!(text.contains("estimate_forgotten") && text.contains("round_timeout: 60ms"), "{text}");
    let replay = example(&["replay", &path]);
    assert!(stdout(&replay).contains("reproduced"), "{}", stdout(&replay));
}
