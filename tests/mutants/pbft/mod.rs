//! PBFT: each known bug has a scenario of its own; the true protocol passes all oracles there, under the same
//! seeds.

mod byzantine;
mod chaos;
mod hostile;
mod plain;
mod plan;

use plan::{Plan, name, run};
use synod::protocol::pbft::Bug;
use synod::testing::{seeds, survey};

/// In how many seeds each scenario is played.
const SEEDS: std::ops::Range<u64> = 1..5;

/// The scenario in which `bug` shows.
fn scenario(bug: Bug) -> fn(u64) -> Plan {
    match bug {
        Bug::QuorumTwoFPlusOne => byzantine::two_faced_of_five,
        Bug::QuorumOneShort | Bug::DigestNotCompared => byzantine::two_faced_of_four,
        Bug::DuplicateSendersCounted => byzantine::two_faced_and_doubled,
        Bug::CommitOfOtherViewCounted
        | Bug::VotesWithoutView
        | Bug::LowestViewCertificate
        | Bug::FirstCertificate => byzantine::three_certificates,
        Bug::EmptyPreparedSet | Bug::LowerViewLogDiscarded | Bug::ReexecutedAfterNewView => {
            plain::two_view_changes
        }
        Bug::NewViewNotRecomputed => byzantine::forgetful_new_view,
        Bug::NewViewBelowQuorum => plain::silent_primary,
        Bug::DuplicateViewChangesCounted => byzantine::counts_one_twice,
        Bug::PromiseNotPersisted => plain::primary_restarts,
        Bug::ResentPrePrepareAfresh => byzantine::proposes_again,
        Bug::SignatureUnkeyed => byzantine::forged_request,
        Bug::SignatureWithoutView => byzantine::replayed_commit,
        Bug::GapSkipped | Bug::CollectedAtOwnCheckpoint => plain::calm_log,
        Bug::ClientTableNotInSnapshot => byzantine::proposes_the_old,
        Bug::NoUpperWatermark => plain::lost_checkpoints,
        Bug::StateTransferUnchecked => byzantine::lies_about_its_state,
        Bug::OwnVoteNotCounted | Bug::PreparesFromBackupsAlone => plain::silent_backup,
        Bug::NoJoinRule => plain::left_behind,
        Bug::TimerNotDoubled => plain::impatient,
        Bug::NewViewTimerAtFirst => plain::slow_initiator,
        Bug::EarlyMessagesDropped => plain::overtaken_proposal,
        Bug::NoRetransmission => plain::early_losses,
        Bug::InvalidProposalTriggersChange => byzantine::forged_proposal,
        Bug::SuspicionAsProof => plain::isolated_primary,
        Bug::BadSignatureAsProof => byzantine::forged_proposal,
        Bug::UnverifiedEvidence => byzantine::forged_second_proposal,
        Bug::CommitRebroadcast | Bug::PrimaryPrepares => plain::calm_session,
        Bug::DeadlineNotCancelled => plain::session_with_deadline,
        Bug::RepeatedSignerInCertificate
        | Bug::RepeatedSignerInProof
        | Bug::ProofOfAnother
        | Bug::SnapshotWithoutClients => unreachable!("a hunt of its own finds them"),
        // They need a service: the tests of the crate itself have scenarios for them.
        Bug::ReadBelowQuorum | Bug::TickUnchecked => unreachable!("no oracle here is theirs"),
    }
}

/// What `bug` came to in its scenario: in which seeds its oracle caught it, and all that went wrong with the test.
fn play(bug: Bug) -> (Vec<u64>, Vec<String>) {
    let (oracle, plan) = (name(bug.oracle()), scenario(bug));
    let mut caught = Vec::new();
    let mut wrong = Vec::new();
    for seed in SEEDS {
        let truth = run(plan(seed), seed, None, None);
        for (other, violation) in truth.violations {
            let why = violation.message;
            wrong.push(format!("{}, seed {seed}: the true protocol breaks {other}: {why}", bug.name()));
        }
        if oracle != "accountability" && truth.checked[oracle] == 0 {
            wrong.push(format!("{}, seed {seed}: {oracle} is vacuous", bug.name()));
        }
        let mutant = run(plan(seed), seed, Some(bug), Some(oracle));
        if mutant.violates(oracle) {
            caught.push(seed);
        }
    }
    (caught, wrong)
}

fn must_catch(oracle: &str) {
    let bugs: Vec<Bug> = Bug::ALL.iter().copied().filter(|bug| bug.oracle() == oracle).collect();
    assert!(!bugs.is_empty(), "{oracle} has a mutant");
    let mut wrong = Vec::new();
    for bug in bugs {
        let (caught, faults) = play(bug);
        wrong.extend(faults);
        if !caught.iter().copied().eq(SEEDS) {
            wrong.push(format!("{}: {oracle} catches it in seeds {caught:?} alone", bug.name()));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

macro_rules! oracles {
    ($($test:ident $oracle:literal,)*) => {$(
        #[test]
        fn $test() {
            must_catch($oracle);
        }
    )*};
}

oracles! {
    agreement "P1",
    view_change_safety "P2",
    no_double_vote "P3",
    validity "P4",
    order "P5",
    checkpoint "P6",
    liveness "P7",
    attack_resistance "P8",
    accountability "P9",
    message_law "P10",
    one_outcome "P11",
}

/// What once stopped the true protocol permanently.
#[test]
fn the_true_protocol_recovers() {
    type MakePlan = fn(u64) -> Plan;
    let plans: [(&str, MakePlan); 2] =
        [("scattered", plain::scattered), ("gives_up_alone", plain::gives_up_alone)];
    for (name, plan) in plans {
        for seed in SEEDS {
            let checked = survey(seed..seed + 1, |seed| run(plan(seed), seed, None, None));
            assert!(checked["liveness"] > 0, "{name}, seed {seed}: liveness is vacuous");
        }
    }
}

/// Nothing goes wrong with the true protocol, whatever goes wrong around it. `SYNOD_SEEDS` makes the hunt longer.
#[test]
fn the_true_protocol_survives_chaos() {
    let checked = survey(seeds(1_000), |seed| run(chaos::plan(seed), seed, None, None));
    // They ask for calm, which chaos never is.
    let vacuous: Vec<_> = checked.iter().filter(|&(_, &count)| count == 0).map(|(&name, _)| name).collect();
    assert_eq!(vacuous, ["attack_resistance", "message_law"], "{checked:?}");
}
