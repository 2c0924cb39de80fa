//! The combinatorial auction with VCG payments, as a mechanism.

use super::{Decided, FalseNames, Mechanism};
use crate::combinatorial::{BundleBid, Problem, vcg};
use crate::{Amount, Bidder};
use std::error::Error;

/// What bundles are worth to an agent, in minor units. A bundle is a set of items, one bit each, and worth the most
/// that a bundle inside it is said to be worth. What is worth nothing is not bid on.
pub type Valuation = Vec<(u64, Amount)>;

/// VCG on few items. Agent i is bidder i.
#[derive(Copy, Clone, Debug)]
pub struct Bundles {
    /// How many items there are. All their divisions among the agents are tried, so they should be few.
    pub items: u32,
    /// How many agents there are.
    pub agents: u32,
    /// How many steps may be taken to prove a best welfare.
    pub steps_max: u64,
}

impl Mechanism for Bundles {
    type Type = Valuation;
    /// The items that each agent gets.
    type Decision = Vec<u64>;

    fn agents(&self) -> usize {
        self.agents as usize
    }

    fn decide(&self, reports: &[Valuation]) -> Result<Decided<Vec<u64>>, Box<dyn Error>> {
        let bid = |(bidder, report): (u32, &Valuation)| {
            let worth = report.iter().filter(|(_, amount)| *amount != Amount::ZERO);
            let bids = worth.map(|&(bundle, amount)| BundleBid { bidder: Bidder(bidder), bundle, amount });
            bids.collect::<Vec<BundleBid>>()
        };
        let problem = Problem::new(self.items, (0..).zip(reports).flat_map(bid).collect())?;
        let (mut decision, mut payments) = (vec![0; reports.len()], vec![Amount::ZERO; reports.len()]);
        for winner in vcg(&problem, self.steps_max)?.winners {
            decision[winner.bidder.0 as usize] = problem.bids()[winner.bid].bundle;
            payments[winner.bidder.0 as usize] = winner.payment;
        }
        Ok(Decided { decision, payments })
    }

    fn value(&self, agent: usize, own: &Valuation, decision: &Vec<u64>) -> Amount {
        let inside = own.iter().filter(|(bundle, _)| bundle & !decision[agent] == 0);
        inside.map(|(_, amount)| *amount).max().unwrap_or_default()
    }

    fn decisions(&self) -> Vec<Vec<u64>> {
        let mut decisions = vec![vec![0; self.agents()]];
        for item in 0..self.items {
            let given = |decision: &Vec<u64>| -> Vec<Vec<u64>> {
                let to = |agent: usize| {
                    let mut decision = decision.clone();
                    decision[agent] |= 1 << item;
                    decision
                };
                std::iter::once(decision.clone()).chain((0..self.agents()).map(to)).collect()
            };
            decisions = decisions.iter().flat_map(given).collect();
        }
        decisions
    }
}

impl FalseNames for Bundles {
    fn with_another(&self) -> Bundles {
        Bundles { agents: self.agents + 1, ..*self }
    }

    fn united(&self, decision: &Vec<u64>, owner: usize) -> Vec<u64> {
        let (mut decision, last) = (decision[..self.agents()].to_vec(), decision[self.agents()]);
        decision[owner] |= last;
        decision
    }
}
