//! For every known bug there is a scenario in which the oracle named for it catches the mutant, and in which the true
//! protocol passes all nine, under the same seeds.

use super::{objections, prepare};
use synod::protocol::vote::Bug;

const SEEDS: std::ops::Range<u64> = 1..21;

/// A scenario: its agents' groups, the protocol's settings, and what else there is to say.
struct Stage {
    agents: u32,
    groups: &'static str,
    protocol: &'static str,
    workload: &'static str,
    faults: &'static str,
}

const COIN: &str = "{name: voters, share: 100%, competence: 50%}";
const MIXED: &str = "{name: experts, share: 20%, competence: 90%, record: {tasks: {correct: 89, total: 98}}}, \
                     {name: others, share: 80%, competence: 70%, record: {tasks: {correct: 69, total: 98}}}";

/// The scenario in which `bug` shows.
fn stage(bug: Bug) -> Stage {
    let stage =
        Stage { agents: 9, groups: COIN, protocol: "rule: plurality", workload: "sessions: 10", faults: "" };
    match bug {
        Bug::OpenWeightIgnored => Stage { protocol: "rule: {of_cast: {share: 60%}}", ..stage },
        Bug::TieTakenEarly => Stage { agents: 8, ..stage },
        // Some answer only when they are asked again.
        Bug::LateWeightForgotten => Stage {
            protocol: "rule: plurality",
            groups: "{name: quick, share: 60%, competence: 50%}, {name: slow, share: 40%, competence: 50%, speed: 10/7s}",
            agents: 10,
            ..stage
        },
        Bug::ResubmissionAdds => Stage { faults: "duplicate: {chance: 60%, apart: 10ms}", ..stage },
        Bug::LastVoteWins => Stage { faults: "insider: {agents: [3, 4, 5], attack: vote_flip}", ..stage },
        Bug::TieByArrival => Stage { agents: 8, workload: "sessions: 40", ..stage },
        Bug::CapOnce | Bug::CapEach => Stage {
            groups: "{name: heavy, count: 1, weight: 8}, {name: light, count: 2, weight: 1}",
            agents: 3,
            protocol: "rule: {of_total: 60%}, weights: given, cap: 50%",
            ..stage
        },
        Bug::RoundingLoses => Stage {
            groups: "{name: some, count: 4, weight: 3}, {name: others, count: 5, weight: 1}",
            protocol: "rule: plurality, weights: given",
            ..stage
        },
        Bug::WeightsMove => Stage {
            groups: MIXED,
            agents: 10,
            protocol: "rule: plurality, weights: {log_odds: {learning: true}}",
            ..stage
        },
        Bug::ApprovalOnly => Stage { protocol: "rule: {of_total: 80%}", ..stage },
        // The coordinator and another, who show each half of the others what it wants to see.
        Bug::QuorumOfThreshold => Stage {
            agents: 10,
            protocol: "rule: {of_total: 55%}, faulty_weight: 20%",
            faults: "insider: {agents: [0, 1], attack: two_certificates, strength: 50%}",
            workload: "sessions: 40",
            ..stage
        },
        Bug::CompetenceJumps => Stage {
            groups: "{name: a, count: 5, record: {tasks: {correct: 80, total: 100}}}, \
                     {name: b, count: 4, record: {tasks: {correct: 81, total: 100}}}",
            protocol: "rule: plurality, weights: {legacy: {}}",
            ..stage
        },
        // What came of a session reaches them after they have given up.
        Bug::OutcomeTwice => Stage {
            protocol: "rule: plurality, deadline: 500ms",
            faults: "slow_links: {agents: [0], by: 1200ms}",
            ..stage
        },
    }
}

fn scenario(bug: Bug, has_bug: bool) -> String {
    let Stage { agents, groups, protocol, workload, faults } = stage(bug);
    let mutant = if has_bug { format!(", bug: {}", bug.name()) } else { String::new() };
    format!(
        "
name: mutant
agents: {agents}
groups: [{groups}]
network: {{latency: {{uniform: {{min: 1ms, max: 30ms}}}}}}
protocol: {{weighted: {{{protocol}{mutant}}}}}
workload: {{{workload}}}
faults: [{faults}]
stop: quiescent
horizon: 3m
"
    )
}

#[test]
fn every_bug_is_caught_by_its_oracle() {
    let mut wrong = Vec::new();
    for &bug in Bug::ALL {
        let truth = prepare(&scenario(bug, false));
        let mutant = prepare(&scenario(bug, true));
        let mut caught = 0;
        for seed in SEEDS {
            let outcome = truth.run(seed, None).unwrap_or_else(|error| panic!("{error}"));
            for why in objections(&outcome) {
                wrong.push(format!("{}, seed {seed}: the true protocol: {why}", bug.name()));
            }
            let premise = outcome.oracles.iter().find(|oracle| oracle.name == bug.oracle());
            if premise.is_none_or(|oracle| oracle.checked == 0) {
                wrong.push(format!("{}, seed {seed}: {} is vacuous", bug.name(), bug.oracle()));
            }
            let outcome = mutant.run(seed, None).unwrap_or_else(|error| panic!("{error}"));
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

#[test]
fn every_oracle_has_a_mutant() {
    for oracle in synod::protocol::vote::weighted::oracle::NAMES {
        assert!(Bug::ALL.iter().any(|bug| bug.oracle() == *oracle), "{oracle}");
    }
}
