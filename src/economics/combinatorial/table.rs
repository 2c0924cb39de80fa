//! Winner determination by a table over all sets of items, bidder by bidder.
//!
//! The best welfare of the bidders from i on, with a set of items left, is the best over the bids of i, and over
//! none, of the bid and the best welfare of the bidders from i + 1 on with what is then left. Since bidders are taken
//! one after another, nobody wins twice, and no set of bidders has to be remembered.
//!
//! Source: M. Rothkopf, A. Pekeč and R. Harstad, *Computationally manageable combinational auctions* (1998), for one
//! bid a bidder.

use super::{Problem, Solution, Work};

/// The greatest number of cells that a table may have.
const CELLS_MAX: u64 = 1 << 22;

/// Returns how many cells the table of a problem compares and fills, or `None` if it would be too large.
pub fn cells(problem: &Problem) -> Option<u64> {
    let items = wanted(problem).count_ones();
    let tables = problem.groups().len() as u64 + 1;
    let kept = 1_u64
        .checked_shl(items)
        .and_then(|sets| sets.checked_mul(tables))
        .filter(|cells| *cells <= CELLS_MAX)?;
    Some(kept + problem.bids().iter().map(|bid| 1 << (items - bid.bundle.count_ones())).sum::<u64>())
}

/// Returns the canonical best solution, or `None` if the table would be too large.
pub fn solve(problem: &Problem) -> Option<Solution> {
    let work = Work { branch_nodes: 0, table_cells: cells(problem)? };
    let wanted = wanted(problem);
    let bundles: Vec<usize> = problem.bids().iter().map(|bid| compact(bid.bundle, wanted)).collect();
    let amounts: Vec<i64> = problem.bids().iter().map(|bid| bid.amount.units()).collect();
    let all = (1 << wanted.count_ones()) - 1;
    // The last table, of no bidders, comes first.
    let mut tables = vec![vec![0; all + 1]];
    for group in problem.groups().iter().rev() {
        let rest = tables.last().expect("one is there");
        let mut best = rest.clone();
        for bid in group.clone() {
            raise(&mut best, rest, bundles[bid], all, amounts[bid]);
        }
        tables.push(best);
    }
    let optimum = tables.last().expect("one is there")[all];
    let (mut accepted, mut left) = (Vec::new(), all);
    for group in problem.groups() {
        let best = tables.pop().expect("a table for each bidder");
        let rest = tables.last().expect("and one for none");
        // The first bid that some best solution accepts makes the vector of zeros and ones greatest.
        let fits = |bid: &usize| {
            let bundle = bundles[*bid];
            bundle & !left == 0 && rest[left & !bundle] + amounts[*bid] == best[left]
        };
        if let Some(bid) = group.clone().find(fits) {
            accepted.push(bid);
            left &= !bundles[bid];
        }
    }
    let welfare = problem.welfare(&accepted);
    assert_eq!(welfare.units(), optimum, "the walk through the tables reaches the optimum");
    Some(Solution { accepted, welfare, bound: welfare, proven: true, work })
}

/// Raises each set that has the bundle to what it is worth with the bid.
fn raise(best: &mut [i64], rest: &[i64], bundle: usize, all: usize, amount: i64) {
    let others = all & !bundle;
    let mut left = 0;
    loop {
        let with = &mut best[left | bundle];
        *with = (*with).max(rest[left] + amount);
        // The next subset of the other items.
        left = left.wrapping_sub(others) & others;
        if left == 0 {
            return;
        }
    }
}

/// The items that somebody bids on.
fn wanted(problem: &Problem) -> u64 {
    problem.bids().iter().fold(0, |wanted, bid| wanted | bid.bundle)
}

/// The bundle with the wanted items only, without gaps.
fn compact(bundle: u64, mut wanted: u64) -> usize {
    let (mut compact, mut place) = (0, 0);
    while wanted != 0 {
        let item = wanted & wanted.wrapping_neg();
        compact |= usize::from(bundle & item != 0) << place;
        (wanted, place) = (wanted ^ item, place + 1);
    }
    compact
}
