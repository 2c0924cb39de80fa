//! `synod select` as a user runs it: the rule's answer, and what trying shows.

use super::command::{Folder, object, page, refused};
use std::fs;

#[test]
fn a_silent_replica_leaves_byzantine_protocols_alone() {
    let trial = object(&["select", "scenarios/pbft/silent_primary.yaml", "--runs", "40"], 0);
    assert_eq!(trial["demand"]["fault_class"], "byzantine");
    assert_eq!(trial["rule"]["protocol"], "pbft");
    let arms = trial["trial"]["arms"].as_array().expect("candidates ran");
    assert_eq!(arms[0]["protocol"], "pbft");
    assert_eq!(arms[0]["unsafe_runs"], 0);
    assert_eq!(arms[0]["decided"], arms[0]["runs"]);
    // Security is a filter: what bears less does not run, however fast it is.
    let refused = trial["trial"]["refused"].as_array().expect("some are left out");
    for weak in ["simple", "hierarchical", "raft"] {
        assert!(refused.iter().any(|refusal| refusal["protocol"] == weak), "{weak}: {refused:?}");
        assert!(arms.iter().all(|arm| arm["protocol"] != weak));
    }
}

#[test]
fn runs_are_given_to_those_that_do_well_and_the_answer_is_always_the_same() {
    let arguments = ["select", "scenarios/simple/fault_free_5.yaml", "--runs", "120"];
    let trial = object(&arguments, 0);
    assert_eq!(object(&arguments, 0), trial);
    let arms = trial["trial"]["arms"].as_array().expect("candidates ran");
    let runs = |arm: &serde_json::Value| arm["runs"].as_u64().expect("a count");
    assert_eq!(arms.iter().map(runs).sum::<u64>(), 120);
    assert!(arms.iter().all(|arm| runs(arm) >= 10), "everybody gets a chance");
    // What is for another task does not take part.
    assert!(arms.iter().all(|arm| arm["protocol"] != "iterative"));
    let few = object(&["select", "scenarios/simple/fault_free_5.yaml", "--runs", "12"], 0);
    let arms = few["trial"]["arms"].as_array().expect("candidates ran");
    assert_eq!(arms.iter().map(runs).sum::<u64>(), 12);
    let latency = |arm: &serde_json::Value| arm["latency_p50_ns"][1].as_u64().expect("it decides");
    assert!(latency(&arms[0]) <= latency(&arms[1]), "equally good, the sooner is better");
    assert!(runs(&arms[0]) >= runs(arms.last().expect("there are some")), "and gets more runs");
}

#[test]
fn what_nobody_can_bear_is_said_with_what_would_be_nearest() {
    let arguments = [
        "select",
        "scenarios/simple/fault_free_5.yaml",
        "--runs",
        "0",
        "--fault-class",
        "byzantine",
        "--faulty",
        "2",
    ];
    let text = page(&arguments, 1);
    assert!(
        text.contains("5 agents cannot tolerate 2 faulty ones with byzantine faults: it takes 7"),
        "{text}"
    );
    assert!(text.contains("nearest: pbft with 7 agents"), "{text}");
}

#[test]
fn a_plot_is_written_and_stays_the_same() {
    let folder = Folder::new("select-plot");
    let path = folder.at("plot.svg");
    let arguments = ["select", "scenarios/simple/fault_free_5.yaml", "--runs", "60", "--plot", &path];
    let first = page(&arguments, 0);
    assert!(first.contains("does best of those that are safe"), "{first}");
    let plot = fs::read(&path).expect("it is written");
    assert!(plot.starts_with(b"<svg") && plot.ends_with(b"</svg>\n"));
    page(&arguments, 0);
    assert_eq!(fs::read(&path).expect("it is written again"), plot);
    let error =
        refused(&["select", "scenarios/simple/fault_free_5.yaml", "--plot", "no/such/folder/plot.svg"]);
    assert!(error.contains("no/such/folder"), "{error}");
}

#[test]
fn a_candidate_that_does_not_decide_says_why() {
    let arguments = ["select", "scenarios/simple/fault_free_5.yaml", "--set", "horizon=1ms", "--runs", "12"];
    let trial = object(&arguments, 1);
    let arms = trial["trial"]["arms"].as_array().expect("candidates ran");
    for arm in arms {
        assert_eq!(arm["decided"], 0);
        assert_eq!(arm["obstacle"]["why"], "nothing was decided by the horizon of 1ms", "{arm}");
        assert_eq!(arm["obstacle"]["runs"], arm["runs"]);
    }
    let told = page(&arguments, 1);
    assert!(told.contains("nothing was decided by the horizon of 1ms, in 2 of 2 runs"), "{told}");
    // Those that decide always are kept by nothing.
    let decides = object(&["select", "scenarios/simple/fault_free_5.yaml", "--runs", "12"], 0);
    assert_eq!(decides["trial"]["arms"][0]["obstacle"], serde_json::Value::Null);
}
