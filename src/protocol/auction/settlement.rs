//! What came of an auction, with all from which anybody can compute it.

use super::book::{Close, Entry};
use super::bug::{FurtherBid, Rules};
use super::terms::Terms;
use serde::Serialize;
use std::collections::BTreeSet;
use std::rc::Rc;
use synod_economics::auction::{Bid, Outcome, Roster, SealedAuction, TermsError};
use synod_economics::{Amount, Bidder, Party, Transfer};
use synod_sim::Digest;

/// The outcome of an auction and its transcript.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Settlement {
    /// The terms, with what was sold.
    pub terms: Rc<Terms>,
    /// The bids before CLOSE, in the order of the log.
    pub transcript: Vec<Entry>,
    /// CLOSE.
    pub close: Close,
    /// Who wins, and what is paid.
    pub outcome: Outcome,
    /// Who pays whom.
    pub transfers: Vec<Transfer>,
}

impl Settlement {
    /// Returns what comes of a transcript.
    ///
    /// # Errors
    /// If no auction can be held under these terms and with this order of ties.
    pub(crate) fn new(
        terms: &Rc<Terms>,
        transcript: &[Entry],
        close: &Close,
        rules: &Rules,
    ) -> Result<Settlement, TermsError> {
        let outcome = decide(terms, transcript, close, rules)?;
        let mut transfers = outcome.transfers();
        if !rules.losers_pay_nothing {
            transfers.extend(losses(transcript, &outcome));
        }
        let (terms, transcript) = (Rc::clone(terms), transcript.to_vec());
        Ok(Settlement { terms, transcript, close: close.clone(), outcome, transfers })
    }

    /// Returns true if it follows from its transcript, and its order of ties is one of all bidders.
    pub(crate) fn is_right(&self, rules: &Rules) -> bool {
        let ordered: BTreeSet<Bidder> = self.close.ties.iter().copied().collect();
        let again = Settlement::new(&self.terms, &self.transcript, &self.close, rules);
        ordered == self.terms.bidders().collect() && again.as_ref() == Ok(self)
    }

    /// Returns the digest of the transcript and all that followed.
    pub fn digest(&self) -> Digest {
        Digest::of(self)
    }
}

fn decide(terms: &Terms, transcript: &[Entry], close: &Close, rules: &Rules) -> Result<Outcome, TermsError> {
    let mut order = close.ties.clone();
    if !rules.first_wins_ties {
        order.reverse();
    }
    let mut bids: Vec<Bid> =
        transcript.iter().map(|&Entry { bidder, amount, .. }| Bid { bidder, amount }).collect();
    let sealed = terms.sealed()?;
    let reserve = if rules.reserve_holds { sealed.reserve } else { Amount::ZERO };
    let auction = SealedAuction { reserve, ..sealed };
    match rules.further_bid {
        FurtherBid::Nothing => {}
        FurtherBid::Replaces => bids.reverse(),
        FurtherBid::Rivals => order.extend(disguise(&mut bids, terms.weights.len() as u32)),
    }
    let outcome = auction.decide(&Roster::new(order)?, &bids)?.outcome;
    Ok(match outcome {
        Outcome::Sold { winner, price } if rules.further_bid == FurtherBid::Rivals => {
            Outcome::Sold { winner: Bidder((winner.0 - 1) % terms.weights.len() as u32 + 1), price }
        }
        outcome => outcome,
    })
}

/// For a mutant: gives every further bid of one of so many bidders to somebody new, whose number tells whose it was.
/// Returns the new ones.
fn disguise(bids: &mut [Bid], bidders: u32) -> BTreeSet<Bidder> {
    let mut seen = BTreeSet::new();
    let mut new = BTreeSet::new();
    for bid in bids {
        while !seen.insert(bid.bidder) {
            bid.bidder.0 += bidders;
            new.insert(bid.bidder);
        }
    }
    new
}

/// For a mutant: what those pay that do not win, their first bids.
fn losses(transcript: &[Entry], outcome: &Outcome) -> Vec<Transfer> {
    let mut seen: BTreeSet<Bidder> = outcome.winner().into_iter().collect();
    let first = transcript.iter().filter(|entry| seen.insert(entry.bidder));
    first
        .map(|entry| Transfer { from: Party::Bidder(entry.bidder), to: Party::Seller, amount: entry.amount })
        .collect()
}
