//! Fisher markets with linear utilities, by proportional response.

use super::MarketError;
use crate::Amount;
use crate::apportion::apportion;
use serde::{Deserialize, Serialize};

/// Fractional bits of what money buys.
const BITS: u32 = 32;

/// Buyers with money and linear utilities; there is one divisible unit of each good.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FisherMarket {
    /// The money of each buyer, in minor units, at least one.
    pub budgets: Vec<Amount>,
    /// What all of a good is worth to a buyer: by buyer, then by good; every buyer values some good.
    pub utilities: Vec<Vec<u32>>,
}

/// What a proportional response ends with.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FisherOutcome {
    /// Whether the residual is within the tolerance. If not, the prices are no equilibrium.
    pub found: bool,
    /// The price of all of each good, in minor units; 0 only for goods that nobody buys. They sum to the budgets.
    pub prices: Vec<Amount>,
    /// What each buyer spends on each good: it gets this share of the good's price in the good.
    pub spending: Vec<Vec<Amount>>,
    /// The largest share of the best utility at these prices that a buyer forgoes, in parts per million, rounded up.
    pub residual_ppm: u64,
    /// How often the buyers responded.
    pub iterations: u32,
}

/// Searches equilibrium prices: each buyer divides its money in proportion to the utility that each good gave it.
///
/// All goods are sold and all money is spent in every iteration, to the unit (largest remainder, ties to the first
/// good). A buyer that does not spend on a good once never does again.
///
/// # Errors
/// If a buyer has no money or values no good, a budget is negative, the goods of two buyers differ in number, or the
/// budgets sum to more than 2⁶⁰.
///
/// Source: Wu and Zhang, Proportional response dynamics leads to market equilibrium, STOC 2007.
pub fn proportional_response(
    market: &FisherMarket,
    tolerance_ppm: u64,
    iterations_max: u32,
) -> Result<FisherOutcome, MarketError> {
    let goods = market.check()?;
    let mut spending: Vec<Vec<u128>> = market
        .budgets
        .iter()
        .zip(&market.utilities)
        .map(|(&budget, utilities)| {
            let weights: Vec<u128> = utilities.iter().map(|&utility| utility.into()).collect();
            apportion(&budget.wide().unsigned_abs(), &weights)
        })
        .collect();
    let mut iterations = 0;
    loop {
        let prices: Vec<u128> = (0..goods).map(|good| spending.iter().map(|own| own[good]).sum()).collect();
        let residual_ppm = market.residual_ppm(&prices, &spending);
        if residual_ppm <= tolerance_ppm || iterations == iterations_max {
            let amount = |units: &u128| Amount::of_wide(units.cast_signed()).map_err(MarketError::from);
            let amounts = |units: &[u128]| units.iter().map(amount).collect::<Result<Vec<_>, _>>();
            let outcome = FisherOutcome {
                found: residual_ppm <= tolerance_ppm,
                prices: amounts(&prices)?,
                spending: spending.iter().map(|own| amounts(own)).collect::<Result<_, _>>()?,
                residual_ppm,
                iterations,
            };
            let money = Amount::sum(market.budgets.iter().copied());
            assert_eq!(Amount::sum(outcome.prices.iter().copied()), money, "money is conserved");
            return Ok(outcome);
        }
        for (buyer, own) in spending.iter_mut().enumerate() {
            let gained = market.gained(buyer, &prices, own);
            // A buyer that is tiny against every price gains nothing that can be counted, and stays as it is.
            if gained.iter().any(|&gain| gain > 0) {
                *own = apportion(&market.budgets[buyer].wide().unsigned_abs(), &gained);
            }
        }
        iterations += 1;
    }
}

impl FisherMarket {
    /// Returns the number of goods.
    fn check(&self) -> Result<usize, MarketError> {
        let (buyers, goods) = (self.budgets.len(), self.utilities.first().map_or(0, Vec::len));
        if buyers == 0 || self.utilities.len() != buyers {
            let accepted = "one or more buyers, each with a budget, are accepted";
            return Err(MarketError::Parameter { name: "utilities", accepted });
        }
        for (buyer, (&budget, utilities)) in self.budgets.iter().zip(&self.utilities).enumerate() {
            if utilities.len() != goods {
                return Err(MarketError::Goods { of: "a buyer's utility", found: utilities.len(), goods });
            }
            if budget <= Amount::ZERO || utilities.iter().all(|&utility| utility == 0) {
                return Err(MarketError::IdleBuyer { buyer });
            }
        }
        Amount::sum(self.budgets.iter().copied())?;
        Ok(goods)
    }

    /// Returns the utility that each good gives a buyer, with [`BITS`] fractional bits.
    fn gained(&self, buyer: usize, prices: &[u128], spending: &[u128]) -> Vec<u128> {
        let of = |good: usize| match prices[good] {
            0 => 0,
            price => ((u128::from(self.utilities[buyer][good]) * spending[good]) << BITS) / price,
        };
        (0..prices.len()).map(of).collect()
    }

    fn residual_ppm(&self, prices: &[u128], spending: &[Vec<u128>]) -> u64 {
        let of_buyer = |buyer: usize| {
            let utilities = &self.utilities[buyer];
            if (0..prices.len()).any(|good| prices[good] == 0 && utilities[good] > 0) {
                return 1_000_000;
            }
            let budget = vec![self.budgets[buyer].wide().unsigned_abs(); prices.len()];
            let best = *self.gained(buyer, prices, &budget).iter().max().expect("a good is valued");
            let own: u128 = self.gained(buyer, prices, &spending[buyer]).iter().sum();
            share_ppm(best.saturating_sub(own), best)
        };
        (0..spending.len()).map(of_buyer).max().expect("there is a buyer")
    }
}

/// Returns `part` of `whole` in parts per million, rounded up; all of it if `whole` is 0.
fn share_ppm(part: u128, whole: u128) -> u64 {
    // A large whole loses digits before the product, which rounds up too.
    let (part, whole) = if whole >= 1 << 100 { (part.div_ceil(1 << 28), whole >> 28) } else { (part, whole) };
    match whole {
        0 => 1_000_000,
        _ => u64::try_from((part * 1_000_000).div_ceil(whole)).map_or(1_000_000, |ppm| ppm.min(1_000_000)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn amounts(units: &[i64]) -> Vec<Amount> {
        units.iter().map(|&units| Amount::new(units).unwrap()).collect()
    }

    #[test]
    fn each_buys_what_gives_most_for_its_price() {
        let market =
            FisherMarket { budgets: amounts(&[1000, 1000]), utilities: vec![vec![2, 1], vec![1, 2]] };
        let outcome = proportional_response(&market, 501, 100).unwrap();
        assert!(outcome.found);
        assert_eq!(outcome.prices, amounts(&[1000, 1000]));
        // The last unit stays, since half a unit is rounded up.
        assert_eq!(outcome.spending, [amounts(&[999, 1]), amounts(&[1, 999])]);
        assert!(!proportional_response(&market, 499, 100).unwrap().found);
    }

    #[test]
    fn giving_up_is_told() {
        let market =
            FisherMarket { budgets: amounts(&[900_000, 100_000]), utilities: vec![vec![5, 4], vec![1, 9]] };
        let short = proportional_response(&market, 10, 1).unwrap();
        assert!(!short.found && short.residual_ppm > 10);
        let long = proportional_response(&market, 10, 1_000).unwrap();
        assert!(long.found, "{long:?}");
        // The first buyer buys both goods, so that prices are in proportion to its utilities.
        let ratio = (long.prices[0].wide() * 4 - long.prices[1].wide() * 5).abs();
        assert!(ratio < 1_000, "{:?}", long.prices);
    }

    #[test]
    fn a_good_that_nobody_wants_is_skipped() {
        let market = FisherMarket { budgets: amounts(&[10]), utilities: vec![vec![3, 0]] };
        let outcome = proportional_response(&market, 0, 10).unwrap();
        assert_eq!((outcome.found, outcome.prices), (true, amounts(&[10, 0])));
    }

    #[test]
    fn idle_buyers_and_odd_shapes_are_refused() {
        let run = |budgets: &[i64], utilities: Vec<Vec<u32>>| {
            proportional_response(&FisherMarket { budgets: amounts(budgets), utilities }, 0, 1)
        };
        assert_eq!(run(&[0], vec![vec![1]]), Err(MarketError::IdleBuyer { buyer: 0 }));
        assert_eq!(run(&[1, -1], vec![vec![1], vec![1]]), Err(MarketError::IdleBuyer { buyer: 1 }));
        assert_eq!(run(&[1], vec![vec![0]]), Err(MarketError::IdleBuyer { buyer: 0 }));
        assert_eq!(run(&[1 << 60, 1], vec![vec![1], vec![1]]), Err(MarketError::Overflow));
        assert!(matches!(run(&[1, 1], vec![vec![1], vec![1, 2]]), Err(MarketError::Goods { .. })));
        assert!(matches!(run(&[], vec![]), Err(MarketError::Parameter { .. })));
    }

    proptest! {
        #[test]
        fn money_is_conserved_to_the_unit(
            buyers in prop::collection::vec((1_i64..1 << 50, prop::collection::vec(any::<u32>(), 3)), 1..5),
            iterations in 0_u32..20
        ) {
            prop_assume!(buyers.iter().all(|(_, own)| own.iter().any(|&utility| utility > 0)));
            let (budgets, utilities): (Vec<_>, Vec<_>) = buyers.into_iter().unzip();
            let market = FisherMarket { budgets: amounts(&budgets), utilities };
            let outcome = proportional_response(&market, 0, iterations).unwrap();
            for (own, budget) in outcome.spending.iter().zip(&market.budgets) {
                prop_assert_eq!(Amount::sum(own.iter().copied()), Ok(*budget));
            }
        }
    }
}
