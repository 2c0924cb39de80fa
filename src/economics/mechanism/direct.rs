//! What a direct mechanism is.

use crate::Amount;
use std::error::Error;
use std::fmt::Debug;

/// A mechanism that asks each agent for its type, decides, and takes payments.
///
/// Utility is value less payment, in minor units. Agents are numbered from 0.
pub trait Mechanism {
    /// What an agent is, such as its value for an item, and what it may say that it is.
    type Type: Clone + Debug;

    /// Who gets what.
    type Decision: Clone + Debug;

    /// Returns the number of agents.
    fn agents(&self) -> usize;

    /// Returns what is decided and paid when the agents say this, one report an agent.
    ///
    /// # Errors
    /// If nothing can be decided.
    fn decide(&self, reports: &[Self::Type]) -> Result<Decided<Self::Decision>, Box<dyn Error>>;

    /// Returns what a decision is worth to an agent of this type, in minor units. It may be negative, as a seller's
    /// cost is.
    fn value(&self, agent: usize, own: &Self::Type, decision: &Self::Decision) -> Amount;

    /// Returns all decisions there could be, so that the best one can be found by trying all.
    fn decisions(&self) -> Vec<Self::Decision>;
}

/// What is decided and paid.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decided<D> {
    /// Who gets what.
    pub decision: D,
    /// What each agent pays, in minor units; what is negative it gets.
    pub payments: Vec<Amount>,
}
