//! Oracles of weighted voting: W1 to W8, and that every observer has one outcome.
//!
//! They know the ground truth and see every event. What correct nodes claim binds them; sums, outcomes, quorums and
//! caps are worked out anew, by other means than the protocol's.

mod cap;
mod certificates;
mod competence;
mod early_stop;
mod ledger;
mod one_outcome;
mod one_vote;
mod order;
mod snapshot;
mod two_sided;

pub use cap::Cap;
pub use certificates::Certificates;
pub use competence::Competence;
pub use early_stop::EarlyStop;
pub use one_outcome::OneOutcome;
pub use one_vote::OneVote;
pub use order::Order;
pub use snapshot::SnapshotKept;
pub use two_sided::TwoSided;

use super::{Config, Weighted};
use std::rc::Rc;
use synod_sim::{GroundTruth, Oracle};

/// Their names, W1 first.
pub const NAMES: &[&str] = &[
    "early_stop",
    "one_vote",
    "order",
    "cap",
    "snapshot",
    "two_sided",
    "certificates",
    "competence",
    "one_outcome",
];

/// All of them, W1 first.
pub fn all(config: &Rc<Config>, ground_truth: &GroundTruth) -> Vec<Box<dyn Oracle<Weighted>>> {
    let ground_truth = Rc::new(ground_truth.clone());
    vec![
        Box::new(EarlyStop::new(config, &ground_truth)),
        Box::new(OneVote::new(config, &ground_truth)),
        Box::new(Order::new(config, &ground_truth)),
        Box::new(Cap::new(config, &ground_truth)),
        Box::new(SnapshotKept::new(config, &ground_truth)),
        Box::new(TwoSided::new(config, &ground_truth)),
        Box::new(Certificates::new(config, &ground_truth, &[config.coordinator])),
        Box::new(Competence::new(config, &ground_truth)),
        Box::new(OneOutcome::new(config, &ground_truth)),
    ]
}
