//! Raft: each known bug has a plan and a seed in which the oracle named for it catches the mutant, and under which the
//! true protocol passes them all.

mod plan;
mod plans;

use plan::{Plan, run};
use std::collections::BTreeMap;
use synod::protocol::raft::Bug;
use synod::testing::{seeds, survey};

/// The plan under which `bug` shows, and the first seed in which it does.
fn kill(bug: Bug) -> (fn(u64) -> Plan, u64) {
    match bug {
        Bug::VoteNotPersisted => (plans::rough, 4),
        Bug::TwoVotesInATerm => (plans::rough, 0),
        Bug::MajorityOfLiveNodes => (plans::rough, 0),
        Bug::JointConsensusWithOneMajority => (plans::torn_apart_while_joint, 6),
        Bug::LearnerCountedInQuorum => (plans::rough, 0),
        Bug::AppendOverwritesLeaderOwnLog => (plans::rough, 0),
        Bug::TruncateWithoutConflict => (plans::rough, 0),
        Bug::ConsistencyCheckByIndexOnly => (plans::rough, 33),
        Bug::LogComparedByLengthOnly => (plans::successor_crashes, 0),
        Bug::OldTermCommittedByCounting => (plans::rough, 4),
        Bug::AckBeforeSync => (plans::rough, 0),
        Bug::CommitBeyondLastNewEntry => (plans::rough, 24),
        Bug::CommitRegressesOnSnapshot => (plans::rough, 1),
        Bug::LocalReadWithoutReadIndex => (plans::stale_leader_with_read_index, 0),
        Bug::ReadIndexWithoutTermEntry => (plans::leaders_crash_under_reads, 3),
        Bug::LeaseWithoutDriftMargin => (plans::stale_leader_with_slow_clock, 1),
        Bug::LeaseOutlivesTransfer => (plans::cut_off_while_handing_over, 28),
        Bug::SessionDedupeLostInSnapshot => (plans::snapshots_and_lost_answers, 12),
        Bug::SessionExecutesTwice => (plans::rough, 0),
        Bug::PreVoteIncrementsTerm => (plans::lonely_follower, 0),
        Bug::PreVoteResetsFollowerTimer => (plans::calm, 3),
        Bug::StickinessWithoutCheckQuorum => (plans::deaf_leader, 0),
        Bug::IdenticalTimeouts => (plans::calm_without_pre_vote, 0),
        Bug::RemovedLeaderStays => (plans::leader_removed, 0),
        Bug::LatestMembersInSnapshot => (plans::rough, 12),
        // Hunts of their own find them faster.
        Bug::ReadJoinsRoundUnderWay | Bug::LeaseFromConfirmation => (plans::rough, 0),
    }
}

/// In how many seeds a mutant must be caught.
const SEEDS: u64 = 200;

/// The oracle by its number.
fn oracle(number: &str) -> &'static str {
    match number {
        "R1" => "election_safety",
        "R2" => "leader_append_only",
        "R3" => "log_matching",
        "R4" => "leader_completeness",
        "R5" => "state_machine_safety",
        "R6" => "linearizability",
        "R7" => "term_stability",
        "R8" => "progress",
        "R9" => "snapshot_safety",
        _ => panic!("there is no oracle {number}"),
    }
}

fn must_catch(number: &str) {
    let bugs: Vec<Bug> = Bug::ALL.iter().copied().filter(|bug| bug.oracle() == number).collect();
    assert!(!bugs.is_empty(), "{number} has a mutant");
    let mut wrong = Vec::new();
    for bug in bugs {
        let (plan, seed) = kill(bug);
        let catches = |seed| run(plan(seed), seed, Some(bug), Some(oracle(number))).violates(oracle(number));
        if !catches(seed) {
            let first = (0..SEEDS).find(|&seed| catches(seed));
            wrong.push(format!("{} survives seed {seed}; it is caught first in {first:?}", bug.name()));
        }
        let truth = run(plan(seed), seed, None, None);
        wrong.extend(
            truth.violations.iter().map(|violation| format!("{}, seed {seed}: {violation:?}", bug.name())),
        );
        if truth.checked[oracle(number)] == 0 {
            wrong.push(format!("{}, seed {seed}: {number} is vacuous", bug.name()));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

macro_rules! oracles {
    ($($test:ident $number:literal,)*) => {$(
        #[test]
        fn $test() {
            must_catch($number);
        }
    )*};
}

oracles! {
    election_safety "R1",
    leader_append_only "R2",
    log_matching "R3",
    leader_completeness "R4",
    state_machine_safety "R5",
    linearizability "R6",
    term_stability "R7",
    progress "R8",
    snapshot_safety "R9",
}

/// Nothing is held against the true protocol, whatever goes wrong around it. `SYNOD_SEEDS` makes the hunt longer.
#[test]
fn the_true_protocol_survives_it_all() {
    let checked = survey(seeds(2_000), |seed| run(plans::rough(seed), seed, None, None));
    assert!(checked.values().all(|&count| count > 0), "{checked:?}");
}

/// Nor where single plans make trouble.
#[test]
fn the_true_protocol_survives_every_plan() {
    let mut plans: BTreeMap<_, fn(u64) -> Plan> = BTreeMap::new();
    for &bug in Bug::ALL {
        let (plan, _) = kill(bug);
        plans.insert(plan as usize, plan);
    }
    for plan in plans.values() {
        survey(0..40, |seed| run(plan(seed), seed, None, None));
    }
}
