//! The log's state machine: which bids are entered, and that nothing is behind CLOSE.

use super::bug::{Bug, Rules};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fmt;
use synod_economics::auction::rate_limit::SlidingWindow;
use synod_economics::{Amount, Bidder};
use synod_log::Service;
use synod_sim::{Duration, Time};

/// A bid in the log.
#[derive(Copy, Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Entry {
    /// When, by the log's time, which does not fall.
    pub at: Time,
    /// Who bids.
    pub bidder: Bidder,
    /// Which of its bids, from 0.
    pub number: u32,
    /// What it bids, in minor units.
    pub amount: Amount,
}

/// CLOSE: what stands before it counts.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Close {
    /// When, by the log's time.
    pub at: Time,
    /// The bidders in the order in which ties are broken, drawn when no bid can be made any more.
    pub ties: Vec<Bidder>,
}

/// What is asked of the log.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Command {
    /// To enter a bid.
    Bid(Entry),
    /// To close.
    Close(Close),
}

/// What the log answers.
#[derive(Copy, Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Answer {
    /// The bid stands at this place, from 0.
    Entered(u64),
    /// The bid is not entered.
    Refused(Refusal),
    /// The auction is closed.
    Closed,
}

/// Why a bid is not entered.
#[derive(Copy, Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Refusal {
    /// The auction is closed.
    TooLate,
    /// The bidder has so many entries that it gets no more for a while.
    TooMany,
}

/// How many entries the log takes of one bidder.
#[derive(Copy, Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Limit {
    /// At most so many, at least 1,
    pub most: u32,
    /// in a sliding window of this length.
    pub window: Duration,
}

/// The log of an auction: the bids before CLOSE, and CLOSE.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Book {
    limit: Limit,
    entries: Vec<Entry>,
    places: BTreeMap<(Bidder, u32), u64>,
    windows: BTreeMap<Bidder, SlidingWindow>,
    close: Option<Close>,
    /// The bug of a mutant.
    bug: Option<Bug>,
}

impl Book {
    /// Returns the log before its first entry.
    pub fn new(limit: Limit, bug: Option<Bug>) -> Book {
        Book {
            limit,
            entries: Vec::new(),
            places: BTreeMap::new(),
            windows: BTreeMap::new(),
            close: None,
            bug,
        }
    }

    /// Returns the bids, in their order.
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// Returns CLOSE, if it is there.
    pub fn close(&self) -> Option<&Close> {
        self.close.as_ref()
    }

    /// Returns the time of the last entry.
    pub fn time(&self) -> Time {
        self.entries.last().map_or(Time::ZERO, |entry| entry.at)
    }

    /// Enters a bid, once: one that is there already is told its place again.
    fn enter(&mut self, entry: Entry) -> Answer {
        let rules = Rules::of(self.bug);
        if let Some(&place) = self.places.get(&(entry.bidder, entry.number)) {
            return Answer::Entered(place);
        }
        if self.close.is_some() && rules.close_is_final {
            return Answer::Refused(Refusal::TooLate);
        }
        let Limit { most, window } = self.limit;
        let new = || {
            SlidingWindow::new((most + rules.excess) as usize, window.as_nanos())
                .expect("a limit admits something")
        };
        if !self.windows.entry(entry.bidder).or_insert_with(new).admit(entry.at.as_nanos()) {
            return Answer::Refused(Refusal::TooMany);
        }
        let place = self.entries.len() as u64;
        self.places.insert((entry.bidder, entry.number), place);
        self.entries.push(entry);
        Answer::Entered(place)
    }
}

impl Service for Book {
    const NAME: &'static str = "auction";
    type Command = Command;
    type Output = Answer;

    fn apply(&mut self, command: &Command) -> Answer {
        match command {
            Command::Bid(entry) => self.enter(*entry),
            Command::Close(close) => {
                self.close.get_or_insert_with(|| close.clone());
                Answer::Closed
            }
        }
    }
}

impl fmt::Display for Book {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let state = if self.close.is_some() { "closed" } else { "open" };
        write!(out, "{state}, with {} bids", self.entries.len())
    }
}

impl fmt::Display for Command {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Command::Bid(Entry { bidder, number, amount, .. }) => {
                write!(out, "bid {number} of bidder {bidder}: {amount}")
            }
            Command::Close(_) => out.write_str("close"),
        }
    }
}

impl fmt::Display for Answer {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Answer::Entered(place) => write!(out, "entered at place {place}"),
            Answer::Refused(Refusal::TooLate) => out.write_str("refused: the auction is closed"),
            Answer::Refused(Refusal::TooMany) => out.write_str("refused: too many bids of this bidder"),
            Answer::Closed => out.write_str("closed"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use synod_log::laws::{Input, check};

    const LIMIT: Limit = Limit { most: 2, window: Duration::from_secs(1) };

    fn bid(millis: u64, bidder: u32, number: u32, units: i64) -> Command {
        let at = Time::from_nanos(millis * 1_000_000);
        Command::Bid(Entry { at, bidder: Bidder(bidder), number, amount: Amount::new(units).unwrap() })
    }

    fn close() -> Command {
        Command::Close(Close { at: Time::from_nanos(9), ties: vec![Bidder(2), Bidder(1)] })
    }

    #[test]
    fn a_bid_is_entered_once_within_the_limit_and_before_close() {
        let mut book = Book::new(LIMIT, None);
        let answers = [
            (bid(0, 1, 0, 5), Answer::Entered(0)),
            (bid(1, 2, 0, 7), Answer::Entered(1)),
            (bid(2, 1, 0, 9), Answer::Entered(0)),
            (bid(3, 1, 1, 4), Answer::Entered(2)),
            (bid(999, 1, 2, 3), Answer::Refused(Refusal::TooMany)),
            (bid(1_000, 1, 2, 3), Answer::Entered(3)),
            (close(), Answer::Closed),
            (bid(1_001, 2, 1, 3), Answer::Refused(Refusal::TooLate)),
            (bid(1_002, 2, 0, 7), Answer::Entered(1)),
            (close(), Answer::Closed),
        ];
        for (command, answer) in answers {
            assert_eq!(book.apply(&command), answer, "{command}");
        }
        assert_eq!(book.entries().iter().map(|entry| entry.amount.units()).collect::<Vec<_>>(), [5, 7, 4, 3]);
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 100, failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn it_keeps_the_laws_of_services(
            asked in prop::collection::vec((0_u64..400, 1_u32..4, 0_u32..4, -3_i64..9, 0_u32..12), 1..40),
        ) {
            let mut now = 0;
            let inputs: Vec<Input<Command>> = asked
                .into_iter()
                .map(|(step, bidder, number, units, closes)| {
                    now += step;
                    Input::Command(if closes == 0 { close() } else { bid(now, bidder, number, units) })
                })
                .collect();
            check(&Book::new(LIMIT, None), &inputs);
        }
    }
}
