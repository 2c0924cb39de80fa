//! The right bidder wins, and pays what the rule says.

use super::super::{Auction, Config, Entry, Observation, Price, Terms};
use std::collections::BTreeMap;
use std::rc::Rc;
use synod_economics::Bidder;
use synod_economics::auction::Outcome;
use synod_sim::{Event, EventTime, GroundTruth, Oracle, Violation};

/// Of the first bids before CLOSE that reach the reserve the highest wins, weighed where bids are weighed, ties by the
/// published order; and the price is the winner's bid, or the least with which it had won.
#[derive(Debug)]
pub struct Winner {
    config: Rc<Config>,
    ground_truth: Rc<GroundTruth>,
    checked: u64,
}

impl Winner {
    /// The oracle of a run of which `ground_truth` is true.
    pub fn new(config: &Rc<Config>, ground_truth: &Rc<GroundTruth>) -> Winner {
        Winner { config: Rc::clone(config), ground_truth: Rc::clone(ground_truth), checked: 0 }
    }
}

/// What each bidder's first bid scores: weight and units, where it counts.
fn eligible(terms: &Terms, transcript: &[Entry]) -> BTreeMap<Bidder, (i128, i128)> {
    let mut first: BTreeMap<Bidder, i128> = BTreeMap::new();
    for Entry { bidder, amount, .. } in transcript {
        first.entry(*bidder).or_insert(i128::from(amount.units()));
    }
    let weight = |bidder: Bidder| match terms.price {
        Price::First | Price::Second => 1,
        Price::Weighted => terms.weights.get(bidder.0 as usize - 1).copied().map_or(0, i128::from),
    };
    let reserve = i128::from(terms.reserve.units());
    first
        .into_iter()
        .map(|(bidder, units)| (bidder, (weight(bidder), units)))
        .filter(|&(_, (weight, units))| weight > 0 && units >= 1 && units >= reserve)
        .collect()
}

/// Who should win and for how many units, by search.
fn search(terms: &Terms, transcript: &[Entry], ties: &[Bidder]) -> Option<(Bidder, i128)> {
    let bids = eligible(terms, transcript);
    let score = |bidder: &Bidder| bids.get(bidder).map(|&(weight, units)| weight * units);
    let highest = bids.keys().filter_map(score).max()?;
    let winner = *ties.iter().find(|bidder| score(bidder) == Some(highest))?;
    let (weight, bid) = bids[&winner];
    if terms.price == Price::First {
        return Some((winner, bid));
    }
    let rivals = bids.keys().filter(|bidder| **bidder != winner);
    let rival = rivals.filter_map(score).max().unwrap_or(0);
    // The least price that reaches the reserve and no rival exceeds, between one that may not do and one that does.
    let (mut low, mut high) = (i128::from(terms.reserve.units()), bid);
    while low < high {
        let middle = low + (high - low) / 2;
        if weight * middle >= rival { high = middle } else { low = middle + 1 }
    }
    Some((winner, low))
}

impl Oracle<Auction> for Winner {
    fn name(&self) -> &'static str {
        "winner"
    }

    fn claim(&self) -> &'static str {
        "the highest eligible first bid before CLOSE wins, at the price of the rule"
    }

    fn on_event(&mut self, _: EventTime, event: &Event<'_, Auction>) -> Result<(), Violation> {
        let Some((node, Observation::Closed { settlement })) = self.ground_truth.claim(event) else {
            return Ok(());
        };
        self.checked += 1;
        let due = search(&self.config.terms, &settlement.transcript, &settlement.close.ties);
        let told = match settlement.outcome {
            Outcome::Sold { winner, price } => Some((winner, i128::from(price.units()))),
            Outcome::Unsold(_) => None,
        };
        if due == told {
            return Ok(());
        }
        let words = |sale: Option<(Bidder, i128)>| match sale {
            Some((winner, price)) => format!("bidder {winner} wins for {price}"),
            None => "nobody wins".to_owned(),
        };
        let message =
            format_args!("agent {node} settled that {}, and by the bids {}", words(told), words(due));
        Err(Violation::new([node], message))
    }

    fn checked(&self) -> u64 {
        self.checked
    }
}
