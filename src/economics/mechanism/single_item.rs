//! Auctions of one item by sealed bids, as mechanisms.

use super::{Decided, FalseNames, Mechanism};
use crate::auction::{Bid, PriceRule, Roster, SealedAuction};
use crate::{Amount, Bidder};
use std::error::Error;

/// An auction by sealed bids among agents whose type is what the item is worth to them, in minor units. Agent i is
/// bidder i; of equal bids the lower number wins.
#[derive(Clone, Debug)]
pub struct SingleItem {
    /// How many agents there are.
    pub agents: u32,
    /// Who wins, and what is paid.
    pub auction: SealedAuction,
}

impl SingleItem {
    /// Returns the auction of this rule and reserve.
    pub fn new(agents: u32, rule: PriceRule, reserve: Amount) -> SingleItem {
        SingleItem { agents, auction: SealedAuction { rule, reserve } }
    }
}

impl Mechanism for SingleItem {
    type Type = Amount;
    /// Who gets the item.
    type Decision = Option<usize>;

    fn agents(&self) -> usize {
        self.agents as usize
    }

    fn decide(&self, reports: &[Amount]) -> Result<Decided<Option<usize>>, Box<dyn Error>> {
        let roster = Roster::new((0..self.agents).map(Bidder))?;
        let bids: Vec<Bid> =
            (0..).map(Bidder).zip(reports).map(|(bidder, &amount)| Bid { bidder, amount }).collect();
        let outcome = self.auction.decide(&roster, &bids)?.outcome;
        let mut payments = vec![Amount::ZERO; reports.len()];
        let winner = outcome.winner().map(|winner| winner.0 as usize);
        if let (Some(winner), Some(price)) = (winner, outcome.price()) {
            payments[winner] = price;
        }
        Ok(Decided { decision: winner, payments })
    }

    fn value(&self, agent: usize, own: &Amount, decision: &Option<usize>) -> Amount {
        if *decision == Some(agent) { *own } else { Amount::ZERO }
    }

    fn decisions(&self) -> Vec<Option<usize>> {
        std::iter::once(None).chain((0..self.agents()).map(Some)).collect()
    }
}

impl FalseNames for SingleItem {
    fn with_another(&self) -> SingleItem {
        SingleItem { agents: self.agents + 1, auction: self.auction.clone() }
    }

    fn united(&self, decision: &Option<usize>, owner: usize) -> Option<usize> {
        decision.map(|winner| if winner == self.agents() { owner } else { winner })
    }
}
