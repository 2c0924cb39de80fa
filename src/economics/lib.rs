//! Economics: auctions, winner determination, clearing, games and properties of mechanisms.
//!
//! Everything here is a function of its arguments alone. Nothing knows messages, clocks or nodes, and nothing draws
//! random numbers. Money is integer, probabilities and payoffs of games are exact rationals: what is computed is
//! computed exactly, or it is said that it was not.
//!
//! | question | answer |
//! |---|---|
//! | Who wins an auction, and what is paid? | [`auction`] |
//! | Which bids on bundles win, and what does each winner owe? | [`combinatorial`] |
//! | At which price does a market clear, and who trades? | [`clearing`] |
//! | What is an equilibrium, and where do players end? | [`game`] |
//! | Is it worth lying to a mechanism? | [`mechanism`] |
//! | How are games, bids and orders read? | [`mod@file`] |
//! | What does such a file come to? | [`mod@answer`] |

pub mod amount;
pub mod answer;
mod apportion;
pub mod auction;
pub mod bidder;
pub mod clearing;
pub mod combinatorial;
pub mod file;
pub mod game;
pub mod mechanism;
pub mod transfer;

pub use amount::{Amount, Overflow};
pub use bidder::Bidder;
pub use transfer::{Party, Transfer};
