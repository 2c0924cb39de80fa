//! Auctions of bundles: winner determination, VCG payments, and a greedy allocation with critical values.
//!
//! Bidders bid on sets of items, and win at most one of their bids (XOR). Which bids to accept so that no item is
//! sold twice and the sum is greatest is NP-hard; here it is solved exactly, in integers, and said honestly when the
//! work allowed was too little.
//!
//! ```
//! use synod_economics::combinatorial::{BundleBid, Problem, solve, vcg};
//! use synod_economics::{Amount, Bidder};
//!
//! let bid = |bidder, bundle, units| BundleBid { bidder: Bidder(bidder), bundle, amount: Amount::new(units).unwrap() };
//! // Two locals want one item each, a global wants both.
//! let problem = Problem::new(2, vec![bid(0, 0b01, 8), bid(1, 0b10, 8), bid(2, 0b11, 10)]).unwrap();
//! assert_eq!(solve(&problem, 1_000).accepted, [0, 1]);
//! let paid: Vec<i64> = vcg(&problem, 1_000).unwrap().winners.iter().map(|winner| winner.payment.units()).collect();
//! assert_eq!(paid, [2, 2]);
//! ```
//!
//! | question | answer |
//! |---|---|
//! | What is bid on? | [`Problem`] |
//! | Which bids win? | [`solve()`]: a [`table`] over sets of items if it is small, else [`branch`] and bound with prices of items |
//! | What does each winner owe, so that truth is best? | [`vcg()`] |
//! | And if it is too large to be solved? | [`greedy()`] |

pub mod branch;
mod choice;
pub mod greedy;
mod prices;
pub mod problem;
pub mod solution;
pub mod solve;
pub mod table;
pub mod vcg;

pub use greedy::{Greedy, greedy};
pub use problem::{BundleBid, Problem, ProblemError};
pub use solution::{Solution, Work};
pub use solve::{STEPS_DEFAULT, solve};
pub use vcg::{NotProven, Vcg, vcg};
