//! Oracles of the hierarchy: H1 to H5, and of the flat vote that it counts W7 and that every observer has one outcome.
//!
//! They know the ground truth and see every event. What correct agents claim binds them; sums, outcomes and the tree are
//! worked out anew, by other means than the protocol's.

mod flat_outcome;
mod highest_epoch;
mod lifted;
mod message_law;
mod replacement;
mod shape;

pub use flat_outcome::FlatOutcome;
pub use highest_epoch::HighestEpoch;
pub use lifted::Lifted;
pub use message_law::MessageLaw;
pub use replacement::Replacement;
pub use shape::TreeShape;

use super::{Config, Hierarchical};
use std::rc::Rc;
use synod_sim::{GroundTruth, NodeId, Oracle};
use synod_vote::weighted::oracle::{Certificates, OneOutcome};

/// Their names, H1 first.
pub const NAMES: &[&str] =
    &["tree", "flat_outcome", "highest_epoch", "replacement", "message_law", "certificates", "one_outcome"];

/// All of them, H1 first.
pub fn all(config: &Rc<Config>, ground_truth: &GroundTruth) -> Vec<Box<dyn Oracle<Hierarchical>>> {
    let ground_truth = Rc::new(ground_truth.clone());
    // Where nobody is to lie, the word of every representative is taken.
    let trusted: Vec<NodeId> = (0..config.tree.size()).map(NodeId).collect();
    vec![
        Box::new(TreeShape::new(config, &ground_truth)),
        Box::new(FlatOutcome::new(config, &ground_truth)),
        Box::new(HighestEpoch::new(config, &ground_truth)),
        Box::new(Replacement::new(config, &ground_truth)),
        Box::new(MessageLaw::new(config, &ground_truth)),
        Box::new(Lifted(Certificates::new(&config.vote, &ground_truth, &trusted))),
        Box::new(Lifted(OneOutcome::new(&config.vote, &ground_truth))),
    ]
}
