//! A greedy allocation, for problems that are too large to be solved.
//!
//! Bids are accepted in the order of amount ÷ √(size of the bundle), if they still fit. The welfare is at least 1/√m
//! of the best with m items. A winner pays the critical value: the least amount with which its bid had still been
//! accepted. For bidders with one bid each, truth is then a dominant strategy; for bidders with several it need not
//! be.
//!
//! Source: D. Lehmann, L. O'Callaghan and Y. Shoham, *Truth revelation in approximately efficient combinatorial
//! auctions* (2002).

use super::{BundleBid, Problem};
use crate::{Amount, Bidder, Party, Transfer};
use std::cmp::Ordering;
use std::collections::BTreeSet;

/// What the greedy allocation comes to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Greedy {
    /// The numbers of the accepted bids, in order.
    pub accepted: Vec<usize>,
    /// The sum of the accepted bids, in minor units.
    pub welfare: Amount,
    /// What each winner pays, in minor units, in the order of the accepted bids.
    pub payments: Vec<(Bidder, Amount)>,
}

impl Greedy {
    /// Returns the payments of the winners to the seller.
    pub fn transfers(&self) -> Vec<Transfer> {
        let pay = |&(bidder, amount)| Transfer { from: Party::Bidder(bidder), to: Party::Seller, amount };
        self.payments.iter().map(pay).collect()
    }
}

/// Returns the greedy allocation and what the winners pay. A winner that stands in nobody's way pays nothing.
pub fn greedy(problem: &Problem) -> Greedy {
    let mut accepted = accept(problem);
    accepted.sort_unstable();
    let payment = |&bid: &usize| (problem.bids()[bid].bidder, critical_value(problem, bid));
    let payments = accepted.iter().map(payment).collect();
    Greedy { welfare: problem.welfare(&accepted), accepted, payments }
}

/// The numbers of the bids that are accepted, in the order in which they are.
pub(super) fn accept(problem: &Problem) -> Vec<usize> {
    accept_if(problem, |_| true)
}

fn accept_if(problem: &Problem, considered: impl Fn(&BundleBid) -> bool) -> Vec<usize> {
    let bids = problem.bids();
    let mut order: Vec<usize> = (0..bids.len()).filter(|&bid| considered(&bids[bid])).collect();
    order.sort_by(|&one, &other| precedence((&bids[one], one), (&bids[other], other)));
    let (mut sold, mut served) = (0, BTreeSet::new());
    let mut fits = |bid: &usize| {
        let BundleBid { bidder, bundle, .. } = bids[*bid];
        let fits = bundle & sold == 0 && !served.contains(&bidder);
        if fits {
            sold |= bundle;
            served.insert(bidder);
        }
        fits
    };
    order.retain(|bid| fits(bid));
    order
}

/// Compares amount ÷ √size by its square, without a root or a fraction; the greater comes first, then the lower number.
fn precedence((one, number): (&BundleBid, usize), (other, other_number): (&BundleBid, usize)) -> Ordering {
    // Amounts are at most 2⁶⁰ and sizes at most 2⁶: the products are at most 2¹²⁶.
    let square = |bid: &BundleBid, times: u32| bid.amount.wide() * bid.amount.wide() * i128::from(times);
    let (own, others) = (square(one, other.bundle.count_ones()), square(other, one.bundle.count_ones()));
    others.cmp(&own).then(number.cmp(&other_number))
}

/// The least amount with which an accepted bid is before the first bid that takes its items if its bidder is not there.
fn critical_value(problem: &Problem, bid: usize) -> Amount {
    let bids = problem.bids();
    let won = bids[bid];
    let rivals = accept_if(problem, |other| other.bidder != won.bidder);
    let Some(rival) = rivals.into_iter().find(|&rival| bids[rival].bundle & won.bundle != 0) else {
        return Amount::ZERO;
    };
    let wins = |units: i64| {
        let tried = BundleBid { amount: Amount::new(units).expect("at most the bid"), ..won };
        precedence((&tried, bid), (&bids[rival], rival)) == Ordering::Less
    };
    let (mut loses, mut least) = (0, won.amount.units());
    assert!(wins(least), "an accepted bid is before all that stand in its way");
    while loses + 1 < least {
        let middle = loses + (least - loses) / 2;
        if wins(middle) {
            least = middle;
        } else {
            loses = middle;
        }
    }
    Amount::new(least).expect("at most the bid")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bid(bidder: u32, bundle: u64, units: i64) -> BundleBid {
        BundleBid { bidder: Bidder(bidder), bundle, amount: Amount::new(units).unwrap() }
    }

    fn paid(items: u32, bids: &[BundleBid]) -> Vec<(u32, i64)> {
        let greedy = greedy(&Problem::new(items, bids.to_vec()).unwrap());
        greedy.payments.into_iter().map(|(bidder, amount)| (bidder.0, amount.units())).collect()
    }

    #[test]
    fn large_bundles_count_for_less() {
        // 10/√1 is more than 14/√2 = 9.899…, and 15/√2 = 10.606… is more than 10.
        assert_eq!(paid(2, &[bid(0, 0b01, 10), bid(1, 0b11, 14)]), [(0, 10)]);
        assert_eq!(paid(2, &[bid(0, 0b01, 10), bid(1, 0b11, 15)]), [(1, 15)]);
        assert_eq!(paid(2, &[bid(0, 0b01, 10), bid(1, 0b11, 60)]), [(1, 15)]);
        // Nobody else wants item 1.
        assert_eq!(paid(2, &[bid(0, 0b01, 10), bid(1, 0b10, 60)]), [(0, 0), (1, 0)]);
    }

    #[test]
    fn a_tie_goes_to_the_lower_number_and_the_price_knows_it() {
        assert_eq!(paid(1, &[bid(0, 1, 9), bid(1, 1, 9)]), [(0, 9)]);
        assert_eq!(paid(1, &[bid(0, 1, 5), bid(1, 1, 9)]), [(1, 6)]);
    }

    #[test]
    fn the_largest_amounts_and_bundles_are_compared_exactly() {
        let most = Amount::MAX.units();
        let sure = |amount: i64| paid(64, &[bid(0, u64::MAX, amount), bid(1, 1, most / 8)]);
        assert_eq!(sure(most - most / 8), [(1, (most - most / 8) / 8 + 1)]);
    }

    /// One bid a bidder on bundles that overlap: no other amount than the true one gains.
    #[test]
    fn truth_is_best_for_bidders_with_one_bid() {
        let bundles = [0b011, 0b110, 0b101, 0b001];
        for profile in 0..6_i64.pow(4) {
            let values: Vec<i64> = (0..4).map(|bidder| 1 + profile / 6_i64.pow(bidder) % 6).collect();
            let utility = |bidder: usize, said: i64| {
                let amount = |other: usize| if other == bidder { said } else { values[other] };
                let bids: Vec<_> =
                    (0..4).map(|other| bid(other as u32, bundles[other], amount(other))).collect();
                let payment = paid(3, &bids).into_iter().find(|(winner, _)| *winner == bidder as u32);
                payment.map_or(0, |(_, payment)| values[bidder] - payment)
            };
            for bidder in 0..4 {
                let honest = utility(bidder, values[bidder]);
                assert!(honest >= 0 && (1..=7).all(|said| utility(bidder, said) <= honest), "{values:?}");
            }
        }
    }
}
