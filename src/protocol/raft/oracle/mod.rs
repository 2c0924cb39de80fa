//! Oracles of Raft: R1 to R5, and R7 to R10.
//!
//! From what replicas claim to have made durable the oracles rebuild everyone's term, vote, log and commit index, the
//! history variables of the specification in TLA+ (Ongaro 2014, appendix B), and judge by those: a leader's word for
//! what is committed counts for nothing. What faulty replicas claim is never held against anybody. R6, that what clients
//! saw is linearizable, is no matter of Raft's alone, and is judged elsewhere.

mod election_safety;
mod leader_append_only;
mod leader_completeness;
mod log;
mod log_matching;
mod progress;
mod quorum;
mod read_freshness;
mod snapshot_safety;
mod state_machine_safety;
mod term_stability;
mod window;

#[cfg(test)]
mod rig;

pub use election_safety::ElectionSafety;
pub use leader_append_only::LeaderAppendOnly;
pub use leader_completeness::LeaderCompleteness;
pub use log_matching::LogMatching;
pub use progress::Progress;
pub use read_freshness::ReadFreshness;
pub use snapshot_safety::SnapshotSafety;
pub use state_machine_safety::StateMachineSafety;
pub use term_stability::TermStability;

use super::{Config, Raft};
use std::rc::Rc;
pub use synod_sim::GroundTruth;
use synod_sim::Oracle;

/// Their names, in the order of their numbers.
pub const NAMES: &[&str] = &[
    "election_safety",
    "leader_append_only",
    "log_matching",
    "leader_completeness",
    "state_machine_safety",
    "term_stability",
    "progress",
    "snapshot_safety",
    "read_freshness",
];

/// All of them, in the order of their numbers.
pub fn all(config: &Rc<Config>, ground_truth: &GroundTruth) -> Vec<Box<dyn Oracle<Raft>>> {
    let ground_truth = Rc::new(ground_truth.clone());
    vec![
        Box::new(ElectionSafety::new(config, &ground_truth)),
        Box::new(LeaderAppendOnly::new(config, &ground_truth)),
        Box::new(LogMatching::new(config, &ground_truth)),
        Box::new(LeaderCompleteness::new(config, &ground_truth)),
        Box::new(StateMachineSafety::new(config, &ground_truth)),
        Box::new(TermStability::new(config, &ground_truth)),
        Box::new(Progress::new(config, &ground_truth)),
        Box::new(SnapshotSafety::new(config, &ground_truth)),
        Box::new(ReadFreshness::new(&ground_truth)),
    ]
}

#[cfg(test)]
mod tests {
    use super::rig::{config, ground_truth};
    use super::*;

    #[test]
    fn they_stand_in_the_order_of_their_numbers() {
        let oracles = all(&Rc::new(config(3)), &ground_truth(3));
        for (number, oracle) in [1, 2, 3, 4, 5, 7, 8, 9, 10].into_iter().zip(&oracles) {
            let name = oracle.name();
            assert!(oracle.claim().starts_with(&format!("R{number}: ")), "{name}");
            assert!(!oracle.wants_copies(), "{name} judges by what is sent and claimed");
            assert_eq!(oracle.checked(), 0, "{name} has judged nothing yet");
        }
        assert_eq!(oracles.iter().map(|oracle| oracle.name()).collect::<Vec<_>>(), NAMES);
    }
}
