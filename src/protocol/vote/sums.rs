//! Sums of votes, which decision rules depend on alone. Sums of several tallies can be added.

use serde::Serialize;
use synod_sim::collections::SortedMap;

/// A million: shares are in parts per million.
pub(super) const MILLION: u128 = 1_000_000;

/// The weight cast so far, by option, and the weight still open.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Sums {
    /// A_x: for every option, the effective weight of the votes for it.
    pub options: SortedMap<u64, u64>,
    /// C: the effective weight of all votes.
    pub cast: u64,
    /// R: the full weight of those who have not voted.
    pub open: u64,
}

impl Sums {
    /// Nothing cast, and all of `total` open.
    pub fn new(total: u64) -> Sums {
        Sums { open: total, ..Sums::default() }
    }

    /// Takes a vote for `option` in: of `weight` that was open, `effective` counts.
    ///
    /// # Panics
    /// If less than that is open, or more counts than is there.
    pub fn cast(&mut self, option: u64, weight: u64, effective: u64) {
        assert!(effective <= weight, "confidence takes weight away and adds none");
        self.open = self.open.checked_sub(weight).expect("a voter's weight is open until it votes");
        self.add(option, effective);
    }

    /// Adds to what was cast for `option`.
    pub(super) fn add(&mut self, option: u64, effective: u64) {
        self.cast += effective;
        *self.options.entry(option).or_default() += effective;
    }

    /// Adds the sums of another tally.
    pub fn absorb(&mut self, other: &Sums) {
        self.open += other.open;
        other.options.iter().for_each(|(&option, &weight)| self.add(option, weight));
    }

    /// The same with nothing open: who has not voted abstains.
    pub fn closed(&self) -> Sums {
        Sums { open: 0, ..self.clone() }
    }

    /// A_x.
    pub fn of(&self, option: u64) -> u64 {
        self.options.get(&option).copied().unwrap_or(0)
    }

    /// The option with the most weight, of equal ones the lowest, and that weight; `None` where nothing weighs.
    pub fn leader(&self) -> Option<(u64, u64)> {
        let heaviest = self.options.iter().rev().max_by_key(|&(_, &weight)| weight);
        heaviest.map(|(&option, &weight)| (option, weight)).filter(|&(_, weight)| weight > 0)
    }

    /// The weighted median of the votes with `below` more weight under all of them and `above` over: the lowest value
    /// with half of all weight at or under it. `None` if it would not be among the votes.
    pub fn median(&self, below: u64, above: u64) -> Option<u64> {
        let total = u128::from(self.cast) + u128::from(below) + u128::from(above);
        let mut under = u128::from(below);
        if total == 0 || 2 * under >= total {
            return None;
        }
        self.options.iter().find_map(|(&value, &weight)| {
            under += u128::from(weight);
            (2 * under >= total).then_some(value)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sums(votes: &[(u64, u64)], open: u64) -> Sums {
        let mut sums = Sums::new(open);
        votes.iter().for_each(|&(option, weight)| sums.add(option, weight));
        sums
    }

    #[test]
    fn the_lowest_of_equal_leaders_leads() {
        assert_eq!(sums(&[(2, 5), (1, 5), (3, 1)], 0).leader(), Some((1, 5)));
        assert_eq!(sums(&[(2, 0)], 9).leader(), None);
    }

    #[test]
    fn the_median_is_the_lowest_value_with_half_the_weight() {
        let votes = sums(&[(10, 1), (20, 1), (30, 1), (40, 1)], 0);
        assert_eq!(votes.median(0, 0), Some(20));
        assert_eq!(votes.median(1, 0), Some(20));
        assert_eq!(votes.median(2, 0), Some(10));
        assert_eq!(votes.median(4, 0), None);
        assert_eq!(votes.median(0, 4), Some(40));
        assert_eq!(votes.median(0, 5), None);
        assert_eq!(sums(&[], 0).median(0, 0), None);
    }

    #[test]
    fn sums_add() {
        let mut all = sums(&[(1, 3)], 4);
        all.absorb(&sums(&[(1, 2), (5, 1)], 6));
        assert_eq!(all, sums(&[(1, 5), (5, 1)], 10));
        assert_eq!(all.closed().open, 0);
    }
}
