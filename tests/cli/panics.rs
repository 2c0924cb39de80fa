//! A protocol whose assertion fails under loss: a violation of `no_panic` with a repro file that shrinks to a panic at
//! the same place, while the sweep goes on.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::fs;
use std::ops::ControlFlow;
use std::rc::Rc;
use std::sync::atomic::AtomicBool;
use synod::campaign::{FailureSignature, Point, Seeds, Stopwatch, SweepPlan, shrink, sweep};
use synod::harness::{Harness, Instance, Problem, Registry, Scenario};
use synod::report::{Next, page};
use synod::scenario::Document;
use synod::sim::{
    Context, Durable, Duration, Milestone, NodeId, Observation, OperationId, Protocol, Streams,
};

/// Agent 0 counts aloud; the others insist on hearing every number, and to hear it while they are alive.
struct Counter {
    next: u64,
    numbers: u64,
    strays: u32,
}

#[derive(Debug, Serialize)]
enum Claim {
    Began,
    Heard,
}

impl Observation for Claim {
    fn milestone(&self) -> Option<Milestone> {
        Some(match self {
            Claim::Began => Milestone::Submitted(OperationId(0)),
            Claim::Heard => Milestone::Decided(OperationId(0), 1),
        })
    }
}

impl Protocol for Counter {
    type Config = Numbers;
    type Message = u64;
    type Timer = ();
    type Record = ();
    type Observation = Claim;

    fn new(config: &Rc<Numbers>, _: NodeId, _: usize, _: u64, _: Durable<'_, ()>) -> Counter {
        Counter { next: 0, numbers: config.numbers, strays: config.strays }
    }

    fn on_start(&mut self, ctx: &mut Context<'_, Counter>) {
        if ctx.me() == NodeId(0) {
            ctx.observe(Claim::Began);
            (0..self.strays).for_each(|stray| ctx.send(NodeId(99 + stray), 0));
            ctx.set_timer((), Duration::from_millis(10));
        }
    }

    fn on_message(&mut self, ctx: &mut Context<'_, Counter>, _: NodeId, &number: &u64) {
        assert_eq!(number, self.next, "a number is missing");
        self.next += 1;
        if self.next == self.numbers {
            ctx.observe(Claim::Heard);
        }
    }

    fn on_timer(&mut self, ctx: &mut Context<'_, Counter>, (): ()) {
        ctx.broadcast(self.next);
        self.next += 1;
        if self.next < self.numbers {
            ctx.set_timer((), Duration::from_millis(10));
        } else {
            ctx.observe(Claim::Heard);
        }
    }
}

enum Counting {}

#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
struct Nothing {}

#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
struct Numbers {
    numbers: u64,
    /// Copies that go to nobody.
    #[serde(default)]
    strays: u32,
}

impl Harness for Counting {
    type Protocol = Counter;
    type Params = Nothing;
    type Workload = Numbers;

    const NAME: &'static str = "counting";
    const ABOUT: &'static str = "Agent 0 counts, the others insist on every number.";

    fn instance(scenario: &Scenario<Nothing, Numbers>, _: &Streams) -> Result<Instance<Counter>, Problem> {
        Ok(Instance { config: scenario.workload.clone(), clients: 0, operations: 1 })
    }
}

/// One copy in two hundred is lost, so that some seeds fail; the crash has nothing to do with it.
const SCENARIO: &str = "\
name: counting
agents: 4
network: {latency: {constant: 2ms}, loss: 0.5%, duplication: 0.01%}
protocol: {counting: {}}
workload: {numbers: 20}
faults:
  - crash: {name: late, agents: [3], from: 900ms, until: 950ms}
stop: quiescent
expect: {undecided: {at_least: 0}}
";

fn registry() -> Registry {
    Registry::empty().with::<Counting>()
}

#[test]
fn a_panic_is_a_finding_and_the_sweep_goes_on() {
    let registry = registry();
    let scenario = Document::parse("counting.yaml", SCENARIO).expect("it reads").prepare(&registry);
    let scenario = scenario.unwrap_or_else(|error| panic!("{error}"));
    let folder = tempfile::tempdir().expect("a folder");
    let seeds: Seeds = "0..40".parse().expect("a range");
    let points = [Point::new(Vec::new(), scenario, seeds)];
    let plan = SweepPlan {
        points: &points,
        jobs: 1,
        max_failures: None,
        kept: 3,
        folder: folder.path(),
        resume: false,
    };
    let swept = sweep(&plan, &mut |_| {}, &AtomicBool::new(false)).unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(swept.total.runs, 40);
    assert!((2..30).contains(&swept.total.failed), "{} of 40 fail", swept.total.failed);

    // The first repro file tells the place, runs to the same panic, and shrinks to less that panics there.
    let mut files: Vec<_> = fs::read_dir(folder.path())
        .expect("the folder")
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "yaml"))
        .collect();
    files.sort();
    let document = Document::load(&files[0]).unwrap_or_else(|error| panic!("{error}"));
    let repro = document.prepare(&registry).unwrap_or_else(|error| panic!("{error}"));
    let finding = repro.finding().expect("it is a repro file");
    assert_eq!(finding.violations[0].oracle, "no_panic");
    let place = finding.violations[0].place.clone().expect("the place is known");
    assert!(place.starts_with("tests/cli/panics.rs:"), "{place}");
    assert!(finding.violations[0].message.contains("while handling a message of agent 0, at "));
    let again = repro.run(repro.seed(), None).unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(again.end.digest.to_string(), finding.digest);

    let shrunk = shrink(&registry, &*repro, &mut |_| ControlFlow::Continue(()));
    let shrunk = shrunk.unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(shrunk.target, FailureSignature::Panic(place));
    assert!(shrunk.outcome.faults.is_empty(), "the crash does not matter");
    assert!(shrunk.outcome.end.events <= again.end.events);
}

#[test]
fn a_panic_ends_its_run_as_any_violation_does() {
    let registry = registry();
    let mut document = Document::parse("counting.yaml", SCENARIO).expect("it reads");
    document.set("network.loss=50%").expect("a share");
    let prepared = document.prepare(&registry).unwrap_or_else(|error| panic!("{error}"));
    let outcome = prepared.run(1, None).unwrap_or_else(|error| panic!("{error}"));
    assert!(!outcome.verdict.passed());
    let violation = &outcome.violations[0];
    assert_eq!((violation.oracle, outcome.ended()), ("no_panic", "violation"));
    assert!(violation.message.contains("a number is missing"), "{}", violation.message);
    let told = prepared.check_determinism(1).unwrap_or_else(|error| panic!("{error}"));
    assert!(told.is_ok(), "a panic is as deterministic as everything else");
}

#[test]
fn what_is_sent_to_nobody_is_warned_of() {
    let registry = registry();
    for (strays, said) in
        [(0, None), (1, Some("one copy was sent to agents that do not exist")), (3, Some("3 copies"))]
    {
        let mut document = Document::parse("counting.yaml", SCENARIO).expect("it reads");
        for set in ["network={latency: {constant: 2ms}}", &format!("workload.strays={strays}")] {
            document.set(set).expect("it can be set");
        }
        let prepared = document.prepare(&registry).unwrap_or_else(|error| panic!("{error}"));
        let outcome = prepared.run(1, None).unwrap_or_else(|error| panic!("{error}"));
        let host = Stopwatch::start().stop();
        let next = Next { program: "synod", scenario: "x.yaml", about: "", was_repeated: false };
        let page = page(&outcome, &host, &next);
        let warned = page.lines().find(|line| line.contains("do not exist"));
        assert_eq!(warned.is_some(), said.is_some(), "{page}");
        assert!(warned.is_none_or(|line| line.contains(said.expect("it is warned"))), "{page}");
        assert_eq!(outcome.warnings().iter().any(|warning| warning.contains("do not exist")), said.is_some());
    }
}
