//! What is bid on which bundles.

use crate::{Amount, Bidder};
use serde::{Deserialize, Serialize};
use std::fmt;
use std::ops::Range;

/// A bid on a set of items.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BundleBid {
    /// Who bids. It wins at most one of its bids.
    pub bidder: Bidder,
    /// The items, one bit each: item 0 is the lowest bit.
    pub bundle: u64,
    /// What is bid for all of them together, in minor units.
    pub amount: Amount,
}

/// Bids on bundles. They are numbered by bidder, and within a bidder by the order in which they came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    items: u32,
    bids: Vec<BundleBid>,
    places: Vec<usize>,
    groups: Vec<Range<usize>>,
}

/// Why bids on bundles make no problem.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub enum ProblemError {
    /// There are no items, or more than 64.
    Items(u32),
    /// There are more bids than can be handled.
    Bids(usize),
    /// A bid, told by its place in the input, is on no item.
    EmptyBundle(usize),
    /// A bid, told by its place in the input, is on an item that is not there.
    UnknownItem(usize),
    /// A bid, told by its place in the input, is not positive.
    NotPositive(usize),
    /// The best bids of all bidders add up to more than 2⁶⁰.
    Overflow,
}

impl BundleBid {
    /// Checks the bid by itself; `place` is told in the error.
    ///
    /// # Errors
    /// If it is on no item or on one that is not there, or not positive.
    pub fn check(&self, items: u32, place: usize) -> Result<(), ProblemError> {
        if self.bundle == 0 {
            return Err(ProblemError::EmptyBundle(place));
        }
        if items < 64 && self.bundle >> items != 0 {
            return Err(ProblemError::UnknownItem(place));
        }
        if self.amount <= Amount::ZERO {
            return Err(ProblemError::NotPositive(place));
        }
        Ok(())
    }
}

impl Problem {
    /// The greatest number of items.
    pub const ITEMS_MAX: u32 = 64;

    /// The greatest number of bids.
    pub const BIDS_MAX: usize = 1 << 16;

    /// Returns the problem of these bids on so many items.
    ///
    /// # Errors
    /// If there are no items or more than [`Problem::ITEMS_MAX`], more than [`Problem::BIDS_MAX`] bids, some bid is
    /// on no item, on an unknown item or not positive, or the best bids of all bidders add up to more than 2⁶⁰.
    pub fn new(items: u32, bids: Vec<BundleBid>) -> Result<Problem, ProblemError> {
        if !(1..=Problem::ITEMS_MAX).contains(&items) {
            return Err(ProblemError::Items(items));
        }
        if bids.len() > Problem::BIDS_MAX {
            return Err(ProblemError::Bids(bids.len()));
        }
        bids.iter().enumerate().try_for_each(|(place, bid)| bid.check(items, place))?;
        let mut places: Vec<usize> = (0..bids.len()).collect();
        places.sort_by_key(|&place| bids[place].bidder);
        let bids: Vec<BundleBid> = places.iter().map(|&place| bids[place]).collect();
        let mut groups: Vec<Range<usize>> = Vec::new();
        for (number, bid) in bids.iter().enumerate() {
            match groups.last_mut() {
                Some(group) if bids[group.start].bidder == bid.bidder => group.end = number + 1,
                _ => groups.push(number..number + 1),
            }
        }
        let best =
            |group: &Range<usize>| bids[group.clone()].iter().map(|bid| bid.amount).max().unwrap_or_default();
        Amount::sum(groups.iter().map(best)).map_err(|_| ProblemError::Overflow)?;
        Ok(Problem { items, bids, places, groups })
    }

    /// Returns the number of items.
    pub fn items(&self) -> u32 {
        self.items
    }

    /// Returns the set of all items.
    pub fn all_items(&self) -> u64 {
        u64::MAX >> (64 - self.items)
    }

    /// Returns all bids, in the order of their numbers.
    pub fn bids(&self) -> &[BundleBid] {
        &self.bids
    }

    /// Returns the place in the input of a bid, told by its number.
    ///
    /// # Panics
    /// If there is no such bid.
    pub fn place(&self, number: usize) -> usize {
        self.places[number]
    }

    /// Returns the numbers of the bids of each bidder, in the order of bidders.
    pub fn groups(&self) -> &[Range<usize>] {
        &self.groups
    }

    /// Returns the problem without one bidder.
    #[must_use]
    pub fn without(&self, bidder: Bidder) -> Problem {
        let kept = self.bids.iter().copied().filter(|bid| bid.bidder != bidder).collect();
        Problem::new(self.items, kept).expect("fewer bids are no worse")
    }

    /// Returns whether some bids, told by their numbers, can all be accepted: no item twice, no bidder twice.
    ///
    /// # Panics
    /// If there is no such bid.
    pub fn allows(&self, accepted: &[usize]) -> bool {
        let pair = |(place, &one): (usize, &usize)| {
            accepted[place + 1..].iter().all(|&other| {
                let (one, other) = (&self.bids[one], &self.bids[other]);
                one.bidder != other.bidder && one.bundle & other.bundle == 0
            })
        };
        accepted.iter().enumerate().all(pair)
    }

    /// Returns the sum of some bids, told by their numbers, in minor units.
    ///
    /// # Panics
    /// If they cannot all be accepted.
    pub fn welfare(&self, accepted: &[usize]) -> Amount {
        assert!(self.allows(accepted), "no item and no bidder twice");
        Amount::sum(accepted.iter().map(|&bid| self.bids[bid].amount))
            .expect("at most the sum of the best bids")
    }
}

impl fmt::Display for ProblemError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ProblemError::Items(items) => {
                write!(out, "there are {items} items: there may be 1 to {}", Problem::ITEMS_MAX)
            }
            ProblemError::Bids(bids) => {
                write!(out, "there are {bids} bids: there may be {}", Problem::BIDS_MAX)
            }
            ProblemError::EmptyBundle(place) => write!(out, "bid {place} is on no item"),
            ProblemError::UnknownItem(place) => write!(out, "bid {place} is on an item that is not there"),
            ProblemError::NotPositive(place) => write!(out, "bid {place} is not positive"),
            ProblemError::Overflow => {
                write!(
                    out,
                    "the best bids of all bidders add up to more than {} minor units (2^60)",
                    Amount::MAX
                )
            }
        }
    }
}

impl std::error::Error for ProblemError {}

#[cfg(test)]
mod tests {
    use super::*;

    fn bid(bidder: u32, bundle: u64, units: i64) -> BundleBid {
        BundleBid { bidder: Bidder(bidder), bundle, amount: Amount::new(units).unwrap() }
    }

    #[test]
    fn bids_are_numbered_by_bidder_and_then_as_they_came() {
        let problem = Problem::new(2, vec![bid(7, 1, 1), bid(3, 2, 2), bid(7, 3, 3)]).unwrap();
        assert_eq!(problem.bids(), [bid(3, 2, 2), bid(7, 1, 1), bid(7, 3, 3)]);
        assert_eq!(problem.groups(), [0..1, 1..3]);
        assert_eq!([0, 1, 2].map(|number| problem.place(number)), [1, 0, 2]);
        assert_eq!(problem.without(Bidder(7)).bids(), [bid(3, 2, 2)]);
        assert!(problem.allows(&[0, 1]) && !problem.allows(&[0, 2]) && !problem.allows(&[1, 2]));
    }

    #[test]
    fn what_makes_no_problem_is_an_error() {
        let error = |items, bids: &[BundleBid]| Problem::new(items, bids.to_vec()).unwrap_err();
        assert_eq!(error(0, &[]), ProblemError::Items(0));
        assert_eq!(error(65, &[]), ProblemError::Items(65));
        assert_eq!(error(2, &[bid(0, 1, 1), bid(0, 0, 1)]), ProblemError::EmptyBundle(1));
        assert_eq!(error(2, &[bid(0, 4, 1)]), ProblemError::UnknownItem(0));
        assert_eq!(error(2, &[bid(0, 1, 0)]), ProblemError::NotPositive(0));
        assert_eq!(error(2, &[bid(0, 1, -5)]), ProblemError::NotPositive(0));
        let most = Amount::MAX.units();
        assert_eq!(error(64, &[bid(0, 1, most), bid(1, 1 << 63, 1)]), ProblemError::Overflow);
        assert!(Problem::new(64, vec![bid(0, 1, most), bid(0, u64::MAX, most)]).is_ok());
        assert_eq!(
            error(1, &vec![bid(0, 1, 1); Problem::BIDS_MAX + 1]),
            ProblemError::Bids(Problem::BIDS_MAX + 1)
        );
    }
}
