//! Files that economists have: Gambit's games, CATS' bids, tables of bids and orders.

pub mod bids;
pub mod cats;
mod decimal;
pub mod efg;
mod error;
mod gambit;
pub mod nfg;
pub mod orders;
mod table;

pub use bids::Bids;
pub use cats::Cats;
pub use decimal::minor_units;
pub use error::FileError;
