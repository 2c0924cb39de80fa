//! Winner determination, by whatever is cheapest.

use super::branch::{self, Bound};
use super::{Problem, Solution, table};

/// How many cells of a table are filled while one node of a search tree is expanded, roughly.
const CELLS_PER_NODE: u64 = 4_096;

/// A limit for those who have no other. A cell takes about a nanosecond, a node some microseconds: where no table is small
/// enough, this is a minute or two.
pub const STEPS_DEFAULT: u64 = 10_000_000;

/// Returns the best set of bids that is found in at most `steps_max` steps: nodes of a search tree, and cells of tables.
///
/// [`branch`] and bound is tried for about as long as the [`table`] would take, whose work is known beforehand, and
/// then the table is filled. Without a table that is small enough, branch and bound goes on. Whichever ends, the
/// solution is the same if it is proven: the canonical one.
pub fn solve(problem: &Problem, steps_max: u64) -> Solution {
    let Some(cells) = table::cells(problem).filter(|cells| *cells <= steps_max) else {
        return branch::solve(problem, Bound::Prices, steps_max);
    };
    let tried = branch::solve(problem, Bound::Prices, (cells / CELLS_PER_NODE).min(steps_max - cells));
    if tried.proven {
        return tried;
    }
    let mut solution = table::solve(problem).expect("a table whose cells can be counted can be filled");
    solution.work.branch_nodes = tried.work.branch_nodes;
    solution
}

#[cfg(test)]
mod tests {
    use super::super::{BundleBid, Work};
    use super::*;
    use crate::{Amount, Bidder};
    use proptest::prelude::*;

    const STEPS: u64 = 10_000_000;

    /// The canonical best set, by trying all sets of bids.
    fn by_force(problem: &Problem) -> (i64, Vec<usize>) {
        let count = problem.bids().len();
        let accepted = |set: u32| -> Vec<usize> { (0..count).filter(|bid| set >> bid & 1 == 1).collect() };
        let vector =
            |accepted: &[usize]| -> Vec<bool> { (0..count).map(|bid| accepted.contains(&bid)).collect() };
        let allowed = (0..1_u32 << count).map(accepted).filter(|accepted| problem.allows(accepted));
        let valued = allowed.map(|accepted| (problem.welfare(&accepted).units(), accepted));
        valued.max_by_key(|(welfare, accepted)| (*welfare, vector(accepted))).unwrap()
    }

    fn some_bids(bidders: u32, amounts: i64) -> impl Strategy<Value = Problem> {
        let bid = (0..bidders, 1_u64..64, 1..=amounts).prop_map(|(bidder, bundle, units)| BundleBid {
            bidder: Bidder(bidder),
            bundle,
            amount: Amount::new(units).unwrap(),
        });
        prop::collection::vec(bid, 0..13).prop_map(|bids| Problem::new(6, bids).unwrap())
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

        /// Few amounts make many ties, and with them many best sets.
        #[test]
        fn all_methods_find_the_canonical_optimum(problem in prop_oneof![
            some_bids(4, 3), some_bids(12, 4), some_bids(5, 1_000), some_bids(12, 1 << 50), some_bids(3, 1 << 58),
        ]) {
            let (welfare, accepted) = by_force(&problem);
            let branched = [Bound::Shares, Bound::Prices].map(|bound| branch::solve(&problem, bound, STEPS));
            for solution in [table::solve(&problem).unwrap(), solve(&problem, STEPS)].iter().chain(&branched) {
                prop_assert!(solution.proven);
                prop_assert_eq!(solution.welfare.units(), welfare);
                prop_assert_eq!(&solution.accepted, &accepted);
                prop_assert_eq!(solution.bound, solution.welfare);
            }
        }

        #[test]
        fn too_few_steps_are_told(problem in some_bids(8, 40), steps in 0_u64..30) {
            let (welfare, _) = by_force(&problem);
            let solution = solve(&problem, steps);
            prop_assert!(problem.allows(&solution.accepted));
            prop_assert!(solution.welfare.units() <= welfare && welfare <= solution.bound.units());
            prop_assert!(solution.work.steps() <= steps);
            prop_assert!(!solution.proven || solution.welfare.units() == welfare);
        }
    }

    #[test]
    fn no_bids_are_solved_without_work_and_no_work_proves_nothing_else() {
        let none = Problem::new(3, Vec::new()).unwrap();
        let solution = solve(&none, STEPS);
        assert_eq!((solution.accepted.len(), solution.welfare, solution.proven), (0, Amount::ZERO, true));
        let one = BundleBid { bidder: Bidder(0), bundle: 1, amount: Amount::new(5).unwrap() };
        let solution = solve(&Problem::new(64, vec![one]).unwrap(), 0);
        assert_eq!((solution.accepted, solution.proven, solution.work), (vec![0], false, Work::default()));
    }

    /// Numbers that are the same on every machine: a multiplicative generator.
    struct Numbers(u64);

    impl Numbers {
        fn below(&mut self, end: u64) -> u64 {
            self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (self.0 >> 33) % end
        }

        /// Bundles of 2 to 5 of `items` items whose value per item grows with their number.
        fn superadditive(&mut self, items: u32, bidders: u32, each: u32) -> Problem {
            let mut bids = Vec::new();
            for bidder in 0..bidders {
                let worth: Vec<u64> = (0..items).map(|_| 1_000 + self.below(9_000)).collect();
                for _ in 0..each {
                    let size = 2 + self.below(4) as u32;
                    let mut bundle = 0_u64;
                    while bundle.count_ones() < size {
                        bundle |= 1 << self.below(u64::from(items));
                    }
                    let plain: u64 = (0..items as usize)
                        .filter(|item| bundle >> item & 1 == 1)
                        .map(|item| worth[item])
                        .sum();
                    let amount = Amount::new((plain * (100 + 10 * u64::from(size)) / 100) as i64).unwrap();
                    bids.push(BundleBid { bidder: Bidder(bidder), bundle, amount });
                }
            }
            Problem::new(items, bids).unwrap()
        }
    }

    #[test]
    fn table_and_tree_agree_where_force_is_out_of_reach() {
        let mut numbers = Numbers(1);
        for _ in 0..10 {
            let problem = numbers.superadditive(15, 10, 20);
            let (tabled, branched) =
                (table::solve(&problem).unwrap(), branch::solve(&problem, Bound::Prices, STEPS));
            assert!(tabled.proven && branched.proven);
            assert_eq!((tabled.accepted, tabled.welfare), (branched.accepted, branched.welfare));
        }
    }

    #[test]
    fn hundreds_of_bidders_with_one_bid_each_are_solved_by_branching() {
        let mut numbers = Numbers(2);
        let solution = solve(&numbers.superadditive(30, 300, 1), STEPS);
        assert!(solution.proven, "{:?}", solution.work);
        assert_eq!(solution.work.table_cells, 0);
        // On 64 items a hundred nodes prove nothing, and tell how far off the best can be.
        let solution = solve(&numbers.superadditive(64, 300, 1), 100);
        assert!(!solution.proven && solution.welfare < solution.bound);
        assert_eq!(solution.work, Work { branch_nodes: 100, table_cells: 0 });
    }
}
