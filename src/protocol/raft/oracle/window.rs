//! A bounded memory of what stands at which index.

use super::super::{Config, Index};
use std::collections::VecDeque;

/// What stands at the latest indices, up to a number of them.
#[derive(Debug)]
pub(super) struct Window<T> {
    /// The index before the first that is remembered.
    before: Index,
    items: VecDeque<T>,
    length: usize,
}

impl<T: Copy> Window<T> {
    /// A window long enough for every index that a replica can still come to by its log: one that is further behind
    /// the others is sent a snapshot.
    pub(super) fn new(config: &Config) -> Window<T> {
        let kept = config.snapshot_interval.saturating_add(config.snapshot_trail);
        let length = kept.saturating_mul(4).clamp(1 << 10, 1 << 16) as usize;
        Window { before: 0, items: VecDeque::new(), length }
    }

    /// The last index.
    #[inline]
    pub(super) fn last(&self) -> Index {
        self.before + self.items.len() as Index
    }

    /// What stands at `index`, if that is remembered.
    #[inline]
    pub(super) fn get(&self, index: Index) -> Option<&T> {
        self.items.get(index.checked_sub(self.before + 1)? as usize)
    }

    /// Adds what stands at the next index; returns what is forgotten for it.
    #[inline]
    pub(super) fn push(&mut self, item: T) -> Option<T> {
        let is_full = self.items.len() == self.length;
        let forgotten = if is_full { self.items.pop_front() } else { None };
        self.before += Index::from(is_full);
        self.items.push_back(item);
        forgotten
    }

    /// All that is remembered, with its indices.
    pub(super) fn iter(&self) -> impl DoubleEndedIterator<Item = (Index, &T)> + ExactSizeIterator {
        self.items.iter().enumerate().map(|(place, item)| (self.before + 1 + place as Index, item))
    }
}

#[cfg(test)]
mod tests {
    use super::super::rig::config;
    use super::*;

    #[test]
    fn the_oldest_are_forgotten() {
        let mut window = Window::new(&Config { snapshot_interval: 300, snapshot_trail: 0, ..config(3) });
        let forgotten: Vec<Index> = (1..=2_000).filter_map(|item| window.push(item)).collect();
        assert_eq!((forgotten.len(), forgotten.last()), (800, Some(&800)));
        assert_eq!(window.last(), 2_000);
        assert_eq!(
            [800, 801, 2_000, 2_001].map(|index| window.get(index).copied()),
            [None, Some(801), Some(2_000), None]
        );
        assert!(window.iter().all(|(index, &item)| index == item) && window.iter().len() == 1_200);
    }
}
