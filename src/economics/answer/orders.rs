//! Prices and trades of orders in a file.

use super::{AnswerError, Options};
use crate::Amount;
use crate::clearing::{Fill, Order, clear, mcafee};
use crate::file::orders::{OrderRow, by_good};

/// How a market clears.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub enum MarketRule {
    /// At one price, at which the most is traded.
    Uniform,
    /// By McAfee's double auction, of single lots.
    McAfee,
}

/// Prices and trades, good by good.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MarketAnswer {
    /// How it clears.
    pub rule: MarketRule,
    /// How many digits of a price stand behind its point.
    pub decimals: u32,
    /// What each good comes to, in the order of their names.
    pub goods: Vec<GoodAnswer>,
}

/// The price and the trades of a good.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GoodAnswer {
    /// Its name; empty if the table has no column of goods.
    pub good: String,
    /// How many orders there are.
    pub orders: usize,
    /// How many lots change hands.
    pub volume: u64,
    /// What a lot costs; none if nothing trades.
    pub prices: Option<LotPrices>,
    /// Buyers' and sellers' surplus at a uniform price, in minor units.
    pub surplus: Option<(Amount, Amount)>,
    /// What the market keeps, in minor units.
    pub kept: Amount,
    /// The orders that trade, by id.
    pub fills: Vec<Fill>,
}

/// What a lot costs, in minor units.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub enum LotPrices {
    /// The same for all.
    Uniform {
        /// What is paid.
        price: Amount,
        /// The lowest price at which the same volume clears.
        low: Amount,
        /// The highest price at which the same volume clears.
        high: Amount,
    },
    /// One price for buyers and one for sellers.
    Apart {
        /// What each buyer pays.
        buyers: Amount,
        /// What each seller gets.
        sellers: Amount,
    },
}

/// Returns the price and the trades of every good.
pub(super) fn of_rows(rows: &[OrderRow], options: &Options) -> Result<MarketAnswer, AnswerError> {
    if let Some(row) = rows.iter().find(|row| row.limit.is_none()) {
        let message = format!(
            "order {} in line {} is a market order, which a call market does not take: give it a price",
            row.id, row.line
        );
        return Err(AnswerError::Asked(message));
    }
    let good = |(good, rows): (&str, Vec<&OrderRow>)| {
        let orders: Vec<Order> = rows.iter().filter_map(|row| row.limit_order()).collect();
        of_good(good, &orders, options)
    };
    let goods = by_good(rows).into_iter().map(good).collect::<Result<_, _>>()?;
    Ok(MarketAnswer { rule: options.market, decimals: options.decimals, goods })
}

fn of_good(good: &str, orders: &[Order], options: &Options) -> Result<GoodAnswer, AnswerError> {
    let nothing = GoodAnswer {
        good: good.to_owned(),
        orders: orders.len(),
        volume: 0,
        prices: None,
        surplus: None,
        kept: Amount::ZERO,
        fills: Vec::new(),
    };
    Ok(match options.market {
        MarketRule::Uniform => match clear(orders, options.k_ppm)? {
            None => nothing,
            Some(found) => GoodAnswer {
                volume: found.volume,
                prices: Some(LotPrices::Uniform {
                    price: found.price,
                    low: found.price_low,
                    high: found.price_high,
                }),
                surplus: Some((found.buyers_surplus, found.sellers_surplus)),
                fills: found.fills,
                ..nothing
            },
        },
        MarketRule::McAfee => {
            let found = mcafee(orders)?;
            GoodAnswer {
                volume: found.trades as u64,
                prices: found.prices.map(|(buyers, sellers)| LotPrices::Apart { buyers, sellers }),
                kept: found.market_surplus,
                fills: found.fills,
                ..nothing
            }
        }
    })
}
