//! Markets: call markets, McAfee's double auction, a continuous book, price discovery.
//!
//! Prices are minor units of money per lot, quantities are whole lots. Every transfer is an [`Amount`](crate::Amount)
//! that its owner receives (a payment is negative), and the transfers of an outcome sum to zero, the market's own
//! share included. A market in which nothing trades has no price; it never has the price 0.

mod bisection;
pub mod book;
mod call;
mod error;
mod fisher;
mod mcafee;
mod order;
mod tatonnement;

pub use bisection::{Bisection, Excess, bisect};
pub use book::Book;
pub use call::{Clearing, clear, excess};
pub use error::MarketError;
pub use fisher::{FisherMarket, FisherOutcome, proportional_response};
pub use mcafee::{McAfee, mcafee};
pub use order::{Fill, Order, Side};
pub use tatonnement::{Discovery, Prices, Step, Tatonnement, tatonnement};
