//! What a verdict says, and with which code a command ends.

use super::command::{Folder, command, object, page, refused, run};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::fs::File;
use std::io::Read;
use std::process::Stdio;
use std::rc::Rc;
use std::sync::atomic::AtomicBool;
use synod::campaign::{Point, Seeds, Stopwatch, SweepPlan, SweepResult, sweep};
use synod::harness::{Harness, Instance, Outcome, Problem, Registry, RunVerdict, Scenario};
use synod::report::{Next, SweepTitle, object as run_object, page as run_page, run_metrics, sweep_junit};
use synod::report::{sweep_csv, sweep_metrics, sweep_object, sweep_page};
use synod::scenario::Document;
use synod::sim::{
    Context, Durable, Event, EventTime, GroundTruth, Milestone, NodeId, Observation, OperationId, Oracle,
    Protocol, Streams, Violation,
};

/// Every agent decides at once.
struct Hasty;

#[derive(Debug, Serialize)]
enum Claim {
    Began,
    Done,
}

impl Observation for Claim {
    fn milestone(&self) -> Option<Milestone> {
        Some(match self {
            Claim::Began => Milestone::Submitted(OperationId(0)),
            Claim::Done => Milestone::Decided(OperationId(0), 1),
        })
    }
}

impl Protocol for Hasty {
    type Config = Doubts;
    type Message = u64;
    type Timer = ();
    type Record = ();
    type Observation = Claim;

    fn new(_: &Rc<Doubts>, _: NodeId, _: usize, _: u64, _: Durable<'_, ()>) -> Hasty {
        Hasty
    }

    fn on_start(&mut self, ctx: &mut Context<'_, Hasty>) {
        if ctx.me() == NodeId(0) {
            ctx.observe(Claim::Began);
        }
        ctx.observe(Claim::Done);
    }

    fn on_message(&mut self, _: &mut Context<'_, Hasty>, _: NodeId, _: &u64) {}

    fn on_timer(&mut self, _: &mut Context<'_, Hasty>, (): ()) {}
}

/// An oracle of safety that may be unable to judge.
struct Doubtful(bool);

impl Oracle<Hasty> for Doubtful {
    fn name(&self) -> &'static str {
        "doubtful"
    }

    fn claim(&self) -> &'static str {
        "all is well"
    }

    fn on_event(&mut self, _: EventTime, _: &Event<'_, Hasty>) -> Result<(), Violation> {
        Ok(())
    }

    fn checked(&self) -> u64 {
        1
    }

    fn unknown(&self) -> Option<String> {
        self.0.then(|| "the search ran out of fuel".to_owned())
    }
}

enum Doubting {}

#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
struct Nothing {}

#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
struct Doubts {
    doubts: bool,
}

impl Harness for Doubting {
    type Protocol = Hasty;
    type Params = Nothing;
    type Workload = Doubts;

    const NAME: &'static str = "doubting";
    const ABOUT: &'static str = "Every agent decides at once.";
    const ORACLES: &'static [&'static str] = &["doubtful"];

    fn instance(scenario: &Scenario<Nothing, Doubts>, _: &Streams) -> Result<Instance<Hasty>, Problem> {
        Ok(Instance { config: scenario.workload.clone(), clients: 0, operations: 1 })
    }

    fn oracles(config: &Rc<Doubts>, _: &GroundTruth) -> Vec<Box<dyn Oracle<Hasty>>> {
        vec![Box::new(Doubtful(config.doubts))]
    }
}

const SCENARIO: &str = "{name: doubts, agents: 2, network: {latency: {constant: 2ms}}, protocol: {doubting: {}}, \
                        workload: {doubts: true}}";

/// The scenario with these overrides.
fn document(overrides: &[&str]) -> Document {
    let mut document = Document::parse("doubts.yaml", SCENARIO).expect("it reads");
    overrides.iter().for_each(|assignment| document.set(assignment).expect("it is sound"));
    document
}

fn outcome(overrides: &[&str]) -> Outcome {
    let registry = Registry::empty().with::<Doubting>();
    let prepared = document(overrides).prepare(&registry).unwrap_or_else(|error| panic!("{error}"));
    prepared.run(1, None).unwrap_or_else(|error| panic!("{error}"))
}

#[test]
fn what_an_oracle_of_safety_cannot_judge_is_no_pass() {
    for (overrides, verdict) in [
        (&["workload.doubts=false"][..], RunVerdict::Pass),
        (&[], RunVerdict::Unknown),
        (&["expect.unknown=allowed"], RunVerdict::Pass),
        (&["expect.decisions=2"], RunVerdict::Fail),
        (&["expect.decisions=2", "expect.unknown=allowed"], RunVerdict::Fail),
        // Who does not ask the oracle is told nothing by it.
        (&["oracles={except: [doubtful]}"], RunVerdict::Pass),
    ] {
        assert_eq!(outcome(overrides).verdict, verdict, "{overrides:?}");
    }
    let unjudged = outcome(&[]);
    let next = Next { program: "synod", scenario: "doubts.yaml", about: "", was_repeated: false };
    let page = run_page(&unjudged, &Stopwatch::start().stop(), &next);
    assert!(page.contains("unknown") && page.contains("the search ran out of fuel"), "{page}");
    let object: Value =
        serde_json::from_str(&run_object(&unjudged, &Stopwatch::start().stop())).expect("JSON");
    assert_eq!(object["verdict"], "unknown");
    assert!(object["warnings"][0].as_str().expect("a warning").contains("could not judge everything"));
    assert!(run_metrics(&unjudged).contains("synod_run_unknown{scenario=\"doubts\",seed=\"1\"} 1\n"));
    let mut wrong = Document::parse("doubts.yaml", SCENARIO).expect("it reads");
    wrong.set("expect.unknown=forbidden").expect("it reads");
    let error =
        wrong.prepare(&Registry::empty().with::<Doubting>()).err().expect("it is refused").to_string();
    assert!(error.contains("allowed"), "{error}");
}

/// Sweeps over 30 seeds.
fn swept(overrides: &[&str]) -> SweepResult {
    let registry = Registry::empty().with::<Doubting>();
    let scenario = document(overrides).prepare(&registry).unwrap_or_else(|error| panic!("{error}"));
    let points = [Point::new(Vec::new(), scenario, Seeds(0..30))];
    let folder = tempfile::tempdir().expect("a folder");
    let plan = SweepPlan {
        points: &points,
        jobs: 1,
        max_failures: None,
        kept: 3,
        folder: folder.path(),
        resume: false,
    };
    sweep(&plan, &mut |_| {}, &AtomicBool::new(false)).unwrap_or_else(|error| panic!("{error}"))
}

const SWEPT: SweepTitle<'_> = SweepTitle {
    scenario: "doubts",
    about: "",
    points: &[""],
    metrics: &[],
    seeds: "0..30",
    folder: "out",
    first: None,
    program: "synod",
};

#[test]
fn a_sweep_counts_what_could_not_be_judged() {
    let unjudged = swept(&[]);
    assert_eq!((unjudged.verdict(), unjudged.total.unknown), (RunVerdict::Unknown, 30));
    assert_eq!((unjudged.total.passed(), unjudged.total.failed), (0, 0));
    let title = SWEPT;
    let object: Value = serde_json::from_str(&sweep_object(&title, &unjudged)).expect("JSON");
    assert_eq!((&object["verdict"], &object["unknown"]), (&"unknown".into(), &30.into()));
    assert_eq!(object["unjudged"][0], serde_json::json!({"seed": 0, "oracle": "doubtful"}));
    let page = sweep_page(&title, &unjudged);
    assert!(
        page.contains("0 of 30 runs passed, 30 could not be judged") && page.contains("and 20 more"),
        "{page}"
    );
    let csv = String::from_utf8(sweep_csv(&title, &unjudged).expect("a table")).expect("text");
    assert!(csv.starts_with("point,metric,runs,unknown,") && csv.contains("\n,decisions,30,30,"), "{csv}");
    let junit = sweep_junit(&title, &unjudged).expect("XML");
    assert!(junit.contains("<error message=\"30 of 30 runs could not be judged\""), "{junit}");
    assert!(sweep_metrics(&title, &unjudged).contains("unknown_runs_total{scenario=\"doubts\"} 30\n"));
    assert_eq!(swept(&["expect.unknown=allowed"]).verdict(), RunVerdict::Pass);
    assert_eq!(swept(&["expect.decisions=2"]).verdict(), RunVerdict::Fail);
}

/// Every run of this scenario makes one decision.
#[test]
fn what_may_be_missed_fails_no_run_but_a_sweep_that_misses_it_too_often() {
    let missing = |share| {
        let share = format!("expect.may_miss={{decisions: {share}}}");
        [String::from("workload.doubts=false"), String::from("expect.decisions=2"), share]
    };
    let rare = missing("50%");
    let rare: Vec<&str> = rare.iter().map(String::as_str).collect();
    let run = outcome(&rare);
    assert_eq!(run.verdict, RunVerdict::Pass);
    let next = Next { program: "synod", scenario: "doubts.yaml", about: "", was_repeated: false };
    let page = run_page(&run, &Stopwatch::start().stop(), &next);
    assert!(page.contains("allowed") && !page.contains("MISSED"), "{page}");
    let object: Value = serde_json::from_str(&run_object(&run, &Stopwatch::start().stop())).expect("JSON");
    let missed = object["expectations"].as_array().expect("a list");
    let missed = missed.iter().find(|expectation| expectation["metric"] == "decisions").expect("it is there");
    assert_eq!(missed["verdict"], "allowed");

    let too_often = swept(&rare);
    assert_eq!((too_often.verdict(), too_often.total.failed), (RunVerdict::Fail, 0));
    // The least share that is missed in 30 of 30 runs with a probability of 1 %: its 30th power.
    let line = "too often: decisions was missed in 30 of 30 runs: in 85.770 % of all at least, and 50% may";
    let page = sweep_page(&SWEPT, &too_often);
    assert!(page.contains(line) && page.contains("missed decisions, as it may, in 30 runs"), "{page}");
    let object: Value = serde_json::from_str(&sweep_object(&SWEPT, &too_often)).expect("JSON");
    assert_eq!((&object["verdict"], &object["excesses"][0]["missed"]), (&"fail".into(), &30.into()));
    assert_eq!(object["warnings"][0], line);
    let junit = sweep_junit(&SWEPT, &too_often).expect("XML");
    assert!(junit.contains("<testcase name=\"may miss decisions\">"), "{junit}");

    let often = missing("90%");
    assert_eq!(swept(&often.each_ref().map(String::as_str)).verdict(), RunVerdict::Pass);
}

#[test]
fn what_is_not_expected_cannot_be_missed() {
    for (may_miss, error) in [
        ("{latency.p99_ns: 1%}", r#"unknown expectation "latency.p99_ns""#),
        ("{undecided: 0%}", "0% of runs is no share to allow"),
        ("{undecided: 100%}", "100% of runs is no share to allow"),
    ] {
        let refused = document(&[&format!("expect.may_miss={may_miss}")])
            .prepare(&Registry::empty().with::<Doubting>())
            .err()
            .expect("it is refused")
            .to_string();
        assert!(refused.contains(error), "{refused}");
    }
    assert!(
        document(&["expect.may_miss={undecided: 1%}"]).prepare(&Registry::empty().with::<Doubting>()).is_ok()
    );
}

#[cfg(target_os = "linux")]
#[test]
fn an_output_that_cannot_be_written_has_a_code_of_its_own() {
    const QUICKSTART: &str = "scenarios/quickstart.yaml";
    let folder = Folder::new("unwritable");
    let out = folder.at("out");
    // A full disk, for a file beside what is printed, for a stream, and for what is printed.
    for arguments in [
        &["run", QUICKSTART, "--metrics", "/dev/full"][..],
        &["run", QUICKSTART, "--events", "/dev/full"],
        &["sweep", QUICKSTART, "--seeds", "0..2", "--output", &out, "--csv", "/dev/full"],
        &["select", QUICKSTART, "--runs", "0", "--plot", "/dev/full"],
    ] {
        let (_, error) = run(arguments, 6);
        assert_eq!(error.matches("error:").count(), 1, "{arguments:?}: {error}");
    }
    for arguments in [&["run", QUICKSTART][..], &["list", "protocols"], &["schema"], &["--help"]] {
        let full = File::options().write(true).open("/dev/full").expect("Linux has it");
        let ended = command(arguments).stdout(full).stderr(Stdio::null()).status().expect("it starts");
        assert_eq!(ended.code(), Some(6), "{arguments:?}");
    }
    // What was asked for is wrong, not the disk.
    refused(&["run", QUICKSTART, "--trace", "/nowhere/at/all.json"]);
    refused(&["new", "/nowhere/at/all.yaml"]);
    refused(&["run", QUICKSTART, "--metrics", &folder.at("")]);
    refused(&["run", QUICKSTART, "--metrics", QUICKSTART]);
    // A file that is there already is not written over.
    let there = folder.write("there.yaml", "x");
    refused(&["new", &there]);
}

#[cfg(unix)]
#[test]
fn a_closed_pipe_of_events_is_an_output_that_cannot_be_written() {
    let arguments = ["run", "scenarios/raft/fault_free_5.yaml", "--events", "/dev/stdout"];
    let mut child =
        command(&arguments).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().expect("it starts");
    let mut reader = child.stdout.take().expect("it is piped");
    reader.read_exact(&mut [0]).expect("an event begins");
    drop(reader);
    assert_eq!(child.wait().expect("it ends").code(), Some(6));
    // A reader of what is printed that has gone away is no failure: it has read what it wanted.
    let mut child = command(&["list"]).stdout(Stdio::piped()).spawn().expect("it starts");
    drop(child.stdout.take());
    assert_eq!(child.wait().expect("it ends").code(), Some(0));
}

#[test]
fn help_and_book_list_the_codes() {
    let help = page(&["--help"], 0);
    let book = std::fs::read_to_string("docs/src/output.md").expect("the book");
    for code in ["0", "1", "2", "3", "4", "5", "6", "7", "8", "130"] {
        assert!(book.contains(&format!("\n| {code} | ")), "{code}");
        assert!(help.contains(code), "{code}: {help}");
    }
}

#[test]
fn too_few_agents_to_bear_a_fault_are_warned_of_and_compared_with_no_theory() {
    let base = "{name: few, agents: 4, network: {latency: {constant: 10ms}}, protocol: {pbft: {}}, \
                workload: {decision: {value: 42}}}";
    let folder = Folder::new("few");
    let file = folder.write("few.yaml", base);
    let of = |agents: &str| object(&["run", &file, "--set", &format!("agents={agents}")], 0);
    assert_eq!((&of("4")["tolerated"], &of("4")["warnings"]), (&1.into(), &Value::from([0; 0])));
    for agents in ["1", "2", "3"] {
        let few = of(agents);
        assert_eq!(few["tolerated"], 0);
        assert!(
            few["warnings"][0].as_str().expect("a warning").ends_with("none may be faulty: f = 0"),
            "{few}"
        );
        let told = page(&["run", &file, "--set", &format!("agents={agents}")], 0);
        assert!(
            told.contains("f = 0") && told.contains("warning: of ") && !told.contains("delays"),
            "{told}"
        );
    }
    assert!(
        page(&["run", &file], 0).contains("4 agents (f = 1)")
            && page(&["run", &file], 0).contains("3 delays")
    );
}

#[test]
fn a_planned_change_without_effect_is_warned_of() {
    let file = "scenarios/raft/fault_free_5.yaml";
    let warnings = |changes: &str, code: i32| -> Vec<String> {
        let set = format!("protocol.raft.changes={changes}");
        let voters = "protocol.raft.voters=[0, 1, 2]";
        let learners = "protocol.raft.learners=[3]";
        let run = object(
            &["run", file, "--set", voters, "--set", learners, "--set", &set, "--set", "expect={}"],
            code,
        );
        let warnings = run["warnings"].as_array().expect("a list").iter();
        warnings.map(|warning| warning.as_str().expect("a text").to_owned()).collect()
    };
    // A learner, no member, and a member: the leader may be any of the voters, so one of two transfers is to another.
    assert_eq!(warnings("[{at: 1s, transfer: 3}]", 0), ["the planned transfer to agent 3 at 1s did nothing"]);
    assert_eq!(warnings("[{at: 1s, transfer: 4}]", 0), ["the planned transfer to agent 4 at 1s did nothing"]);
    let both = warnings("[{at: 900ms, transfer: 0}, {at: 1s, transfer: 1}, {at: 1100ms, transfer: 2}]", 0);
    assert!(both.len() <= 1, "{both:?}");
    let late = warnings("[{at: 10s, members: {voters: [0, 1, 3]}}]", 0);
    assert_eq!(late, ["the planned change of members at 10s did nothing"], "all was decided before");
    let same = warnings("[{at: 500ms, members: {voters: [0, 1, 2], learners: [3]}}]", 0);
    assert_eq!(same, ["the planned change of members at 500ms did nothing"]);
    assert_eq!(warnings("[{at: 500ms, members: {voters: [0, 1, 3]}}]", 0), [""; 0]);
}
