//! Sets of operations of unknown outcome that were used up on the way to the same place: only the smallest matter.

use super::numbering::Numbering;
use std::collections::BTreeMap;

/// Antichains of sets, one for each place, counted from 0: none of its sets holds another of them.
#[derive(Default)]
pub(super) struct Antichains {
    /// One set of each, by number; mostly it is the only one.
    first: Vec<u32>,
    /// The others, of those that have more.
    more: BTreeMap<u32, Vec<u32>>,
    /// How many others there are.
    count: usize,
}

impl Antichains {
    /// Takes a set in at `place`, unless it holds one that is there; true if it does so. A new place is the next one.
    pub(super) fn admit(&mut self, sets: &Numbering, place: u32, set: u32) -> bool {
        let Some(first) = self.first.get_mut(place as usize) else {
            self.first.push(set);
            return true;
        };
        if holds(sets, set, *first) {
            return false;
        }
        let is_more = !holds(sets, *first, set);
        if let Some(others) = self.more.get_mut(&place) {
            if others.iter().any(|&smaller| holds(sets, set, smaller)) {
                return false;
            }
            self.count -= others.len();
            others.retain(|&larger| !holds(sets, larger, set));
            self.count += others.len();
        }
        if is_more {
            self.more.entry(place).or_default().push(set);
            self.count += 1;
        } else {
            *first = set;
        }
        true
    }

    /// Returns the sets at `place`.
    pub(super) fn sets(&self, place: u32) -> impl Iterator<Item = u32> {
        let others = self.more.get(&place).into_iter().flatten();
        self.first.get(place as usize).into_iter().chain(others).copied()
    }

    /// Returns how much memory they take, in bytes.
    pub(super) fn bytes(&self) -> usize {
        4 * self.first.capacity() + 48 * self.more.len() + 8 * self.count
    }
}

/// Returns true if `set` holds all of `other`.
fn holds(sets: &Numbering, set: u32, other: u32) -> bool {
    if set == other {
        return true;
    }
    let (set, other) = (sets.get(set), sets.get(other));
    let mut rest = set.iter();
    set.len() >= other.len() && other.iter().all(|member| rest.any(|candidate| candidate == member))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_smallest_are_kept() {
        let (mut sets, mut antichains) = (Numbering::default(), Antichains::default());
        let mut admit = |members: &[u32]| {
            let (set, _) = sets.number(members);
            let taken_in = antichains.admit(&sets, 0, set);
            let mut kept: Vec<_> = antichains.sets(0).map(|set| sets.get(set).to_vec()).collect();
            kept.sort();
            (taken_in, kept)
        };
        assert_eq!(admit(&[1, 2, 3]), (true, vec![vec![1, 2, 3]]));
        assert_eq!(admit(&[2, 4]), (true, vec![vec![1, 2, 3], vec![2, 4]]));
        assert!(!admit(&[2, 4]).0 && !admit(&[1, 2, 3, 9]).0 && !admit(&[2, 3, 4]).0);
        assert_eq!(admit(&[4]), (true, vec![vec![1, 2, 3], vec![4]]));
        assert_eq!(admit(&[2, 3]), (true, vec![vec![2, 3], vec![4]]));
        assert_eq!(admit(&[]), (true, vec![vec![]]));
    }
}
