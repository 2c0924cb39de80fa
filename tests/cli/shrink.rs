//! A scenario that fails shrinks to the least that still fails in the same way.

use super::command::{Folder, object, page, refused};
use std::fs;
use std::ops::ControlFlow;
use synod::campaign::{FailureSignature, Reduction, ShrinkError, ShrinkProgress, ShrinkResult, shrink};
use synod::scenario::Document;

/// A silent primary, with which a mutant enters a new view too soon, among twenty faults that do not matter: some come
/// later, some strike somebody else at the same time.
fn hidden() -> String {
    let mut faults: Vec<String> = (0..20)
        .map(|index| {
            let (one, next, other) = (1 + index % 9, 1 + (index + 1) % 9, 1 + (index + 5) % 9);
            let late = 10 + index;
            match index % 7 {
                3 => format!("silent: {{name: hush-{index}, agents: [{}], from: {late}s, until: 40s}}", 8 + index % 2),
                0 | 2 | 5 => format!("crash: {{name: stop-{index}, agents: [{one}], from: {late}s, until: {late}500ms}}"),
                _ => format!(
                    "partition: {{name: cut-{index}, groups: [[{one}], [{next}, {other}]], from: {index}ms, until: {late}0ms}}"
                ),
            }
        })
        .collect();
    faults.insert(13, "silent: {name: the-one, agents: [0]}".to_owned());
    format!(
        "name: hidden
agents: 10
network: {{latency: {{lognormal: {{median: 5ms, p99: 20ms}}}}, loss: 0.1%, duplication: 0.1%}}
protocol: {{pbft: {{bug: new_view_below_quorum, timeout: 500ms}}}}
workload: {{requests: {{total: 60, clients: 6, hosts: 2, arrival: {{closed: 2s}}}}}}
expect: {{latency.p99_ns: {{at_most: 10s}}, fault.effect.the-one: {{at_least: 1}}, fault.effect.stop-0: {{at_least: 1}}}}
faults:
  - {}
",
        faults.join("\n  - ")
    )
}

/// No view change was expected, and one came, because of a primary that falls silent.
const EXPECTANT: &str = "\
name: expectant
seed: 3
agents: 7
network:
  regions:
    members: {europe: 3, asia: 4}
    within: {lognormal: {median: 2ms, p99: 5ms}}
    between: [{pair: [europe, asia], latency: {lognormal: {median: 50ms, p99: 90ms}}}]
cpu: {sign: 20us, verify: 20us}
clocks: {offset: 5ms}
protocol: {pbft: {timeout: 1s}}
workload: {requests: {total: 50, clients: 5, hosts: 2, arrival: {closed: 10ms}}}
faults:
  - silent: {agents: [6], from: 100ms, until: 2s}
  - silent: {agents: [0], from: 300ms}
  - crash: {agents: [5], from: 400ms, until: 900ms}
expect: {pbft.view_changes: 0, decisions: 50, fault.effect.silent-1: {at_least: 1}}
";

fn shrunk(
    text: &str,
    on_progress: &mut dyn FnMut(ShrinkProgress) -> ControlFlow<()>,
) -> Result<ShrinkResult, ShrinkError> {
    let registry = synod::standard();
    let document = Document::parse("x.yaml", text).unwrap_or_else(|error| panic!("{error}"));
    let scenario = document.prepare(&registry).unwrap_or_else(|error| panic!("{error}"));
    shrink(&registry, &*scenario, on_progress)
}

fn fully(text: &str) -> ShrinkResult {
    shrunk(text, &mut |_| ControlFlow::Continue(())).unwrap_or_else(|error| panic!("{error}"))
}

fn changed(shrunk: &ShrinkResult, wanted: &str) -> Option<String> {
    shrunk.reductions.iter().find_map(|edit| match edit {
        Reduction::Changed { what, before, after } if what == wanted => Some(format!("{before} to {after}")),
        _ => None,
    })
}

#[test]
fn a_silent_primary_among_twenty_faults_is_all_that_is_left() {
    let shrunk = fully(&hidden());
    let left: Vec<&str> = shrunk.outcome.faults.iter().map(|fault| fault.name.as_str()).collect();
    assert_eq!(left, ["the-one"]);
    let removed = shrunk.reductions.iter().filter(|edit| matches!(edit, Reduction::FaultRemoved(_))).count();
    assert_eq!((removed, shrunk.complete), (20, true));
    assert_eq!(shrunk.target, FailureSignature::Oracle("view_change_safety".to_owned()));
    assert_eq!(shrunk.outcome.violations[0].oracle, "view_change_safety");
    // Four agents bear one that is silent, and three would not.
    assert_eq!(changed(&shrunk, "agents").as_deref(), Some("10 to 4"));
    assert_eq!(changed(&shrunk, "network.loss").as_deref(), Some("0.1% to 0%"));
    assert!(changed(&shrunk, "horizon").is_some() && changed(&shrunk, "the-one.until").is_some());
    assert!(shrunk.outcome.end.events < 200, "{} events", shrunk.outcome.end.events);
    assert!(shrunk.tried < 400, "{} candidates", shrunk.tried);
}

#[test]
fn a_missed_expectation_shrinks_and_is_not_missed_for_want_of_work() {
    let shrunk = fully(EXPECTANT);
    assert_eq!(shrunk.target, FailureSignature::Expectation("pbft.view_changes".to_owned()));
    assert_eq!(shrunk.outcome.faults.len(), 1);
    assert_eq!((shrunk.outcome.faults[0].name.as_str(), shrunk.outcome.ended()), ("silent-2", "decided"));
    assert!(shrunk.reductions.contains(&Reduction::ExpectationDropped("decisions".to_owned())));
    assert_eq!(changed(&shrunk, "network.latency").as_deref(), Some("none to {constant: 50ms}"));
    assert_eq!(changed(&shrunk, "cpu.sign").as_deref(), Some("20us to 0ns"));

    // One that a run without faults misses too says nothing of how much is to be asked for.
    let hopeless = EXPECTANT.replace("decisions: 50", "decisions: 51").replace("pbft.view_changes: 0, ", "");
    let shrunk = fully(&hopeless);
    assert_eq!(shrunk.target, FailureSignature::Expectation("decisions".to_owned()));
    assert_eq!((shrunk.outcome.agents, shrunk.outcome.faults.len()), (7, 0));
    assert_eq!(changed(&shrunk, "workload.requests.total"), None);
}

#[test]
fn shrinking_is_deterministic_and_comes_to_a_fixpoint() {
    let (one, other) = (fully(EXPECTANT), fully(EXPECTANT));
    assert_eq!((one.repro.to_yaml(), one.tried, one.kept), (other.repro.to_yaml(), other.tried, other.kept));
    let again = fully(one.repro.to_yaml());
    assert_eq!((again.repro.to_yaml(), again.kept, &again.reductions[..]), (one.repro.to_yaml(), 0, &[][..]));
}

#[test]
fn what_is_interrupted_has_the_smallest_so_far() {
    let whole = fully(&hidden());
    let mut seen = 0;
    let shrunk = shrunk(&hidden(), &mut |progress| {
        seen = progress.tried;
        if progress.kept == 3 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    })
    .unwrap_or_else(|error| panic!("{error}"));
    assert_eq!((shrunk.kept, shrunk.complete, shrunk.tried), (3, false, seen));
    assert!(shrunk.tried < whole.tried && shrunk.outcome.violations[0].oracle == "view_change_safety");
    assert!((1..21).contains(&shrunk.outcome.faults.len()), "{} faults", shrunk.outcome.faults.len());
}

#[test]
fn what_does_not_fail_does_not_shrink() {
    let passing = EXPECTANT.replace("pbft.view_changes: 0, ", "");
    let passing = passing.replace("decisions: 50, fault.effect.silent-1: {at_least: 1}", "decisions: 50");
    let error = shrunk(&passing, &mut |_| ControlFlow::Continue(())).expect_err("it passes");
    assert_eq!(error, ShrinkError::NothingFails);

    // The same as a repro file that says that something failed.
    let repro = fully(EXPECTANT).repro.to_yaml().replace("exactly: 0", "at_most: 9");
    let error = shrunk(&repro, &mut |_| ControlFlow::Continue(())).expect_err("it passes");
    let then = FailureSignature::Expectation("pbft.view_changes".to_owned());
    assert_eq!(error, ShrinkError::Irreproducible { then, now: None });
}

#[test]
fn the_command_writes_a_smaller_repro_beside_the_input_and_says_how_to_replay_it() {
    let folder = Folder::new("shrink");
    let input = folder.write("hidden.yaml", &hidden());
    let text = page(&["shrink", &input], 0);
    for part in [
        "Faults removed  20",
        "agents",
        "10 → 4",
        "view_change_safety violated at",
        "hidden.shrunk.yaml written",
    ] {
        assert!(text.contains(part), "{part}: {text}");
    }
    assert!(
        text.lines()
            .filter(|line| !line.contains(" replay ") && !line.contains(" run "))
            .all(|line| line.chars().count() <= 100),
        "{text}"
    );
    assert_eq!(folder.files(), ["hidden.shrunk.yaml", "hidden.yaml"]);
    let replay = text.lines().find_map(|line| line.strip_prefix("Again: ")).expect("a command");
    let words: Vec<&str> = replay.split_whitespace().skip(1).take(2).collect();
    assert_eq!(words, ["replay", &folder.at("hidden.shrunk.yaml")]);
    assert!(page(&words, 0).contains("reproduced"));
    page(&["run", words[1]], 1);
    assert_eq!(fs::read_to_string(&input).expect("it is there"), hidden());

    // The same file again is no other file.
    let written = fs::read_to_string(words[1]).expect("it is there");
    let object = object(&["shrink", &input], 0);
    assert_eq!(
        (&object["target"]["oracle"], &object["complete"]),
        (&"view_change_safety".into(), &true.into())
    );
    assert_eq!(object["finding"]["violations"][0]["oracle"], "view_change_safety");
    assert_eq!(object["edits"][0]["fault_removed"], "stop-0");
    assert_eq!(fs::read_to_string(words[1]).expect("it is there"), written);
}

#[test]
fn nothing_is_overwritten() {
    let folder = Folder::new("shrink-refused");
    let input = folder.write("x.yaml", EXPECTANT);
    let other = folder.write("other.yaml", "something else");
    for (output, error) in [
        (other.as_str(), "other.yaml: error: exists and holds something else"),
        (input.as_str(), "x.yaml: error: this is the file to shrink"),
        (folder.at("nowhere/y.yaml").as_str(), "y.yaml: error: there is no such folder"),
        (folder.at("").as_str(), "error: is a directory, not a file"),
    ] {
        let text = refused(&["shrink", &input, "--output", output]);
        assert!(text.contains(error), "{error}: {text}");
    }
    assert_eq!(fs::read_to_string(other).expect("it is there"), "something else");
    assert_eq!(folder.files(), ["other.yaml", "x.yaml"], "nothing is left behind");
    let text = refused(&["shrink", "scenarios/quickstart.yaml", "--output", &folder.at("z.yaml")]);
    assert!(text.contains("quickstart.yaml: error: nothing to shrink"), "{text}");
}
