//! Prices of several goods, by tâtonnement.

use super::MarketError;
use crate::Amount;
use serde::{Deserialize, Serialize};

/// The largest divisor of a step; beyond it a step is one tick at any price.
const DIVISOR_MAX: i128 = 1 << 40;

/// How far a price moves in an iteration.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Step {
    /// By at most 1/(2σ) of itself, and at most a quarter, where σ bounds the elasticity of demand. Converges to a
    /// tolerance that the tick allows if the goods are gross substitutes.
    Elasticity {
        /// The bound σ, from 1 to 1,000,000.
        sigma: u32,
    },
    /// By at most a quarter of itself, which is halved for a good whenever its excess demand changes its sign.
    Halving,
}

/// A price discovery: what is for sale, where to start, and when to stop.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tatonnement {
    /// How many lots there are of each good, from 1 to 2⁶⁰.
    pub supplies: Vec<u64>,
    /// The first price of each good, in minor units, at least a tick.
    pub start: Vec<Amount>,
    /// The least change of a price, which also is the lowest price, in minor units.
    pub tick: Amount,
    /// How much of its supply a good may be in excess, in parts per million.
    pub tolerance_ppm: u64,
    /// How far prices move.
    pub step: Step,
    /// By how many lots rounding may falsify the demand for a good, such as one for each agent.
    pub rounding_lots: u64,
    /// After how many moves of the prices to give up.
    pub iterations_max: u32,
}

/// Prices, and how far they are from an equilibrium.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Prices {
    /// The price of each good, in minor units.
    pub prices: Vec<Amount>,
    /// Demand less supply of each good, in lots.
    pub excess: Vec<i128>,
    /// The largest share of a supply that is in excess, in parts per million, rounded up. Goods at the lowest price
    /// may be left over.
    pub residual_ppm: u64,
    /// How often the prices moved.
    pub iterations: u32,
    /// How often a step was halved.
    pub halvings: u32,
}

/// What a tâtonnement ends with.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Discovery {
    /// Prices at which the residual is within the tolerance.
    Found(Prices),
    /// The last prices when it gave up. They are no equilibrium.
    NotFound(Prices),
}

/// Searches prices at which no good is in excess demand, and none in excess supply but those at the lowest price.
///
/// Each iteration moves every price by a share of itself that is proportional to z/s, its excess demand by its
/// supply, cut to ±1, and by one tick at least. `excess` returns demand less supply of each good, in lots, at given
/// prices. It converges for gross substitutes and a step small enough, and may cycle for ever otherwise, as in
/// Scarf's economy.
///
/// # Errors
/// If a parameter is out of range, `excess` fails or returns another number of goods, Walras' law does not hold within
/// rounding, or a price is beyond 2⁶⁰.
///
/// Source: Cole and Fleischer, Fast-converging tatonnement algorithms for one-time and ongoing market problems, STOC
/// 2008; Scarf, Some examples of global instability of the competitive equilibrium, International Economic Review 1
/// (1960).
pub fn tatonnement(
    market: &Tatonnement,
    mut excess: impl FnMut(&[Amount]) -> Result<Vec<i128>, MarketError>,
) -> Result<Discovery, MarketError> {
    market.check()?;
    let mut divisors = vec![market.divisor(); market.supplies.len()];
    let mut state = Prices {
        prices: market.start.clone(),
        excess: vec![0; market.supplies.len()],
        residual_ppm: 0,
        iterations: 0,
        halvings: 0,
    };
    loop {
        let found = excess(&state.prices)?;
        market.check_excess(&state.prices, &found)?;
        let before = std::mem::replace(&mut state.excess, found);
        state.residual_ppm = market.residual_ppm(&state);
        if state.residual_ppm <= market.tolerance_ppm {
            return Ok(Discovery::Found(state));
        }
        if state.iterations == market.iterations_max {
            return Ok(Discovery::NotFound(state));
        }
        if market.step == Step::Halving {
            for (good, divisor) in divisors.iter_mut().enumerate() {
                if before[good].signum() * state.excess[good].signum() < 0 && *divisor < DIVISOR_MAX {
                    *divisor *= 2;
                    state.halvings += 1;
                }
            }
        }
        for (good, price) in state.prices.iter_mut().enumerate() {
            *price = market.moved(*price, good, state.excess[good], divisors[good])?;
        }
        state.iterations += 1;
    }
}

impl Tatonnement {
    fn check(&self) -> Result<(), MarketError> {
        let wrong = |name, accepted| Err(MarketError::Parameter { name, accepted });
        let goods = self.supplies.len();
        if self.start.len() != goods {
            return Err(MarketError::Goods { of: "start", found: self.start.len(), goods });
        }
        if goods == 0 || self.supplies.iter().any(|&supply| supply == 0 || supply > 1 << 60) {
            return wrong("supplies", "1 to 2^60 lots of one or more goods are accepted");
        }
        if self.tick <= Amount::ZERO {
            return wrong("tick", "1 minor unit and more are accepted");
        }
        if self.start.iter().any(|&price| price < self.tick) {
            return wrong("start", "prices of a tick and more are accepted");
        }
        if matches!(self.step, Step::Elasticity { sigma } if sigma == 0 || sigma > 1_000_000) {
            return wrong("sigma", "1 to 1,000,000 are accepted");
        }
        if self.tolerance_ppm >= 1_000_000 {
            return wrong("tolerance_ppm", "less than 1,000,000 is accepted");
        }
        Ok(())
    }

    /// Returns one over the largest share of itself by which a price moves at first.
    fn divisor(&self) -> i128 {
        match self.step {
            Step::Elasticity { sigma } => i128::from(sigma).saturating_mul(2).max(4),
            Step::Halving => 4,
        }
    }

    /// Checks the demand by Walras' law: at any prices, all that is spent is all that is owned. That it holds says
    /// nothing of an equilibrium.
    fn check_excess(&self, prices: &[Amount], excess: &[i128]) -> Result<(), MarketError> {
        let goods = prices.len();
        if excess.len() != goods {
            return Err(MarketError::Goods { of: "excess demand", found: excess.len(), goods });
        }
        let (mut value, mut rounding) = (0_i128, 0_i128);
        for (price, lots) in prices.iter().zip(excess) {
            let worth = price.wide().checked_mul(*lots).ok_or(MarketError::Overflow)?;
            value = value.checked_add(worth).ok_or(MarketError::Overflow)?;
            let slack =
                price.wide().checked_mul(i128::from(self.rounding_lots)).ok_or(MarketError::Overflow)?;
            rounding = rounding.checked_add(slack).ok_or(MarketError::Overflow)?;
        }
        if value.abs() > rounding {
            return Err(MarketError::BrokenWalras { value });
        }
        Ok(())
    }

    fn residual_ppm(&self, state: &Prices) -> u64 {
        let of_good = |good: usize| {
            let excess = state.excess[good];
            let free = excess < 0 && state.prices[good] <= self.tick;
            let parts = if free { 0 } else { excess.unsigned_abs().saturating_mul(1_000_000) };
            u64::try_from(parts.div_ceil(u128::from(self.supplies[good]))).unwrap_or(u64::MAX)
        };
        (0..state.excess.len()).map(of_good).max().expect("there is a good")
    }

    fn moved(&self, price: Amount, good: usize, excess: i128, divisor: i128) -> Result<Amount, MarketError> {
        let supply = i128::from(self.supplies[good]);
        let share = price.wide() * excess.clamp(-supply, supply) / (supply * divisor);
        let ticks = share / self.tick.wide();
        let ticks = if ticks == 0 { excess.signum() } else { ticks };
        Ok(Amount::of_wide((price.wide() + ticks * self.tick.wide()).max(self.tick.wide()))?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use num_bigint::BigInt;

    fn amounts(units: &[i64]) -> Vec<Amount> {
        units.iter().map(|&units| Amount::new(units).unwrap()).collect()
    }

    fn market(goods: usize, step: Step) -> Tatonnement {
        Tatonnement {
            supplies: vec![1_000_000; goods],
            start: (1..=goods).map(|good| Amount::new(500_000 * good as i64).unwrap()).collect(),
            tick: Amount::new(1).unwrap(),
            tolerance_ppm: 100,
            step,
            rounding_lots: 10,
            iterations_max: 5_000,
        }
    }

    /// Agent i owns all of good i and spends the share `shares[i][j]`, in percent, on good j (Cobb and Douglas).
    fn cobb_douglas(shares: &[[i128; 3]; 3], prices: &[Amount]) -> Vec<i128> {
        let demand = |good: usize| -> i128 {
            let of = |agent: usize| prices[agent].wide() * 1_000_000 * shares[agent][good] / 100;
            (0..3).map(|agent| of(agent) / prices[good].wide()).sum()
        };
        (0..3).map(|good| demand(good) - 1_000_000).collect()
    }

    /// Scarf's economy: agent i owns all of good i and wants as much of good i + 1 as of good i.
    fn scarf(prices: &[Amount]) -> Vec<i128> {
        let each = |agent: usize| {
            prices[agent].wide() * 1_000_000 / (prices[agent].wide() + prices[(agent + 1) % 3].wide())
        };
        (0..3).map(|good| each(good) + each((good + 2) % 3) - 1_000_000).collect()
    }

    #[test]
    fn substitutes_find_the_equilibrium() {
        // The prices satisfy p = p·shares, so they are in proportion 3 : 4 : 5.
        let shares = [[0, 60, 40], [50, 0, 50], [20, 44, 36]];
        for step in [Step::Elasticity { sigma: 1 }, Step::Halving] {
            let found = tatonnement(&market(3, step), |prices| Ok(cobb_douglas(&shares, prices))).unwrap();
            let Discovery::Found(found) = found else { panic!("{found:?}") };
            assert!(found.residual_ppm <= 100);
            let p: Vec<i128> = found.prices.iter().map(|price| price.wide()).collect();
            let spent = |good: usize| -> i128 { (0..3).map(|agent| p[agent] * shares[agent][good]).sum() };
            for good in 0..3 {
                assert!((spent(good) - 100 * p[good]).abs() <= p[good] / 50, "{p:?}");
            }
        }
    }

    #[test]
    fn scarfs_economy_is_not_found_although_walras_law_holds() {
        let found =
            tatonnement(&market(3, Step::Elasticity { sigma: 2 }), |prices| Ok(scarf(prices))).unwrap();
        let Discovery::NotFound(last) = found else { panic!("{found:?}") };
        assert_eq!(last.iterations, 5_000);
        assert!(last.residual_ppm > 100_000, "{last:?}");
    }

    /// Two agents own a good each, and value both alike with the constant elasticity of substitution σ.
    fn constant_elasticity(sigma: u32, prices: &[Amount]) -> Vec<i128> {
        let [p, q] = [prices[0], prices[1]].map(|price| BigInt::from(price.units()));
        let (p_power, q_power) = (p.pow(sigma - 1), q.pow(sigma - 1));
        let wealth = (&p + &q) * 1_000_000;
        let sum = &p_power + &q_power;
        let demand = [&wealth * q_power / (&sum * p), wealth * p_power / (sum * q)];
        demand.map(|lots| i128::try_from(lots).unwrap() - 1_000_000).into()
    }

    #[test]
    fn close_substitutes_need_a_small_step() {
        for (bound, found) in [(1, false), (20, true)] {
            let market = market(2, Step::Elasticity { sigma: bound });
            let result = tatonnement(&market, |prices| Ok(constant_elasticity(20, prices))).unwrap();
            assert_eq!(matches!(result, Discovery::Found(_)), found, "{result:?}");
        }
        let halving =
            tatonnement(&market(2, Step::Halving), |prices| Ok(constant_elasticity(20, prices))).unwrap();
        assert!(matches!(halving, Discovery::Found(Prices { halvings: 1.., .. })), "{halving:?}");
    }

    #[test]
    fn demand_that_overspends_is_refused() {
        let overspend = |prices: &[Amount]| Ok(scarf(prices).iter().map(|excess| excess + 20).collect());
        let refused = tatonnement(&market(3, Step::Halving), overspend);
        assert!(matches!(refused, Err(MarketError::BrokenWalras { value }) if value > 0), "{refused:?}");
    }

    #[test]
    fn a_good_that_nobody_wants_ends_at_the_lowest_price() {
        // All spend all on good 0, and only its owner has anything.
        let mut market = market(2, Step::Halving);
        market.rounding_lots = 1_000_000;
        let found = tatonnement(&market, |_| Ok(vec![0, -1_000_000])).unwrap();
        let Discovery::Found(found) = found else { panic!("{found:?}") };
        assert_eq!(found.prices[1], market.tick);
    }

    #[test]
    fn small_prices_move_by_a_tick() {
        let mut market = market(2, Step::Halving);
        market.start = amounts(&[1, 2]);
        market.iterations_max = 1;
        market.rounding_lots = 1_000;
        let Ok(Discovery::NotFound(last)) = tatonnement(&market, |_| Ok(vec![2_000, -1_000])) else {
            panic!()
        };
        assert_eq!(last.prices, amounts(&[2, 1]));
        assert_eq!(last.residual_ppm, 2_000);
    }

    #[test]
    fn parameters_out_of_range_are_refused() {
        let refused = |change: &dyn Fn(&mut Tatonnement)| {
            let mut market = market(2, Step::Halving);
            change(&mut market);
            tatonnement(&market, |_| Ok(vec![0, 0])).expect_err("it is out of range")
        };
        let named = |error| matches!(error, MarketError::Parameter { .. });
        assert!(named(refused(&|market| market.tick = Amount::ZERO)));
        assert!(named(refused(&|market| market.supplies[1] = 0)));
        assert!(named(refused(&|market| market.start[0] = Amount::ZERO)));
        assert!(named(refused(&|market| market.step = Step::Elasticity { sigma: 0 })));
        assert!(named(refused(&|market| market.tolerance_ppm = 1_000_000)));
        assert!(matches!(refused(&|market| market.start.truncate(1)), MarketError::Goods { .. }));
        let other = tatonnement(&market(2, Step::Halving), |_| Ok(vec![0]));
        assert_eq!(other, Err(MarketError::Goods { of: "excess demand", found: 1, goods: 2 }));
    }
}
