//! What every node of an auction is told, and what follows from it.

use super::book::{Book, Limit};
use super::bug::{Bug, Rules};
use super::strategy::Strategy;
use super::terms::Terms;
use std::rc::Rc;
use synod_economics::{Amount, Bidder};
use synod_sim::{Duration, NodeId, Time};

/// Configuration, the same for every node.
#[derive(Clone, Debug)]
pub struct Config {
    /// The terms. A bidder goes by those that it is told.
    pub terms: Rc<Terms>,
    /// When the auction opens, by the auctioneer's clock.
    pub opens: Time,
    /// After what time without an answer something is sent again.
    pub resend: Duration,
    /// How many entries the log takes of one bidder.
    pub limit: Limit,
    /// The bidders: agents 1, 2 and so on. A node reads its own part alone.
    pub participants: Rc<[Participant]>,
    /// The injected bug, in a mutant.
    pub bug: Option<Bug>,
    /// Number of the twin that has this configuration; 0 for a correct node. It bids so much more.
    pub life: u32,
}

/// Who bids.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub struct Participant {
    /// What the item is worth to it, in minor units.
    pub value: Amount,
    /// How it bids.
    pub strategy: Strategy,
}

impl Config {
    /// The auctioneer.
    pub const AUCTIONEER: NodeId = NodeId(0);

    /// Returns the number of nodes.
    pub fn nodes(&self) -> usize {
        self.participants.len() + 1
    }

    /// Returns what there is to know of the bidder at a node.
    ///
    /// # Panics
    /// If the node is the auctioneer, or there is none.
    pub fn participant(&self, node: NodeId) -> &Participant {
        &self.participants[node.index() - 1]
    }

    /// Returns the bidder's bid of this number, from 0, if it makes one.
    pub fn bid(&self, node: NodeId, number: u32) -> Option<Amount> {
        let Participant { value, strategy } = self.participant(node);
        let units = strategy.bid(*value, number)?.wide() + i128::from(self.life);
        Amount::of_wide(units).ok()
    }

    /// Returns the log before its first entry.
    pub fn book(&self) -> Book {
        Book::new(self.limit, self.bug)
    }

    /// Returns true if a bidder of this number takes part.
    pub fn is_eligible(&self, bidder: Bidder) -> bool {
        (1..=self.participants.len() as u32).contains(&bidder.0)
    }

    /// What it goes by.
    pub(crate) fn rules(&self) -> &'static Rules {
        Rules::of(self.bug)
    }

    /// Checks what every configuration keeps to.
    ///
    /// # Panics
    /// If it does not.
    pub fn assert_sound(&self) {
        assert!(!self.participants.is_empty(), "somebody bids");
        assert_eq!(self.terms.weights.len(), self.participants.len(), "every bidder has a weight");
        assert_eq!(self.terms.check(), Ok(()), "an auction can be held");
        assert!(self.terms.closes > self.opens, "there is time to bid");
        assert!(!self.resend.is_zero(), "waiting takes time");
    }
}
