//! A set of numbers that come nearly in order, kept as runs of neighbours.

use synod_sim::collections::TreeMap;

/// A set of numbers. It takes as much space as it has gaps.
#[derive(Clone, Debug, Default)]
pub(super) struct Runs {
    /// The last number of each run, by its first.
    last: TreeMap<u64, u64>,
}

impl Runs {
    pub(super) fn contains(&self, number: u64) -> bool {
        self.last.range(..=number).next_back().is_some_and(|(_, &last)| number <= last)
    }

    /// Adds a number; false if it is in already.
    pub(super) fn insert(&mut self, number: u64) -> bool {
        if self.contains(number) {
            return false;
        }
        let above = number.checked_add(1).and_then(|next| self.last.remove(&next));
        let last = above.unwrap_or(number);
        match self.last.range_mut(..number).next_back() {
            Some((_, end)) if end.checked_add(1) == Some(number) => *end = last,
            _ => drop(self.last.insert(number, last)),
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn it_is_a_set_and_neighbours_are_one_run() {
        let (mut runs, mut set) = (Runs::default(), BTreeSet::new());
        for step in 0..200_u64 {
            // 71 and 257 have no common divisor: every number below 257 comes in some order.
            let number = step * 71 % 257;
            assert_eq!(runs.insert(number), set.insert(number), "{number}");
            assert!((0..257).all(|number| runs.contains(number) == set.contains(&number)));
        }
        (0..257).for_each(|number| assert_eq!(runs.insert(number), set.insert(number)));
        assert_eq!(runs.last.len(), 1);
        assert!(!runs.insert(0) && runs.insert(u64::MAX) && !runs.insert(u64::MAX));
    }
}
