//! Coalitions of twins: as many as the protocol tolerates break nothing; as many as two quorums share break agreement.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;
use synod::fault::Fault;
use synod::harness::Outcome;
use synod::scenario::Document;
use synod::sim::NodeId;
use synod::testing::TestRun;
use synod::testing::script::{Actor, Input};

const LOG: &str = "{requests: {total: 6, clients: 3, arrival: {closed: 0ms}}}";
const DECISION: &str = "{decision: {value: 3, value_max: 9}}";

fn outcomes(agents: u32, workload: &str, faults: &str, seeds: std::ops::Range<u64>) -> Vec<Outcome> {
    let text = format!(
        "
name: coalition
agents: {agents}
network: {{latency: {{uniform: {{min: 1ms, max: 9ms}}}}}}
protocol:
  pbft: {{timeout: 200ms, timeout_max: 800ms, status_interval: 100ms}}
workload: {workload}
faults: {faults}
allow_unsafe: true
horizon: 20s
"
    );
    let document = Document::parse("coalition", &text).expect("it is YAML");
    let scenario = document.prepare(&synod::standard()).unwrap_or_else(|error| panic!("{error}"));
    seeds.map(|seed| scenario.run(seed, None).expect("it runs")).collect()
}

fn broken(outcomes: &[Outcome]) -> usize {
    outcomes.iter().filter(|outcome| outcome.violations.iter().any(|v| v.oracle == "agreement")).count()
}

/// n, and how many agents two quorums share there.
const OVERLAPS: [(u32, u32); 5] = [(4, 2), (5, 3), (7, 3), (8, 4), (10, 4)];

#[test]
fn as_many_as_two_quorums_share_break_agreement() {
    for (agents, overlap) in OVERLAPS {
        for workload in [LOG, DECISION] {
            let drawn = outcomes(agents, workload, "[twins: {agents: 2q-n, apart: true}]", 0..20);
            assert!(drawn.iter().all(|outcome| outcome.faults[0].agents.len() as u32 == overlap));
            assert!(broken(&drawn) > 0, "n = {agents}, {workload}: agreement is broken in none of 20 seeds");
            // A correct primary tells everybody the same, so it takes one that colludes.
            let first: Vec<u32> = (0..overlap).collect();
            let led =
                outcomes(agents, workload, &format!("[twins: {{agents: {first:?}, apart: true}}]"), 0..20);
            let broken = broken(&led);
            assert!(broken > 10, "n = {agents}, {workload}: agreement is broken in {broken} of 20 seeds");
        }
    }
}

#[test]
fn as_many_as_are_borne_break_nothing() {
    let mut wrong = Vec::new();
    for agents in [4, 7, 10] {
        for (workload, faults) in [
            (LOG, "[twins: {agents: f}]"),
            (LOG, "[twins: {agents: f, sides: all, instances: 3}]"),
            (LOG, "[twins: {agents: f, rushing: true, withhold: [commit, committed, view-change]}]"),
            (DECISION, "[twins: {agents: f}]"),
        ] {
            for outcome in outcomes(agents, workload, faults, 0..200) {
                for violation in &outcome.violations {
                    let (seed, oracle) = (outcome.seed, violation.oracle);
                    wrong.push(format!(
                        "n = {agents}, {workload}, {faults}, seed {seed}: {oracle}: {}",
                        violation.message
                    ));
                }
                // A session whose initiator colludes may come to nothing.
                let is_lost = workload == DECISION && outcome.faults[0].agents.contains(&NodeId(0));
                if outcome.metrics["undecided"].value() > 0.0 && !is_lost {
                    wrong.push(format!(
                        "n = {agents}, {workload}, {faults}, seed {}: undecided",
                        outcome.seed
                    ));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong[..wrong.len().min(40)].join("\n"));
}

#[test]
fn every_outsider_hears_one_twin_and_sides_are_even() {
    for instances in [2_u32, 3] {
        let heard: Rc<RefCell<BTreeMap<u32, Vec<u64>>>> = Rc::default();
        let kept = Rc::clone(&heard);
        let run = TestRun::<Actor>::scripted(7, move |me, ctx, input| match input {
            Input::Start if ctx.me() == NodeId(6) => ctx.broadcast(me.seed),
            Input::Message(_, seed) => kept.borrow_mut().entry(ctx.me().0).or_default().push(seed),
            _ => {}
        });
        let faults = format!(r#"[{{"twins": {{"agents": [6], "instances": {instances}}}}}]"#);
        run.faults(serde_json::from_str::<Vec<Fault>>(&faults).expect("a fault")).run();
        let heard = heard.borrow();
        assert_eq!(heard.keys().copied().collect::<Vec<_>>(), [0, 1, 2, 3, 4, 5]);
        assert!(heard.values().all(|seeds| seeds.len() == 1), "{heard:?}");
        let mut sides: BTreeMap<u64, u32> = BTreeMap::new();
        heard.values().for_each(|seeds| *sides.entry(seeds[0]).or_default() += 1);
        let sizes: Vec<u32> = sides.into_values().collect();
        assert_eq!(
            sizes,
            vec![6 / instances; instances as usize],
            "each instance has its own seed, and its side"
        );
    }
}
