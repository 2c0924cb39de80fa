//! Money is conserved: the winner pays the seller, and nobody else pays or is paid.

use super::super::{Auction, Entry, Observation};
use std::collections::BTreeMap;
use std::rc::Rc;
use synod_economics::auction::Outcome;
use synod_economics::{Bidder, Party, Transfer};
use synod_sim::{Event, EventTime, GroundTruth, NodeId, Oracle, Violation};

/// What all parties gain together is zero; the winner pays the price, which is at most its bid; losers pay nothing.
#[derive(Debug)]
pub struct MoneyConserved {
    ground_truth: Rc<GroundTruth>,
    /// The first bid of each bidder, in minor units.
    bids: BTreeMap<Bidder, i64>,
    checked: u64,
}

impl MoneyConserved {
    /// The oracle of a run of which `ground_truth` is true.
    pub fn new(ground_truth: &Rc<GroundTruth>) -> MoneyConserved {
        MoneyConserved { ground_truth: Rc::clone(ground_truth), bids: BTreeMap::new(), checked: 0 }
    }

    fn judge(&self, node: NodeId, outcome: &Outcome, transfers: &[Transfer]) -> Result<(), Violation> {
        let mut gains: BTreeMap<Party, i128> = BTreeMap::new();
        for transfer in transfers {
            let units = i128::from(transfer.amount.units());
            *gains.entry(transfer.from).or_default() -= units;
            *gains.entry(transfer.to).or_default() += units;
        }
        let sum: i128 = gains.values().sum();
        if sum != 0 {
            let message = format_args!("agent {node} settled transfers that make {sum} units of money");
            return Err(Violation::new([node], message));
        }
        let (winner, price) = match *outcome {
            Outcome::Sold { winner, price } => (Some(winner), i128::from(price.units())),
            Outcome::Unsold(_) => (None, 0),
        };
        for (&party, &gain) in &gains {
            let owed = match party {
                Party::Seller => price,
                Party::Bidder(bidder) if Some(bidder) == winner => -price,
                Party::Bidder(_) | Party::Escrow => 0,
            };
            if gain != owed {
                let message =
                    format_args!("agent {node} settled that {party:?} gains {gain}, and it should be {owed}");
                return Err(Violation::new([node], message));
            }
        }
        let Some(winner) = winner else { return Ok(()) };
        let paid = -gains.get(&Party::Bidder(winner)).copied().unwrap_or_default();
        let bid = self.bids.get(&winner).copied();
        if paid != price || price < 0 || bid.is_none_or(|bid| price > i128::from(bid)) {
            let bid = bid.map_or("nothing".to_owned(), |bid| bid.to_string());
            let message = format_args!(
                "agent {node} settled that bidder {winner} wins for {price} and pays {paid}; it bid {bid}"
            );
            return Err(Violation::new([node, NodeId(winner.0)], message));
        }
        Ok(())
    }
}

impl Oracle<Auction> for MoneyConserved {
    fn name(&self) -> &'static str {
        "money_conserved"
    }

    fn claim(&self) -> &'static str {
        "payments sum to zero, the winner pays the price and at most its bid, and nobody else pays"
    }

    fn on_event(&mut self, _: EventTime, event: &Event<'_, Auction>) -> Result<(), Violation> {
        match self.ground_truth.claim(event) {
            Some((_, Observation::Closed { settlement })) => {
                self.bids.clear();
                for Entry { bidder, amount, .. } in &settlement.transcript {
                    self.bids.entry(*bidder).or_insert(amount.units());
                }
                Ok(())
            }
            Some((node, Observation::Settled { outcome, transfers, .. })) => {
                self.checked += 1;
                self.judge(node, outcome, transfers)
            }
            _ => Ok(()),
        }
    }

    fn checked(&self) -> u64 {
        self.checked
    }
}
