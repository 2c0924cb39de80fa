//! A call market: all orders at once, one price.

use super::bisection::Excess;
use super::order::{lots, sides, worth};
use super::{Fill, MarketError, Order, Side};
use crate::Amount;
use crate::apportion::apportion;
use serde::{Deserialize, Serialize};

/// What a call market ends with.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Clearing {
    /// The price of every lot, in minor units.
    pub price: Amount,
    /// The lowest price at which the same volume clears.
    pub price_low: Amount,
    /// The highest price at which the same volume clears.
    pub price_high: Amount,
    /// How many lots change hands, the most that any price allows; at least one.
    pub volume: u64,
    /// The orders that trade, by id. Their transfers sum to zero, their lots bought equal their lots sold.
    pub fills: Vec<Fill>,
    /// What buyers would have paid more, in minor units.
    pub buyers_surplus: Amount,
    /// What sellers would have taken less, in minor units.
    pub sellers_surplus: Amount,
}

/// Clears `orders` at a uniform price.
///
/// A price clears if supply meets demand at it, where orders at the very price may trade or not. The volume is the
/// most that any price allows. The price is `low + k·(high − low)`, rounded down, in the interval of prices that
/// clear this volume; `k_ppm` is k in parts per million. At the margin the long side is rationed pro rata, by largest
/// remainder, ties to the lowest id. The result is `None` if no bid reaches an ask: then there is no price.
///
/// # Errors
/// If an order is out of range, two have one id, k is beyond one, or a sum of lots or money is beyond 2⁶⁰.
///
/// ```
/// use synod_economics::Amount;
/// use synod_economics::clearing::{Order, Side, clear};
///
/// let order = |id, side, price, quantity| Order { id, side, price, quantity };
/// let orders = [
///     order(1, Side::Ask, Amount::new(10)?, 5),
///     order(2, Side::Bid, Amount::new(16)?, 3),
///     order(3, Side::Bid, Amount::new(9)?, 3),
/// ];
/// let clearing = clear(&orders, 500_000).expect("the orders are in range").expect("they cross");
/// assert_eq!((clearing.price_low.units(), clearing.price_high.units()), (10, 10));
/// assert_eq!(clearing.volume, 3);
/// # Ok::<(), synod_economics::Overflow>(())
/// ```
///
/// Source: k-double auctions by Chatterjee and Samuelson, Operations Research 31 (1983), and Satterthwaite and
/// Williams, Review of Economic Studies 56 (1989).
pub fn clear(orders: &[Order], k_ppm: u64) -> Result<Option<Clearing>, MarketError> {
    if k_ppm > 1_000_000 {
        return Err(MarketError::KBeyondOne { k_ppm });
    }
    let (bids, asks) = sides(orders)?;
    let Some(crossing) = Crossing::of(&bids, &asks) else { return Ok(None) };
    let Crossing { volume, low, high } = crossing;
    let price = Amount::of_wide(low.wide() + (high.wide() - low.wide()) * i128::from(k_ppm) / 1_000_000)?;
    let (bought, sold) = (ration(&bids, price, volume), ration(&asks, price, volume));
    let mut fills = Vec::new();
    let (mut buyers, mut sellers) = (Vec::new(), Vec::new());
    for (order, quantity) in bids.iter().zip(bought).chain(asks.iter().zip(sold)) {
        if quantity == 0 {
            continue;
        }
        let paid = worth(price, quantity)?;
        let limit = worth(order.price, quantity)?;
        let transfer = match order.side {
            Side::Bid => {
                buyers.push(limit.minus(paid)?);
                Amount::ZERO.minus(paid)?
            }
            Side::Ask => {
                sellers.push(paid.minus(limit)?);
                paid
            }
        };
        fills.push(Fill { id: order.id, side: order.side, quantity, transfer });
    }
    fills.sort_by_key(|fill| fill.id);
    assert_eq!(Amount::sum(fills.iter().map(|fill| fill.transfer)), Ok(Amount::ZERO), "money is conserved");
    let clearing = Clearing {
        price,
        price_low: low,
        price_high: high,
        volume,
        fills,
        buyers_surplus: Amount::sum(buyers)?,
        sellers_surplus: Amount::sum(sellers)?,
    };
    Ok(Some(clearing))
}

/// Returns the excess demand of `orders` at `price`, in lots: from where no bid at the very price trades and each ask
/// does, to the reverse. The price clears if the interval holds 0.
///
/// # Errors
/// If an order is out of range, two have one id, or a side has more than 2⁶⁰ lots.
pub fn excess(orders: &[Order], price: Amount) -> Result<Excess, MarketError> {
    let (bids, asks) = sides(orders)?;
    let sum = |side: &[Order], counts: &dyn Fn(Amount) -> bool| -> i128 {
        side.iter().filter(|order| counts(order.price)).map(|order| i128::from(order.quantity)).sum()
    };
    Ok(Excess {
        low: sum(&bids, &|limit| limit > price) - sum(&asks, &|limit| limit <= price),
        high: sum(&bids, &|limit| limit >= price) - sum(&asks, &|limit| limit < price),
    })
}

/// Where demand and supply cross.
struct Crossing {
    volume: u64,
    low: Amount,
    high: Amount,
}

impl Crossing {
    /// Matches lots, the best with the best, as long as the bid reaches the ask. The ends of the interval are the
    /// last lots that trade and the first that do not.
    fn of(bids: &[Order], asks: &[Order]) -> Option<Crossing> {
        let (mut bid, mut ask) = (0, 0);
        let (mut bid_left, mut ask_left) = (bids.first()?.quantity, asks.first()?.quantity);
        let mut volume = 0;
        let mut last = None;
        while let (Some(buyer), Some(seller)) = (bids.get(bid), asks.get(ask)) {
            if buyer.price < seller.price {
                break;
            }
            let lots = bid_left.min(ask_left);
            volume += lots;
            last = Some((buyer.price, seller.price));
            bid_left -= lots;
            ask_left -= lots;
            if bid_left == 0 {
                bid += 1;
                bid_left = bids.get(bid).map_or(0, |order| order.quantity);
            }
            if ask_left == 0 {
                ask += 1;
                ask_left = asks.get(ask).map_or(0, |order| order.quantity);
            }
        }
        let (last_bid, last_ask) = last?;
        let low = bids.get(bid).map_or(last_ask, |rejected| rejected.price.max(last_ask));
        let high = asks.get(ask).map_or(last_bid, |rejected| rejected.price.min(last_bid));
        assert!(low <= high, "a price clears the volume");
        Some(Crossing { volume, low, high })
    }
}

/// Returns how many lots of each order of one side trade: all that are better than the price, and a share of those at
/// it.
fn ration(side: &[Order], price: Amount, volume: u64) -> Vec<u64> {
    let better = |order: &Order| match order.side {
        Side::Bid => order.price > price,
        Side::Ask => order.price < price,
    };
    let inner = side.partition_point(better);
    let margin = side[inner..].partition_point(|order| order.price == price);
    let left = u128::from(volume).checked_sub(lots(&side[..inner])).expect("better orders trade in full");
    let mut filled: Vec<u64> = side[..inner].iter().map(|order| order.quantity).collect();
    if left > 0 {
        let weights: Vec<u128> =
            side[inner..inner + margin].iter().map(|order| u128::from(order.quantity)).collect();
        let shares = apportion(&left, &weights);
        filled.extend(shares.iter().map(|&share| u64::try_from(share).expect("no share exceeds its order")));
    }
    assert!(filled.iter().zip(side).all(|(&lots, order)| lots <= order.quantity), "no order is overfilled");
    filled.resize(side.len(), 0);
    filled
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn order(id: u64, side: Side, price: i64, quantity: u64) -> Order {
        Order { id, side, price: Amount::new(price).unwrap(), quantity }
    }

    fn amount(units: i64) -> Amount {
        Amount::new(units).unwrap()
    }

    /// The market of the documents, in cents: 100 CPU lots at 1.0 for 80 at 2.0, 200 memory lots at 0.5 for 150 at 1.0.
    fn documented() -> Vec<Order> {
        vec![
            order(1, Side::Ask, 100, 100),
            order(2, Side::Ask, 50, 200),
            order(3, Side::Bid, 200, 80),
            order(4, Side::Bid, 100, 150),
        ]
    }

    #[test]
    fn one_commodity_clears_230_lots_at_one() {
        let clearing = clear(&documented(), 500_000).unwrap().unwrap();
        assert_eq!(
            (clearing.price, clearing.price_low, clearing.price_high),
            (amount(100), amount(100), amount(100))
        );
        assert_eq!(clearing.volume, 230);
        assert_eq!((clearing.buyers_surplus, clearing.sellers_surplus), (amount(8_000), amount(10_000)));
        let lots: Vec<_> = clearing.fills.iter().map(|fill| (fill.id, fill.quantity)).collect();
        assert_eq!(lots, [(1, 30), (2, 200), (3, 80), (4, 150)]);
    }

    #[test]
    fn two_commodities_clear_apart() {
        let orders = documented();
        let cpu = clear(&[orders[0], orders[2]], 0).unwrap().unwrap();
        let memory = clear(&[orders[1], orders[3]], 0).unwrap().unwrap();
        assert_eq!((cpu.price, cpu.volume), (amount(100), 80));
        assert_eq!((memory.price, memory.volume), (amount(50), 150));
    }

    #[test]
    fn without_a_cross_there_is_no_price() {
        assert_eq!(clear(&[], 0), Ok(None));
        assert_eq!(clear(&[order(1, Side::Bid, 9, 5)], 0), Ok(None));
        assert_eq!(clear(&[order(1, Side::Bid, 9, 5), order(2, Side::Ask, 10, 5)], 0), Ok(None));
    }

    #[test]
    fn k_moves_the_price_through_the_interval_and_rounds_down() {
        let orders = [order(1, Side::Bid, 15, 1), order(2, Side::Ask, 10, 1)];
        let price = |k| clear(&orders, k).unwrap().unwrap().price;
        assert_eq!([price(0), price(500_000), price(1_000_000)], [amount(10), amount(12), amount(15)]);
        assert_eq!(clear(&orders, 1_000_001), Err(MarketError::KBeyondOne { k_ppm: 1_000_001 }));
    }

    #[test]
    fn the_long_side_is_rationed_at_the_margin_only() {
        let mut orders = vec![order(9, Side::Ask, 1, 10), order(4, Side::Bid, 8, 3)];
        orders.extend([3, 2, 1].map(|id| order(id, Side::Bid, 5, 5)));
        let clearing = clear(&orders, 1_000_000).unwrap().unwrap();
        assert_eq!(clearing.price, amount(5));
        let lots: Vec<_> = clearing.fills.iter().map(|fill| (fill.id, fill.quantity)).collect();
        assert_eq!(lots, [(1, 3), (2, 2), (3, 2), (4, 3), (9, 10)], "the odd lot goes to the lowest id");
    }

    #[test]
    fn orders_out_of_range_are_refused() {
        assert_eq!(clear(&[order(1, Side::Bid, -1, 5)], 0), Err(MarketError::NegativePrice { id: 1 }));
        assert_eq!(clear(&[order(1, Side::Bid, 1, 0)], 0), Err(MarketError::Quantity { id: 1, quantity: 0 }));
        let twice = [order(1, Side::Bid, 1, 1), order(1, Side::Ask, 1, 1)];
        assert_eq!(clear(&twice, 0), Err(MarketError::SameId { id: 1 }));
        assert_eq!(clear(&[order(1, Side::Bid, 1 << 40, 1 << 40)], 0), Err(MarketError::Overflow));
        let many = [order(1, Side::Bid, 0, 1 << 60), order(2, Side::Bid, 0, 1)];
        assert_eq!(clear(&many, 0), Err(MarketError::Overflow));
    }

    fn any_orders() -> impl Strategy<Value = Vec<Order>> {
        let one = (any::<bool>(), 0_i64..12, 1_u64..6);
        prop::collection::vec(one, 0..10).prop_map(|all| {
            let side = |bid| if bid { Side::Bid } else { Side::Ask };
            (0..).zip(all).map(|(id, (bid, price, quantity))| order(id, side(bid), price, quantity)).collect()
        })
    }

    proptest! {
        #[test]
        fn the_interval_and_the_volume_are_those_of_all_prices(orders in any_orders(), k_ppm in 0_u64..=1_000_000) {
            let volume = |price: i64| {
                let sum = |side, holds: &dyn Fn(i64) -> bool| -> u64 {
                    let counts = |order: &&Order| order.side == side && holds(order.price.units());
                    orders.iter().filter(counts).map(|order| order.quantity).sum()
                };
                let (demand, supply) = (sum(Side::Bid, &|own| own >= price), sum(Side::Ask, &|own| own <= price));
                demand.min(supply)
            };
            let clears = |price: i64| {
                let Excess { low, high } = excess(&orders, amount(price)).unwrap();
                low <= 0 && 0 <= high
            };
            let most = (0..12).map(volume).max().unwrap();
            let Some(clearing) = clear(&orders, k_ppm).unwrap() else {
                prop_assert_eq!(most, 0);
                return Ok(());
            };
            prop_assert_eq!(clearing.volume, most);
            let prices: Vec<i64> = (0..12).filter(|&price| clears(price) && volume(price) == most).collect();
            prop_assert_eq!(clearing.price_low.units(), prices[0]);
            prop_assert_eq!(clearing.price_high.units(), *prices.last().unwrap());
            prop_assert!(clearing.price_low <= clearing.price && clearing.price <= clearing.price_high);
            let lots = |side| -> u64 {
                clearing.fills.iter().filter(|fill| fill.side == side).map(|fill| fill.quantity).sum()
            };
            prop_assert_eq!((lots(Side::Bid), lots(Side::Ask)), (most, most));
            for fill in &clearing.fills {
                let order = orders.iter().find(|order| order.id == fill.id).unwrap();
                let within = match order.side {
                    Side::Bid => clearing.price <= order.price,
                    Side::Ask => clearing.price >= order.price,
                };
                prop_assert!(within && fill.quantity <= order.quantity, "no one trades beyond their limit");
            }
        }
    }
}
