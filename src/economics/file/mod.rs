//! Files that economists have: Gambit's games, CATS' bids, tables of bids and orders.

pub mod efg;
mod error;
mod gambit;
pub mod nfg;
pub mod orders;

pub use error::FileError;
