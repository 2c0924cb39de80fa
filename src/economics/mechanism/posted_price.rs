//! A price that is posted beforehand.

use super::{Decided, FalseNames, Mechanism};
use crate::Amount;
use std::error::Error;

/// One item at a fixed price, for the first agent, in the order of numbers, to whom it is worth that much. Types are
/// values, in minor units.
#[derive(Copy, Clone, Debug)]
pub struct PostedPrice {
    /// How many agents there are.
    pub agents: usize,
    /// The price, in minor units.
    pub price: Amount,
}

impl Mechanism for PostedPrice {
    type Type = Amount;
    /// Who gets the item.
    type Decision = Option<usize>;

    fn agents(&self) -> usize {
        self.agents
    }

    fn decide(&self, reports: &[Amount]) -> Result<Decided<Option<usize>>, Box<dyn Error>> {
        let winner = reports.iter().position(|report| *report >= self.price);
        let payment = |agent| if winner == Some(agent) { self.price } else { Amount::ZERO };
        Ok(Decided { decision: winner, payments: (0..self.agents).map(payment).collect() })
    }

    fn value(&self, agent: usize, own: &Amount, decision: &Option<usize>) -> Amount {
        if *decision == Some(agent) { *own } else { Amount::ZERO }
    }

    fn decisions(&self) -> Vec<Option<usize>> {
        std::iter::once(None).chain((0..self.agents).map(Some)).collect()
    }
}

impl FalseNames for PostedPrice {
    fn with_another(&self) -> PostedPrice {
        PostedPrice { agents: self.agents + 1, ..*self }
    }

    fn united(&self, decision: &Option<usize>, owner: usize) -> Option<usize> {
        decision.map(|winner| if winner == self.agents { owner } else { winner })
    }
}
