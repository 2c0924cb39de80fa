//! What there is: `synod check`, `list`, `schema`, `new`, `completions`, and the README.

use super::*;

#[test]
fn every_scenario_is_sound() {
    let files = scenario_files();
    assert!(files.len() > 18);
    let arguments: Vec<&str> = ["check"].into_iter().chain(files.iter().map(String::as_str)).collect();
    assert_eq!(succeed(&arguments).lines().filter(|line| line.contains(": sound: ")).count(), files.len());
    for file in files {
        let first = fs::read_to_string(&file).unwrap().lines().next().unwrap().to_owned();
        let schema = first.strip_prefix("# yaml-language-server: $schema=").expect("a modeline for editors");
        assert!(Path::new(&file).parent().unwrap().join(schema).is_file(), "{file}: {schema}");
    }
}

#[test]
fn check_goes_through_all_files_and_fails_for_one() {
    let folder = Folder::new("check");
    let bad = folder.write("bad.yaml", "name: bad\nagents: 4\n");
    let output = synod(&["check", &bad, QUICKSTART]);
    assert_eq!(output.status.code(), Some(2));
    assert!(stderr(&output).contains("bad.yaml") && stdout(&output).contains("quickstart"));
}

#[test]
fn what_there_is_can_be_listed() {
    let all = succeed(&["list"]);
    for part in ["Protocols", "Oracles", "Metrics", "Scenarios", "pbft", "latency.p99_ns", QUICKSTART] {
        assert!(all.contains(part), "{part}");
    }
    assert!(!all.contains("error:"), "{all}");
    assert!(succeed(&["list", "protocols"]).starts_with("pbft"));
    let metrics = succeed(&["list", "metrics"]);
    let line = |name: &str| {
        let mut found = metrics.lines().filter(|line| line.split_whitespace().next() == Some(name));
        let line = found.next().unwrap_or_else(|| panic!("{name} in:\n{metrics}"));
        assert_eq!(found.next(), None, "each is listed once");
        line.split_whitespace().skip(1).collect::<Vec<_>>().join(" ")
    };
    assert_eq!(line("messages.sent"), "count counter Copies sent for the first time that are not upkeep.");
    assert!(line("latency.p95_ns").starts_with("ns p95 From handing an operation in"));
    assert!(line("vote.gini_ppm").starts_with("ppm gauge ") && line("vote.gini_ppm").contains("(simple, "));
    assert!(line("raft.leaders").ends_with(" (raft)") && line("recovery.*").starts_with("ns gauge "));
    let marks = succeed(&["list", "marks"]);
    assert!(marks.contains("A quorum vouched for a checkpoint") && marks.contains("(raft)"), "{marks}");
    succeed(&["list", "oracles"]);
    let models = succeed(&["list", "models"]);
    for model in ["fault_models/byzantine/18_coalition.yaml", "fault_models/crash/leader.yaml"] {
        assert!(models.contains(model), "{model} in:\n{models}");
    }
    assert!(refused(&["list", "models", "--models", "nowhere"]).contains("nowhere"));
    assert!(refused(&["list", "scenarios", "--folder", "nowhere"]).contains("nowhere"));
}

#[test]
fn the_schema_beside_the_scenarios_is_that_of_the_code() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios/scenario.schema.json");
    let schema = succeed(&["schema"]);
    let is_the_same = fs::read_to_string(path).unwrap() == schema;
    assert!(is_the_same, "write it again: cargo run -- schema > scenarios/scenario.schema.json");
    let schema: Value = serde_json::from_str(&schema).unwrap();
    assert_eq!(schema["$schema"], "http://json-schema.org/draft-07/schema#");
    let newest: Value = serde_json::from_str(&succeed(&["schema", "--draft", "2020-12"])).unwrap();
    assert_eq!(newest["$schema"], "https://json-schema.org/draft/2020-12/schema");
}

#[test]
fn a_new_scenario_runs_and_is_never_overwritten() {
    let folder = Folder::new("new");
    for (name, agents) in [("first.yaml", 4), ("odd \"name\": #1.yaml", 10)] {
        let file = folder.at(name);
        succeed(&["new", &file, "--agents", &agents.to_string()]);
        assert_eq!(json(&["run", &file])["agents"], agents);
    }
    let file = folder.at("first.yaml");
    let before = fs::read(&file).unwrap();
    assert!(refused(&["new", &file]).contains("exists"));
    assert_eq!(fs::read(&file).unwrap(), before);
    refused(&["new", &folder.at("no/folder/x.yaml")]);
    refused(&["new", &folder.at("none.yaml"), "--agents", "0"]);
    assert!(!Path::new(&folder.at("none.yaml")).exists());
}

#[test]
fn shells_get_completions() {
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        assert!(succeed(&["completions", shell]).contains("print-config"), "{shell}");
    }
    refused(&["completions", "abacus"]);
}

#[test]
fn the_readme_shows_what_is_there() {
    let readme = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md")).unwrap();
    let page = succeed(&["run", QUICKSTART]);
    // What it took of the machine, and where the program lies, differ.
    let is_same_everywhere = |line: &&str| !line.starts_with("in ") && !line.contains(" run ");
    for line in page.lines().filter(is_same_everywhere) {
        assert!(readme.lines().any(|other| other == line), "the README lacks {line:?} of\n{page}");
    }
    let scenario =
        fs::read_to_string(scenario_files().iter().find(|file| file.contains("silent_primary")).unwrap());
    assert!(readme.contains(&scenario.unwrap()), "the README shows a scenario as it is");
}
