//! The English clock: the price rises step by step, and bidders leave for ever.
//!
//! Round r has the price start + (r − 1)·step. A round is over when the log says so; who has not answered by then has
//! left. The sole survivor of a round pays its price. If all leave in one round, the order of ties picks among those
//! who were active in the round before, at that round's price. If two or more survive the last round, they make
//! sealed bids, the second price is paid, and the last round's price is the reserve; who makes none has left at that
//! price.
//!
//! With bidders that leave when the price passes their value, the item goes to a bidder whose value is within one
//! step of the highest, and the price is within one step of the second highest value.
//!
//! Source: P. Milgrom and R. Weber, *A theory of auctions and competitive bidding* (1982).

use super::{Bid, Outcome, PriceRule, Refusal, Roster, SealedAuction, TermsError, Unsold};
use crate::{Amount, Bidder};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// The terms of an English clock.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub struct EnglishTerms {
    /// The price of the first round, in minor units: the reserve.
    pub start: Amount,
    /// What each round adds to the price, in minor units.
    pub step: Amount,
    /// The number of rounds after which those that are left make sealed bids.
    pub max_rounds: u32,
}

/// What an active bidder says to a round's price.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Answer {
    /// It would pay the price.
    Stay,
    /// It leaves, for ever.
    Exit,
}

/// An entry in the log of an English clock. Rounds count from 1.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EnglishEntry {
    /// A bidder answers to a round's price.
    Answer {
        /// Who answers.
        bidder: Bidder,
        /// To which round.
        round: u32,
        /// What it says.
        answer: Answer,
    },
    /// A round is over. Active bidders that have not answered leave.
    CloseRound {
        /// Which round.
        round: u32,
    },
    /// A bidder that survived the last round makes a sealed bid.
    Sealed(Bid),
    /// The sealed bids are all there are.
    CloseSealed,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Stage {
    Round,
    /// Several have survived the last round.
    Sealed(Vec<Bid>),
    /// The first in the order of ties among these pays the price; there may be none.
    Equal(BTreeSet<Bidder>, Amount),
    /// Sealed bids decide among these.
    Decided(Vec<Bid>),
}

/// An English clock that takes one entry of the log after another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EnglishClock {
    terms: EnglishTerms,
    eligible: BTreeSet<Bidder>,
    active: BTreeSet<Bidder>,
    answers: BTreeMap<Bidder, Answer>,
    round: u32,
    stage: Stage,
    forced_exits: Vec<(u32, Bidder)>,
}

impl EnglishClock {
    /// Returns a clock in its first round, with all eligible bidders active.
    ///
    /// # Errors
    /// If the start is negative, the step is not positive, there is no round, or the last price is beyond 2⁶⁰.
    pub fn new(terms: EnglishTerms, roster: &Roster) -> Result<EnglishClock, TermsError> {
        if terms.start < Amount::ZERO {
            return Err(TermsError::NegativeStart(terms.start));
        }
        if terms.step <= Amount::ZERO {
            return Err(TermsError::StepNotPositive(terms.step));
        }
        if terms.max_rounds == 0 {
            return Err(TermsError::NoRounds);
        }
        terms.start.plus(terms.step.times(i64::from(terms.max_rounds) - 1)?)?;
        let eligible: BTreeSet<Bidder> = roster.order().iter().copied().collect();
        let (active, answers, forced_exits) = (eligible.clone(), BTreeMap::new(), Vec::new());
        Ok(EnglishClock { terms, eligible, active, answers, round: 1, stage: Stage::Round, forced_exits })
    }

    /// Takes the next entry.
    ///
    /// # Errors
    /// If the entry does not count. Then nothing has changed.
    pub fn take(&mut self, entry: EnglishEntry) -> Result<(), Refusal> {
        match entry {
            EnglishEntry::Answer { bidder, round, answer } => self.answer(bidder, round, answer),
            EnglishEntry::CloseRound { round } => self.close_round(round),
            EnglishEntry::Sealed(bid) => self.sealed(bid),
            EnglishEntry::CloseSealed => self.close_sealed(),
        }
    }

    /// Returns the number of the last round that was opened; it is at most `max_rounds`, for sealed bids are no round.
    pub fn round(&self) -> u32 {
        self.round
    }

    /// Returns the price of the last round that was opened, in minor units.
    pub fn price(&self) -> Amount {
        self.price_of(self.round)
    }

    /// Returns who has not left, in the order of numbers.
    pub fn active(&self) -> impl Iterator<Item = Bidder> {
        self.active.iter().copied()
    }

    /// Returns whether it came to sealed bids.
    pub fn fell_back(&self) -> bool {
        matches!(self.stage, Stage::Sealed(_) | Stage::Decided(_))
    }

    /// Returns whether sealed bids are awaited now.
    pub fn awaits_sealed(&self) -> bool {
        matches!(self.stage, Stage::Sealed(_))
    }

    /// Returns who left by saying nothing, with the round, in order.
    pub fn forced_exits(&self) -> &[(u32, Bidder)] {
        &self.forced_exits
    }

    /// Returns the outcome, once the auction is over. The roster breaks ties.
    pub fn outcome(&self, roster: &Roster) -> Option<Outcome> {
        match &self.stage {
            Stage::Round | Stage::Sealed(_) => None,
            Stage::Equal(among, price) => Some(first_of(among, *price, roster)),
            Stage::Decided(bids) => {
                let auction = SealedAuction { rule: PriceRule::Second, reserve: self.price() };
                let among = roster.only(|bidder| self.active.contains(&bidder));
                let outcome = auction.decide(&among, bids).expect("a price is no negative reserve").outcome;
                let sold = matches!(outcome, Outcome::Sold { .. });
                Some(if sold { outcome } else { first_of(&self.active, self.price(), roster) })
            }
        }
    }

    fn answer(&mut self, bidder: Bidder, round: u32, answer: Answer) -> Result<(), Refusal> {
        if !self.eligible.contains(&bidder) {
            return Err(Refusal::NotEligible);
        }
        if self.stage != Stage::Round || round != self.round {
            return Err(Refusal::NotOpen);
        }
        if !self.active.contains(&bidder) {
            return Err(Refusal::Left);
        }
        if self.answers.contains_key(&bidder) {
            return Err(Refusal::Repeated);
        }
        self.answers.insert(bidder, answer);
        Ok(())
    }

    fn close_round(&mut self, round: u32) -> Result<(), Refusal> {
        if self.stage != Stage::Round || round != self.round {
            return Err(Refusal::NotOpen);
        }
        let answers = std::mem::take(&mut self.answers);
        let silent = self.active.iter().filter(|bidder| !answers.contains_key(bidder));
        self.forced_exits.extend(silent.map(|&bidder| (round, bidder)));
        let before = self.active.clone();
        self.active.retain(|bidder| answers.get(bidder) == Some(&Answer::Stay));
        match self.active.len() {
            0 if round == 1 => self.stage = Stage::Equal(BTreeSet::new(), self.price()),
            0 => self.stage = Stage::Equal(before, self.price_of(round - 1)),
            1 => self.stage = Stage::Equal(self.active.clone(), self.price()),
            _ if round == self.terms.max_rounds => self.stage = Stage::Sealed(Vec::new()),
            _ => self.round += 1,
        }
        Ok(())
    }

    fn sealed(&mut self, bid: Bid) -> Result<(), Refusal> {
        if !self.eligible.contains(&bid.bidder) {
            return Err(Refusal::NotEligible);
        }
        let least = self.price().units().max(1);
        let Stage::Sealed(bids) = &mut self.stage else { return Err(Refusal::NotOpen) };
        if !self.active.contains(&bid.bidder) {
            return Err(Refusal::Left);
        }
        if bids.iter().any(|earlier| earlier.bidder == bid.bidder) {
            return Err(Refusal::Repeated);
        }
        if bid.amount.units() < least {
            return Err(Refusal::TooLow { least });
        }
        bids.push(bid);
        Ok(())
    }

    fn close_sealed(&mut self) -> Result<(), Refusal> {
        let Stage::Sealed(bids) = &mut self.stage else { return Err(Refusal::NotOpen) };
        self.stage = Stage::Decided(std::mem::take(bids));
        Ok(())
    }

    fn price_of(&self, round: u32) -> Amount {
        let raised =
            self.terms.step.times(i64::from(round) - 1).and_then(|raise| self.terms.start.plus(raise));
        raised.expect("the last price was checked")
    }
}

/// The sale to the first of these in the order of ties.
fn first_of(among: &BTreeSet<Bidder>, price: Amount, roster: &Roster) -> Outcome {
    let first = roster.order().iter().find(|bidder| among.contains(bidder));
    first.map_or(Outcome::Unsold(Unsold::NoBid), |&winner| Outcome::Sold { winner, price })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn amount(units: i64) -> Amount {
        Amount::new(units).unwrap()
    }

    fn terms(start: i64, step: i64, max_rounds: u32) -> EnglishTerms {
        EnglishTerms { start: amount(start), step: amount(step), max_rounds }
    }

    fn roster(count: u32) -> Roster {
        Roster::new((0..count).map(Bidder)).unwrap()
    }

    /// A clock whose bidders leave when the price passes their value, and bid their value if sealed bids are asked for.
    fn truthful(terms: EnglishTerms, values: &[i64]) -> EnglishClock {
        let mut clock = EnglishClock::new(terms, &roster(values.len() as u32)).unwrap();
        while clock.stage == Stage::Round {
            let round = clock.round();
            for bidder in clock.active().collect::<Vec<_>>() {
                let stays = amount(values[bidder.0 as usize]) >= clock.price();
                let answer = if stays { Answer::Stay } else { Answer::Exit };
                clock.take(EnglishEntry::Answer { bidder, round, answer }).unwrap();
            }
            clock.take(EnglishEntry::CloseRound { round }).unwrap();
        }
        if clock.awaits_sealed() {
            for bidder in clock.active().collect::<Vec<_>>() {
                // A value of 0 is no bid.
                let _ = clock
                    .take(EnglishEntry::Sealed(Bid { bidder, amount: amount(values[bidder.0 as usize]) }));
            }
            clock.take(EnglishEntry::CloseSealed).unwrap();
        }
        clock
    }

    fn sold(winner: u32, price: i64) -> Option<Outcome> {
        Some(Outcome::Sold { winner: Bidder(winner), price: amount(price) })
    }

    #[test]
    fn ten_rounds_from_five_end_at_fourteen_and_then_in_sealed_bids() {
        let clock = truthful(terms(5, 1, 10), &[10, 15, 12]);
        assert_eq!((clock.round(), clock.fell_back(), clock.outcome(&roster(3))), (9, false, sold(1, 13)));
        let clock = truthful(terms(5, 1, 10), &[10, 25, 18]);
        assert_eq!((clock.round(), clock.price(), clock.fell_back()), (10, amount(14), true));
        assert_eq!(clock.outcome(&roster(3)), sold(1, 18));
    }

    #[test]
    fn those_who_leave_together_are_told_apart_by_the_order_of_ties() {
        let clock = truthful(terms(5, 1, 10), &[8, 8, 6]);
        assert_eq!(clock.outcome(&roster(3)), sold(0, 8));
        let back = Roster::new([2, 1, 0].map(Bidder)).unwrap();
        assert_eq!(clock.outcome(&back), sold(1, 8));
    }

    #[test]
    fn nobody_at_the_start_leaves_it_unsold_and_one_pays_the_start() {
        assert_eq!(
            truthful(terms(5, 1, 10), &[4, 3]).outcome(&roster(2)),
            Some(Outcome::Unsold(Unsold::NoBid))
        );
        assert_eq!(truthful(terms(5, 1, 10), &[4, 9]).outcome(&roster(2)), sold(1, 5));
        let mut empty = EnglishClock::new(terms(5, 1, 10), &roster(0)).unwrap();
        empty.take(EnglishEntry::CloseRound { round: 1 }).unwrap();
        assert_eq!(empty.outcome(&roster(0)), Some(Outcome::Unsold(Unsold::NoBid)));
    }

    #[test]
    fn silence_is_an_exit_for_ever_and_is_counted() {
        let mut clock = EnglishClock::new(terms(1, 1, 3), &roster(3)).unwrap();
        let stay =
            |bidder, round| EnglishEntry::Answer { bidder: Bidder(bidder), round, answer: Answer::Stay };
        clock.take(stay(0, 1)).unwrap();
        clock.take(stay(1, 1)).unwrap();
        let exit = EnglishEntry::Answer { bidder: Bidder(0), round: 1, answer: Answer::Exit };
        assert_eq!(clock.take(exit), Err(Refusal::Repeated));
        assert_eq!(clock.take(stay(0, 2)), Err(Refusal::NotOpen));
        assert_eq!(clock.take(stay(7, 1)), Err(Refusal::NotEligible));
        clock.take(EnglishEntry::CloseRound { round: 1 }).unwrap();
        assert_eq!(clock.take(EnglishEntry::CloseRound { round: 1 }), Err(Refusal::NotOpen));
        assert_eq!(clock.take(stay(2, 2)), Err(Refusal::Left));
        assert_eq!(clock.forced_exits(), [(1, Bidder(2))]);
        clock.take(EnglishEntry::CloseRound { round: 2 }).unwrap();
        assert_eq!(clock.outcome(&roster(3)), sold(0, 1));
        assert_eq!(clock.forced_exits(), [(1, Bidder(2)), (2, Bidder(0)), (2, Bidder(1))]);
    }

    #[test]
    fn sealed_bids_have_the_last_price_as_their_reserve() {
        let rounds = |bids: &[(u32, i64)]| {
            let mut clock = EnglishClock::new(terms(5, 5, 1), &roster(3)).unwrap();
            for bidder in [0, 2] {
                let answer = EnglishEntry::Answer { bidder: Bidder(bidder), round: 1, answer: Answer::Stay };
                clock.take(answer).unwrap();
            }
            clock.take(EnglishEntry::CloseRound { round: 1 }).unwrap();
            let sealed = |&(bidder, units)| {
                EnglishEntry::Sealed(Bid { bidder: Bidder(bidder), amount: amount(units) })
            };
            let refused: Vec<_> = bids.iter().filter_map(|bid| clock.take(sealed(bid)).err()).collect();
            clock.take(EnglishEntry::CloseSealed).unwrap();
            (clock.outcome(&roster(3)), refused)
        };
        let refused =
            vec![Refusal::TooLow { least: 5 }, Refusal::Left, Refusal::Repeated, Refusal::NotEligible];
        assert_eq!(rounds(&[(0, 4), (1, 9), (2, 9), (2, 8), (5, 9)]), (sold(2, 5), refused));
        assert_eq!(rounds(&[(0, 7), (2, 9)]), (sold(2, 7), vec![]));
        assert_eq!(rounds(&[]), (sold(0, 5), vec![]));
    }

    /// With values uniform in [0, 1) and a step of 0.1, only the tenth in which a value lies makes a difference, so
    /// that the mean price over all tenths is exact: .37500 for two bidders, .69332 for five.
    #[test]
    fn mean_prices_are_those_of_the_closed_form() {
        let prices = |bidders: u32| -> i64 {
            let price = |profile: u32| {
                let values: Vec<i64> =
                    (0..bidders).map(|bidder| i64::from(profile / 10_u32.pow(bidder) % 10)).collect();
                truthful(terms(0, 1, 12), &values).outcome(&roster(bidders)).unwrap().price().unwrap().units()
            };
            (0..10_u32.pow(bidders)).map(price).sum()
        };
        assert_eq!(prices(2), 375);
        assert_eq!(prices(5), 693_315);
    }

    #[test]
    fn terms_without_sense_are_errors() {
        let error = |terms| EnglishClock::new(terms, &roster(1)).unwrap_err();
        assert_eq!(error(terms(-1, 1, 1)), TermsError::NegativeStart(amount(-1)));
        assert_eq!(error(terms(1, 0, 1)), TermsError::StepNotPositive(amount(0)));
        assert_eq!(error(terms(1, 1, 0)), TermsError::NoRounds);
        assert_eq!(error(terms(1, Amount::MAX.units(), 2)), TermsError::Overflow);
        assert_eq!(error(terms(1, Amount::MAX.units(), u32::MAX)), TermsError::Overflow);
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn truth_sells_within_one_step_of_the_best(
            values in prop::collection::vec(0_i64..60, 2..6),
            start in 0_i64..8,
            step in 1_i64..7,
            max_rounds in 1_u32..12,
        ) {
            let terms = terms(start, step, max_rounds);
            let outcome = truthful(terms, &values).outcome(&roster(values.len() as u32)).unwrap();
            let mut sorted = values.clone();
            sorted.sort_unstable();
            let [second, best] = sorted[sorted.len() - 2..] else { unreachable!("there are two") };
            match outcome {
                Outcome::Unsold(_) => prop_assert!(best < start),
                Outcome::Sold { winner, price } => {
                    let (value, price) = (values[winner.0 as usize], price.units());
                    prop_assert!(price <= value && value > best - step);
                    prop_assert!((price - second.max(start)).abs() <= step, "{price} {second}");
                }
            }
        }
    }
}
