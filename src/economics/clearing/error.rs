//! What a market refuses.

use crate::Overflow;
use std::fmt;

/// Why a market refuses its input.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MarketError {
    /// An order's price is negative.
    NegativePrice {
        /// The order.
        id: u64,
    },
    /// An order is for no lots, or for more than 2⁶⁰.
    Quantity {
        /// The order.
        id: u64,
        /// Its lots.
        quantity: u64,
    },
    /// Two orders, or an order and one that rests, have the same id.
    SameId {
        /// That id.
        id: u64,
    },
    /// An order of a double auction is for more than one lot.
    NotUnitDemand {
        /// The order.
        id: u64,
        /// Its lots.
        quantity: u64,
    },
    /// The weight k of k-pricing is beyond one, which is 1,000,000 parts per million.
    KBeyondOne {
        /// What was given, in parts per million.
        k_ppm: u64,
    },
    /// No order with this id rests in the book.
    UnknownOrder {
        /// That id.
        id: u64,
    },
    /// A sum of money or lots is beyond 2⁶⁰.
    Overflow,
    /// A parameter of price discovery is out of its range.
    Parameter {
        /// Its name.
        name: &'static str,
        /// What would be accepted.
        accepted: &'static str,
    },
    /// As many numbers were expected as there are goods.
    Goods {
        /// Whose numbers they are.
        of: &'static str,
        /// How many numbers there are.
        found: usize,
        /// How many goods there are.
        goods: usize,
    },
    /// Excess demand rises with the price, so bisection proves nothing.
    NotMonotone,
    /// What is demanded costs more than what is offered is worth, or less, beyond rounding: Walras' law is broken, so
    /// the code of the demand is wrong.
    BrokenWalras {
        /// The value of excess demand, in minor units; 0 if all spend what they own.
        value: i128,
    },
    /// A buyer has no money, or values no good.
    IdleBuyer {
        /// The buyer's index.
        buyer: usize,
    },
}

impl fmt::Display for MarketError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            MarketError::NegativePrice { id } => {
                write!(out, "order {id} has a negative price; prices of 0 and more are accepted")
            }
            MarketError::Quantity { id, quantity } => {
                write!(out, "order {id} is for {quantity} lots; 1 to 2^60 are accepted")
            }
            MarketError::SameId { id } => {
                write!(out, "two orders have the id {id}; each order needs its own")
            }
            MarketError::NotUnitDemand { id, quantity } => {
                write!(out, "order {id} is for {quantity} lots; a double auction accepts orders for 1 lot")
            }
            MarketError::KBeyondOne { k_ppm } => {
                write!(out, "k is {k_ppm} parts per million; 0 to 1,000,000 are accepted")
            }
            MarketError::UnknownOrder { id } => write!(out, "no order with the id {id} rests in the book"),
            MarketError::Overflow => write!(out, "a sum of money or lots is beyond 2^60"),
            MarketError::Parameter { name, accepted } => write!(out, "`{name}` is out of range; {accepted}"),
            MarketError::Goods { of, found, goods } => {
                write!(out, "{of} has {found} numbers for {goods} goods; one for each is accepted")
            }
            MarketError::NotMonotone => {
                write!(out, "excess demand rises with the price; bisection accepts only demand that falls")
            }
            MarketError::BrokenWalras { value } => {
                write!(
                    out,
                    "excess demand is worth {value} minor units; agents that spend what they own make it 0"
                )
            }
            MarketError::IdleBuyer { buyer } => {
                write!(out, "buyer {buyer} has no money or values no good; each needs both")
            }
        }
    }
}

impl std::error::Error for MarketError {}

impl From<Overflow> for MarketError {
    fn from(_: Overflow) -> MarketError {
        MarketError::Overflow
    }
}
