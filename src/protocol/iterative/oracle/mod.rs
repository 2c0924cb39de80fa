//! Oracles of refinement: I1 to I7, that every observer has one outcome, and that all learn of one result.
//!
//! They know the ground truth and see every event. Proposals are those that the coordinator hands out and reviews those
//! that it counts, each under its author's signature; scores, measures and reasons are judged by these, by other means
//! than the protocol's.

mod book;
mod contraction;
mod elitism;
mod lineage;
mod one_outcome;
mod one_result;
mod phases;
mod robustness;
mod submitted;
mod termination;
mod truthfulness;

pub use contraction::Contraction;
pub use elitism::Elitism;
pub use one_outcome::OneOutcome;
pub use one_result::OneResult;
pub use phases::Phases;
pub use robustness::Robustness;
pub use submitted::Submitted;
pub use termination::Termination;
pub use truthfulness::Truthfulness;

use super::{Config, Iterative};
use std::rc::Rc;
use synod_sim::{GroundTruth, Oracle};

/// Their names, I1 first.
pub const NAMES: &[&str] = &[
    "termination",
    "elitism",
    "submitted",
    "truthfulness",
    "phases",
    "robustness",
    "contraction",
    "one_outcome",
    "one_result",
];

/// All of them, I1 first.
pub fn all(config: &Rc<Config>, ground_truth: &GroundTruth) -> Vec<Box<dyn Oracle<Iterative>>> {
    let ground_truth = Rc::new(ground_truth.clone());
    vec![
        Box::new(Termination::new(config, &ground_truth)),
        Box::new(Elitism::new(&ground_truth)),
        Box::new(Submitted::new(config, &ground_truth)),
        Box::new(Truthfulness::new(config, &ground_truth)),
        Box::new(Phases::new(config, &ground_truth)),
        Box::new(Robustness::new(config, &ground_truth)),
        Box::new(Contraction::new(config, &ground_truth)),
        Box::new(OneOutcome::new(&ground_truth)),
        Box::new(OneResult::new(config, &ground_truth)),
    ]
}
