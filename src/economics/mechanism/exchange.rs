//! Markets in which each agent buys or sells one lot, as mechanisms.

use super::{Decided, Mechanism};
use crate::Amount;
use crate::clearing::{self, Fill, MarketError, Order, Side};
use std::cmp::Reverse;
use std::error::Error;

/// A market of one lot each. Its first agents are buyers, whose type is what the lot is worth to them; the others are
/// sellers, whose type is what it costs them, both in minor units. Agent i has the order of id i.
#[derive(Copy, Clone, Debug)]
pub struct Exchange<R> {
    /// How many buyers there are.
    pub buyers: usize,
    /// How many sellers there are.
    pub sellers: usize,
    /// What orders are filled with.
    pub rule: R,
}

impl<R: Fn(&[Order]) -> Result<Vec<Fill>, MarketError>> Mechanism for Exchange<R> {
    type Type = Amount;
    /// Who trades, buyers first.
    type Decision = Vec<bool>;

    fn agents(&self) -> usize {
        self.buyers + self.sellers
    }

    fn decide(&self, reports: &[Amount]) -> Result<Decided<Vec<bool>>, Box<dyn Error>> {
        let order = |(agent, &price): (usize, &Amount)| {
            let side = if agent < self.buyers { Side::Bid } else { Side::Ask };
            Order { id: agent as u64, side, price, quantity: 1 }
        };
        let orders: Vec<Order> = reports.iter().enumerate().map(order).collect();
        let (mut decision, mut payments) = (vec![false; reports.len()], vec![Amount::ZERO; reports.len()]);
        for fill in (self.rule)(&orders)? {
            let agent = fill.id as usize;
            (decision[agent], payments[agent]) = (true, Amount::ZERO.minus(fill.transfer)?);
        }
        Ok(Decided { decision, payments })
    }

    fn value(&self, agent: usize, own: &Amount, decision: &Vec<bool>) -> Amount {
        match (decision[agent], agent < self.buyers) {
            (false, _) => Amount::ZERO,
            (true, true) => *own,
            (true, false) => Amount::ZERO.minus(*own).expect("the range of amounts is symmetric"),
        }
    }

    fn decisions(&self) -> Vec<Vec<bool>> {
        let trades = |set: u64| (0..self.agents()).map(|agent| set >> agent & 1 == 1).collect::<Vec<bool>>();
        let count = |side: &[bool]| side.iter().filter(|trades| **trades).count();
        let matched =
            |decision: &Vec<bool>| count(&decision[..self.buyers]) == count(&decision[self.buyers..]);
        (0..1 << self.agents()).map(trades).filter(matched).collect()
    }
}

/// Returns the rule of a double auction at one price; `k_ppm` is where the price lies in the interval of those that
/// clear, in parts per million.
pub fn k_double(k_ppm: u64) -> impl Fn(&[Order]) -> Result<Vec<Fill>, MarketError> {
    move |orders| Ok(clearing::clear(orders, k_ppm)?.map_or_else(Vec::new, |clearing| clearing.fills))
}

/// Fills orders by McAfee's rule.
///
/// # Errors
/// As of [`clearing::mcafee`].
pub fn mcafee(orders: &[Order]) -> Result<Vec<Fill>, MarketError> {
    Ok(clearing::mcafee(orders)?.fills)
}

/// Fills orders by VCG: all profitable pairs trade, and each agent pays what its presence costs the others. Sellers may get
/// more than buyers pay.
///
/// # Errors
/// Never: transfers lie among the prices of orders.
///
/// Source: R. Myerson and M. Satterthwaite, *Efficient mechanisms for bilateral trading* (1983), who show that a deficit
/// cannot be avoided.
pub fn vcg_exchange(orders: &[Order]) -> Result<Vec<Fill>, MarketError> {
    let (mut bids, mut asks): (Vec<&Order>, Vec<&Order>) =
        orders.iter().partition(|order| order.side == Side::Bid);
    bids.sort_by_key(|bid| (Reverse(bid.price), bid.id));
    asks.sort_by_key(|ask| (ask.price, ask.id));
    let volume = bids.iter().zip(&asks).take_while(|(bid, ask)| bid.price >= ask.price).count();
    let Some(last) = volume.checked_sub(1) else { return Ok(Vec::new()) };
    let pays = bids.get(volume).map_or(asks[last].price, |next| next.price.max(asks[last].price));
    let gets = asks.get(volume).map_or(bids[last].price, |next| next.price.min(bids[last].price));
    let paid = Amount::ZERO.minus(pays)?;
    let fill = |order: &&Order, transfer| Fill { id: order.id, side: order.side, quantity: 1, transfer };
    let bought = bids[..volume].iter().map(|bid| fill(bid, paid));
    Ok(bought.chain(asks[..volume].iter().map(|ask| fill(ask, gets))).collect())
}
