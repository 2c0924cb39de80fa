//! Files that economists have: Gambit's games, CATS' bids, tables of bids and orders.

mod error;

pub use error::FileError;
