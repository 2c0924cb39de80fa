//! Auctions by sealed bids: first price, second price with a reserve, and weighted second price.
//!
//! Sources: W. Vickrey, *Counterspeculation, auctions, and competitive sealed tenders*, 1961; R. Myerson, *Optimal auction
//! design*, 1981.
//!
//! Agent 0 is the auctioneer, who is trusted and keeps the log; all others bid. The life of an auction:
//!
//! 1. **Announce.** The auctioneer tells all bidders the [`Terms`], until each has said that it heard (`auctioneer.rs`).
//! 2. **Collect.** A bidder signs what its [`Strategy`] says and sends it until it is answered (`bidder.rs`). A bid is
//!    durable in the [`Book`] before it is acknowledged. The first bid of a bidder is its bid.
//! 3. **Close.** At the deadline, by its own clock, the auctioneer writes CLOSE into the log, with the order in which ties
//!    are broken. A bid counts if it stands before CLOSE, and only then.
//! 4. **Settle.** The [`Settlement`], with the whole transcript, goes to every bidder until it is acknowledged. Bidders
//!    compute it anew, and refuse one that is wrong.
//!
//! Who wins and what is paid is computed by [`synod_economics::auction`], of which the oracles know nothing.

mod auctioneer;
mod bidder;
mod book;
mod bug;
mod config;
mod durable;
#[cfg(feature = "harness")]
pub mod harness;
mod message;
mod observation;
pub mod oracle;
mod protocol;
mod settlement;
mod state;
mod strategy;
mod terms;

pub use book::{Answer, Book, Close, Command, Entry, Limit, Refusal};
pub use bug::Bug;
pub use config::{Config, Participant};
pub use durable::Record;
pub use message::{Bid, Message, Timer};
pub use observation::{Mark, Observation, Reason};
pub use settlement::Settlement;
pub use state::{Auction, Auctioneer, Bidder};
pub use strategy::{Flooding, Shading, Sniping, Strategy};
pub use terms::{Price, Terms};
