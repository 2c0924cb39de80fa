//! `synod check-history` and `--history`: what goes out of a run comes in again, and says the same.

use super::command::{Folder, command, object, page, refused};
use serde_json::Value;
use std::fs;
use std::process::Output;

fn synod(words: &[&str]) -> Output {
    command(words).output().expect("the command starts")
}

/// Runs a scenario, and judges the history that it wrote; returns the verdict of the run's oracle and that of the history.
fn round_trip(folder: &Folder, ending: &str, words: &[&str]) -> (String, Value) {
    let file = folder.at(&format!("run{ending}"));
    let run = synod(&[&["run"], words, &["--history", &file, "--format", "json"]].concat());
    let run: Value = serde_json::from_slice(&run.stdout).expect("one object");
    let oracles = run["oracles"].as_array().expect("a list");
    let oracle = oracles.iter().find(|oracle| oracle["name"] == "linearizability").expect("it watches");
    let check = synod(&["check-history", &file, "--format", "json"]);
    let checked: Value = serde_json::from_slice(&check.stdout).expect("one object");
    let code = if checked["verdict"] == "linearizable" { 0 } else { 1 };
    assert_eq!(check.status.code(), Some(code));
    (oracle["verdict"].as_str().expect("a word").to_owned(), checked)
}

const CRASHES: &str = "faults=[{crash: {agents: [0], from: 200ms, until: 900ms}}]";

#[test]
fn a_runs_history_has_the_verdict_of_its_oracle() {
    let folder = Folder::new("histories-round-trip");
    for ending in [".edn", ".jsonl"] {
        let good =
            ["scenarios/pbft/key_value.yaml", "--set", "workload.requests.total=600", "--set", CRASHES];
        let (verdict, checked) = round_trip(&folder, ending, &[&good[..], &["--set", "expect={}"]].concat());
        assert_eq!((verdict.as_str(), &checked["verdict"]), ("held", &Value::from("linearizable")));
        assert!(checked["operations"].as_u64() >= Some(590), "{checked}");
        for bad in
            ["scenarios/raft/lease_beyond_drift.yaml", "scenarios/byzantine/key_value_positive_control.yaml"]
        {
            let (verdict, checked) = round_trip(&folder, ending, &[bad]);
            assert_eq!(
                (verdict.as_str(), &checked["verdict"]),
                ("violated", &Value::from("not linearizable")),
                "{bad}"
            );
            assert!(
                checked["violation"]["message"].as_str().is_some_and(|told| told.contains("no order of"))
            );
        }
    }
}

#[test]
fn a_mutants_history_is_not_linearizable() {
    let folder = Folder::new("histories-mutant");
    let mutant = [
        "scenarios/byzantine/key_value_coalition.yaml",
        "--set=agents=4",
        "--set=expect={}",
        "--set=oracles={only: [linearizability]}",
        "--set=protocol.pbft.bug=quorum_one_short",
        "--set=faults=[{partition: {groups: [[0, 2], [1, 3]], from: 100ms, until: 4s}}]",
        "--set=network.loss=3%",
    ];
    let found = (0..4).any(|seed| {
        let seed = format!("--seed={seed}");
        let (verdict, checked) = round_trip(&folder, ".edn", &[&mutant[..], &[&seed]].concat());
        let is_violated = verdict == "violated";
        assert_eq!(checked["verdict"] == "not linearizable", is_violated, "{seed}");
        is_violated
    });
    assert!(found, "one of the seeds gives it away");
}

#[test]
fn a_history_is_what_was_claimed_and_changes_nothing() {
    let folder = Folder::new("histories-form");
    let scenario = [
        "run",
        "scenarios/pbft/key_value.yaml",
        "--set",
        "workload.requests.total=200",
        "--set",
        "expect={}",
    ];
    let file = folder.at("run.jsonl");
    let with = object(&[&scenario[..], &["--history", &file]].concat(), 0);
    let text = fs::read_to_string(&file).expect("it was written");
    assert_eq!(with["digest"], object(&scenario, 0)["digest"]);
    object(&[&scenario[..], &["--history", &file]].concat(), 0);
    assert_eq!(fs::read_to_string(&file).expect("it was written"), text, "the same to the byte");
    let mut time = 0;
    for (index, line) in text.lines().enumerate() {
        let line: Value = serde_json::from_str(line).expect("each line is an object");
        assert_eq!(line["index"], index);
        let now = line["time"].as_u64().expect("a number");
        assert!(now > time, "time rises");
        time = now;
        assert!(["read", "put", "put-if", "append"].contains(&line["f"].as_str().expect("a word")), "{line}");
    }
}

#[test]
fn a_replay_writes_the_history_of_the_run() {
    let folder = Folder::new("histories-replay");
    // A positive control that is not told that it is one fails, and leaves a repro file.
    let failing = ["scenarios/raft/lease_beyond_drift.yaml", "--set", "expect={}"];
    let output = folder.at("out");
    let sweep = [&["sweep"], &failing[..], &["--seeds", "0..4", "--output", &output]].concat();
    assert_eq!(synod(&sweep).status.code(), Some(1));
    let found = (0..4).map(|seed| (seed, format!("{output}/seed-{seed}.yaml")));
    let (seed, repro) =
        found.into_iter().find(|(_, path)| fs::exists(path).expect("it can be asked")).expect("one fails");
    for ending in ["edn", "jsonl"] {
        let [of_run, of_replay] = ["run", "replay"].map(|name| folder.at(&format!("{name}.{ending}")));
        let seed = seed.to_string();
        let run = [&["run"], &failing[..], &["--seed", &seed, "--history", &of_run]].concat();
        assert_eq!(synod(&run).status.code(), Some(1));
        page(&["replay", &repro, "--history", &of_replay], 0);
        let [of_run, of_replay] = [of_run, of_replay].map(|path| fs::read(path).expect("it was written"));
        assert!(of_run.len() > 1_000 && of_run == of_replay, "{ending}: the same to the byte");
    }
}

#[test]
fn open_calls_end_as_info_and_their_clients_get_new_numbers() {
    let folder = Folder::new("histories-open");
    let file = folder.at("run.jsonl");
    let outage = folder.write(
        "outage.yaml",
        "name: outage\nabout: x\nagents: 3\nnetwork: {latency: {uniform: {min: 1ms, max: 5ms}}}\n\
         protocol: {raft: {client_timeout: 100ms}}\nworkload:\n  requests: {total: 600, clients: 16, hosts: 4, \
         arrival: {closed: 10ms}, commands: {keys: 2, get: 50%, put: 50%}}\n\
         faults: [{crash: {agents: [0, 1], from: 200ms, until: 2s}}]\nhorizon: 1m\nexpect: {undecided: {at_most: 600}}\n",
    );
    let _ = synod(&["run", &outage, "--history", &file]);
    let text = fs::read_to_string(&file).expect("it was written");
    let mut open = std::collections::BTreeMap::new();
    let mut highest = 0;
    for line in text.lines() {
        let line: Value = serde_json::from_str(line).expect("each line is an object");
        let process = line["process"].as_u64().expect("a number");
        highest = process.max(highest);
        if line["type"] == "invoke" {
            assert!(open.insert(process, false).is_none_or(|is_lost: bool| !is_lost), "{line}");
        } else {
            open.insert(process, line["type"] == "info");
        }
    }
    assert!(highest >= 16, "somebody went on under a new number");
    assert!(highest < 16 * 600);
    let checked = object(&["check-history", &file], 0);
    assert!(checked["open"].as_u64() > Some(5), "{checked}");
}

#[test]
fn what_is_wrong_with_a_file_is_told() {
    let folder = Folder::new("histories-wrong");
    let file =
        folder.write("cut.edn", "{:process 0, :type :invoke, :f :read, :value nil}\n{:process 0, :type");
    let error = refused(&["check-history", &file]);
    assert!(
        error.contains("cut.edn:2:1: error: `{` begins here, and the text ends before it does"),
        "{error}"
    );
    let folder_error = refused(&["check-history", &folder.at("")]);
    assert!(folder_error.contains("is no regular file"), "{folder_error}");
    let bytes = folder.at("bytes.edn");
    fs::write(&bytes, b"\xff\xfe").expect("it can be written");
    assert!(refused(&["check-history", &bytes]).contains("not UTF-8 text, from byte 0 on"));
    let file = folder.write("locks.edn", "{:process 0, :type :invoke, :f :acquire, :value 1}");
    assert!(refused(&["check-history", &file]).contains("no model has the function `acquire`"));
    let one = folder.write("one.edn", "{:process 0, :type :invoke, :f :write, :value 1}");
    assert!(
        refused(&["check-history", &one, "--model", "set"]).contains("the model set has no function `write`")
    );
    assert!(page(&["check-history", &one], 0).contains("1 operation of 1 client; 1 open"));
}
