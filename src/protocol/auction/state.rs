//! What a node knows. Types alone: what they do is in the files of their roles.

use super::book::Book;
use super::config::Config;
use super::message::Bid;
use super::settlement::Settlement;
use super::terms::Terms;
use std::rc::Rc;
use synod_sim::{NodeId, Signed};

/// A node of an auction.
#[derive(Debug)]
pub enum Auction {
    /// Agent 0.
    Auctioneer(Box<Auctioneer>),
    /// Every other agent.
    Bidder(Box<Bidder>),
}

/// State of the auctioneer.
#[derive(Debug)]
pub struct Auctioneer {
    pub(super) config: Rc<Config>,
    pub(super) book: Book,
    /// True once it has announced the auction, before a crash as well.
    pub(super) was_opened: bool,
    /// By bidder, whether it has said what is expected of it: that it has heard of the auction, once closed that it
    /// knows what came of it.
    pub(super) answered: Vec<bool>,
    pub(super) settlement: Option<Rc<Settlement>>,
}

/// State of a bidder.
#[derive(Debug)]
pub struct Bidder {
    pub(super) config: Rc<Config>,
    pub(super) me: NodeId,
    pub(super) terms: Option<Rc<Terms>>,
    /// Its bids that were not answered, by number.
    pub(super) pending: Vec<Signed<Bid>>,
    pub(super) settlement: Option<Rc<Settlement>>,
}
