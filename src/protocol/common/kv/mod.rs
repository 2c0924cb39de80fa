//! A key-value store: the state machine that logs of every kind replicate, and what its clients record of it.
//!
//! A value is a list of numbers: `put` makes it one number, `append` adds one, so that a reader sees what was written
//! before what, which a plain register forgets.

mod command;
mod debts;
mod generator;
mod service;
mod store;

pub use command::{Call, Command, Key, Output, Step, Value};
pub use debts::{Operation, are_alike, awaits, determines, glimpses, owes, sees};
pub use generator::{Generator, Mix};
pub use store::Store;
