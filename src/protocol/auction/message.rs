//! What auctioneer and bidders send each other, and what they wait for.

use super::book::Answer;
use super::settlement::Settlement;
use super::terms::Terms;
use serde::Serialize;
use std::rc::Rc;
use synod_economics::Amount;
use synod_sim::auth::Forge;
use synod_sim::inject::Alteration;
use synod_sim::{Body, Digest, Kind, Message as KernelMessage, Signed};

/// BID: what a bidder offers. It names the terms, so that it counts under no others.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Bid {
    /// The digest of the terms.
    pub terms: Digest,
    /// Which of its bids, from 0.
    pub number: u32,
    /// How much, in minor units.
    pub amount: Amount,
}

impl Body for Bid {
    const KIND: &'static str = "auction.bid";
    fn size(&self) -> usize {
        44
    }
}

/// A message between nodes.
#[derive(Clone, Debug, Serialize)]
pub enum Message {
    /// The auctioneer announces the auction.
    Announce(Rc<Terms>),
    /// A bidder has heard of it.
    Heard,
    /// A bidder bids.
    Bid(Signed<Bid>),
    /// The log's answer to the bid of this number.
    Answer(u32, Answer),
    /// What came of the auction.
    Outcome(Rc<Settlement>),
    /// A bidder knows what came of it.
    Settled,
}

/// Timers.
#[derive(Copy, Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub enum Timer {
    /// The auctioneer: the auction opens.
    Open,
    /// The auctioneer: bids are due.
    Close,
    /// A bidder: its bid of this number is made.
    Bid(u32),
    /// What was not answered is sent again.
    Resend,
}

impl KernelMessage for Message {
    const KINDS: &'static [Kind] = &[
        Kind::protocol("announce"),
        Kind::protocol("heard"),
        Kind::protocol("bid"),
        Kind::protocol("answer"),
        Kind::protocol("outcome"),
        Kind::protocol("settled"),
    ];

    fn kind(&self) -> usize {
        match self {
            Message::Announce(_) => 0,
            Message::Heard => 1,
            Message::Bid(_) => 2,
            Message::Answer(..) => 3,
            Message::Outcome(_) => 4,
            Message::Settled => 5,
        }
    }

    fn damaged(&self) -> Option<Message> {
        match self {
            Message::Bid(bid) => Some(Message::Bid(bid.damaged()?)),
            // Nothing in them is signed, and a damaged frame is discarded.
            _ => None,
        }
    }

    fn altered(&self, alteration: Alteration, forge: &Forge<'_>) -> Option<Message> {
        let Message::Bid(bid) = self else { return None };
        Some(Message::Bid(match alteration {
            Alteration::Header { draw } => {
                forge.reseal(bid, Bid { number: (draw % 4) as u32, ..(**bid).clone() })?
            }
            Alteration::Contents { draw } => {
                let most = Amount::MAX.units().unsigned_abs();
                let amount = Amount::new((draw % most) as i64).expect("it is less than the most");
                forge.reseal(bid, Bid { amount, ..(**bid).clone() })?
            }
            Alteration::Name(node) => forge.impersonate(bid, node),
        }))
    }
}
