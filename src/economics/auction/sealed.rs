//! Sealed bids: first price, second price and weighted second price.
//!
//! Sources: W. Vickrey, *Counterspeculation, auctions, and competitive sealed tenders* (1961); R. Myerson, *Optimal
//! auction design* (1981), for reserves and for payments by the least bid that had won, which the weighted rule is a
//! case of.

use super::{Outcome, Refusal, Roster, TermsError, Unsold, Weights};
use crate::{Amount, Bidder};
use serde::{Deserialize, Serialize};
use std::cmp::Reverse;
use std::collections::BTreeSet;

/// A bid on the item.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bid {
    /// Who bids.
    pub bidder: Bidder,
    /// What it bids, in minor units.
    pub amount: Amount,
}

/// Who wins among sealed bids, and what is paid.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PriceRule {
    /// The highest bid wins and is paid.
    First,
    /// The highest bid wins and pays the highest bid of another bidder, and at least the reserve.
    Second,
    /// The highest weight × bid wins and pays the least amount with which it had won, rounded up to the unit.
    Weighted(Weights),
}

/// The terms of an auction by sealed bids.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SealedAuction {
    /// Who wins, and what is paid.
    pub rule: PriceRule,
    /// The least bid that counts, in minor units. It is at least 0; a bid is always at least 1.
    pub reserve: Amount,
}

/// What came out of an auction by sealed bids.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SealedResult {
    /// Who wins and what is paid.
    pub outcome: Outcome,
    /// The entries that do not count, by their place in the transcript.
    pub refused: Vec<(usize, Refusal)>,
}

/// A bid that counts.
struct Scored {
    score: i128,
    rank: usize,
    bid: Bid,
    weight: i128,
}

impl SealedAuction {
    /// Returns the outcome of these bids, which stand in the order of the log.
    ///
    /// The first entry of a bidder is its bid, whatever its amount; later ones are refused, so that no bidder sets
    /// its own price. Except for that, the order of the bids makes no difference.
    ///
    /// # Errors
    /// If the reserve is negative, or weights are of bidders that are not eligible or all zero.
    pub fn decide(&self, roster: &Roster, bids: &[Bid]) -> Result<SealedResult, TermsError> {
        if self.reserve < Amount::ZERO {
            return Err(TermsError::NegativeReserve(self.reserve));
        }
        if let PriceRule::Weighted(weights) = &self.rule {
            weights.check(roster)?;
        }
        let (mut seen, mut counted, mut refused) = (BTreeSet::new(), Vec::new(), Vec::new());
        for (entry, &bid) in bids.iter().enumerate() {
            match self.admit(roster, &mut seen, bid) {
                Ok(scored) => counted.push(scored),
                Err(why) => refused.push((entry, why)),
            }
        }
        counted.sort_by_key(|scored| (Reverse(scored.score), scored.rank));
        let Some(best) = counted.first() else {
            let too_low = refused.iter().any(|(_, why)| matches!(why, Refusal::TooLow { .. }));
            let why = if too_low { Unsold::ReserveNotMet } else { Unsold::NoBid };
            return Ok(SealedResult { outcome: Outcome::Unsold(why), refused });
        };
        let price = match self.rule {
            PriceRule::First => best.bid.amount,
            PriceRule::Second | PriceRule::Weighted(_) => {
                let rival = counted.get(1).map_or(0, |second| second.score);
                let least_score = rival.max(best.weight * self.reserve.wide());
                Amount::of_wide((least_score + best.weight - 1) / best.weight)
                    .expect("at most the winner's bid")
            }
        };
        assert!(
            self.reserve <= price && price <= best.bid.amount,
            "a price lies between the reserve and the bid"
        );
        Ok(SealedResult { outcome: Outcome::Sold { winner: best.bid.bidder, price }, refused })
    }

    fn admit(&self, roster: &Roster, seen: &mut BTreeSet<Bidder>, bid: Bid) -> Result<Scored, Refusal> {
        let rank = roster.rank(bid.bidder).ok_or(Refusal::NotEligible)?;
        if !seen.insert(bid.bidder) {
            return Err(Refusal::Repeated);
        }
        let least = self.reserve.units().max(1);
        if bid.amount.units() < least {
            return Err(Refusal::TooLow { least });
        }
        let weight = match &self.rule {
            PriceRule::First | PriceRule::Second => 1,
            PriceRule::Weighted(weights) => i128::from(weights.ppm(bid.bidder)),
        };
        if weight == 0 {
            return Err(Refusal::NoWeight);
        }
        Ok(Scored { score: weight * bid.amount.wide(), rank, bid, weight })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn amount(units: i64) -> Amount {
        Amount::new(units).unwrap()
    }

    fn bid(bidder: u32, units: i64) -> Bid {
        Bid { bidder: Bidder(bidder), amount: amount(units) }
    }

    fn roster(order: &[u32]) -> Roster {
        Roster::new(order.iter().map(|&bidder| Bidder(bidder))).unwrap()
    }

    fn sold(winner: u32, price: i64) -> Outcome {
        Outcome::Sold { winner: Bidder(winner), price: amount(price) }
    }

    fn decide(rule: PriceRule, reserve: i64, bids: &[Bid]) -> Outcome {
        let auction = SealedAuction { rule, reserve: amount(reserve) };
        auction.decide(&roster(&[1, 2, 3]), bids).unwrap().outcome
    }

    #[test]
    fn three_bids_sell_at_the_first_or_the_second_price() {
        let bids = [bid(1, 10), bid(2, 15), bid(3, 12)];
        assert_eq!(decide(PriceRule::First, 0, &bids), sold(2, 15));
        assert_eq!(decide(PriceRule::Second, 0, &bids), sold(2, 12));
        assert_eq!(decide(PriceRule::Second, 13, &bids), sold(2, 13));
        assert_eq!(decide(PriceRule::Second, 15, &bids), sold(2, 15));
        for rule in [PriceRule::First, PriceRule::Second] {
            assert_eq!(decide(rule, 16, &bids), Outcome::Unsold(Unsold::ReserveNotMet));
        }
        assert_eq!(decide(PriceRule::Second, 7, &bids[..1]), sold(1, 7));
        assert_eq!(decide(PriceRule::Second, 0, &[]), Outcome::Unsold(Unsold::NoBid));
    }

    #[test]
    fn a_bidder_never_sets_its_own_price() {
        let auction = SealedAuction { rule: PriceRule::Second, reserve: amount(2) };
        let result =
            auction.decide(&roster(&[1, 2]), &[bid(1, 9), bid(1, 8), bid(2, 4), bid(7, 99)]).unwrap();
        assert_eq!(result.outcome, sold(1, 4));
        assert_eq!(result.refused, [(1, Refusal::Repeated), (3, Refusal::NotEligible)]);
        // The first entry counts even if a later one is higher, or if it is too low itself.
        assert_eq!(decide(PriceRule::Second, 2, &[bid(1, 3), bid(1, 50), bid(2, 4)]), sold(2, 3));
        assert_eq!(
            decide(PriceRule::Second, 2, &[bid(1, -3), bid(1, 50)]),
            Outcome::Unsold(Unsold::ReserveNotMet)
        );
    }

    #[test]
    fn reputation_weighs_bids_and_the_price_is_rounded_up() {
        let reputation = Weights::new([(Bidder(1), 1_500_000), (Bidder(2), 1_000_000)]).unwrap();
        let bids = [bid(1, 10_000_000), bid(2, 14_000_000)];
        assert_eq!(decide(PriceRule::Weighted(reputation.clone()), 0, &bids), sold(1, 9_333_334));
        // The reserve is a bound on the bid, not on the score.
        assert_eq!(decide(PriceRule::Weighted(reputation.clone()), 9_500_000, &bids), sold(1, 9_500_000));
        let too_low = decide(PriceRule::Weighted(reputation), 14_000_001, &bids);
        assert_eq!(too_low, Outcome::Unsold(Unsold::ReserveNotMet));
    }

    #[test]
    fn ties_go_by_the_order_that_is_given_never_by_arrival() {
        let auction = SealedAuction { rule: PriceRule::Second, reserve: amount(0) };
        let [forth, back] = [[bid(1, 5), bid(2, 5)], [bid(2, 5), bid(1, 5)]];
        for bids in [forth, back] {
            assert_eq!(auction.decide(&roster(&[2, 1]), &bids).unwrap().outcome, sold(2, 5));
            assert_eq!(auction.decide(&roster(&[1, 2]), &bids).unwrap().outcome, sold(1, 5));
        }
    }

    #[test]
    fn terms_without_sense_are_errors() {
        let decide = |rule, reserve| {
            SealedAuction { rule, reserve: amount(reserve) }
                .decide(&roster(&[1, 2]), &[bid(1, 5)])
                .unwrap_err()
        };
        assert_eq!(decide(PriceRule::First, -1), TermsError::NegativeReserve(amount(-1)));
        let zero = Weights::new([(Bidder(1), 0), (Bidder(2), 0)]).unwrap();
        assert_eq!(decide(PriceRule::Weighted(zero), 0), TermsError::AllWeightsZero);
        let stranger = Weights::new([(Bidder(9), 1)]).unwrap();
        assert_eq!(decide(PriceRule::Weighted(stranger), 0), TermsError::UnknownBidder(Bidder(9)));
        let twice = Weights::new([(Bidder(1), 1), (Bidder(1), 2)]);
        assert_eq!(twice, Err(TermsError::RepeatedBidder(Bidder(1))));
        assert_eq!(Roster::new([Bidder(1), Bidder(1)]), Err(TermsError::RepeatedBidder(Bidder(1))));
        let one = Weights::new([(Bidder(1), 0)]).unwrap();
        let auction = SealedAuction { rule: PriceRule::Weighted(one), reserve: amount(0) };
        let result = auction.decide(&roster(&[1, 2]), &[bid(1, 5)]).unwrap();
        assert_eq!(result.outcome, Outcome::Unsold(Unsold::NoBid));
        assert_eq!(result.refused, [(0, Refusal::NoWeight)]);
    }

    #[test]
    fn the_largest_amounts_and_weights_fit() {
        let most = Amount::MAX.units();
        let heavy = Weights::new([(Bidder(1), u32::MAX), (Bidder(2), u32::MAX)]).unwrap();
        assert_eq!(decide(PriceRule::Weighted(heavy), most, &[bid(1, most), bid(2, most)]), sold(1, most));
    }

    /// The least amount with which the winner still wins, found by trying all.
    fn least_winning(auction: &SealedAuction, roster: &Roster, bids: &[Bid], winner: Bidder) -> i64 {
        let tried = |units: i64| {
            let own = |bid: &Bid| if bid.bidder == winner { amount(units) } else { bid.amount };
            let bids: Vec<Bid> = bids.iter().map(|bid| Bid { amount: own(bid), ..*bid }).collect();
            auction.decide(roster, &bids).unwrap().outcome.winner() == Some(winner)
        };
        (1..).find(|&units| tried(units)).unwrap()
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn the_price_is_the_least_bid_that_had_won_up_to_a_lost_tie(
            amounts in prop::collection::vec(0_i64..30, 1..5),
            ppm in prop::collection::vec(1_u32..5, 5),
            reserve in 1_i64..12,
        ) {
            let order: Vec<u32> = (0..amounts.len() as u32).collect();
            let bids: Vec<Bid> = order.iter().map(|&bidder| bid(bidder, amounts[bidder as usize])).collect();
            let weights = Weights::new(order.iter().map(|&bidder| (Bidder(bidder), ppm[bidder as usize]))).unwrap();
            for rule in [PriceRule::Second, PriceRule::Weighted(weights)] {
                let auction = SealedAuction { rule, reserve: amount(reserve) };
                let outcome = auction.decide(&roster(&order), &bids).unwrap().outcome;
                if let Outcome::Sold { winner, price } = outcome {
                    let least = least_winning(&auction, &roster(&order), &bids, winner);
                    prop_assert!(price.units() == least || price.units() + 1 == least, "{price} {least}");
                } else {
                    prop_assert!(amounts.iter().all(|&units| units < reserve));
                }
            }
        }
    }
}
