//! Repro files: they replay to the digest, or say what differs; two runs are compared; agents are looked into.

use super::command::{Folder, object, page, refused, run};
use std::fs;
use std::io::ErrorKind;
use std::path::Path;
use synod::campaign::Repro;
use synod::harness::{Prepared, replay};
use synod::scenario::{Document, to_yaml};

/// A mutant that enters a new view too soon when the primary is silent.
const FAILING: &str = "\
name: too-soon
about: A view begins before a quorum has asked for it.
agents: 4
network: {latency: {uniform: {min: 1ms, max: 9ms}}}
protocol: {pbft: {bug: new_view_below_quorum, timeout: 500ms}}
workload: {requests: {total: 4, clients: 2, arrival: {closed: 1ms}}}
faults: [silent: {agents: 1}, silent: {agents: [0]}]
allow_unsafe: true
";

fn prepared(text: &str) -> Box<dyn Prepared> {
    let document = Document::parse("x.yaml", text).unwrap_or_else(|error| panic!("{error}"));
    document.prepare(&synod::standard()).unwrap_or_else(|error| panic!("{error}"))
}

/// The repro of a seed that is not the scenario's own.
fn repro() -> Repro {
    let scenario = prepared(FAILING);
    let seed = (5..).find(|&seed| !scenario.run(seed, None).expect("it runs").violations.is_empty());
    let outcome = scenario.run(seed.expect("a seed fails"), None).expect("it runs");
    assert_eq!(outcome.violations[0].oracle, "view_change_safety");
    Repro::of(&*scenario, &outcome).expect("it has a form")
}

#[test]
fn a_repro_file_is_a_complete_scenario_that_leaves_nothing_to_chance() {
    let repro = repro();
    let text = repro.to_yaml();
    for part in ["seed: ", "timeout_max: ", "name: silent-1", "horizon: ", "digest: "] {
        assert!(text.contains(part), "{part}: {text}");
    }
    let scenario = prepared(text);
    assert_eq!(scenario.finding(), Some(repro.finding()));
    let replay = replay(&*scenario, None).expect("it runs").expect("it is a repro");
    assert!(replay.reproduced() && !replay.is_of_another_version(), "{:?}", replay.changes());
    // Who is struck was drawn by the seed, and stands there now.
    assert!(!text.contains("agents: 1\n"), "{text}");
    // What is resolved stays as it is, and its own repro is the same.
    let again = Repro::of(&*scenario, &replay.outcome).expect("it has a form");
    assert_eq!(again.to_yaml(), text);
    let printed = to_yaml(&scenario.config()).expect("it has a form");
    assert_eq!(prepared(&printed).finding(), Some(repro.finding()), "printing keeps it");
}

/// What a swarm drew stands in it in the swarm's place.
#[test]
fn a_repro_of_a_swarm_replays() {
    let scenario = prepared(
        "\
name: swarm
about: Too few messages are expected.
agents: 5
network: {latency: {uniform: {min: 5ms, max: 40ms}}}
protocol: {simple: {}}
workload: {}
swarm: {faults: 3, until: 3s, kinds: [loss, partition]}
stabilize_at: 4s
horizon: 20s
expect: {messages.sent: 1}
",
    );
    for seed in 0..5 {
        let outcome = scenario.run(seed, None).expect("it runs");
        let repro = Repro::of(&*scenario, &outcome).expect("it has a form");
        let replay = replay(&*prepared(repro.to_yaml()), None).expect("it runs").expect("it is a repro");
        assert!(replay.reproduced(), "seed {seed}: {:?}", replay.changes());
    }
}

#[test]
fn a_repro_file_is_written_whole_and_never_over_another() {
    let folder = Folder::new("repro-written");
    let path = folder.at("x.yaml");
    let path = Path::new(&path);
    let repro = repro();
    repro.write(path).expect("there is room");
    repro.write(path).expect("the same again is no other");
    assert_eq!(fs::read_to_string(path).expect("it is there"), repro.to_yaml());
    fs::write(path, "mine").expect("there is room");
    assert_eq!(repro.write(path).expect_err("it is another").kind(), ErrorKind::AlreadyExists);
    assert_eq!(fs::read_to_string(path).expect("it is there"), "mine");
    assert!(repro.write(Path::new(&folder.at("nowhere/x.yaml"))).is_err());
    assert_eq!(folder.files(), ["x.yaml"], "nothing else is left");
}

#[test]
fn what_is_the_same_is_reproduced_though_the_run_fails() {
    let folder = Folder::new("repro-same");
    let path = folder.write("x.yaml", repro().to_yaml());
    let text = page(&["replay", &path], 0);
    for part in ["reproduced: digest", "view_change_safety violated at", " shrink ", " --until "] {
        assert!(text.contains(part), "{part}: {text}");
    }
    page(&["run", &path], 1);
    let object = object(&["replay", &path], 0);
    assert_eq!((&object["reproduced"], &object["changes"]), (&true.into(), &serde_json::json!([])));
    assert_eq!(object["now"], object["then"]);
    assert!(object["now"]["violations"][0]["at_ns"].is_u64());
}

#[test]
fn what_differs_is_named() {
    let folder = Folder::new("repro-differs");
    let text = repro().to_yaml().to_owned();
    let digest = text.lines().find_map(|line| line.trim().strip_prefix("digest: ")).expect("a digest");
    let digest = digest.trim_matches('"');
    let zero = "0".repeat(32);

    let tampered = folder.write("digest.yaml", &text.replace(digest, &zero));
    let page_of = page(&["replay", &tampered], 1);
    assert!(
        page_of.contains("NOT reproduced") && page_of.contains(&zero) && page_of.contains(digest),
        "{page_of}"
    );
    assert!(page_of.contains("still violated, in another run: view_change_safety"), "{page_of}");

    let fixed = folder.write("fixed.yaml", &text.replace("bug: new_view_below_quorum", "bug: null"));
    let object = object(&["replay", &fixed], 1);
    let changes: Vec<&str> = object["changes"]
        .as_array()
        .expect("a list")
        .iter()
        .filter_map(|change| change["what"].as_str())
        .collect();
    assert_eq!(changes[..3], ["digest", "ended", "violated"]);
    assert_eq!(object["changes"][2]["now"], "nothing");
    assert!(page(&["replay", &fixed], 1).contains("nothing that the file tells of is violated any more"));

    let version = format!("version: \"{}\"", env!("CARGO_PKG_VERSION"));
    assert!(text.contains(&version), "{text}");
    let old = folder.write("old.yaml", &text.replace(&version, "version: 0.0.1"));
    let still = format!(
        "Synod 0.0.1 made this file, and this is {}: the digest still matches",
        env!("CARGO_PKG_VERSION")
    );
    assert!(page(&["replay", &old], 0).contains(&still));
    let both = folder.write("both.yaml", &text.replace(&version, "version: 0.0.1").replace(digest, &zero));
    assert!(page(&["replay", &both], 1).contains("the digest no longer matches"));
}

#[test]
fn what_is_cut_off_or_no_repro_is_refused() {
    let folder = Folder::new("repro-cut");
    let text = repro().to_yaml().to_owned();
    let lines: Vec<usize> = text.match_indices('\n').map(|(place, _)| place).collect();
    assert!(lines.len() > 60);
    // Every line of the repro itself, and some before; and in the middle of the digest.
    let places = lines.iter().rev().skip(1).take(30).chain(lines.iter().step_by(7));
    for place in places.copied().chain([text.len() - 10]).filter(|&place| place + 1 < text.len() - 8) {
        let cut = folder.write("cut.yaml", &text[..place]);
        let error = refused(&["replay", &cut]);
        assert!(error.contains("cut.yaml"), "{error}");
    }
    let error = refused(&["replay", &folder.write("cut.yaml", &text[..text.len() - 10])]);
    assert!(error.contains("cut.yaml:") && error.contains("is no digest of a run"), "{error}");
    let error = refused(&["replay", "scenarios/quickstart.yaml"]);
    assert!(error.contains("quickstart.yaml: error: this is a scenario, not a repro file"), "{error}");
    let error = refused(&["replay", &folder.at("none.yaml")]);
    assert!(error.contains("none.yaml: error: cannot be read"), "{error}");
}

#[test]
fn an_agent_can_be_looked_into() {
    let folder = Folder::new("repro-look");
    let path = folder.write("x.yaml", repro().to_yaml());
    let object_at = |event: &str| object(&["replay", &path, "--until", event, "--state", "1"], 0);
    let fresh = object_at("0");
    assert_eq!(
        (&fresh["event"], &fresh["at_ns"], &fresh["happened"]),
        (&0.into(), &0.into(), &serde_json::json!([]))
    );
    let state = |object: &serde_json::Value| object["state"].as_str().expect("a text").to_owned();
    assert!(state(&fresh).contains("view: 0,") && state(&fresh).starts_with("Replica {"), "{fresh}");

    let last = replay(&*prepared(repro().to_yaml()), None).expect("it runs").expect("it is a repro");
    let violation = &last.outcome.violations[0];
    let (event, agent) = (violation.event.to_string(), violation.agents[0].to_string());
    let text = page(&["replay", &path, "--until", &event, "--state", &agent], 0);
    assert!(text.contains("claims: view entered: view 1") && text.contains("\n  view: 1,\n"), "{text}");

    let beyond = (last.outcome.end.events + 1).to_string();
    let ends = format!("--until {beyond}: error: the run ends with event {}", last.outcome.end.events);
    assert!(refused(&["replay", &path, "--until", &beyond, "--state", "1"]).contains(&ends));
    let nobody = refused(&["replay", &path, "--until", "1", "--state", "5"]);
    assert!(
        nobody.contains("--state 5: error: there is no such agent: they are numbered from 0 to 4"),
        "{nobody}"
    );
    let crashed = "scenarios/pbft/crash_restart.yaml";
    let down = refused(&["replay", crashed, "--until", "20000", "--state", "2"]);
    assert!(down.contains("--state 2: error: that agent is down"), "{down}");
    page(&["replay", crashed, "--until", "20000", "--state", "1"], 0);
    assert!(run(&["replay", &path, "--until", "1"], 2).1.contains("--state"));
}

#[test]
fn the_first_event_at_which_two_runs_part_is_named() {
    let folder = Folder::new("repro-diff");
    let text = repro().to_yaml().to_owned();
    let path = folder.write("x.yaml", &text);
    let fixed = folder.write("fixed.yaml", &text.replace("bug: new_view_below_quorum", "bug: null"));

    let same = object(&["diff", &path, &path], 0);
    let replayed = object(&["replay", &path], 0);
    assert_eq!((&same["same"], &same["digest"]), (&true.into(), &replayed["now"]["digest"]));
    assert!(page(&["diff", &path, &path], 0).starts_with("the same run: "));

    let parting = object(&["diff", &path, &fixed], 1);
    assert_eq!(parting["event"], replayed["now"]["violations"][0]["event"], "the mutant goes on alone there");
    assert!(parting["runs"][0]["happened"].to_string().contains("claims: view entered: view 1"), "{parting}");
    assert!(!parting["runs"][1]["happened"].to_string().contains("view entered"), "{parting}");
    assert!(parting["past"].as_array().expect("a list").len() >= 5, "{parting}");
    let text = page(&["diff", &path, &fixed], 1);
    assert!(
        text.contains("Both, until then") && text.lines().all(|line| line.chars().count() <= 100),
        "{text}"
    );

    let quickstart = "scenarios/quickstart.yaml";
    page(&["diff", quickstart, quickstart, "--seed", "3"], 0);
    let seeds = page(&["diff", quickstart, quickstart, "--seed", "3", "--seed", "4"], 1);
    assert!(
        seeds.contains("quickstart.yaml, seed 3") && seeds.contains("quickstart.yaml, seed 4"),
        "{seeds}"
    );
    let three = ["diff", quickstart, quickstart, "--seed", "1", "--seed", "2", "--seed", "3"];
    assert!(refused(&three).contains("--seed: error: there are two runs"));
}
