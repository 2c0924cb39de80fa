//! Orders and what they are filled with.

use super::MarketError;
use crate::Amount;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::fmt;

/// The most lots that orders of one side may sum to.
pub(super) const LOTS_MAX: u64 = 1 << 60;

/// The side of an order.
#[derive(Copy, Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Side {
    /// To buy.
    Bid,
    /// To sell.
    Ask,
}

impl Side {
    /// Returns the side it trades with.
    pub const fn opposite(self) -> Side {
        match self {
            Side::Bid => Side::Ask,
            Side::Ask => Side::Bid,
        }
    }
}

impl fmt::Display for Side {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(match self {
            Side::Bid => "bid",
            Side::Ask => "ask",
        })
    }
}

/// An order with a limit.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Order {
    /// Which order it is. Ties go to the lowest id.
    pub id: u64,
    /// Whether it buys or sells.
    pub side: Side,
    /// The limit per lot, in minor units: the most a bid pays, the least an ask takes.
    pub price: Amount,
    /// How many lots.
    pub quantity: u64,
}

/// What an order was filled with.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Fill {
    /// Which order.
    pub id: u64,
    /// Whether it bought or sold.
    pub side: Side,
    /// How many lots, at least one.
    pub quantity: u64,
    /// The money that its owner receives; a bid's is negative or zero.
    pub transfer: Amount,
}

/// Returns the bids and the asks, each the best first and ties by id.
pub(super) fn sides(orders: &[Order]) -> Result<(Vec<Order>, Vec<Order>), MarketError> {
    let mut ids = BTreeSet::new();
    for order in orders {
        check(order.id, order.price, order.quantity)?;
        if !ids.insert(order.id) {
            return Err(MarketError::SameId { id: order.id });
        }
    }
    let (mut bids, mut asks): (Vec<Order>, Vec<Order>) =
        orders.iter().partition(|order| order.side == Side::Bid);
    bids.sort_by(|one, other| other.price.cmp(&one.price).then(one.id.cmp(&other.id)));
    asks.sort_by(|one, other| one.price.cmp(&other.price).then(one.id.cmp(&other.id)));
    for side in [&bids, &asks] {
        if lots(side) > u128::from(LOTS_MAX) {
            return Err(MarketError::Overflow);
        }
    }
    Ok((bids, asks))
}

/// Refuses a negative price, no lots, and orders that are worth more than the largest amount.
pub(super) fn check(id: u64, price: Amount, quantity: u64) -> Result<(), MarketError> {
    if price < Amount::ZERO {
        return Err(MarketError::NegativePrice { id });
    }
    if quantity == 0 || quantity > LOTS_MAX {
        return Err(MarketError::Quantity { id, quantity });
    }
    worth(price, quantity).map(|_| ())
}

/// Returns what so many lots cost at a price.
pub(super) fn worth(price: Amount, quantity: u64) -> Result<Amount, MarketError> {
    Ok(Amount::of_wide(price.wide() * i128::from(quantity))?)
}

/// Returns how many lots orders are for.
pub(super) fn lots(orders: &[Order]) -> u128 {
    orders.iter().map(|order| u128::from(order.quantity)).sum()
}
