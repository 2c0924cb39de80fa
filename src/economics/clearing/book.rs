//! A continuous book: price–time priority, trades at the resting order's price.
//!
//! What is left of a market order is cancelled with a reason and never rests. An order that would trade with its own
//! trader's order is cancelled there, since it is the newest of both. A smaller size keeps the priority; a larger
//! size or another price loses it.

use super::order::{check, worth};
use super::{MarketError, Side};
use crate::Amount;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// An order that enters a book.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct BookOrder {
    /// Which order it is; no two that rest have one id.
    pub id: u64,
    /// Who owns it.
    pub trader: u64,
    /// Whether it buys or sells.
    pub side: Side,
    /// The limit per lot, in minor units; `None` for a market order, which trades at any price.
    pub limit: Option<Amount>,
    /// How many lots.
    pub quantity: u64,
}

/// A trade of two orders.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Trade {
    /// The order that bought.
    pub bid: u64,
    /// The order that sold.
    pub ask: u64,
    /// Who bought.
    pub buyer: u64,
    /// Who sold.
    pub seller: u64,
    /// The price per lot, the limit of the order that rested, in minor units.
    pub price: Amount,
    /// How many lots.
    pub quantity: u64,
    /// What the buyer pays the seller: price times lots, in minor units.
    pub payment: Amount,
}

/// Why the rest of an order was cancelled.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Cancelled {
    /// It is a market order, and nothing is left to trade with.
    NoLiquidity,
    /// The next order to trade with is its own trader's.
    SelfTrade,
}

/// What became of the lots of an order that did not trade.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Rest {
    /// There are none.
    Filled,
    /// They rest in the book.
    Resting {
        /// How many lots.
        quantity: u64,
    },
    /// They are gone.
    Cancelled {
        /// How many lots.
        quantity: u64,
        /// Why.
        reason: Cancelled,
    },
}

/// What an order did when it entered.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Entered {
    /// Its trades, in order.
    pub trades: Vec<Trade>,
    /// What became of the rest.
    pub rest: Rest,
}

/// An order that rests in a book.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Resting {
    /// Which order it is.
    pub id: u64,
    /// Who owns it.
    pub trader: u64,
    /// Whether it buys or sells.
    pub side: Side,
    /// The limit per lot, in minor units.
    pub limit: Amount,
    /// How many lots are left.
    pub quantity: u64,
}

/// Where an order stands on its side: the best price is the least, and earlier is less.
#[derive(Copy, Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
struct Priority {
    /// The limit of an ask, the negated limit of a bid.
    price: i64,
    arrival: u64,
}

/// The orders of one good that wait for a partner.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Book {
    bids: BTreeMap<Priority, Resting>,
    asks: BTreeMap<Priority, Resting>,
    places: BTreeMap<u64, (Side, Priority)>,
    arrivals: u64,
}

impl Book {
    /// Returns an empty book.
    pub fn new() -> Book {
        Book::default()
    }

    /// Lets an order enter: it trades as far as its limit reaches, the best price first and the earliest of one price
    /// first.
    ///
    /// # Errors
    /// If its limit is negative, it is for no lots, its worth is beyond 2⁶⁰, or an order with its id rests. Then the
    /// book is as before.
    pub fn enter(&mut self, order: BookOrder) -> Result<Entered, MarketError> {
        check(order.id, order.limit.unwrap_or(Amount::ZERO), order.quantity)?;
        if self.places.contains_key(&order.id) {
            return Err(MarketError::SameId { id: order.id });
        }
        let mut trades = Vec::new();
        let mut left = order.quantity;
        let mut stopped = None;
        while left > 0 {
            let Some(best) = self.best(order.side.opposite()) else { break };
            if !order.reaches(best.limit) {
                break;
            }
            if best.trader == order.trader {
                stopped = Some(Cancelled::SelfTrade);
                break;
            }
            let quantity = left.min(best.quantity);
            let ((bid, buyer), (ask, seller)) = match order.side {
                Side::Bid => ((order.id, order.trader), (best.id, best.trader)),
                Side::Ask => ((best.id, best.trader), (order.id, order.trader)),
            };
            let price = best.limit;
            let payment = worth(price, quantity).expect("the resting order was worth more");
            trades.push(Trade { bid, ask, buyer, seller, price, quantity, payment });
            left -= quantity;
            self.reduce(best.id, best.quantity - quantity);
        }
        let rest = match (left, stopped, order.limit) {
            (0, ..) => Rest::Filled,
            (quantity, Some(reason), _) => Rest::Cancelled { quantity, reason },
            (quantity, None, None) => Rest::Cancelled { quantity, reason: Cancelled::NoLiquidity },
            (quantity, None, Some(limit)) => {
                self.rest(Resting { id: order.id, trader: order.trader, side: order.side, limit, quantity });
                Rest::Resting { quantity }
            }
        };
        Ok(Entered { trades, rest })
    }

    /// Takes an order out, and returns what was left of it.
    ///
    /// # Errors
    /// If no order with this id rests.
    pub fn cancel(&mut self, id: u64) -> Result<Resting, MarketError> {
        let (side, priority) = self.places.remove(&id).ok_or(MarketError::UnknownOrder { id })?;
        Ok(self.side_mut(side).remove(&priority).expect("each place holds its order"))
    }

    /// Changes the limit of an order and the lots that are left of it. At the same limit, no more lots keep its
    /// priority; else it enters anew, and may trade.
    ///
    /// # Errors
    /// If no order with this id rests, or as in [`Book::enter`]. Then the book is as before.
    pub fn amend(&mut self, id: u64, limit: Amount, quantity: u64) -> Result<Entered, MarketError> {
        let resting = *self.get(id).ok_or(MarketError::UnknownOrder { id })?;
        check(id, limit, quantity)?;
        if limit == resting.limit && quantity <= resting.quantity {
            self.reduce(id, quantity);
            return Ok(Entered { trades: Vec::new(), rest: Rest::Resting { quantity } });
        }
        self.cancel(id)?;
        self.enter(BookOrder { id, trader: resting.trader, side: resting.side, limit: Some(limit), quantity })
    }

    /// Returns the order that trades first on a side.
    pub fn best(&self, side: Side) -> Option<Resting> {
        self.side(side).values().next().copied()
    }

    /// Returns the order with this id, if it rests.
    pub fn get(&self, id: u64) -> Option<&Resting> {
        let (side, priority) = self.places.get(&id)?;
        self.side(*side).get(priority)
    }

    /// Returns the orders of a side, in the order in which they trade.
    pub fn orders(&self, side: Side) -> impl Iterator<Item = &Resting> {
        self.side(side).values()
    }

    /// Returns how many orders rest.
    pub fn len(&self) -> usize {
        self.places.len()
    }

    /// Whether no order rests.
    pub fn is_empty(&self) -> bool {
        self.places.is_empty()
    }

    fn side(&self, side: Side) -> &BTreeMap<Priority, Resting> {
        match side {
            Side::Bid => &self.bids,
            Side::Ask => &self.asks,
        }
    }

    fn side_mut(&mut self, side: Side) -> &mut BTreeMap<Priority, Resting> {
        match side {
            Side::Bid => &mut self.bids,
            Side::Ask => &mut self.asks,
        }
    }

    fn rest(&mut self, order: Resting) {
        let price = match order.side {
            Side::Bid => -order.limit.units(),
            Side::Ask => order.limit.units(),
        };
        let priority = Priority { price, arrival: self.arrivals };
        self.arrivals += 1;
        self.places.insert(order.id, (order.side, priority));
        self.side_mut(order.side).insert(priority, order);
    }

    /// Leaves a resting order so many lots, and takes it out if they are none.
    fn reduce(&mut self, id: u64, quantity: u64) {
        if quantity == 0 {
            self.cancel(id).expect("it rests");
            return;
        }
        let (side, priority) = self.places[&id];
        self.side_mut(side).get_mut(&priority).expect("each place holds its order").quantity = quantity;
    }
}

impl BookOrder {
    /// Whether it trades at `price`.
    fn reaches(&self, price: Amount) -> bool {
        match (self.limit, self.side) {
            (None, _) => true,
            (Some(limit), Side::Bid) => limit >= price,
            (Some(limit), Side::Ask) => limit <= price,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn order(id: u64, side: Side, limit: i64, quantity: u64) -> BookOrder {
        BookOrder { id, trader: id, side, limit: Some(Amount::new(limit).unwrap()), quantity }
    }

    fn trades(entered: &Entered) -> Vec<(u64, u64, i64, u64)> {
        entered.trades.iter().map(|t| (t.bid, t.ask, t.price.units(), t.quantity)).collect()
    }

    #[test]
    fn price_goes_before_time_and_the_resting_order_sets_the_price() {
        let mut book = Book::new();
        for (id, limit) in [(1, 10), (2, 9), (3, 9)] {
            book.enter(order(id, Side::Ask, limit, 5)).unwrap();
        }
        let entered = book.enter(order(4, Side::Bid, 10, 12)).unwrap();
        assert_eq!(trades(&entered), [(4, 2, 9, 5), (4, 3, 9, 5), (4, 1, 10, 2)]);
        assert_eq!(entered.rest, Rest::Filled);
        let entered = book.enter(order(5, Side::Bid, 10, 12)).unwrap();
        assert_eq!((trades(&entered), entered.rest), (vec![(5, 1, 10, 3)], Rest::Resting { quantity: 9 }));
        let entered = book.enter(order(6, Side::Ask, 1, 1)).unwrap();
        assert_eq!(trades(&entered), [(5, 6, 10, 1)]);
    }

    #[test]
    fn the_rest_of_a_market_order_is_cancelled_with_its_reason() {
        let mut book = Book::new();
        let market = |id, side| BookOrder { limit: None, ..order(id, side, 0, 7) };
        let nothing = Rest::Cancelled { quantity: 7, reason: Cancelled::NoLiquidity };
        assert_eq!(book.enter(market(1, Side::Ask)).unwrap().rest, nothing);
        book.enter(order(2, Side::Bid, 4, 3)).unwrap();
        let entered = book.enter(market(3, Side::Ask)).unwrap();
        assert_eq!(trades(&entered), [(2, 3, 4, 3)]);
        assert_eq!(entered.rest, Rest::Cancelled { quantity: 4, reason: Cancelled::NoLiquidity });
        assert!(book.is_empty());
    }

    #[test]
    fn a_self_trade_cancels_the_newest() {
        let mut book = Book::new();
        book.enter(order(1, Side::Ask, 5, 2)).unwrap();
        book.enter(BookOrder { trader: 9, ..order(2, Side::Ask, 6, 2) }).unwrap();
        let entered = book.enter(BookOrder { trader: 9, ..order(3, Side::Bid, 7, 5) }).unwrap();
        assert_eq!(trades(&entered), [(3, 1, 5, 2)]);
        assert_eq!(entered.rest, Rest::Cancelled { quantity: 3, reason: Cancelled::SelfTrade });
        assert_eq!(book.get(2).map(|resting| resting.quantity), Some(2), "the older stays");
    }

    #[test]
    fn only_a_smaller_size_keeps_priority() {
        let first = |change: &dyn Fn(&mut Book)| {
            let mut book = Book::new();
            for id in [1, 2] {
                book.enter(order(id, Side::Bid, 5, 4)).unwrap();
            }
            change(&mut book);
            book.best(Side::Bid).unwrap().id
        };
        let five = Amount::new(5).unwrap();
        assert_eq!(first(&|book| drop(book.amend(1, five, 3).unwrap())), 1);
        assert_eq!(first(&|book| drop(book.amend(1, five, 5).unwrap())), 2);
        assert_eq!(first(&|book| drop(book.amend(1, Amount::new(4).unwrap(), 4).unwrap())), 2);
        assert_eq!(first(&|book| assert!(book.cancel(1).is_ok())), 2);
    }

    #[test]
    fn an_amended_price_may_trade() {
        let mut book = Book::new();
        book.enter(order(1, Side::Bid, 5, 4)).unwrap();
        book.enter(order(2, Side::Ask, 8, 3)).unwrap();
        let entered = book.amend(1, Amount::new(9).unwrap(), 4).unwrap();
        assert_eq!((trades(&entered), entered.rest), (vec![(1, 2, 8, 3)], Rest::Resting { quantity: 1 }));
    }

    #[test]
    fn what_is_out_of_range_changes_nothing() {
        let mut book = Book::new();
        book.enter(order(1, Side::Bid, 5, 4)).unwrap();
        let before = book.clone();
        assert_eq!(book.enter(order(1, Side::Ask, 5, 4)), Err(MarketError::SameId { id: 1 }));
        assert_eq!(book.enter(order(2, Side::Ask, -5, 4)), Err(MarketError::NegativePrice { id: 2 }));
        assert_eq!(book.enter(order(2, Side::Ask, 5, 0)), Err(MarketError::Quantity { id: 2, quantity: 0 }));
        assert_eq!(book.enter(order(2, Side::Ask, 1 << 31, 1 << 30)), Err(MarketError::Overflow));
        assert_eq!(book.amend(1, Amount::ZERO, 0), Err(MarketError::Quantity { id: 1, quantity: 0 }));
        assert_eq!(book.amend(7, Amount::ZERO, 1), Err(MarketError::UnknownOrder { id: 7 }));
        assert_eq!(book.cancel(7), Err(MarketError::UnknownOrder { id: 7 }));
        assert_eq!(book, before);
    }

    /// A book that is a plain list in the order of arrival.
    #[derive(Default)]
    struct List(Vec<Resting>);

    impl List {
        fn enter(&mut self, mut order: BookOrder) -> Vec<(u64, u64, i64, u64)> {
            let mut trades = Vec::new();
            while order.quantity > 0 {
                let partners =
                    self.0.iter_mut().filter(|other| other.side != order.side && order.reaches(other.limit));
                let Some(best) = partners.min_by_key(|other| match other.side {
                    Side::Bid => -other.limit.units(),
                    Side::Ask => other.limit.units(),
                }) else {
                    break;
                };
                if best.trader == order.trader {
                    return trades;
                }
                let lots = best.quantity.min(order.quantity);
                let (bid, ask) =
                    if order.side == Side::Bid { (order.id, best.id) } else { (best.id, order.id) };
                trades.push((bid, ask, best.limit.units(), lots));
                best.quantity -= lots;
                order.quantity -= lots;
                self.0.retain(|other| other.quantity > 0);
            }
            if let (Some(limit), 1..) = (order.limit, order.quantity) {
                let BookOrder { id, trader, side, quantity, .. } = order;
                self.0.push(Resting { id, trader, side, limit, quantity });
            }
            trades
        }
    }

    proptest! {
        #[test]
        fn a_book_trades_as_a_plain_list_does(
            orders in prop::collection::vec(
                (any::<bool>(), prop::option::weighted(0.9, 0_i64..8), 1_u64..6, 0_u64..4), 0..30
            )
        ) {
            let (mut book, mut list) = (Book::new(), List::default());
            for (id, (bid, limit, quantity, trader)) in (0..).zip(orders) {
                let side = if bid { Side::Bid } else { Side::Ask };
                let limit = limit.map(|limit| Amount::new(limit).unwrap());
                let order = BookOrder { id, trader, side, limit, quantity };
                let entered = book.enter(order).unwrap();
                prop_assert_eq!(trades(&entered), list.enter(order));
                let resting: u64 = book.orders(Side::Bid).chain(book.orders(Side::Ask)).map(|own| own.quantity).sum();
                prop_assert_eq!(resting, list.0.iter().map(|own| own.quantity).sum::<u64>());
                prop_assert!(entered.trades.iter().all(|trade| trade.buyer != trade.seller));
                if let (Some(bid), Some(ask)) = (book.best(Side::Bid), book.best(Side::Ask)) {
                    prop_assert!(bid.limit < ask.limit, "the book is never crossed");
                }
            }
        }
    }
}
