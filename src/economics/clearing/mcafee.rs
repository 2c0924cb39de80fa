//! McAfee's double auction: honest bids are a dominant strategy.

use super::order::sides;
use super::{Fill, MarketError, Order};
use crate::Amount;
use serde::{Deserialize, Serialize};

/// What a double auction ends with.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct McAfee {
    /// How many trades would be efficient.
    pub trades_efficient: usize,
    /// How many trades are made: as many, or one less.
    pub trades: usize,
    /// What each buyer pays and each seller gets, in minor units; `None` if nothing trades.
    pub prices: Option<(Amount, Amount)>,
    /// The orders that trade, by id. Their transfers and the market's surplus sum to zero.
    pub fills: Vec<Fill>,
    /// What the market keeps, in minor units; never negative.
    pub market_surplus: Amount,
}

/// Clears orders for one lot each by McAfee's rule.
///
/// Bids fall and asks rise, ties by id; k is the last pair whose bid reaches its ask. If both sides have an order k +
/// 1 and the midpoint of these two lies within pair k, all k pairs trade at that midpoint, rounded down to a minor
/// unit. Else k − 1 pairs trade, buyers pay the bid k, sellers get the ask k, and the market keeps the difference.
/// Bidding one's value is a dominant strategy, nobody loses, and at most the least valuable trade is lost.
///
/// # Errors
/// If an order is out of range or for more than one lot, two have one id, or money is beyond 2⁶⁰.
///
/// Source: McAfee, A dominant strategy double auction, Journal of Economic Theory 56 (1992).
pub fn mcafee(orders: &[Order]) -> Result<McAfee, MarketError> {
    if let Some(order) = orders.iter().find(|order| order.quantity > 1) {
        return Err(MarketError::NotUnitDemand { id: order.id, quantity: order.quantity });
    }
    let (bids, asks) = sides(orders)?;
    let trades_efficient = bids.iter().zip(&asks).take_while(|(bid, ask)| bid.price >= ask.price).count();
    let Some(last) = trades_efficient.checked_sub(1) else {
        return Ok(McAfee {
            trades_efficient,
            trades: 0,
            prices: None,
            fills: Vec::new(),
            market_surplus: Amount::ZERO,
        });
    };
    let (bid, ask) = (bids[last].price, asks[last].price);
    let midpoint =
        bids.get(trades_efficient).zip(asks.get(trades_efficient)).and_then(|(bid_next, ask_next)| {
            let double = bid_next.price.wide() + ask_next.price.wide();
            (2 * ask.wide() <= double && double <= 2 * bid.wide()).then_some(double.div_euclid(2))
        });
    let (trades, buyers_pay, sellers_get) = match midpoint {
        Some(price) => {
            let price = Amount::of_wide(price)?;
            (trades_efficient, price, price)
        }
        None => (last, bid, ask),
    };
    let fill = |order: &Order, transfer| Fill { id: order.id, side: order.side, quantity: 1, transfer };
    let paid = Amount::ZERO.minus(buyers_pay)?;
    let mut fills: Vec<Fill> = bids[..trades].iter().map(|bid| fill(bid, paid)).collect();
    fills.extend(asks[..trades].iter().map(|ask| fill(ask, sellers_get)));
    fills.sort_by_key(|fill| fill.id);
    let count = i64::try_from(trades).expect("orders can be counted");
    let market_surplus = buyers_pay.minus(sellers_get)?.times(count)?;
    let moved = Amount::sum(fills.iter().map(|fill| fill.transfer).chain([market_surplus]));
    assert_eq!(moved, Ok(Amount::ZERO), "money is conserved");
    assert!(market_surplus >= Amount::ZERO, "the market never pays");
    let prices = (trades > 0).then_some((buyers_pay, sellers_get));
    Ok(McAfee { trades_efficient, trades, prices, fills, market_surplus })
}

#[cfg(test)]
mod tests {
    use super::super::Side;
    use super::*;

    fn amount(units: i64) -> Amount {
        Amount::new(units).unwrap()
    }

    fn orders(bids: &[i64], asks: &[i64]) -> Vec<Order> {
        let order = |id, side, price| Order { id, side, price: amount(price), quantity: 1 };
        let bids = (0..).zip(bids).map(|(id, &price)| order(id, Side::Bid, price));
        let asks = (100..).zip(asks).map(|(id, &price)| order(id, Side::Ask, price));
        bids.chain(asks).collect()
    }

    #[test]
    fn the_next_pair_prices_all_trades_if_its_midpoint_fits() {
        let outcome = mcafee(&orders(&[9, 8, 4], &[2, 3, 6])).unwrap();
        assert_eq!((outcome.trades, outcome.prices), (2, Some((amount(5), amount(5)))));
        assert_eq!(outcome.market_surplus, Amount::ZERO);
    }

    #[test]
    fn else_the_last_pair_prices_the_others_and_the_market_keeps_the_difference() {
        let outcome = mcafee(&orders(&[9, 8, 4], &[2, 3])).unwrap();
        assert_eq!((outcome.trades_efficient, outcome.trades), (2, 1), "one side has no next order");
        assert_eq!(outcome.prices, Some((amount(8), amount(3))));
        assert_eq!(outcome.market_surplus, amount(5));
        // The midpoint 5.5 is above the bid of 5, although it would be 5 rounded down.
        let outcome = mcafee(&orders(&[9, 5, 4], &[2, 3, 7])).unwrap();
        assert_eq!((outcome.trades, outcome.prices), (1, Some((amount(5), amount(3)))));
    }

    #[test]
    fn one_pair_alone_trades_nothing_and_has_no_price() {
        let outcome = mcafee(&orders(&[9], &[2])).unwrap();
        assert_eq!((outcome.trades_efficient, outcome.trades, outcome.prices), (1, 0, None));
        assert_eq!(mcafee(&[]).unwrap().prices, None);
        assert_eq!(mcafee(&orders(&[1], &[2])).unwrap().trades_efficient, 0);
        let mut two = orders(&[1], &[2]);
        two[1].quantity = 2;
        assert_eq!(mcafee(&two), Err(MarketError::NotUnitDemand { id: 100, quantity: 2 }));
    }

    /// Calls `visit` with all vectors of `len` prices from 0 to `most`.
    fn grid(len: usize, most: i64, visit: &mut dyn FnMut(&[i64])) {
        let mut prices = vec![0; len];
        loop {
            visit(&prices);
            let Some(place) = prices.iter().position(|&price| price < most) else { return };
            prices[..place].fill(0);
            prices[place] += 1;
        }
    }

    #[test]
    fn no_lie_gains_and_nobody_loses() {
        const MOST: i64 = 5;
        for (buyers, sellers) in [(2, 2), (3, 2), (2, 3)] {
            let utility = |values: &[i64], reports: &[i64], agent: usize| {
                let outcome = mcafee(&orders(&reports[..buyers], &reports[buyers..])).unwrap();
                let id = if agent < buyers { agent as u64 } else { 100 + (agent - buyers) as u64 };
                let sign = if agent < buyers { 1 } else { -1 };
                let fill = outcome.fills.iter().find(|fill| fill.id == id);
                fill.map_or(0, |fill| fill.transfer.units() + sign * values[agent])
            };
            let mut checks = 0;
            grid(buyers + sellers, MOST, &mut |values| {
                for agent in 0..values.len() {
                    let honest = utility(values, values, agent);
                    assert!(honest >= 0, "{values:?}: agent {agent} loses");
                    for lie in 0..=MOST {
                        let mut reports = values.to_vec();
                        reports[agent] = lie;
                        let gain = utility(values, &reports, agent) - honest;
                        assert!(gain <= 0, "{values:?}: agent {agent} gains {gain} by {lie}");
                        checks += 1;
                    }
                }
                let outcome = mcafee(&orders(&values[..buyers], &values[buyers..])).unwrap();
                assert!(outcome.trades_efficient - outcome.trades <= 1);
            });
            assert!(checks > 30_000);
        }
    }
}
