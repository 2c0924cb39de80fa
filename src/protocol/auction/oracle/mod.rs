//! Oracles of auctions.
//!
//! They know the ground truth and see every event. Who wins and what is paid is searched for anew, by other means than
//! those of the protocol, of which they use types alone.

mod late_bid;
mod money;
mod one_outcome;
mod rate_limit;
mod transcript;
mod winner;

pub use late_bid::NoLateBid;
pub use money::MoneyConserved;
pub use one_outcome::OneOutcome;
pub use rate_limit::RateLimit;
pub use transcript::Transcript;
pub use winner::Winner;

use super::{Auction, Config};
use std::rc::Rc;
use synod_sim::{GroundTruth, Oracle};

/// Their names.
pub const NAMES: &[&str] =
    &["one_outcome", "money_conserved", "winner", "transcript", "no_late_bid", "rate_limit"];

/// All of them.
pub fn all(config: &Rc<Config>, ground_truth: &GroundTruth) -> Vec<Box<dyn Oracle<Auction>>> {
    let ground_truth = Rc::new(ground_truth.clone());
    vec![
        Box::new(OneOutcome::new(&ground_truth)),
        Box::new(MoneyConserved::new(&ground_truth)),
        Box::new(Winner::new(config, &ground_truth)),
        Box::new(Transcript::new(&ground_truth)),
        Box::new(NoLateBid::new(config, &ground_truth)),
        Box::new(RateLimit::new(config, &ground_truth)),
    ]
}
