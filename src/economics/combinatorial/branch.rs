//! Winner determination by branch and bound.
//!
//! At each node an item is taken on which the fewest bids are left, and given to each of them, or to nobody. Prices
//! of the items tell what a node can lead to; they are lowered anew at every node. A bid that could not lead to
//! anything better than what is known is struck out, and an item on which no bid is left costs nothing more. So the
//! best welfare is found and proven. Then the bids are gone through in the order of their numbers, and each is
//! accepted with which the best welfare can still be reached: that makes the canonical solution.
//!
//! Source: T. Sandholm, *Algorithm for optimal winner determination in combinatorial auctions* (2002).

use super::choice::{Choice, by_bidder};
use super::prices::Prices;
use super::{Problem, Solution, Work, greedy};
use crate::Amount;
use std::ops::ControlFlow::{self, Break, Continue};

/// Where the prices of items come from, and with them the bound.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub enum Bound {
    /// Each item costs the greatest share that a bid has for it: the amount by the size of the bundle. It is cheap
    /// and weak.
    Shares,
    /// Prices that a subgradient method lowers at each node.
    Prices,
}

/// How often prices are lowered at the root.
const STEPS_ROOT: u32 = 150;

/// How often prices are lowered at any other node.
const STEPS_NODE: u32 = 10;

/// Returns the best solution that is found with at most `nodes_max` nodes, and whether it is proven.
pub fn solve(problem: &Problem, bound: Bound, nodes_max: u64) -> Solution {
    let start = greedy::accept(problem);
    let reached = problem.welfare(&start).units();
    let choices = Choice::all(problem);
    let shares = Prices::shares(&choices);
    let (prices, steps) = match bound {
        Bound::Shares => (shares, 0),
        Bound::Prices => (shares.lowered(&choices, reached, STEPS_ROOT), STEPS_NODE),
    };
    let mut search = Search { steps, nodes: 0, nodes_max, target: i64::MAX, best: reached, found: start };
    let optimal = search.expand(&choices, &prices, 0, &mut Vec::new()).is_continue();
    let proven = optimal && search.make_canonical(&choices, &prices);
    let mut accepted = search.found;
    accepted.sort_unstable();
    let welfare = problem.welfare(&accepted);
    let bound = if optimal { welfare } else { Amount::new(prices.bound).expect("a bound fits") };
    Solution { accepted, welfare, bound, proven, work: Work { branch_nodes: search.nodes, table_cells: 0 } }
}

struct Search {
    /// How often prices are lowered at each node.
    steps: u32,
    nodes: u64,
    nodes_max: u64,
    /// The search ends when this is reached.
    target: i64,
    best: i64,
    found: Vec<usize>,
}

/// Why a search ends before it has seen everything.
enum Stop {
    /// The nodes are used up.
    Nodes,
    /// The target is reached.
    Target,
}

/// What is still possible at a node.
struct Open {
    /// The bids that may lead to something better, in the order of their numbers.
    choices: Vec<Choice>,
    prices: Prices,
}

impl Search {
    /// Looks for something better among what `path`, worth `value`, can be followed by.
    fn expand(
        &mut self,
        choices: &[Choice],
        prices: &Prices,
        value: i64,
        path: &mut Vec<usize>,
    ) -> ControlFlow<Stop> {
        if value > self.best {
            (self.best, self.found) = (value, path.clone());
            if value >= self.target {
                return Break(Stop::Target);
            }
        }
        if choices.is_empty() {
            return Continue(());
        }
        if self.nodes == self.nodes_max {
            return Break(Stop::Nodes);
        }
        self.nodes += 1;
        let Some(Open { choices, prices }) = self.open(choices, prices, value) else { return Continue(()) };
        let item = 1 << rarest(&choices, &prices);
        let (mut takers, others): (Vec<Choice>, Vec<Choice>) =
            choices.iter().partition(|choice| choice.bundle & item != 0);
        takers.sort_by_key(|choice| (-prices.gain(choice), choice.bid));
        for taker in takers {
            let rest: Vec<Choice> = choices.iter().filter(|other| taker.allows(other)).copied().collect();
            path.push(taker.bid);
            self.expand(&rest, &prices, value + taker.amount, path)?;
            path.pop();
        }
        self.expand(&others, &prices, value, path)
    }

    /// Strikes out bids that lead to nothing better than what is known. If none is left, returns `None`.
    fn open(&self, choices: &[Choice], prices: &Prices, value: i64) -> Option<Open> {
        let known = self.best - value;
        let (choices, prices) = strike(choices, prices, known)?;
        let prices = prices.lowered(&choices, known, self.steps);
        let (choices, prices) = strike(&choices, &prices, known)?;
        Some(Open { choices, prices })
    }

    /// Makes what was found, which is best, the canonical one of the best; returns whether the nodes sufficed.
    fn make_canonical(&mut self, choices: &[Choice], prices: &Prices) -> bool {
        self.target = self.best;
        let (mut value, mut path, mut rest) = (0, Vec::new(), choices.to_vec());
        while value < self.target {
            // Whatever reaches the best is better than this.
            self.best = self.target - 1;
            rest = strike(&rest, prices, self.best - value).expect("the best can be reached").0;
            let first = rest.remove(0);
            let allowed: Vec<Choice> = rest.iter().filter(|other| first.allows(other)).copied().collect();
            path.push(first.bid);
            if !self.found.contains(&first.bid) {
                let accepted = path.len();
                match self.expand(&allowed, prices, value + first.amount, &mut path) {
                    Break(Stop::Target) => path.truncate(accepted),
                    Break(Stop::Nodes) => return false,
                    Continue(()) => {
                        path.pop();
                        continue;
                    }
                }
            }
            (value, rest) = (value + first.amount, allowed);
        }
        self.found = path;
        true
    }
}

/// Strikes out bids with which no set is worth more than `known`, until none is left to strike out, and bounds the
/// others.
fn strike(choices: &[Choice], prices: &Prices, known: i64) -> Option<(Vec<Choice>, Prices)> {
    let mut choices = choices.to_vec();
    loop {
        let prices = prices.for_bids(&choices);
        if prices.bound <= known {
            return None;
        }
        let mut hopeful = Vec::with_capacity(choices.len());
        for bids in by_bidder(&choices) {
            let most = bids.iter().map(|choice| prices.gain(choice)).max().unwrap_or(0).max(0);
            let others = prices.bound - most;
            hopeful.extend(bids.iter().filter(|choice| others + prices.gain(choice) > known));
        }
        if hopeful.len() == choices.len() {
            return Some((choices, prices));
        }
        choices = hopeful;
    }
}

/// The item on which the fewest bids are; of equal ones the one with the highest price.
fn rarest(choices: &[Choice], prices: &Prices) -> usize {
    let mut demand = [0_u32; Problem::ITEMS_MAX as usize];
    choices.iter().flat_map(Choice::items).for_each(|item| demand[item] += 1);
    let wanted = (0..demand.len()).filter(|&item| demand[item] > 0);
    wanted.min_by_key(|&item| (demand[item], -prices.of(item))).expect("there are bids")
}
