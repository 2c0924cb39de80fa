//! For every known bug there is a scenario in which the oracle named for it catches the mutant, and in which the true
//! protocol passes all of them, under the same seeds.

use super::{objections, prepare, run};
use synod::protocol::iterative::Bug;

const SEEDS: std::ops::Range<u64> = 1..21;

/// A scenario: how competent its agents are, the protocol's settings, what they refine, and what goes wrong.
struct Stage {
    agents: u32,
    groups: &'static str,
    protocol: &'static str,
    value: &'static str,
    faults: &'static str,
}

const GUESSING: &str = "{name: guessing, share: 100%, competence: 0%}";
const KNOWING: &str = "{name: knowing, share: 100%, competence: 100%}";

/// The scenario in which `bug` shows.
fn stage(bug: Bug) -> Stage {
    let stage = Stage {
        agents: 8,
        groups: GUESSING,
        protocol: "faulty: 2",
        value: "{number: {low: 0, high: 1000000}}",
        faults: "",
    };
    match bug {
        Bug::AllMustSubmit => Stage { faults: "crash: {agents: [6], from: 40ms}", ..stage },
        Bug::CountsAll => Stage { faults: "silent: {agents: [6]}", ..stage },
        // Who knows says it once.
        Bug::NoElitism => Stage {
            groups: "{name: knowing, count: 1, competence: 100%}, {name: guessing, count: 7, competence: 0%}",
            protocol: "faulty: 2, coordinator: 1, evaluator: true, pull: 10%",
            faults: "silent: {agents: [0], from: 150ms}",
            ..stage
        },
        Bug::SynthesisedResult => stage,
        Bug::SelfSimilarity => Stage { protocol: "faulty: 2, pull: 0%", ..stage },
        // Long texts of few words have all of them.
        Bug::SemanticIsJaccard => {
            Stage { protocol: "faulty: 2, pull: 5%", value: "{text: {words: 60, vocabulary: 4}}", ..stage }
        }
        Bug::PlainMean => Stage {
            groups: KNOWING,
            faults: "insider: {agents: [6, 7], attack: convergence_stalling}",
            ..stage
        },
        Bug::SelfReview => Stage { protocol: "faulty: 0", ..stage },
        Bug::ConfidenceCounts => Stage { protocol: "faulty: 1", ..stage },
        Bug::NoTrimming => Stage {
            protocol: "faulty: 2, method: {agreement: {tolerance: 1000}}",
            faults: "insider: {agents: [6, 7], attack: tolerance_drift}",
            ..stage
        },
        // They show where the current leader is replaced at a bad moment, which the seed has to find.
        Bug::StaleTermHeeded
        | Bug::ToldUnaccepted
        | Bug::EarliestStandingTaken
        | Bug::PromiseForgotten
        | Bug::LateStepTaken => {
            unreachable!("{} has a test of its own", bug.name())
        }
        // What came of a session reaches them after they have given up.
        Bug::OutcomeTwice => Stage {
            protocol: "faulty: 2, propose: 500ms, review: 500ms, deadline: 2s",
            faults: "slow_links: {agents: [0], by: 3500ms}",
            ..stage
        },
    }
}

fn scenario(bug: Bug, has_bug: bool) -> String {
    let Stage { agents, groups, protocol, value, faults } = stage(bug);
    let mutant = if has_bug { format!(", bug: {}", bug.name()) } else { String::new() };
    format!(
        "
name: mutant
agents: {agents}
groups: [{groups}]
network: {{latency: {{uniform: {{min: 1ms, max: 30ms}}}}}}
protocol: {{iterative: {{{protocol}{mutant}}}}}
workload: {{value: {value}, sessions: 2}}
faults: [{faults}]
stop: quiescent
horizon: 30m
"
    )
}

#[test]
fn every_bug_is_caught_by_its_oracle() {
    let mut wrong = Vec::new();
    for &bug in Bug::ALL.iter().filter(|bug| bug.oracle() != "one_result") {
        let truth = prepare(&scenario(bug, false));
        let mutant = prepare(&scenario(bug, true));
        let mut caught = 0;
        for seed in SEEDS {
            let outcome = run(&*truth, seed);
            for why in objections(&outcome) {
                wrong.push(format!("{}, seed {seed}: the true protocol: {why}", bug.name()));
            }
            let premise = outcome.oracles.iter().find(|oracle| oracle.name == bug.oracle());
            if premise.is_none_or(|oracle| oracle.checked == 0) {
                wrong.push(format!("{}, seed {seed}: {} is vacuous", bug.name(), bug.oracle()));
            }
            let outcome = run(&*mutant, seed);
            caught +=
                usize::from(outcome.violations.iter().any(|violation| violation.oracle == bug.oracle()));
        }
        if caught < SEEDS.count() / 2 {
            wrong.push(format!(
                "{}: {} catches it in {caught} of {} seeds",
                bug.name(),
                bug.oracle(),
                SEEDS.count()
            ));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// How messages travel, and what goes wrong while the current leader is replaced.
struct Storm {
    latency: &'static str,
    faults: &'static str,
}

/// The seed draws who is cut off, slow or down.
const SWARM: Storm = Storm {
    latency: "uniform: {min: 1ms, max: 30ms}",
    faults: "swarm: {faults: 7, until: 400ms, kinds: [crash, one_way, isolate, loss, slow_links]}",
};

/// Messages overtake each other, the last agent is cut off before the result, and the current leader after it.
const OVERTAKEN: Storm = Storm {
    latency: "lognormal: {median: 5ms, p99: 200ms}",
    faults: "faults: [{isolate: {agents: [2], from: 30ms, until: 100ms}}, {isolate: {agents: [0], from: 70ms, until: 400ms}}]",
};

/// Agents who guess and are quick to agree.
fn replaced((agents, faulty): (u32, u32), storm: &Storm, bug: Option<Bug>) -> String {
    let mutant = bug.map_or(String::new(), |bug| format!(", bug: {}", bug.name()));
    let Storm { latency, faults } = storm;
    format!(
        "
name: replaced
agents: {agents}
groups: [{GUESSING}]
network: {{latency: {{{latency}}}}}
protocol:
  iterative: {{faulty: {faulty}, byzantine: false, failover: 60ms, propose: 200ms, review: 200ms, grace: 1ms,
    good_enough: 1%, converged: {{approves: 1%, approval: 1%}}{mutant}}}
workload: {{value: {{number: {{low: 0, high: 1000000}}}}, sessions: 2}}
{faults}
stop: quiescent
horizon: 30m
"
    )
}

#[test]
fn every_bug_of_the_succession_is_caught() {
    let seeds = 0..2000;
    // Of three the leader and one more are most; of five they are not.
    for (agents, storm) in [((3, 1), &SWARM), ((5, 2), &SWARM), ((3, 1), &OVERTAKEN)] {
        let truth = prepare(&replaced(agents, storm, None));
        let (mut checked, mut failovers) = (0, 0);
        for seed in seeds.clone() {
            let outcome = run(&*truth, seed);
            assert_eq!(objections(&outcome), Vec::<String>::new(), "{agents:?} agents, seed {seed}");
            let judged = outcome.oracles.iter().find(|oracle| oracle.name == "one_result");
            checked += judged.expect("it watches").checked;
            failovers += outcome.coverage.get("took_over").copied().unwrap_or(0);
        }
        assert!(checked > 0 && failovers > 1000, "{checked} results, {failovers} failovers");
    }
    for &bug in Bug::ALL.iter().filter(|bug| bug.oracle() == "one_result") {
        let storm = if bug == Bug::LateStepTaken { &OVERTAKEN } else { &SWARM };
        let mutant = prepare(&replaced((3, 1), storm, Some(bug)));
        let is_caught =
            |seed| run(&*mutant, seed).violations.iter().any(|violation| violation.oracle == bug.oracle());
        assert!(seeds.clone().any(is_caught), "{} survives", bug.name());
    }
}

#[test]
fn every_oracle_has_a_mutant() {
    for oracle in synod::protocol::iterative::oracle::NAMES {
        assert!(Bug::ALL.iter().any(|bug| bug.oracle() == *oracle), "{oracle}");
    }
}
