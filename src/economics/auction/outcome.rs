//! How an auction ends, and why an entry of its transcript does not count.

use crate::{Amount, Bidder, Party, Transfer};
use serde::{Deserialize, Serialize};
use std::fmt;

/// How an auction of one item ends.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// The item is sold.
    Sold {
        /// Who gets it.
        winner: Bidder,
        /// What the winner pays, in minor units.
        price: Amount,
    },
    /// The item stays with the seller. There is no price.
    Unsold(Unsold),
}

/// Why an item stays with its seller.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Unsold {
    /// No bid counted, and none of them for want of money.
    NoBid,
    /// Some bid was too low, and none reached the reserve.
    ReserveNotMet,
}

impl Outcome {
    /// Returns who gets the item, if somebody does.
    pub fn winner(&self) -> Option<Bidder> {
        match self {
            Outcome::Sold { winner, .. } => Some(*winner),
            Outcome::Unsold(_) => None,
        }
    }

    /// Returns what is paid, in minor units, if the item is sold.
    pub fn price(&self) -> Option<Amount> {
        match self {
            Outcome::Sold { price, .. } => Some(*price),
            Outcome::Unsold(_) => None,
        }
    }

    /// Returns the payment of the winner to the seller, if there is one.
    pub fn transfers(&self) -> Vec<Transfer> {
        match *self {
            Outcome::Sold { winner, price } => {
                vec![Transfer { from: Party::Bidder(winner), to: Party::Seller, amount: price }]
            }
            Outcome::Unsold(_) => Vec::new(),
        }
    }
}

/// Why an entry of a transcript does not count. It changes nothing.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Refusal {
    /// The bidder is not eligible.
    NotEligible,
    /// An earlier entry of the bidder counts in its place.
    Repeated,
    /// The amount is too low.
    TooLow {
        /// The least amount that counts, in minor units. It may be more than any amount can be.
        least: i64,
    },
    /// The bidder's weight is zero, so that no bid of it can win.
    NoWeight,
    /// It speaks of another round than the one that is open, or of a label that is closed.
    NotOpen,
    /// The bidder has left the auction.
    Left,
    /// There is no such price on the clock.
    NoSuchLabel,
    /// The bidder has the standing bid already.
    Standing,
    /// The limit of a proxy is below the bid.
    LimitBelowBid,
    /// The deadline would not move to a later time.
    NoExtension,
    /// The time for it has not come.
    TooEarly,
    /// The time for it is over.
    TooLate,
    /// The bidder has committed to nothing.
    NoCommitment,
    /// What is revealed is not what was committed.
    Mismatch,
}

impl fmt::Display for Refusal {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(match self {
            Refusal::NotEligible => "the bidder is not eligible",
            Refusal::Repeated => "an earlier entry of the bidder counts",
            Refusal::TooLow { least } => return write!(out, "the amount is below {least}"),
            Refusal::NoWeight => "the bidder's weight is 0",
            Refusal::NotOpen => "it speaks of a round that is not open",
            Refusal::Left => "the bidder has left the auction",
            Refusal::NoSuchLabel => "there is no such price on the clock",
            Refusal::Standing => "the bidder has the standing bid already",
            Refusal::LimitBelowBid => "the limit of the proxy is below the bid",
            Refusal::NoExtension => "the deadline would not move to a later time",
            Refusal::TooEarly => "its time has not come",
            Refusal::TooLate => "its time is over",
            Refusal::NoCommitment => "the bidder has committed to nothing",
            Refusal::Mismatch => "it is not what was committed",
        })
    }
}

impl std::error::Error for Refusal {}
