//! Hunts for kinds of bugs: scenarios of their own under which a mutant falls to the oracle that looks for its kind, and
//! which the true protocol passes with the same seeds.

use std::path::PathBuf;
use synod::harness::Prepared;
use synod::protocol::{pbft, raft};
use synod::scenario::Document;

/// A mutant, the scenario that hunts it, the oracle that finds it, and the first seed with which it does.
struct Hunt {
    protocol: &'static str,
    bug: &'static str,
    scenario: &'static str,
    oracle: &'static str,
    seed: u64,
}

fn hunts() -> Vec<Hunt> {
    let pbft = |bug: pbft::Bug, seed| Hunt {
        protocol: "pbft",
        bug: bug.name(),
        scenario: "second_history",
        oracle: "certificates",
        seed,
    };
    let raft = |bug: raft::Bug, scenario, oracle, seed| Hunt {
        protocol: "raft",
        bug: bug.name(),
        scenario,
        oracle,
        seed,
    };
    vec![
        pbft(pbft::Bug::RepeatedSignerInCertificate, 16),
        pbft(pbft::Bug::RepeatedSignerInProof, 0),
        pbft(pbft::Bug::ProofOfAnother, 0),
        Hunt {
            scenario: "rough_log",
            oracle: "snapshot_safety",
            ..pbft(pbft::Bug::SnapshotWithoutClients, 0)
        },
        raft(raft::Bug::LatestMembersInSnapshot, "members", "snapshot_safety", 2),
        raft(raft::Bug::ReadJoinsRoundUnderWay, "slow_answers", "read_freshness", 8),
        raft(raft::Bug::LeaseFromConfirmation, "last_moments", "read_freshness", 1),
        raft(raft::Bug::LeaseFromConfirmation, "paused", "read_freshness", 0),
        raft(raft::Bug::LocalReadWithoutReadIndex, "paused", "read_freshness", 0),
    ]
}

impl Hunt {
    /// The scenario, with the bug or without.
    fn prepare(&self, has_bug: bool) -> Box<dyn Prepared> {
        let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("scenarios/hunt").join(self.protocol);
        let mut document =
            Document::load(&folder.join(self.scenario).with_extension("yaml")).expect("it is there");
        if has_bug {
            let assignment = format!("protocol.{}.bug={}", self.protocol, self.bug);
            document.set(&assignment).expect("mutants are built in");
        }
        document.prepare(&synod::standard()).expect("it is sound")
    }

    fn catches(&self, scenario: &dyn Prepared, seed: u64) -> bool {
        let outcome = scenario.run(seed, None).expect("it runs");
        outcome.violations.iter().any(|violation| violation.oracle == self.oracle)
    }
}

/// Among how many seeds another is looked for.
const SEEDS: u64 = 200;

#[test]
fn every_hunt_finds_its_bug_and_nothing_else() {
    let mut wrong = Vec::new();
    for hunt in hunts() {
        let mutant = hunt.prepare(true);
        if !hunt.catches(&*mutant, hunt.seed) {
            let first = (0..SEEDS).find(|&seed| hunt.catches(&*mutant, seed));
            wrong.push(format!(
                "{} survives seed {} of {}; it falls first in {first:?}",
                hunt.bug, hunt.seed, hunt.scenario
            ));
        }
        let truth = hunt.prepare(false).run(hunt.seed, None).expect("it runs");
        let objections = truth.violations.iter().map(|violation| &violation.message);
        wrong.extend(objections.map(|message| format!("{}, the true protocol: {message}", hunt.scenario)));
        let checked = truth.oracles.iter().find(|report| report.name == hunt.oracle);
        if checked.is_none_or(|report| report.checked == 0) {
            wrong.push(format!("{} is vacuous in {}", hunt.oracle, hunt.scenario));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
