//! Prices of items, which bound what any set of bids can be worth.
//!
//! For any prices ≥ 0, no allowed set of bids is worth more than the sum of all prices and, over all bidders, of the
//! most that one of its bids exceeds the price of its bundle. That is weak duality; the least such bound is that of
//! the linear relaxation. A subgradient method lowers it in integers, so that the bound holds exactly whatever prices
//! it stops at.
//!
//! Source: M. Held, P. Wolfe and H. Crowder, *Validation of subgradient optimization* (1974).

use super::Problem;
use super::choice::{Choice, by_bidder};

const ITEMS: usize = Problem::ITEMS_MAX as usize;

/// No price is higher. So no sum of prices and bids wraps around; a bound that would need higher prices is only less
/// close.
const PRICE_MAX: i64 = 1 << 55;

/// After how many steps without a better bound the steps become half as large.
const PATIENCE: u32 = 5;

/// Prices of all items, in minor units, and what follows from them for some bids.
#[derive(Clone)]
pub(super) struct Prices {
    items: [i64; ITEMS],
    /// No allowed set of the bids is worth more.
    pub(super) bound: i64,
    /// How many bidders want each item at these prices.
    demand: [i64; ITEMS],
}

impl Prices {
    /// Prices that are low where bids are, or none at all, whichever bounds closer: for each item the greatest share
    /// that a bid has for it, the amount by the size of the bundle, rounded up.
    pub(super) fn shares(choices: &[Choice]) -> Prices {
        let mut items = [0; ITEMS];
        for choice in choices {
            let size = i64::from(choice.bundle.count_ones());
            let share = (choice.amount + size - 1) / size;
            choice.items().for_each(|item| items[item] = share.max(items[item]));
        }
        let [none, shares] = [[0; ITEMS], items].map(|items| Prices::new(items, choices));
        // Without prices the bound is the sum of the best bids, which fits an amount.
        if shares.bound <= none.bound { shares } else { none }
    }

    /// The same prices, with the bound that follows for other bids.
    pub(super) fn for_bids(&self, choices: &[Choice]) -> Prices {
        Prices::new(self.items, choices)
    }

    /// What a bid exceeds the price of its bundle by.
    pub(super) fn gain(&self, choice: &Choice) -> i64 {
        choice.amount - choice.items().map(|item| self.items[item]).sum::<i64>()
    }

    pub(super) fn of(&self, item: usize) -> i64 {
        self.items[item]
    }

    /// Lowers the bound in at most so many steps, as long as it is above `reached`.
    pub(super) fn lowered(&self, choices: &[Choice], reached: i64, steps: u32) -> Prices {
        let (mut best, mut now) = (self.clone(), self.clone());
        let (mut idle, mut halved) = (0, 0);
        for _ in 0..steps {
            let step = now.step(reached) >> halved;
            if best.bound <= reached || step <= 0 {
                break;
            }
            let moved =
                |item: usize| now.items[item].saturating_add(step.saturating_mul(now.demand[item] - 1));
            now = Prices::new(std::array::from_fn(moved), choices);
            idle += 1;
            if now.bound < best.bound {
                (best, idle) = (now.clone(), 0);
            } else if idle > PATIENCE {
                (idle, halved) = (0, halved + 1);
            }
        }
        best
    }

    /// By how much prices move for each bidder too many or too few: Polyak's step towards a bound of `reached`.
    fn step(&self, reached: i64) -> i64 {
        let moves = |(demand, price): &(i64, i64)| *demand > 1 || *price > 0;
        let pairs = self.demand.into_iter().zip(self.items);
        let length: i64 = pairs.filter(moves).map(|(demand, _)| (demand - 1) * (demand - 1)).sum();
        if length == 0 { 0 } else { (self.bound - reached) / length }
    }

    /// What follows from prices, held between 0 and the highest, for bids. What nobody bids on costs nothing.
    fn new(mut items: [i64; ITEMS], choices: &[Choice]) -> Prices {
        let wanted = choices.iter().fold(0, |wanted, choice| wanted | choice.bundle);
        for (item, price) in items.iter_mut().enumerate() {
            *price = if wanted >> item & 1 == 1 { (*price).clamp(0, PRICE_MAX) } else { 0 };
        }
        let mut prices = Prices { items, bound: items.iter().sum(), demand: [0; ITEMS] };
        for bids in by_bidder(choices) {
            let (mut most, mut best) = (0, None);
            for choice in bids {
                let gain = prices.gain(choice);
                if gain > most {
                    (most, best) = (gain, Some(choice));
                }
            }
            prices.bound += most;
            best.into_iter().flat_map(Choice::items).for_each(|item| prices.demand[item] += 1);
        }
        prices
    }
}
