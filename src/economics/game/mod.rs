//! Games: equilibria of two and more players in exact rationals, and dynamics that lead to them or do not.
//!
//! Players and strategies are counted from 0. A pure profile is one strategy for each player, and has an index in
//! which the first player's strategy runs fastest, as in Gambit's files. Payoffs are exact; every equilibrium that is
//! returned has a regret of exactly 0, and a play that only cycles, or only gives a coarse correlated equilibrium, is
//! called that.

mod best_response;
mod bimatrix;
mod error;
mod exact;
mod expected;
mod extensive;
mod fictitious;
mod lemke_howson;
mod normal;
mod potential;
mod pure;
mod regret;
mod regret_matching;
mod replicator;
mod supports;

#[cfg(test)]
mod fixtures;

pub use best_response::{BestResponse, Ending, best_response_dynamics};
pub use error::GameError;
pub use extensive::{ExtensiveForm, InformationSet, Node, Turn};
pub use fictitious::{FictitiousPlay, fictitious_play};
pub use lemke_howson::{LemkeHowson, lemke_howson};
pub use normal::NormalForm;
pub use potential::{exact_potential, ordinal_potential};
pub use pure::pure_equilibria;
pub use regret::{Mixed, coarse_regret, pure_regret, regret};
pub use regret_matching::{RegretMatching, regret_matching};
pub use replicator::{Replicator, replicator};
pub use supports::{Equilibria, support_enumeration};

/// An exact payoff or probability.
pub type Rational = num_rational::BigRational;
