//! The payments of Vickrey, Clarke and Groves: each winner pays what its presence costs the others.
//!
//! With the best welfare V, and V(−i) without bidder i, bidder i keeps V − V(−i) and pays the rest of its bid. Then
//! truth is a dominant strategy and nobody pays more than it bid. That holds only if V and every V(−i) are proven, so
//! payments are refused if they are not. What does not hold: revenue may be nothing, it may fall when bidders come,
//! bidders may gain together, and one that bids under two names may gain.
//!
//! Sources: W. Vickrey (1961); E. Clarke, *Multipart pricing of public goods* (1971); T. Groves, *Incentives in
//! teams* (1973); L. Ausubel and P. Milgrom, *The lovely but lonely Vickrey auction* (2006).

use super::{Problem, Solution, Work, solve};
use crate::{Amount, Bidder, Party, Transfer};
use serde::{Deserialize, Serialize};
use std::fmt;

/// Who wins by VCG, and what is paid.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Vcg {
    /// The canonical best solution.
    pub solution: Solution,
    /// The winners, in the order of the accepted bids. Everybody else pays nothing and keeps nothing.
    pub winners: Vec<Winner>,
    /// What was done for all of it.
    pub work: Work,
}

/// What a winner pays and keeps.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Winner {
    /// Who wins.
    pub bidder: Bidder,
    /// The number of its bid.
    pub bid: usize,
    /// What it pays, in minor units.
    pub payment: Amount,
    /// Its bid less its payment, in minor units. It is the same in every best solution.
    pub utility: Amount,
}

/// That a best welfare is not proven within the work that was allowed, so that payments would prove nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotProven {
    /// Without which bidder; `None` if with all.
    pub without: Option<Bidder>,
    /// The best that was found with all bidders.
    pub solution: Solution,
}

/// Returns the winners and what they pay. Each best welfare is found with at most `steps_max` steps, see [`solve()`].
///
/// # Errors
/// If some best welfare is not proven.
pub fn vcg(problem: &Problem, steps_max: u64) -> Result<Vcg, NotProven> {
    let solution = solve(problem, steps_max);
    if !solution.proven {
        return Err(NotProven { without: None, solution });
    }
    let (mut work, mut winners) = (solution.work, Vec::new());
    for &bid in &solution.accepted {
        let won = problem.bids()[bid];
        let others = solve(&problem.without(won.bidder), steps_max);
        if !others.proven {
            return Err(NotProven { without: Some(won.bidder), solution });
        }
        work.branch_nodes += others.work.branch_nodes;
        work.table_cells += others.work.table_cells;
        let fits = "a winner keeps between nothing and its bid";
        let utility = solution.welfare.minus(others.welfare).expect(fits);
        let payment = won.amount.minus(utility).expect(fits);
        assert!(Amount::ZERO <= payment && payment <= won.amount, "{fits}");
        winners.push(Winner { bidder: won.bidder, bid, payment, utility });
    }
    Ok(Vcg { solution, winners, work })
}

impl Vcg {
    /// Returns what the seller gets, in minor units.
    pub fn revenue(&self) -> Amount {
        Amount::sum(self.winners.iter().map(|winner| winner.payment)).expect("at most the welfare")
    }

    /// Returns the payments of the winners to the seller.
    pub fn transfers(&self) -> Vec<Transfer> {
        let pay = |winner: &Winner| {
            let (from, to) = (Party::Bidder(winner.bidder), Party::Seller);
            Transfer { from, to, amount: winner.payment }
        };
        self.winners.iter().map(pay).collect()
    }
}

impl fmt::Display for NotProven {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let of = |without: Bidder| format!(" without bidder {without}");
        let without = self.without.map(of).unwrap_or_default();
        write!(out, "the best welfare{without} is not proven within the steps allowed: no VCG payments")
    }
}

impl std::error::Error for NotProven {}

#[cfg(test)]
mod tests {
    use super::super::BundleBid;
    use super::*;
    use proptest::prelude::*;

    const STEPS: u64 = 1_000_000;

    fn bid(bidder: u32, bundle: u64, units: i64) -> BundleBid {
        BundleBid { bidder: Bidder(bidder), bundle, amount: Amount::new(units).unwrap() }
    }

    /// Welfare, and (bidder, payment, utility) of each winner.
    fn paid(items: u32, bids: &[BundleBid]) -> (i64, Vec<(u32, i64, i64)>) {
        let vcg = vcg(&Problem::new(items, bids.to_vec()).unwrap(), STEPS).unwrap();
        let of = |winner: &Winner| (winner.bidder.0, winner.payment.units(), winner.utility.units());
        (vcg.solution.welfare.units(), vcg.winners.iter().map(of).collect())
    }

    /// Items A, B, C; bidders a, b, c, d.
    fn fixture(bc: i64) -> [BundleBid; 6] {
        let [a, b, c] = [0b001, 0b010, 0b100];
        [bid(0, a | b, 9), bid(0, c, 4), bid(1, b | c, bc), bid(2, a, 5), bid(2, a | c, 6), bid(3, b, 3)]
    }

    #[test]
    fn the_unique_fixture() {
        assert_eq!(paid(3, &fixture(8)), (13, vec![(1, 7, 1), (2, 1, 4)]));
    }

    #[test]
    fn the_tied_fixture_goes_to_the_lowest_numbers() {
        assert_eq!(paid(3, &fixture(7)), (12, vec![(0, 4, 0), (2, 2, 3), (3, 3, 0)]));
    }

    #[test]
    fn two_locals_against_a_global() {
        let locals = |amount| [bid(0, 0b01, amount), bid(1, 0b10, amount), bid(2, 0b11, 10)];
        assert_eq!(paid(2, &locals(10)), (20, vec![(0, 0, 10), (1, 0, 10)]));
        assert_eq!(paid(2, &locals(8)), (16, vec![(0, 2, 6), (1, 2, 6)]));
        // Revenue falls from 10 to 0 as a bidder comes.
        let few = [bid(0, 0b11, 10), bid(1, 0b11, 10)];
        assert_eq!(paid(2, &few), (10, vec![(0, 10, 0)]));
    }

    #[test]
    fn a_false_name_gains() {
        assert_eq!(paid(2, &[bid(0, 0b11, 12), bid(9, 0b11, 10)]), (12, vec![(0, 10, 2)]));
        let split = [bid(0, 0b01, 10), bid(1, 0b10, 10), bid(9, 0b11, 10)];
        assert_eq!(paid(2, &split), (20, vec![(0, 0, 10), (1, 0, 10)]));
    }

    #[test]
    fn without_proof_there_are_no_payments() {
        let problem = Problem::new(3, fixture(8).to_vec()).unwrap();
        let refused = vcg(&problem, 0).unwrap_err();
        assert_eq!((refused.without, refused.solution.proven), (None, false));
        // What was found is allowed all the same.
        assert!(problem.allows(&refused.solution.accepted));
        let enough = (1..).find(|&steps| vcg(&problem, steps).is_ok()).unwrap();
        assert!((1..enough).all(|steps| vcg(&problem, steps).is_err()));
        assert!(refused.to_string().contains("not proven"), "{refused}");
    }

    #[test]
    fn what_winners_pay_the_seller_gets() {
        let vcg = vcg(&Problem::new(3, fixture(8).to_vec()).unwrap(), STEPS).unwrap();
        let net = crate::transfer::balances(&vcg.transfers()).unwrap();
        assert_eq!(net[&Party::Seller], vcg.revenue());
        assert_eq!(vcg.revenue().units(), 8);
        assert_eq!(paid(1, &[]), (0, vec![]));
    }

    /// The best welfare of the bidders from the `from`-th on, by trying all their bids.
    fn welfare(problem: &Problem, from: usize, left: u64, without: Option<Bidder>) -> i64 {
        let Some(group) = problem.groups().get(from) else { return 0 };
        let none = welfare(problem, from + 1, left, without);
        let bids = problem.bids()[group.clone()].iter();
        let fits = bids.filter(|bid| bid.bundle & !left == 0 && Some(bid.bidder) != without);
        fits.map(|bid| bid.amount.units() + welfare(problem, from + 1, left & !bid.bundle, without))
            .fold(none, i64::max)
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn each_keeps_what_its_presence_is_worth(
            bids in prop::collection::vec((0_u32..6, 1_u64..32, 1_i64..20), 0..16),
        ) {
            let bids: Vec<_> = bids.into_iter().map(|(bidder, bundle, units)| bid(bidder, bundle, units)).collect();
            let problem = Problem::new(5, bids).unwrap();
            let (vcg, best) = (vcg(&problem, STEPS).unwrap(), welfare(&problem, 0, 31, None));
            prop_assert_eq!(vcg.solution.welfare.units(), best);
            for group in problem.groups() {
                let bidder = problem.bids()[group.start].bidder;
                let won = vcg.winners.iter().find(|winner| winner.bidder == bidder);
                let utility = won.map_or(0, |winner| winner.utility.units());
                prop_assert_eq!(utility, best - welfare(&problem, 0, 31, Some(bidder)));
                prop_assert!(won.is_none_or(|won| won.payment >= Amount::ZERO && utility >= 0));
            }
            // The greedy allocation is within the root of the number of items.
            let greedy = super::super::greedy(&problem).welfare.units();
            prop_assert!(greedy <= best && greedy * greedy * 5 >= best * best);
        }
    }
}
