//! Protocols that decide once, and so can run inside others: as stages, sessions, rungs.
//!
//! A protocol says in its own folder how it decides ([`Decide`]) and, if it can be left undecided, how a successor takes
//! over from it ([`Abortable`]). [`Decider`] is any such protocol without its type, so that a composition is compiled once
//! and runs protocols that it has never heard of.

mod abortable;
pub mod decider;
mod deciding;
pub mod lift;
pub mod on_log;
mod tagged;
mod tokens;

pub use abortable::{Abortable, InitHistory, Level};
pub use decider::{AbortRules, Decider, DeciderConfig, KindTable};
pub use deciding::{Decide, Ending, Undecided, word};
pub use tagged::Tagged;
pub use tokens::Tokens;
