//! Auctions of one item: who wins and what is paid, as pure functions of a transcript.
//!
//! A transcript is what stands in a log, in the log's order. Whoever has it computes the same outcome: nothing here
//! reads a clock, and ties are broken by an order that comes in as data, the [`Roster`]. Auctions that take several
//! steps are state machines that take one entry after another; an entry that does not count is refused with a reason,
//! and changes nothing.
//!
//! | auction | module | who wins, what is paid |
//! |---|---|---|
//! | first price | [`sealed`] | the highest bid, which is paid |
//! | second price (Vickrey 1961) | [`sealed`] | the highest bid; the highest of the others is paid |
//! | weighted second price | [`sealed`] | the highest weight × bid; the least bid that had won is paid |
//! | English clock | [`english`] | who stays longest; the first price at which the rivals were gone |
//! | open outcry | [`outcry`] | the standing bid, which is paid; proxies bid up to a limit |
//! | Dutch | [`dutch`] | who accepts first, at the price that it accepted |
//!
//! [`commit_reveal`] tells which hidden bids count and whose deposits are lost, [`soft_close`] when an open outcry ends,
//! [`rate_limit`] whose bids are too many, [`welfare`] what an outcome is worth.

pub mod commit_reveal;
pub mod dutch;
pub mod english;
pub mod outcome;
pub mod outcry;
pub mod rate_limit;
pub mod roster;
pub mod sealed;
pub mod soft_close;
pub mod terms;
pub mod weights;
pub mod welfare;

pub use outcome::{Outcome, Refusal, Unsold};
pub use roster::Roster;
pub use sealed::{Bid, PriceRule, SealedAuction};
pub use terms::TermsError;
pub use weights::Weights;
