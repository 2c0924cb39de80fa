//! Members of compositions that crash, are cut off, or have decided while others have not: in the end all have the
//! decision.

use synod::harness::ScenarioError;
use synod::harness::{Outcome, Prepared};
use synod::scenario::Document;

fn prepare(text: &str) -> Result<Box<dyn Prepared>, ScenarioError> {
    Document::parse("within.yaml", text).expect("it is YAML").prepare(&synod::standard())
}

/// The run of so many agents 5 to 10 ms apart, under these faults.
fn run(agents: u32, seed: u64, protocol: &str, faults: &str) -> Outcome {
    let text = format!(
        "
name: within
agents: {agents}
seed: {seed}
network: {{latency: {{uniform: {{min: 5ms, max: 10ms}}}}}}
protocol: {{{protocol}}}
workload: {{}}
faults: [{faults}]
horizon: 100s
"
    );
    let scenario = prepare(&text).unwrap_or_else(|error| panic!("{error}"));
    scenario.run(seed, None).unwrap_or_else(|error| panic!("{error}"))
}

/// All decide, and nothing is objected to.
fn assert_decided(agents: u32, seed: u64, protocol: &str, faults: &str) {
    let outcome = run(agents, seed, protocol, faults);
    let unmet: Vec<_> =
        outcome.expectations.iter().filter(|expectation| !expectation.verdict.passed()).collect();
    assert!(outcome.verdict.passed(), "{protocol}: {unmet:?} {:?}", outcome.violations);
}

const TWO_VOTES: &str = "pipeline: {stages: [
  {by: {simple: {}}, deadline: 5s},
  {by: {simple: {coordinator: 1, deadline: 1s}}, deadline: 30s}]}";

#[test]
fn a_member_that_restarts_in_a_stage_starts_it_once() {
    for from in [5, 10, 15, 20, 25, 30, 35, 40] {
        let crash = format!("{{crash: {{agents: [2], from: {from}ms, until: 60ms}}}}");
        assert_decided(5, 1, TWO_VOTES, &crash);
    }
}

#[test]
fn who_has_decided_and_restarts_still_helps_the_others() {
    let crash = "{crash: {agents: [0, 1, 2], from: 400ms, until: 500ms}}";
    let one = "pipeline: {stages: [{by: {pbft: {f: 1, timeout: 300ms}}, deadline: 60s}]}";
    assert_decided(4, 1, one, &format!("{{isolate: {{agents: [3], from: 0s, until: 1s}}}}, {crash}"));
    let two = "pipeline: {stages: [
        {by: {pbft: {f: 1, timeout: 300ms}}, deadline: 20s}, {by: {pbft: {f: 1, timeout: 300ms}}, deadline: 40s}]}";
    assert_decided(4, 1, two, &format!("{{isolate: {{agents: [3], from: 30ms, until: 1s}}}}, {crash}"));
}

/// What it starts on is what the stage before has decided, and not what its own part of the file says.
#[test]
fn a_stage_is_judged_by_what_it_starts_on() {
    let stages =
        "pipeline: {stages: [{by: {simple: {}}, deadline: 5s}, {by: {pbft: {f: 1}}, deadline: 10s}]}";
    for seed in 0..20 {
        assert_decided(4, seed, stages, "");
    }
}

const TWO_SESSIONS: &str =
    "adaptive: {floor: byzantine, faulty: 1, max_time: 60s, heartbeat: 100ms, dwell: 100ms,
    failures: 25%, chain: [{by: {pbft: {f: 1}}, cost: 1s}, {by: {pbft: {f: 1}}, cost: 1s}]}";

/// One has decided, too few to be believed, and may be the one who opens the next rung.
#[test]
fn who_has_decided_goes_on_with_those_who_have_not() {
    let mut alone = 0;
    for seed in 0..60 {
        let cut =
            format!("{{partition: {{groups: [[0], [1], [2], [3]], from: {}ms, until: 1s}}}}", 18 + seed % 12);
        let outcome = run(4, seed, TWO_SESSIONS, &cut);
        assert!(outcome.verdict.passed(), "seed {seed}: {:?}", outcome.violations);
        let bound = outcome.coverage.get("rung_bound").copied().unwrap_or(0);
        alone += u32::from(bound > 0);
    }
    assert!(alone > 0, "the cut comes too late or too soon");
}

#[test]
fn an_open_outlives_the_crash_of_who_has_said_it() {
    let faults = "{partition: {groups: [[0], [1], [2], [3]], from: 0s, until: 440ms}},
        {one_way: {agents: [0], to: [1, 2, 3], from: 440ms, until: 900ms}},
        {crash: {agents: [0], from: 650ms, until: 800ms}}";
    assert_decided(4, 1, TWO_SESSIONS, faults);
}

#[test]
fn a_rung_that_nobody_opens_is_passed_over() {
    let chain =
        "adaptive: {floor: majority, faulty: 2, max_time: 20s, heartbeat: 100ms, dwell: 300ms, failures: 25%,
        chain: [{by: {weighted: {coordinator: 0, deadline: 1s}}, cost: 1s},
            {by: {weighted: {coordinator: 1, deadline: 1s}}, cost: 1s},
            {by: {simple: {coordinator: 2, deadline: 1s}}, cost: 1s}]}";
    let outcome = run(7, 1, chain, "{crash: {agents: [0, 1]}}");
    assert!(outcome.verdict.passed(), "{:?}", outcome.violations);
    assert!(outcome.coverage.contains_key("left_unopened"), "{:?}", outcome.coverage);
}

#[test]
fn who_has_not_heard_how_the_last_rung_ended_asks() {
    let chain = "adaptive: {floor: crash, faulty: 1, max_time: 60s, heartbeat: 100ms,
        chain: [{by: {weighted: {coordinator: 1, deadline: 1s}}, cost: 1s}]}";
    let outcome = run(4, 1, chain, "{isolate: {agents: [3], from: 14ms, until: 2500ms}}");
    assert!(outcome.verdict.passed(), "{:?}", outcome.violations);
    assert!(outcome.coverage.contains_key("left_unheard"), "{:?}", outcome.coverage);
}

#[test]
fn liars_are_refused_where_a_part_trusts_them() {
    let liars = "faults: [{mutate: {agents: [5, 6], what: contents}}]";
    for (agents, protocol, message) in [
        (
            7,
            "pipeline: {stages: [{by: {pbft: {f: 2}}, deadline: 5s}, {by: {simple: {}}, deadline: 5s}]}",
            "trusts its agents",
        ),
        (20, "distributed: {}", "trusts its agents"),
        (
            7,
            "adaptive: {floor: crash, faulty: 4, heartbeat: 100ms, chain: [{by: {weighted: {}}, cost: 1s}]}",
            "most of 7 agents",
        ),
    ] {
        let text = format!(
            "
name: within
agents: {agents}
network: {{latency: {{constant: 5ms}}}}
protocol: {{{protocol}}}
workload: {{}}
{liars}
horizon: 100s
"
        );
        let Err(error) = prepare(&text) else { panic!("{protocol} is taken") };
        assert!(error.to_string().contains(message), "{error}");
    }
}
