//! Open outcry: bids outbid each other in the open, and the last one stands.
//!
//! A bid has to be at least one step above the standing bid, or reach the reserve if none stands, and must not come
//! from who stands already. A bid may have a limit: then a proxy bids for the bidder, one step above any rival, up to
//! the limit. Of two proxies the higher limit stands, one step above the lower one or at its own limit; of equal
//! limits the earlier one stands.
//!
//! When the auction ends is for those to know who have clocks ([`SoftClose`](super::soft_close::SoftClose)). They
//! write the moves of the deadline and the end into the log.

use super::{Outcome, Refusal, Roster, TermsError, Unsold};
use crate::{Amount, Bidder};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// The terms of an open outcry.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub struct OutcryTerms {
    /// The least bid, in minor units. It is at least 0; a bid is always at least 1.
    pub reserve: Amount,
    /// By how much a bid has to outbid the standing one, in minor units.
    pub step: Amount,
    /// The deadline before any extension.
    pub deadline: u64,
}

/// An entry in the log of an open outcry.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OutcryEntry {
    /// Somebody bids.
    Bid {
        /// Who bids.
        bidder: Bidder,
        /// What it bids, in minor units.
        amount: Amount,
        /// Up to where a proxy bids for it, in minor units; without, the bid itself is the limit.
        max_bid: Option<Amount>,
    },
    /// The deadline moves to a later time.
    Extend {
        /// The new deadline.
        deadline: u64,
    },
    /// The auction is over.
    Close,
}

/// The bid that nobody has outbid.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Standing {
    /// Whose bid it is.
    pub bidder: Bidder,
    /// What is bid, in minor units.
    pub amount: Amount,
    /// Up to where its proxy goes, in minor units. It is not to be told to rivals.
    pub limit: Amount,
}

/// An open outcry that takes one entry of the log after another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpenOutcry {
    terms: OutcryTerms,
    eligible: BTreeSet<Bidder>,
    standing: Option<Standing>,
    too_low: bool,
    deadline: u64,
    extensions: u32,
    closed: bool,
}

impl OpenOutcry {
    /// Returns an auction in which nobody has bid.
    ///
    /// # Errors
    /// If the reserve is negative or the step is not positive.
    pub fn new(terms: OutcryTerms, roster: &Roster) -> Result<OpenOutcry, TermsError> {
        if terms.reserve < Amount::ZERO {
            return Err(TermsError::NegativeReserve(terms.reserve));
        }
        if terms.step <= Amount::ZERO {
            return Err(TermsError::StepNotPositive(terms.step));
        }
        let eligible = roster.order().iter().copied().collect();
        let (standing, too_low, deadline, extensions, closed) = (None, false, terms.deadline, 0, false);
        Ok(OpenOutcry { terms, eligible, standing, too_low, deadline, extensions, closed })
    }

    /// Takes the next entry.
    ///
    /// # Errors
    /// If the entry does not count. Then the standing bid and the deadline have not changed.
    pub fn take(&mut self, entry: OutcryEntry) -> Result<(), Refusal> {
        if self.closed {
            return Err(Refusal::TooLate);
        }
        match entry {
            OutcryEntry::Bid { bidder, amount, max_bid } => {
                self.bid(bidder, amount, max_bid.unwrap_or(amount))
            }
            OutcryEntry::Extend { deadline } if deadline <= self.deadline => Err(Refusal::NoExtension),
            OutcryEntry::Extend { deadline } => {
                self.deadline = deadline;
                self.extensions += 1;
                Ok(())
            }
            OutcryEntry::Close => {
                self.closed = true;
                Ok(())
            }
        }
    }

    /// Returns the bid that stands, if there is one.
    pub fn standing(&self) -> Option<&Standing> {
        self.standing.as_ref()
    }

    /// Returns the least amount, in minor units, that a bid needs now. It may be more than any amount can be.
    pub fn least(&self) -> i64 {
        // Both summands are at most 2⁶⁰.
        let above = |standing: &Standing| standing.amount.units() + self.terms.step.units();
        self.standing.as_ref().map_or(self.terms.reserve.units().max(1), above)
    }

    /// Returns the deadline as the log has it.
    pub fn deadline(&self) -> u64 {
        self.deadline
    }

    /// Returns how often the deadline has moved.
    pub fn extensions(&self) -> u32 {
        self.extensions
    }

    /// Returns the outcome, once the auction is over.
    pub fn outcome(&self) -> Option<Outcome> {
        let unsold = if self.too_low { Unsold::ReserveNotMet } else { Unsold::NoBid };
        let sold = |standing: Standing| Outcome::Sold { winner: standing.bidder, price: standing.amount };
        self.closed.then(|| self.standing.map_or(Outcome::Unsold(unsold), sold))
    }

    fn bid(&mut self, bidder: Bidder, amount: Amount, limit: Amount) -> Result<(), Refusal> {
        if !self.eligible.contains(&bidder) {
            return Err(Refusal::NotEligible);
        }
        if self.standing.is_some_and(|standing| standing.bidder == bidder) {
            return Err(Refusal::Standing);
        }
        let least = self.least();
        if amount.units() < least {
            self.too_low |= self.standing.is_none();
            return Err(Refusal::TooLow { least });
        }
        if limit < amount {
            return Err(Refusal::LimitBelowBid);
        }
        let one_step_above =
            |rival: Amount, limit: Amount| rival.plus(self.terms.step).map_or(limit, |bid| bid.min(limit));
        let stands = match self.standing {
            None => Standing { bidder, amount, limit },
            Some(rival) if rival.limit < limit => {
                Standing { bidder, amount: amount.max(one_step_above(rival.limit, limit)), limit }
            }
            Some(rival) => Standing { amount: one_step_above(limit, rival.limit), ..rival },
        };
        self.standing = Some(stands);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn amount(units: i64) -> Amount {
        Amount::new(units).unwrap()
    }

    fn auction(reserve: i64, step: i64) -> OpenOutcry {
        let roster = Roster::new((0..5).map(Bidder)).unwrap();
        let terms = OutcryTerms { reserve: amount(reserve), step: amount(step), deadline: 100 };
        OpenOutcry::new(terms, &roster).unwrap()
    }

    fn plain(bidder: u32, units: i64) -> OutcryEntry {
        OutcryEntry::Bid { bidder: Bidder(bidder), amount: amount(units), max_bid: None }
    }

    fn proxy(bidder: u32, units: i64, max: i64) -> OutcryEntry {
        OutcryEntry::Bid { bidder: Bidder(bidder), amount: amount(units), max_bid: Some(amount(max)) }
    }

    fn stands(auction: &OpenOutcry) -> (u32, i64) {
        let standing = auction.standing().unwrap();
        (standing.bidder.0, standing.amount.units())
    }

    #[test]
    fn bids_outbid_each_other_by_a_step() {
        let mut auction = auction(5, 2);
        assert_eq!(auction.take(plain(0, 4)), Err(Refusal::TooLow { least: 5 }));
        auction.take(plain(0, 5)).unwrap();
        assert_eq!(auction.take(plain(0, 9)), Err(Refusal::Standing));
        assert_eq!(auction.take(plain(1, 6)), Err(Refusal::TooLow { least: 7 }));
        assert_eq!(auction.take(plain(9, 60)), Err(Refusal::NotEligible));
        auction.take(plain(1, 7)).unwrap();
        assert_eq!(auction.outcome(), None);
        auction.take(OutcryEntry::Close).unwrap();
        assert_eq!(auction.take(plain(0, 20)), Err(Refusal::TooLate));
        assert_eq!(auction.outcome(), Some(Outcome::Sold { winner: Bidder(1), price: amount(7) }));
    }

    #[test]
    fn proxies_bid_up_to_their_limits() {
        let mut auction = auction(1, 2);
        assert_eq!(auction.take(proxy(0, 10, 9)), Err(Refusal::LimitBelowBid));
        auction.take(proxy(0, 10, 30)).unwrap();
        assert_eq!(stands(&auction), (0, 10));
        auction.take(plain(1, 20)).unwrap();
        assert_eq!(stands(&auction), (0, 22));
        // One step above the rival's limit, or the own limit if that is less.
        auction.take(proxy(2, 24, 29)).unwrap();
        assert_eq!(stands(&auction), (0, 30));
        auction.take(proxy(3, 32, 50)).unwrap();
        assert_eq!(stands(&auction), (3, 32));
        // Of equal limits the earlier one stands.
        auction.take(proxy(4, 40, 50)).unwrap();
        assert_eq!(stands(&auction), (3, 50));
    }

    #[test]
    fn a_jump_over_all_limits_stands_as_it_was_said() {
        let mut auction = auction(1, 1);
        auction.take(proxy(0, 1, 10)).unwrap();
        auction.take(proxy(1, 15, 40)).unwrap();
        assert_eq!(stands(&auction), (1, 15));
    }

    #[test]
    fn the_log_moves_the_deadline_to_later_times_only() {
        let mut auction = auction(1, 1);
        assert_eq!(auction.take(OutcryEntry::Extend { deadline: 100 }), Err(Refusal::NoExtension));
        auction.take(OutcryEntry::Extend { deadline: 120 }).unwrap();
        assert_eq!((auction.deadline(), auction.extensions()), (120, 1));
    }

    #[test]
    fn without_a_sale_there_is_a_reason_and_no_price() {
        let unsold = |bids: &[OutcryEntry]| {
            let mut auction = auction(5, 1);
            let _: Vec<_> = bids.iter().map(|bid| auction.take(*bid).unwrap_err()).collect();
            auction.take(OutcryEntry::Close).unwrap();
            auction.outcome().unwrap()
        };
        assert_eq!(unsold(&[plain(0, 4), plain(1, -7)]), Outcome::Unsold(Unsold::ReserveNotMet));
        assert_eq!(unsold(&[]), Outcome::Unsold(Unsold::NoBid));
    }

    #[test]
    fn the_largest_amounts_are_bid_without_wrapping_around() {
        let most = Amount::MAX.units();
        let mut auction = auction(most, most);
        auction.take(plain(0, most)).unwrap();
        assert_eq!(auction.take(plain(1, most)), Err(Refusal::TooLow { least: 2 * most }));
        let terms = |reserve, step| OutcryTerms { reserve: amount(reserve), step: amount(step), deadline: 0 };
        let error = |terms| OpenOutcry::new(terms, &Roster::new([]).unwrap()).unwrap_err();
        assert_eq!(error(terms(-1, 1)), TermsError::NegativeReserve(amount(-1)));
        assert_eq!(error(terms(0, 0)), TermsError::StepNotPositive(amount(0)));
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

        /// Proxies with limits end as if each had bid one step at a time until it could not.
        #[test]
        fn the_highest_limit_wins_near_the_second_highest(
            limits in prop::collection::vec(1_i64..40, 2..5), step in 1_i64..4,
        ) {
            let mut auction = auction(1, step);
            for (bidder, &limit) in limits.iter().enumerate() {
                // Bid as little as possible; who cannot is out.
                if auction.least() <= limit {
                    auction.take(proxy(bidder as u32, auction.least(), limit)).unwrap();
                }
            }
            let (winner, price) = stands(&auction);
            let mut sorted = limits.clone();
            sorted.sort_unstable();
            let [second, best] = sorted[sorted.len() - 2..] else { unreachable!("there are two") };
            prop_assert!(limits[winner as usize] > best - step);
            prop_assert!(price > second - step && price <= second + step && price <= limits[winner as usize]);
        }
    }
}
