//! The Dutch auction: the price falls step by step until somebody accepts.
//!
//! Label k stands for the price start − k·step. Bidders accept a label. The label is closed, in order and in the log,
//! late enough for all honest answers to be there; the first label that is closed with an acceptance ends the
//! auction, and the order of ties picks among those who accepted it. So the fastest line wins nothing.
//!
//! Source: W. Vickrey, *Counterspeculation, auctions, and competitive sealed tenders* (1961), on its equivalence to a
//! first price.

use super::{Outcome, Refusal, Roster, TermsError, Unsold};
use crate::{Amount, Bidder};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The terms of a Dutch auction.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub struct DutchTerms {
    /// The price of label 0, in minor units.
    pub start: Amount,
    /// What each label takes from the price, in minor units.
    pub step: Amount,
    /// Below this no label is sold, in minor units. It is at least 0; nothing is sold below 1.
    pub reserve: Amount,
}

/// An entry in the log of a Dutch auction.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DutchEntry {
    /// A bidder accepts the price of a label.
    Accept {
        /// Who accepts.
        bidder: Bidder,
        /// Which label.
        label: u32,
    },
    /// Acceptances of a label come too late from here on.
    Close {
        /// Which label.
        label: u32,
    },
}

/// A Dutch auction that takes one entry of the log after another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DutchClock {
    terms: DutchTerms,
    labels: u32,
    roster: Roster,
    accepted: BTreeMap<Bidder, u32>,
    closed: u32,
    sold: bool,
}

impl DutchClock {
    /// Returns an auction with no label closed.
    ///
    /// # Errors
    /// If the reserve is negative, the step is not positive, the start is below the reserve or below 1, or there
    /// would be more than 2³² − 1 labels.
    pub fn new(terms: DutchTerms, roster: &Roster) -> Result<DutchClock, TermsError> {
        if terms.reserve < Amount::ZERO {
            return Err(TermsError::NegativeReserve(terms.reserve));
        }
        if terms.step <= Amount::ZERO {
            return Err(TermsError::StepNotPositive(terms.step));
        }
        let least = Amount::new(terms.reserve.units().max(1))?;
        if terms.start < least {
            return Err(TermsError::StartBelowReserve { start: terms.start, least });
        }
        let steps = (terms.start.units() - least.units()) / terms.step.units();
        let labels = u32::try_from(steps + 1).map_err(|_| TermsError::Overflow)?;
        Ok(DutchClock {
            terms,
            labels,
            roster: roster.clone(),
            accepted: BTreeMap::new(),
            closed: 0,
            sold: false,
        })
    }

    /// Takes the next entry.
    ///
    /// # Errors
    /// If the entry does not count. Then nothing has changed.
    pub fn take(&mut self, entry: DutchEntry) -> Result<(), Refusal> {
        match entry {
            DutchEntry::Accept { bidder, label } => self.accept(bidder, label),
            DutchEntry::Close { label } => self.close(label),
        }
    }

    /// Returns the number of labels: as many prices as there are from the start down to the reserve.
    pub fn labels(&self) -> u32 {
        self.labels
    }

    /// Returns the price of a label, in minor units, if there is such a label.
    pub fn price(&self, label: u32) -> Option<Amount> {
        let price = || Amount::new(self.terms.start.units() - i64::from(label) * self.terms.step.units());
        (label < self.labels).then(|| price().expect("a price lies between the start and the reserve"))
    }

    /// Returns how many labels are closed.
    pub fn closed(&self) -> u32 {
        self.closed
    }

    /// Returns the outcome, once a label is closed that was accepted, or all labels are closed. The roster breaks ties.
    pub fn outcome(&self, roster: &Roster) -> Option<Outcome> {
        if self.sold {
            let label = self.closed - 1;
            let first = roster.order().iter().find(|bidder| self.accepted.get(bidder) == Some(&label))?;
            let price = self.price(label).expect("a label that was closed");
            return Some(Outcome::Sold { winner: *first, price });
        }
        (self.closed == self.labels).then_some(Outcome::Unsold(Unsold::NoBid))
    }

    fn accept(&mut self, bidder: Bidder, label: u32) -> Result<(), Refusal> {
        if !self.roster.has(bidder) {
            return Err(Refusal::NotEligible);
        }
        if self.sold {
            return Err(Refusal::TooLate);
        }
        if label >= self.labels {
            return Err(Refusal::NoSuchLabel);
        }
        if label < self.closed {
            return Err(Refusal::NotOpen);
        }
        if self.accepted.contains_key(&bidder) {
            return Err(Refusal::Repeated);
        }
        self.accepted.insert(bidder, label);
        Ok(())
    }

    fn close(&mut self, label: u32) -> Result<(), Refusal> {
        if self.sold {
            return Err(Refusal::TooLate);
        }
        if label >= self.labels {
            return Err(Refusal::NoSuchLabel);
        }
        if label != self.closed {
            return Err(if label < self.closed { Refusal::NotOpen } else { Refusal::TooEarly });
        }
        self.closed += 1;
        self.sold = self.accepted.values().any(|accepted| *accepted == label);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn amount(units: i64) -> Amount {
        Amount::new(units).unwrap()
    }

    fn terms(start: i64, step: i64, reserve: i64) -> DutchTerms {
        DutchTerms { start: amount(start), step: amount(step), reserve: amount(reserve) }
    }

    fn roster() -> Roster {
        Roster::new([2, 0, 1].map(Bidder)).unwrap()
    }

    fn accept(bidder: u32, label: u32) -> DutchEntry {
        DutchEntry::Accept { bidder: Bidder(bidder), label }
    }

    fn close(label: u32) -> DutchEntry {
        DutchEntry::Close { label }
    }

    #[test]
    fn the_smallest_label_wins_and_ties_go_by_the_order_that_is_given() {
        let mut clock = DutchClock::new(terms(20, 3, 10), &roster()).unwrap();
        assert_eq!(clock.labels(), 4);
        clock.take(accept(0, 2)).unwrap();
        clock.take(close(0)).unwrap();
        clock.take(accept(1, 1)).unwrap();
        clock.take(accept(2, 1)).unwrap();
        assert_eq!(clock.outcome(&roster()), None);
        clock.take(close(1)).unwrap();
        assert_eq!(clock.outcome(&roster()), Some(Outcome::Sold { winner: Bidder(2), price: amount(17) }));
        assert_eq!(clock.take(accept(0, 2)), Err(Refusal::TooLate));
        assert_eq!(clock.take(close(2)), Err(Refusal::TooLate));
    }

    #[test]
    fn labels_close_in_order_and_are_closed_for_good() {
        let mut clock = DutchClock::new(terms(20, 5, 10), &roster()).unwrap();
        assert_eq!(clock.take(close(1)), Err(Refusal::TooEarly));
        clock.take(close(0)).unwrap();
        assert_eq!(clock.take(close(0)), Err(Refusal::NotOpen));
        assert_eq!(clock.take(accept(0, 0)), Err(Refusal::NotOpen));
        assert_eq!(clock.take(accept(0, 3)), Err(Refusal::NoSuchLabel));
        assert_eq!(clock.take(accept(7, 1)), Err(Refusal::NotEligible));
        clock.take(close(1)).unwrap();
        clock.take(close(2)).unwrap();
        assert_eq!(clock.take(close(3)), Err(Refusal::NoSuchLabel));
        assert_eq!(clock.outcome(&roster()), Some(Outcome::Unsold(Unsold::NoBid)));
    }

    #[test]
    fn the_first_acceptance_of_a_bidder_counts() {
        let mut clock = DutchClock::new(terms(20, 5, 10), &roster()).unwrap();
        clock.take(accept(0, 2)).unwrap();
        assert_eq!(clock.take(accept(0, 1)), Err(Refusal::Repeated));
    }

    /// Two bidders with values uniform in [0, 1) bid half their value; with a step of 0.1 only the tenth in which a
    /// bid lies makes a difference: the mean revenue is .28000.
    #[test]
    fn the_mean_revenue_is_that_of_the_closed_form() {
        let revenue = |tenths: [u32; 2]| {
            let mut clock = DutchClock::new(terms(10, 1, 0), &roster()).unwrap();
            for (bidder, tenth) in (0..).zip(tenths) {
                let counts = clock.take(accept(bidder, 10 - tenth));
                assert_eq!(counts.is_ok(), tenth > 0);
            }
            (0..).find(|&label| clock.take(close(label)).is_err());
            clock.outcome(&roster()).unwrap().price().map_or(0, Amount::units)
        };
        let total: i64 = (0..25).map(|profile| revenue([profile / 5, profile % 5])).sum();
        assert_eq!(total, 70);
    }

    #[test]
    fn terms_without_sense_are_errors() {
        let error = |terms| DutchClock::new(terms, &roster()).unwrap_err();
        let below =
            |start, least| TermsError::StartBelowReserve { start: amount(start), least: amount(least) };
        assert_eq!(error(terms(9, 1, 10)), below(9, 10));
        assert_eq!(error(terms(0, 1, 0)), below(0, 1));
        assert_eq!(error(terms(9, 0, 1)), TermsError::StepNotPositive(amount(0)));
        assert_eq!(error(terms(9, 1, -1)), TermsError::NegativeReserve(amount(-1)));
        assert_eq!(error(terms(Amount::MAX.units(), 1, 0)), TermsError::Overflow);
        // No price is 0, even without a reserve.
        let clock = DutchClock::new(terms(4, 2, 0), &roster()).unwrap();
        assert_eq!((clock.price(1), clock.price(2)), (Some(amount(2)), None));
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

        /// Acceptances of labels that are still open may come in any order.
        #[test]
        fn arrival_makes_no_difference(labels in Just(vec![0_u32, 1, 2]).prop_shuffle(), start in 20_i64..30) {
            let accepts: Vec<_> = (0..3).map(|bidder| accept(bidder, labels[bidder as usize] / 2)).collect();
            let outcome = |order: [usize; 3]| {
                let mut clock = DutchClock::new(terms(start, 5, 1), &roster()).unwrap();
                order.iter().for_each(|&place| clock.take(accepts[place]).unwrap());
                clock.take(close(0)).unwrap();
                clock.outcome(&roster()).unwrap()
            };
            let all = [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]].map(outcome);
            prop_assert!(all.iter().all(|other| *other == all[0]));
            prop_assert_eq!(all[0].price(), Some(amount(start)));
        }
    }
}
