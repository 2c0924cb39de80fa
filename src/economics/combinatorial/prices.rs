//! Prices of items, which bound what any set of bids can be worth.
//!
//! For any prices ≥ 0, no allowed set of bids is worth more than the sum of all prices and, over all bidders, of the most that one of
//! its bids exceeds the price of its bundle. That is weak duality; the least such bound is that of the linear relaxation. A
//! subgradient method lowers it in integers, so that the bound holds exactly whatever prices it stops at.
//!
//! Source: M. Held, P. Wolfe and H. Crowder, *Validation of subgradient optimization* (1974).

use super::Problem;

/// Where the prices of items come from.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub enum Bound {
    /// Each item costs the greatest share that a bid has for it: the amount by the size of the bundle, rounded up. It is cheap and weak.
    Shares,
    /// Prices that a subgradient method has lowered.
    Prices,
}

/// A price for each item, in minor units, and the bound that follows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Prices {
    /// The price of each item.
    pub items: Vec<i64>,
    /// No allowed set of bids is worth more.
    pub bound: i64,
}

/// How often prices are lowered.
const STEPS: u32 = 150;

/// After how many steps without a better bound the steps become half as large.
const PATIENCE: u32 = 6;

/// Prices while they are lowered; sums may be beyond what an amount can be.
struct Trial {
    items: Vec<i128>,
    bound: i128,
    /// How many bidders want each item at these prices.
    demand: Vec<i128>,
}

impl Prices {
    /// Returns prices for a problem of which some set of bids worth `reached` is known.
    pub fn new(problem: &Problem, kind: Bound, reached: i64) -> Prices {
        // At no price at all the bound is the sum of the best bids, and fits an amount; a worse one is never kept.
        let mut best = Trial::new(problem, vec![0; problem.items() as usize]);
        let shares = Trial::new(problem, shares(problem));
        if kind == Bound::Shares {
            let shares = Prices::of(&shares);
            return shares.unwrap_or_else(|| Prices::of(&best).expect("the sum of the best bids fits"));
        }
        let (mut now, mut idle, mut halved) = (shares, 0, 0);
        for _ in 0..STEPS {
            if now.bound < best.bound {
                best = Trial { items: now.items.clone(), demand: Vec::new(), ..now };
                idle = 0;
            } else {
                idle += 1;
            }
            if idle > PATIENCE {
                (idle, halved) = (0, halved + 1);
            }
            let excess: Vec<i128> = now.demand.iter().map(|demand| demand - 1).collect();
            let moves = |(excess, price): (&i128, &i128)| *excess > 0 || *price > 0;
            let length: i128 = excess
                .iter()
                .zip(&now.items)
                .filter(|pair| moves(*pair))
                .map(|(excess, _)| excess * excess)
                .sum();
            let step = if length == 0 { 0 } else { ((now.bound - i128::from(reached)) / length) >> halved };
            if step <= 0 {
                break;
            }
            let items =
                now.items.iter().zip(&excess).map(|(price, excess)| (price + step * excess).max(0)).collect();
            now = Trial::new(problem, items);
        }
        Prices::of(&best).expect("the sum of the best bids fits")
    }

    /// Returns the price of a bundle.
    ///
    /// # Panics
    /// If it has an item without a price.
    pub fn of_bundle(&self, bundle: u64) -> i64 {
        sum_over(&self.items, bundle)
    }

    fn of(trial: &Trial) -> Option<Prices> {
        let fits = |wide: &i128| i64::try_from(*wide).ok().filter(|units| *units <= 1 << 60);
        let bound = fits(&trial.bound)?;
        Some(Prices { items: trial.items.iter().map(fits).collect::<Option<_>>()?, bound })
    }
}

impl Trial {
    fn new(problem: &Problem, items: Vec<i128>) -> Trial {
        let (mut bound, mut demand) = (items.iter().sum(), vec![0; items.len()]);
        for group in problem.groups() {
            let mut most = (0, 0);
            for bid in &problem.bids()[group.clone()] {
                let gain = bid.amount.wide() - sum_over(&items, bid.bundle);
                if gain > most.0 {
                    most = (gain, bid.bundle);
                }
            }
            bound += most.0;
            each(most.1, |item| demand[item] += 1);
        }
        Trial { items, bound, demand }
    }
}

fn shares(problem: &Problem) -> Vec<i128> {
    let mut shares = vec![0; problem.items() as usize];
    for bid in problem.bids() {
        let size = i128::from(bid.bundle.count_ones());
        let share = (bid.amount.wide() + size - 1) / size;
        each(bid.bundle, |item| shares[item] = share.max(shares[item]));
    }
    shares
}

fn sum_over<T: Copy + std::iter::Sum>(items: &[T], mut bundle: u64) -> T {
    std::iter::from_fn(|| {
        let item = (bundle != 0).then(|| bundle.trailing_zeros() as usize)?;
        bundle &= bundle - 1;
        Some(items[item])
    })
    .sum()
}

fn each(mut bundle: u64, mut visit: impl FnMut(usize)) {
    while bundle != 0 {
        visit(bundle.trailing_zeros() as usize);
        bundle &= bundle - 1;
    }
}
