//! Who may bid, and who comes first in a tie.

use super::TermsError;
use crate::Bidder;
use std::collections::BTreeMap;

/// The eligible bidders, in the order in which ties are broken: of equal bidders the one that stands first wins.
///
/// An auction that must not be steered draws the order after bids are closed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Roster {
    order: Vec<Bidder>,
    ranks: BTreeMap<Bidder, usize>,
}

impl Roster {
    /// Returns the roster of these bidders.
    ///
    /// # Errors
    /// If a bidder stands in it twice.
    pub fn new(order: impl IntoIterator<Item = Bidder>) -> Result<Roster, TermsError> {
        let order: Vec<Bidder> = order.into_iter().collect();
        let mut ranks = BTreeMap::new();
        for (rank, &bidder) in order.iter().enumerate() {
            if ranks.insert(bidder, rank).is_some() {
                return Err(TermsError::RepeatedBidder(bidder));
            }
        }
        Ok(Roster { order, ranks })
    }

    /// Returns the bidders in the order of ties.
    pub fn order(&self) -> &[Bidder] {
        &self.order
    }

    /// Returns the place of a bidder in the order of ties, counted from 0, if it is eligible.
    pub fn rank(&self, bidder: Bidder) -> Option<usize> {
        self.ranks.get(&bidder).copied()
    }

    /// Returns whether a bidder is eligible.
    pub fn has(&self, bidder: Bidder) -> bool {
        self.ranks.contains_key(&bidder)
    }

    /// Returns the roster of those bidders only for which `keep` holds, in the same order.
    pub fn only(&self, keep: impl Fn(Bidder) -> bool) -> Roster {
        let order: Vec<Bidder> = self.order.iter().copied().filter(|&bidder| keep(bidder)).collect();
        let ranks = order.iter().enumerate().map(|(rank, &bidder)| (bidder, rank)).collect();
        Roster { order, ranks }
    }
}
