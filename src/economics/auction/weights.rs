//! What a bid of each bidder counts for, such as a reputation.

use super::{Roster, TermsError};
use crate::Bidder;
use std::collections::BTreeMap;

/// The weights of bidders in parts per million. They have to be fixed before anybody bids, and must not depend on bids:
/// only then is it never worth lying.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Weights {
    ppm: BTreeMap<Bidder, u32>,
}

impl Weights {
    /// The weight of a bidder that has no other, 1.0.
    pub const ONE_PPM: u32 = 1_000_000;

    /// Returns these weights, in parts per million; every other bidder has 1.0.
    ///
    /// # Errors
    /// If a bidder is named twice.
    pub fn new(ppm: impl IntoIterator<Item = (Bidder, u32)>) -> Result<Weights, TermsError> {
        let mut weights = Weights::default();
        for (bidder, weight) in ppm {
            if weights.ppm.insert(bidder, weight).is_some() {
                return Err(TermsError::RepeatedBidder(bidder));
            }
        }
        Ok(weights)
    }

    /// Returns the weight of a bidder in parts per million.
    pub fn ppm(&self, bidder: Bidder) -> u32 {
        self.ppm.get(&bidder).copied().unwrap_or(Weights::ONE_PPM)
    }

    /// Checks the weights against who may bid.
    pub(super) fn check(&self, roster: &Roster) -> Result<(), TermsError> {
        if let Some(&unknown) = self.ppm.keys().find(|bidder| !roster.has(**bidder)) {
            return Err(TermsError::UnknownBidder(unknown));
        }
        let order = roster.order();
        if !order.is_empty() && order.iter().all(|&bidder| self.ppm(bidder) == 0) {
            return Err(TermsError::AllWeightsZero);
        }
        Ok(())
    }
}
