//! Oracles of PBFT: P1 to P11, P13 and P14, and P12 where the replicated service knows the time.
//!
//! They know the ground truth and see every event. Only what correct nodes claim and sign binds; what a faulty one
//! says is never held against anybody. Quorums are those of [`Quorum`](super::Quorum), whatever a mutant takes for
//! one.

mod accountability;
mod agreement;
mod attack_resistance;
mod certificates;
mod checkpoint;
mod liveness;
mod log_time;
mod message_law;
mod no_double_vote;
mod one_outcome;
mod order;
mod proof;
mod runs;
mod snapshot_safety;
mod timing;
mod validity;
mod view_change_safety;
mod watermarks;

#[cfg(test)]
mod rig;

pub use accountability::Accountability;
pub use agreement::Agreement;
pub use attack_resistance::AttackResistance;
pub use certificates::Certificates;
pub use checkpoint::CheckpointSafety;
pub use liveness::Liveness;
pub use log_time::LogTime;
pub use message_law::MessageLaw;
pub use no_double_vote::NoDoubleVote;
pub use one_outcome::OneOutcome;
pub use order::Order;
pub use snapshot_safety::SnapshotSafety;
pub use validity::Validity;
pub use view_change_safety::ViewChangeSafety;

use super::{Config, Pbft};
use std::rc::Rc;
pub use synod_sim::GroundTruth;
use synod_sim::Oracle;

/// Their names, P1 first.
pub const NAMES: &[&str] = &[
    "agreement",
    "view_change_safety",
    "no_double_vote",
    "validity",
    "order",
    "checkpoint",
    "liveness",
    "attack_resistance",
    "accountability",
    "message_law",
    "one_outcome",
    "log_time",
    "certificates",
    "snapshot_safety",
];

/// All that have something to judge, P1 first.
pub fn all(config: &Rc<Config>, ground_truth: &GroundTruth) -> Vec<Box<dyn Oracle<Pbft>>> {
    let ground_truth = Rc::new(ground_truth.clone());
    let mut oracles: Vec<Box<dyn Oracle<Pbft>>> = vec![
        Box::new(Agreement::new(config, &ground_truth)),
        Box::new(ViewChangeSafety::new(config, &ground_truth)),
        Box::new(NoDoubleVote::new(&ground_truth)),
        Box::new(Validity::new(config, &ground_truth)),
        Box::new(Order::new(config, &ground_truth)),
        Box::new(CheckpointSafety::new(config, &ground_truth)),
        Box::new(Liveness::new(config, &ground_truth)),
        Box::new(AttackResistance::new(config, &ground_truth)),
        Box::new(Accountability::new(config, &ground_truth)),
        Box::new(MessageLaw::new(config, &ground_truth)),
        Box::new(OneOutcome::new(&ground_truth)),
    ];
    if config.clock().is_some() {
        oracles.push(Box::new(LogTime::new(config, &ground_truth)));
    }
    oracles.push(Box::new(Certificates::new(config, &ground_truth)));
    oracles.push(Box::new(SnapshotSafety::new(config, &ground_truth)));
    oracles
}

#[cfg(test)]
mod tests {
    use super::rig::{config, ground_truth};
    use super::*;

    #[test]
    fn they_stand_in_the_order_of_their_numbers() {
        let oracles = all(&Rc::new(config(4)), &ground_truth(4));
        for oracle in &oracles {
            let name = oracle.name();
            let number = 1 + NAMES.iter().position(|other| *other == name).expect("it is named");
            assert!(oracle.claim().starts_with(&format!("P{number}: ")), "{name}");
            assert!(!oracle.wants_copies(), "{name} judges by what is sent and claimed");
            assert_eq!(oracle.checked(), 0, "{name} has judged nothing yet");
        }
        // The service that is replicated here knows no time.
        let expected: Vec<_> = NAMES.iter().copied().filter(|name| *name != "log_time").collect();
        assert_eq!(oracles.iter().map(|oracle| oracle.name()).collect::<Vec<_>>(), expected);
    }
}
