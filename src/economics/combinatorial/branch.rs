//! Winner determination by branch and bound.
//!
//! At each node an item is taken on which the fewest bids are left, and given to each of them, or to nobody. The [`prices`](super::prices) of
//! the items and bids that are left tell what a node can lead to; a bid that could not lead to anything better than what is known
//! is struck out, and an item on which no bid is left costs nothing more. So the best welfare is found and proven. Then the bids are
//! gone through in the order of their numbers, and each is accepted with which the best welfare can still be reached: that makes
//! the canonical solution.
//!
//! Source: T. Sandholm, *Algorithm for optimal winner determination in combinatorial auctions* (2002).

use super::prices::{Bound, Prices};
use super::{Problem, Solution, Work, greedy};
use crate::Amount;
use std::ops::ControlFlow::{self, Break, Continue};

/// Returns the best solution that is found with at most `nodes_max` nodes, and whether it is proven.
pub fn solve(problem: &Problem, bound: Bound, nodes_max: u64) -> Solution {
    let start = greedy::accept(problem);
    let reached = problem.welfare(&start).units();
    let prices = Prices::new(problem, bound, reached);
    let choices = choices(problem, &prices);
    let mut search =
        Search { prices: &prices.items, nodes: 0, nodes_max, target: i64::MAX, best: reached, found: start };
    let optimal = search.expand(&choices, 0, &mut Vec::new()).is_continue();
    let proven = optimal && search.make_canonical(&choices);
    let mut accepted = search.found;
    accepted.sort_unstable();
    let welfare = problem.welfare(&accepted);
    let bound = if optimal { welfare } else { Amount::new(prices.bound).expect("a bound fits") };
    Solution { accepted, welfare, bound, proven, work: Work { branch_nodes: search.nodes, table_cells: 0 } }
}

/// A bid, with what it exceeds the price of its bundle by.
#[derive(Copy, Clone)]
struct Choice {
    bid: usize,
    group: usize,
    bundle: u64,
    amount: i64,
    gain: i64,
}

impl Choice {
    fn allows(&self, other: &Choice) -> bool {
        self.group != other.group && self.bundle & other.bundle == 0
    }
}

fn choices(problem: &Problem, prices: &Prices) -> Vec<Choice> {
    let of_group = |(group, bids): (usize, &std::ops::Range<usize>)| {
        let choice = move |bid: usize| {
            let (bundle, amount) = (problem.bids()[bid].bundle, problem.bids()[bid].amount.units());
            Choice { bid, group, bundle, amount, gain: amount - prices.of_bundle(bundle) }
        };
        bids.clone().map(choice)
    };
    problem.groups().iter().enumerate().flat_map(of_group).collect()
}

struct Search<'a> {
    prices: &'a [i64],
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
    /// The item on which the fewest of them are.
    item: u64,
}

impl Search<'_> {
    /// Looks for something better among what `path`, worth `value`, can be followed by.
    fn expand(&mut self, choices: &[Choice], value: i64, path: &mut Vec<usize>) -> ControlFlow<Stop> {
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
        let Some(open) = self.open(choices, value) else { return Continue(()) };
        let (mut takers, others): (Vec<Choice>, Vec<Choice>) =
            open.choices.iter().partition(|choice| choice.bundle & open.item != 0);
        takers.sort_by_key(|choice| (-choice.gain, choice.bid));
        for taker in takers {
            let rest: Vec<Choice> =
                open.choices.iter().filter(|other| taker.allows(other)).copied().collect();
            path.push(taker.bid);
            self.expand(&rest, value + taker.amount, path)?;
            path.pop();
        }
        self.expand(&others, value, path)
    }

    /// Strikes out bids that lead to nothing better, until none is left to strike out. If none is left at all, returns `None`.
    fn open(&self, choices: &[Choice], value: i64) -> Option<Open> {
        let mut choices = choices.to_vec();
        loop {
            let demand = demand_of(&choices);
            let wanted = (0..self.prices.len()).filter(|&item| demand[item] > 0);
            let prices: i64 = wanted.clone().map(|item| self.prices[item]).sum();
            let bound = value + prices + by_bidder(&choices).map(most).sum::<i64>();
            if bound <= self.best {
                return None;
            }
            let hopeful = |group| {
                let others = bound - most(group);
                group.iter().copied().filter(move |choice| others + choice.gain > self.best)
            };
            let left: Vec<Choice> = by_bidder(&choices).flat_map(hopeful).collect();
            if left.len() == choices.len() {
                let item = wanted.min_by_key(|&item| (demand[item], -self.prices[item]))?;
                return Some(Open { choices, item: 1 << item });
            }
            choices = left;
        }
    }

    /// Makes what was found, which is best, the canonical one of the best; returns whether the nodes sufficed.
    fn make_canonical(&mut self, choices: &[Choice]) -> bool {
        self.target = self.best;
        let (mut value, mut path) = (0, Vec::new());
        let mut rest = choices.to_vec();
        while value < self.target {
            // Whatever reaches the best is better than this.
            self.best = self.target - 1;
            rest = self.open(&rest, value).expect("the best can be reached").choices;
            let first = rest.remove(0);
            let allowed: Vec<Choice> = rest.iter().filter(|other| first.allows(other)).copied().collect();
            path.push(first.bid);
            if !self.found.contains(&first.bid) {
                match self.expand(&allowed, value + first.amount, &mut path) {
                    Break(Stop::Target) => {
                        path.truncate(path.iter().position(|&bid| bid == first.bid).expect("it is there") + 1)
                    }
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

/// How many bids there are on each item.
fn demand_of(choices: &[Choice]) -> [u32; Problem::ITEMS_MAX as usize] {
    let mut demand = [0; Problem::ITEMS_MAX as usize];
    for choice in choices {
        let mut bundle = choice.bundle;
        while bundle != 0 {
            demand[bundle.trailing_zeros() as usize] += 1;
            bundle &= bundle - 1;
        }
    }
    demand
}

fn by_bidder(choices: &[Choice]) -> impl Iterator<Item = &[Choice]> {
    choices.chunk_by(|one, other| one.group == other.group)
}

/// The most by which a bid of one bidder exceeds the prices: nothing, if it wins nothing.
fn most(of_one_bidder: &[Choice]) -> i64 {
    of_one_bidder.iter().map(|choice| choice.gain).max().unwrap_or(0).max(0)
}
