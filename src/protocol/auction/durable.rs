//! What a node writes down, and finds again after a crash.

use super::book::Command;
use super::settlement::Settlement;
use super::terms::Terms;
use serde::Serialize;
use std::rc::Rc;

/// Durable records.
#[derive(Clone, Debug, Serialize)]
pub enum Record {
    /// The auctioneer: the auction is open.
    Opened,
    /// The auctioneer: an entry of the log.
    Logged(Command),
    /// A bidder: the terms that it was told.
    Told(Rc<Terms>),
    /// A bidder: what came of the auction.
    Settled(Rc<Settlement>),
}
