//! The price of one good, by bisection.

use super::MarketError;
use crate::Amount;
use serde::{Deserialize, Serialize};

/// Demand less supply at one price, in lots: an interval, since those whom the price leaves indifferent may trade or
/// not.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Excess {
    /// The least.
    pub low: i128,
    /// The most.
    pub high: i128,
}

impl Excess {
    /// Whether supply can meet demand.
    pub fn clears(self) -> bool {
        self.low <= 0 && 0 <= self.high
    }
}

impl From<i128> for Excess {
    fn from(excess: i128) -> Excess {
        Excess { low: excess, high: excess }
    }
}

/// What a bisection ends with.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Bisection {
    /// A price clears the market.
    Cleared {
        /// That price.
        price: Amount,
        /// How often the range was halved.
        steps: u32,
    },
    /// Demand exceeds supply at one tick, and supply exceeds demand at the next: no price on the grid clears.
    Between {
        /// The higher price of those that are too low.
        below: Amount,
        /// The excess demand there.
        excess_below: Excess,
        /// The lower price of those that are too high, one tick on.
        above: Amount,
        /// The excess demand there.
        excess_above: Excess,
        /// How often the range was halved.
        steps: u32,
    },
    /// Every price of the range is too low, or every one too high.
    NotFound {
        /// The end of the range that is nearest to clearing.
        price: Amount,
        /// The excess demand there.
        excess: Excess,
    },
}

/// Finds a price that clears the market of one good among `low`, `low + tick`, … up to `high`, in minor units.
///
/// `excess` must not rise with the price. It is asked at both ends and then at most ⌈log₂((high − low)/tick)⌉ times.
///
/// # Errors
/// If the tick is not positive, the range is empty, `excess` fails, or it is seen to rise.
pub fn bisect(
    low: Amount,
    high: Amount,
    tick: Amount,
    mut excess: impl FnMut(Amount) -> Result<Excess, MarketError>,
) -> Result<Bisection, MarketError> {
    if tick <= Amount::ZERO {
        return Err(MarketError::Parameter { name: "tick", accepted: "1 minor unit and more are accepted" });
    }
    let ticks = (high.wide() - low.wide()).div_euclid(tick.wide());
    if ticks < 0 {
        return Err(MarketError::Parameter { name: "high", accepted: "prices from `low` on are accepted" });
    }
    let price = |ticks: i128| Amount::of_wide(low.wide() + ticks * tick.wide());
    let (mut below, mut excess_below) = (0, excess(price(0)?)?);
    if excess_below.clears() {
        return Ok(Bisection::Cleared { price: price(below)?, steps: 0 });
    }
    if excess_below.high < 0 {
        return Ok(Bisection::NotFound { price: price(below)?, excess: excess_below });
    }
    let (mut above, mut excess_above) = (ticks, excess(price(ticks)?)?);
    if excess_above.clears() {
        return Ok(Bisection::Cleared { price: price(above)?, steps: 0 });
    }
    if excess_above.low > 0 {
        return Ok(Bisection::NotFound { price: price(above)?, excess: excess_above });
    }
    let mut steps = 0;
    while above - below > 1 {
        steps += 1;
        let middle = (below + above) / 2;
        let found = excess(price(middle)?)?;
        if found.low > found.high || found.high > excess_below.low || found.low < excess_above.high {
            return Err(MarketError::NotMonotone);
        }
        if found.clears() {
            return Ok(Bisection::Cleared { price: price(middle)?, steps });
        }
        if found.low > 0 {
            (below, excess_below) = (middle, found);
        } else {
            (above, excess_above) = (middle, found);
        }
    }
    let (below, above) = (price(below)?, price(above)?);
    Ok(Bisection::Between { below, excess_below, above, excess_above, steps })
}

#[cfg(test)]
mod tests {
    use super::super::{Order, Side, clear, excess};
    use super::*;
    use proptest::prelude::*;

    fn amount(units: i64) -> Amount {
        Amount::new(units).unwrap()
    }

    fn linear(price: Amount) -> Result<Excess, MarketError> {
        Ok((100 - 3 * price.wide()).into())
    }

    #[test]
    fn a_price_is_found_between_or_not_at_all() {
        let found = bisect(amount(0), amount(1000), amount(1), |price| Ok((500 - price.wide()).into()));
        assert_eq!(found, Ok(Bisection::Cleared { price: amount(500), steps: 1 }));
        let Ok(Bisection::Between { below, above, steps, .. }) =
            bisect(amount(0), amount(64), amount(1), linear)
        else {
            panic!("100 is no multiple of 3")
        };
        assert_eq!((below, above), (amount(33), amount(34)));
        assert!(steps <= 6);
        let high = bisect(amount(40), amount(64), amount(1), linear);
        assert_eq!(high, Ok(Bisection::NotFound { price: amount(40), excess: (-20).into() }));
        let low = bisect(amount(0), amount(10), amount(1), linear);
        assert_eq!(low, Ok(Bisection::NotFound { price: amount(10), excess: 70.into() }));
    }

    #[test]
    fn bad_ranges_and_rising_demand_are_refused() {
        let tick = MarketError::Parameter { name: "tick", accepted: "1 minor unit and more are accepted" };
        assert_eq!(bisect(amount(0), amount(9), amount(0), linear), Err(tick));
        assert!(bisect(amount(9), amount(0), amount(1), linear).is_err());
        let rising = |price: Amount| Ok((if price.units() == 5 { 1000 } else { 5 - price.wide() }).into());
        assert_eq!(bisect(amount(0), amount(10), amount(1), rising), Err(MarketError::NotMonotone));
    }

    proptest! {
        #[test]
        fn a_call_market_clears_at_the_price_that_bisection_finds(
            all in prop::collection::vec((any::<bool>(), 0_i64..30, 1_u64..6), 0..10)
        ) {
            let side = |bid| if bid { Side::Bid } else { Side::Ask };
            let orders: Vec<Order> = (0..)
                .zip(all)
                .map(|(id, (bid, price, quantity))| Order { id, side: side(bid), price: amount(price), quantity })
                .collect();
            let found = bisect(amount(0), amount(31), amount(1), |price| excess(&orders, price)).unwrap();
            let Bisection::Cleared { price, .. } = found else { panic!("some price always clears: {found:?}") };
            prop_assert!(excess(&orders, price).unwrap().clears());
            if let Some(clearing) = clear(&orders, 0).unwrap() {
                prop_assert!(clearing.price_low <= price && price <= clearing.price_high);
            }
        }
    }
}
