//! Trees of two levels: for many keys, in any order.
//!
//! A B+ tree whose root has as many leaves as it takes. A look-up is a binary search among the leaves and another in
//! one of them. An insertion moves half a leaf, and every 32nd one the root's entries behind it, at 24 bytes each. Up to
//! some thousand keys in any order, and any number that rise, it is as fast as the standard library's map; at 100,000
//! keys in no order at all it takes twice as long.

use super::sorted::{SortedMap, reserve_one};
use serde::de::{Deserialize, Deserializer};
use serde::ser::{Serialize, SerializeMap, SerializeSeq, Serializer};
use std::borrow::Borrow;
use std::cmp::Ordering;
use std::fmt;
use std::ops::{Bound, Index, RangeBounds};

/// Greatest number of entries in a leaf.
const LEAF: usize = 64;

/// A map of many keys, in their order.
///
/// ```
/// use synod_sim::collections::TreeMap;
///
/// let mut votes: TreeMap<u32, u32> = (0..1_000).map(|key| (key * 7 % 1_000, key)).collect();
/// *votes.entry(7).or_insert(0) += 1;
/// assert_eq!(votes.range(6..=7).collect::<Vec<_>>(), [(&6, &858), (&7, &2)]);
/// assert_eq!((votes.len(), votes.pop_first()), (1_000, Some((0, 0))));
/// ```
#[derive(Clone)]
pub struct TreeMap<K, V> {
    /// By rising key. None is empty.
    leaves: Vec<SortedMap<K, V>>,
    len: usize,
}

/// A set of many keys, in their order.
#[derive(Clone)]
pub struct TreeSet<K> {
    map: TreeMap<K, ()>,
}

impl<K, V> TreeMap<K, V> {
    /// Creates an empty map.
    pub const fn new() -> TreeMap<K, V> {
        TreeMap { leaves: Vec::new(), len: 0 }
    }

    /// Returns the number of entries.
    #[inline]
    pub const fn len(&self) -> usize {
        self.len
    }

    /// Returns true if there are none.
    #[inline]
    pub const fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Removes all entries.
    pub fn clear(&mut self) {
        *self = TreeMap::new();
    }

    /// Returns the entries, by rising key.
    pub fn iter(&self) -> Iter<'_, K, V> {
        Iter { front: [].iter(), leaves: self.leaves.iter(), back: [].iter() }
    }

    /// Returns the entries, by rising key, with values that can be changed.
    pub fn iter_mut(&mut self) -> IterMut<'_, K, V> {
        IterMut { front: [].iter_mut(), leaves: self.leaves.iter_mut(), back: [].iter_mut() }
    }

    /// Returns the keys, rising.
    pub fn keys(&self) -> Keys<'_, K, V> {
        Keys(self.iter())
    }

    /// Returns the values, by rising key.
    pub fn values(&self) -> impl DoubleEndedIterator<Item = &V> + Clone {
        self.iter().map(|(_, value)| value)
    }

    /// Returns the values, by rising key, to be changed.
    pub fn values_mut(&mut self) -> impl DoubleEndedIterator<Item = &mut V> {
        self.iter_mut().map(|(_, value)| value)
    }

    /// Returns the keys, rising.
    pub fn into_keys(self) -> impl Iterator<Item = K> {
        self.into_iter().map(|(key, _)| key)
    }

    /// Returns the values, by rising key.
    pub fn into_values(self) -> impl Iterator<Item = V> {
        self.into_iter().map(|(_, value)| value)
    }

    /// Returns the entry of the least key.
    pub fn first_key_value(&self) -> Option<(&K, &V)> {
        self.leaves.first()?.first_key_value()
    }

    /// Returns the entry of the greatest key.
    pub fn last_key_value(&self) -> Option<(&K, &V)> {
        self.leaves.last()?.last_key_value()
    }

    /// Takes out the entry of the least key.
    pub fn pop_first(&mut self) -> Option<(K, V)> {
        if self.is_empty() { None } else { Some(self.take(0, 0)) }
    }

    /// Takes out the entry of the greatest key.
    pub fn pop_last(&mut self) -> Option<(K, V)> {
        let last = self.leaves.len().checked_sub(1)?;
        Some(self.take(last, self.leaves[last].len() - 1))
    }

    /// Keeps the entries of which `keep` is true, asked by rising key.
    pub fn retain(&mut self, mut keep: impl FnMut(&K, &mut V) -> bool) {
        self.leaves.iter_mut().for_each(|leaf| leaf.retain(&mut keep));
        self.tidy();
    }

    /// Puts an entry into a leaf, at a place where it is in order.
    fn put(&mut self, leaf: usize, place: usize, key: K, value: V) -> &mut V {
        let (leaf, place) = self.make_room(leaf, place);
        self.len += 1;
        let entries = &mut self.leaves[leaf].entries;
        reserve_one(entries);
        entries.insert(place, (key, value));
        &mut entries[place].1
    }

    /// Splits a full leaf. Returns where the place in it is now.
    fn make_room(&mut self, leaf: usize, place: usize) -> (usize, usize) {
        let is_last = leaf + 1 >= self.leaves.len();
        let Some(full) = self.leaves.get_mut(leaf) else {
            reserve_one(&mut self.leaves);
            self.leaves.push(SortedMap::new());
            return (leaf, place);
        };
        if full.len() < LEAF {
            return (leaf, place);
        }
        // Keys that rise fill their leaves.
        let middle = if is_last && place == LEAF { LEAF } else { LEAF / 2 };
        let upper = full.entries.split_off(middle);
        self.leaves.insert(leaf + 1, SortedMap { entries: upper });
        if place < middle { (leaf, place) } else { (leaf + 1, place - middle) }
    }

    /// Takes out the entry at a place of a leaf.
    fn take(&mut self, leaf: usize, place: usize) -> (K, V) {
        self.len -= 1;
        let entry = self.leaves[leaf].entries.remove(place);
        if self.leaves[leaf].is_empty() {
            self.leaves.remove(leaf);
        } else if leaf > 0 && self.are_small(leaf - 1) {
            self.join(leaf - 1);
        } else if self.are_small(leaf) {
            self.join(leaf);
        }
        entry
    }

    /// Returns true if a leaf and the next one together fill half a leaf at most.
    fn are_small(&self, leaf: usize) -> bool {
        leaf + 1 < self.leaves.len() && self.leaves[leaf].len() + self.leaves[leaf + 1].len() <= LEAF / 2
    }

    /// Moves the entries of the next leaf into this one.
    fn join(&mut self, leaf: usize) {
        let mut next = self.leaves.remove(leaf + 1);
        self.leaves[leaf].entries.append(&mut next.entries);
    }

    /// Drops empty leaves and joins small ones, after entries have gone from any of them.
    fn tidy(&mut self) {
        let mut kept: Vec<SortedMap<K, V>> = Vec::new();
        self.len = 0;
        for mut leaf in std::mem::take(&mut self.leaves) {
            self.len += leaf.len();
            match kept.last_mut() {
                Some(last) if last.len() + leaf.len() <= LEAF / 2 => last.entries.append(&mut leaf.entries),
                _ if leaf.is_empty() => {}
                _ => kept.push(leaf),
            }
        }
        self.leaves = kept;
    }
}

impl<K: Ord, V> TreeMap<K, V> {
    /// Returns the leaf that has `key`, or in which it would be.
    #[inline]
    fn leaf<Q: Ord + ?Sized>(&self, key: &Q) -> usize
    where
        K: Borrow<Q>,
    {
        // The last leaf whose first key is not above `key`, or else the first leaf.
        let (mut low, mut high) = (0, self.leaves.len());
        while low + 1 < high {
            let middle = (low + high) / 2;
            if self.leaves[middle].entries[0].0.borrow() <= key {
                low = middle;
            } else {
                high = middle;
            }
        }
        low
    }

    /// Returns the place of `key` in a leaf, or the place where it would be.
    #[inline]
    fn place<Q: Ord + ?Sized>(&self, leaf: usize, key: &Q) -> Result<usize, usize>
    where
        K: Borrow<Q>,
    {
        match self.leaves.get(leaf) {
            Some(leaf) => leaf.place(key),
            None => Err(0),
        }
    }

    /// Returns the value of `key`.
    #[inline]
    pub fn get<Q: Ord + ?Sized>(&self, key: &Q) -> Option<&V>
    where
        K: Borrow<Q>,
    {
        self.leaves.get(self.leaf(key))?.get(key)
    }

    /// Returns the value of `key`, to be changed.
    #[inline]
    pub fn get_mut<Q: Ord + ?Sized>(&mut self, key: &Q) -> Option<&mut V>
    where
        K: Borrow<Q>,
    {
        let leaf = self.leaf(key);
        self.leaves.get_mut(leaf)?.get_mut(key)
    }

    /// Returns true if there is an entry of `key`.
    #[inline]
    pub fn contains_key<Q: Ord + ?Sized>(&self, key: &Q) -> bool
    where
        K: Borrow<Q>,
    {
        self.get(key).is_some()
    }

    /// Lets `value` be that of `key`, and gives back what was.
    pub fn insert(&mut self, key: K, value: V) -> Option<V> {
        let Entry { map, leaf, place, key } = self.entry(key);
        match key {
            Some(key) => {
                map.put(leaf, place, key, value);
                None
            }
            None => Some(std::mem::replace(&mut map.leaves[leaf].entries[place].1, value)),
        }
    }

    /// Takes the value of `key` out.
    pub fn remove<Q: Ord + ?Sized>(&mut self, key: &Q) -> Option<V>
    where
        K: Borrow<Q>,
    {
        let leaf = self.leaf(key);
        let place = self.leaves.get(leaf)?.place(key).ok()?;
        Some(self.take(leaf, place).1)
    }

    /// Returns the place of `key`, to look at or to fill.
    pub fn entry(&mut self, key: K) -> Entry<'_, K, V> {
        let leaf = self.leaf(&key);
        match self.place(leaf, &key) {
            Ok(place) => Entry { map: self, leaf, place, key: None },
            Err(place) => Entry { map: self, leaf, place, key: Some(key) },
        }
    }

    /// Returns the entries whose keys lie within `bounds`, by rising key.
    ///
    /// # Panics
    /// If the bounds are the wrong way round.
    pub fn range<Q: Ord + ?Sized>(&self, bounds: impl RangeBounds<Q>) -> Iter<'_, K, V>
    where
        K: Borrow<Q>,
    {
        let ((first, start), (last, end)) = self.span((bounds.start_bound(), bounds.end_bound()));
        match self.leaves.get(first..=last) {
            None | Some([]) => Iter { front: [].iter(), leaves: [].iter(), back: [].iter() },
            Some([only]) => {
                Iter { front: only.entries[start..end].iter(), leaves: [].iter(), back: [].iter() }
            }
            Some([first, leaves @ .., last]) => Iter {
                front: first.entries[start..].iter(),
                leaves: leaves.iter(),
                back: last.entries[..end].iter(),
            },
        }
    }

    /// The same, with values that can be changed.
    ///
    /// # Panics
    /// If the bounds are the wrong way round.
    pub fn range_mut<Q: Ord + ?Sized>(&mut self, bounds: impl RangeBounds<Q>) -> IterMut<'_, K, V>
    where
        K: Borrow<Q>,
    {
        let ((first, start), (last, end)) = self.span((bounds.start_bound(), bounds.end_bound()));
        match self.leaves.get_mut(first..=last) {
            None | Some([]) => IterMut { front: [].iter_mut(), leaves: [].iter_mut(), back: [].iter_mut() },
            Some([only]) => IterMut {
                front: only.entries[start..end].iter_mut(),
                leaves: [].iter_mut(),
                back: [].iter_mut(),
            },
            Some([first, leaves @ .., last]) => IterMut {
                front: first.entries[start..].iter_mut(),
                leaves: leaves.iter_mut(),
                back: last.entries[..end].iter_mut(),
            },
        }
    }

    /// Returns leaf and place of the first entry within `bounds`, and of the end.
    fn span<Q: Ord + ?Sized>(&self, (start, end): (Bound<&Q>, Bound<&Q>)) -> ((usize, usize), (usize, usize))
    where
        K: Borrow<Q>,
    {
        let start = match start {
            Bound::Included(key) => self.find(key, false),
            Bound::Excluded(key) => self.find(key, true),
            Bound::Unbounded => (0, 0),
        };
        let end = match end {
            Bound::Included(key) => self.find(key, true),
            Bound::Excluded(key) => self.find(key, false),
            Bound::Unbounded => {
                (self.leaves.len().saturating_sub(1), self.leaves.last().map_or(0, SortedMap::len))
            }
        };
        assert!(start <= end, "a range begins before it ends");
        (start, end)
    }

    /// Returns the leaf and the place of `key`, or behind it.
    fn find<Q: Ord + ?Sized>(&self, key: &Q, behind: bool) -> (usize, usize)
    where
        K: Borrow<Q>,
    {
        let leaf = self.leaf(key);
        match self.place(leaf, key) {
            Ok(place) => (leaf, place + usize::from(behind)),
            Err(place) => (leaf, place),
        }
    }

    /// Removes the entries within `bounds` for which `is_out` is true, asked by rising key, and returns them.
    ///
    /// # Panics
    /// If the bounds are the wrong way round.
    pub fn extract_if<Q: Ord + ?Sized>(
        &mut self,
        bounds: impl RangeBounds<Q>,
        mut is_out: impl FnMut(&K, &mut V) -> bool,
    ) -> std::vec::IntoIter<(K, V)>
    where
        K: Borrow<Q>,
    {
        let ((first, start), (last, end)) = self.span((bounds.start_bound(), bounds.end_bound()));
        let mut out = Vec::new();
        let leaves = self.leaves.get_mut(first..=last).unwrap_or_default();
        for (leaf, SortedMap { entries }) in (first..).zip(leaves) {
            let start = if leaf == first { start } else { 0 };
            let end = if leaf == last { end } else { entries.len() };
            out.extend(entries.extract_if(start..end, |(key, value)| is_out(key, value)));
        }
        if !out.is_empty() {
            self.tidy();
        }
        out.into_iter()
    }
}

/// The place of a key in a map, to look at or to fill.
#[derive(Debug)]
pub struct Entry<'a, K, V> {
    map: &'a mut TreeMap<K, V>,
    leaf: usize,
    place: usize,
    /// The key, unless it is there.
    key: Option<K>,
}

impl<'a, K, V> Entry<'a, K, V> {
    /// Returns the value, which is `make()` if there was none.
    #[inline]
    pub fn or_insert_with(self, make: impl FnOnce() -> V) -> &'a mut V {
        match self.key {
            Some(key) => self.map.put(self.leaf, self.place, key, make()),
            None => &mut self.map.leaves[self.leaf].entries[self.place].1,
        }
    }

    /// Returns the value, which is `value` if there was none.
    #[inline]
    pub fn or_insert(self, value: V) -> &'a mut V {
        self.or_insert_with(|| value)
    }

    /// Returns the value, which is the default one if there was none.
    #[inline]
    pub fn or_default(self) -> &'a mut V
    where
        V: Default,
    {
        self.or_insert_with(V::default)
    }

    /// Changes the value, if there is one.
    pub fn and_modify(self, change: impl FnOnce(&mut V)) -> Entry<'a, K, V> {
        if self.key.is_none() {
            change(&mut self.map.leaves[self.leaf].entries[self.place].1);
        }
        self
    }
}

/// The entries of a map, by rising key.
#[derive(Debug)]
pub struct Iter<'a, K, V> {
    front: std::slice::Iter<'a, (K, V)>,
    leaves: std::slice::Iter<'a, SortedMap<K, V>>,
    back: std::slice::Iter<'a, (K, V)>,
}

impl<K, V> Clone for Iter<'_, K, V> {
    fn clone(&self) -> Self {
        Iter { front: self.front.clone(), leaves: self.leaves.clone(), back: self.back.clone() }
    }
}

impl<'a, K, V> Iterator for Iter<'a, K, V> {
    type Item = (&'a K, &'a V);

    #[inline]
    fn next(&mut self) -> Option<(&'a K, &'a V)> {
        loop {
            if let Some((key, value)) = self.front.next() {
                return Some((key, value));
            }
            match self.leaves.next() {
                Some(leaf) => self.front = leaf.entries.iter(),
                None => return self.back.next().map(|(key, value)| (key, value)),
            }
        }
    }
}

impl<K, V> DoubleEndedIterator for Iter<'_, K, V> {
    fn next_back(&mut self) -> Option<Self::Item> {
        loop {
            if let Some((key, value)) = self.back.next_back() {
                return Some((key, value));
            }
            match self.leaves.next_back() {
                Some(leaf) => self.back = leaf.entries.iter(),
                None => return self.front.next_back().map(|(key, value)| (key, value)),
            }
        }
    }
}

/// The entries of a map, by rising key, with values that can be changed.
#[derive(Debug)]
pub struct IterMut<'a, K, V> {
    front: std::slice::IterMut<'a, (K, V)>,
    leaves: std::slice::IterMut<'a, SortedMap<K, V>>,
    back: std::slice::IterMut<'a, (K, V)>,
}

impl<'a, K, V> Iterator for IterMut<'a, K, V> {
    type Item = (&'a K, &'a mut V);

    #[inline]
    fn next(&mut self) -> Option<(&'a K, &'a mut V)> {
        loop {
            if let Some((key, value)) = self.front.next() {
                return Some((key, value));
            }
            match self.leaves.next() {
                Some(leaf) => self.front = leaf.entries.iter_mut(),
                None => return self.back.next().map(|(key, value)| (&*key, value)),
            }
        }
    }
}

impl<K, V> DoubleEndedIterator for IterMut<'_, K, V> {
    fn next_back(&mut self) -> Option<Self::Item> {
        loop {
            if let Some((key, value)) = self.back.next_back() {
                return Some((key, value));
            }
            match self.leaves.next_back() {
                Some(leaf) => self.back = leaf.entries.iter_mut(),
                None => return self.front.next_back().map(|(key, value)| (&*key, value)),
            }
        }
    }
}

/// The keys of a map or a set, rising.
#[derive(Debug)]
pub struct Keys<'a, K, V = ()>(Iter<'a, K, V>);

impl<K, V> Clone for Keys<'_, K, V> {
    fn clone(&self) -> Self {
        Keys(self.0.clone())
    }
}

impl<'a, K, V> Iterator for Keys<'a, K, V> {
    type Item = &'a K;

    #[inline]
    fn next(&mut self) -> Option<&'a K> {
        self.0.next().map(|(key, _)| key)
    }
}

impl<K, V> DoubleEndedIterator for Keys<'_, K, V> {
    fn next_back(&mut self) -> Option<Self::Item> {
        self.0.next_back().map(|(key, _)| key)
    }
}

/// The entries of a map that is used up, by rising key.
#[derive(Debug)]
pub struct IntoIter<K, V> {
    front: std::vec::IntoIter<(K, V)>,
    leaves: std::vec::IntoIter<SortedMap<K, V>>,
}

impl<K, V> Iterator for IntoIter<K, V> {
    type Item = (K, V);

    #[inline]
    fn next(&mut self) -> Option<(K, V)> {
        loop {
            if let Some(entry) = self.front.next() {
                return Some(entry);
            }
            self.front = self.leaves.next()?.into_iter();
        }
    }
}

impl<'a, K, V> IntoIterator for &'a TreeMap<K, V> {
    type Item = (&'a K, &'a V);
    type IntoIter = Iter<'a, K, V>;

    fn into_iter(self) -> Iter<'a, K, V> {
        self.iter()
    }
}

impl<'a, K, V> IntoIterator for &'a mut TreeMap<K, V> {
    type Item = (&'a K, &'a mut V);
    type IntoIter = IterMut<'a, K, V>;

    fn into_iter(self) -> IterMut<'a, K, V> {
        self.iter_mut()
    }
}

impl<K, V> IntoIterator for TreeMap<K, V> {
    type Item = (K, V);
    type IntoIter = IntoIter<K, V>;

    fn into_iter(self) -> IntoIter<K, V> {
        IntoIter { front: Vec::new().into_iter(), leaves: self.leaves.into_iter() }
    }
}

impl<K: Ord, V> Extend<(K, V)> for TreeMap<K, V> {
    fn extend<I: IntoIterator<Item = (K, V)>>(&mut self, entries: I) {
        for (key, value) in entries {
            self.insert(key, value);
        }
    }
}

impl<K: Ord, V> FromIterator<(K, V)> for TreeMap<K, V> {
    fn from_iter<I: IntoIterator<Item = (K, V)>>(entries: I) -> TreeMap<K, V> {
        let mut map = TreeMap::new();
        map.extend(entries);
        map
    }
}

impl<K: Ord, V, const N: usize> From<[(K, V); N]> for TreeMap<K, V> {
    fn from(entries: [(K, V); N]) -> TreeMap<K, V> {
        entries.into_iter().collect()
    }
}

impl<K: Ord + Borrow<Q>, Q: Ord + ?Sized, V> Index<&Q> for TreeMap<K, V> {
    type Output = V;

    fn index(&self, key: &Q) -> &V {
        self.get(key).expect("the key is there")
    }
}

impl<K, V> Default for TreeMap<K, V> {
    fn default() -> TreeMap<K, V> {
        TreeMap::new()
    }
}

/// The same entries may be in other leaves.
impl<K: PartialEq, V: PartialEq> PartialEq for TreeMap<K, V> {
    fn eq(&self, other: &TreeMap<K, V>) -> bool {
        self.len == other.len && self.iter().eq(other)
    }
}

impl<K: Eq, V: Eq> Eq for TreeMap<K, V> {}

impl<K: PartialOrd, V: PartialOrd> PartialOrd for TreeMap<K, V> {
    fn partial_cmp(&self, other: &TreeMap<K, V>) -> Option<Ordering> {
        self.iter().partial_cmp(other)
    }
}

impl<K: Ord, V: Ord> Ord for TreeMap<K, V> {
    fn cmp(&self, other: &TreeMap<K, V>) -> Ordering {
        match (&self.leaves[..], &other.leaves[..]) {
            ([one], [other]) => one.cmp(other),
            _ => self.iter().cmp(other),
        }
    }
}

impl<K: fmt::Debug, V: fmt::Debug> fmt::Debug for TreeMap<K, V> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_map().entries(self).finish()
    }
}

impl<K: Serialize, V: Serialize> Serialize for TreeMap<K, V> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.len()))?;
        for (key, value) in self {
            map.serialize_entry(key, value)?;
        }
        map.end()
    }
}

impl<'de, K: Deserialize<'de> + Ord, V: Deserialize<'de>> Deserialize<'de> for TreeMap<K, V> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<TreeMap<K, V>, D::Error> {
        Ok(SortedMap::deserialize(deserializer)?.into_iter().collect())
    }
}

impl<K> TreeSet<K> {
    /// Creates an empty set.
    pub const fn new() -> TreeSet<K> {
        TreeSet { map: TreeMap::new() }
    }

    /// Returns the number of keys.
    #[inline]
    pub const fn len(&self) -> usize {
        self.map.len()
    }

    /// Returns true if there are none.
    #[inline]
    pub const fn is_empty(&self) -> bool {
        self.map.is_empty()
    }

    /// Removes all keys.
    pub fn clear(&mut self) {
        self.map.clear();
    }

    /// Returns the keys, rising.
    pub fn iter(&self) -> Keys<'_, K> {
        self.map.keys()
    }

    /// Returns the least key.
    pub fn first(&self) -> Option<&K> {
        self.map.first_key_value().map(|(key, ())| key)
    }

    /// Returns the greatest key.
    pub fn last(&self) -> Option<&K> {
        self.map.last_key_value().map(|(key, ())| key)
    }

    /// Takes the least key out.
    pub fn pop_first(&mut self) -> Option<K> {
        self.map.pop_first().map(|(key, ())| key)
    }

    /// Takes the greatest key out.
    pub fn pop_last(&mut self) -> Option<K> {
        self.map.pop_last().map(|(key, ())| key)
    }

    /// Keeps the keys of which `keep` is true, asked in their order.
    pub fn retain(&mut self, mut keep: impl FnMut(&K) -> bool) {
        self.map.retain(|key, ()| keep(key));
    }
}

impl<K: Ord> TreeSet<K> {
    /// Returns true if `key` is in the set.
    #[inline]
    pub fn contains<Q: Ord + ?Sized>(&self, key: &Q) -> bool
    where
        K: Borrow<Q>,
    {
        self.map.contains_key(key)
    }

    /// Puts `key` in; true if it was not there.
    pub fn insert(&mut self, key: K) -> bool {
        self.map.insert(key, ()).is_none()
    }

    /// Takes `key` out; true if it was there.
    pub fn remove<Q: Ord + ?Sized>(&mut self, key: &Q) -> bool
    where
        K: Borrow<Q>,
    {
        self.map.remove(key).is_some()
    }

    /// Returns the keys within `bounds`, rising.
    ///
    /// # Panics
    /// If the bounds are the wrong way round.
    pub fn range<Q: Ord + ?Sized>(&self, bounds: impl RangeBounds<Q>) -> Keys<'_, K>
    where
        K: Borrow<Q>,
    {
        Keys(self.map.range(bounds))
    }

    /// Removes the keys within `bounds` for which `is_out` is true, asked in their order, and returns them.
    ///
    /// # Panics
    /// If the bounds are the wrong way round.
    pub fn extract_if<Q: Ord + ?Sized>(
        &mut self,
        bounds: impl RangeBounds<Q>,
        mut is_out: impl FnMut(&K) -> bool,
    ) -> impl Iterator<Item = K>
    where
        K: Borrow<Q>,
    {
        self.map.extract_if(bounds, |key, ()| is_out(key)).map(|(key, ())| key)
    }
}

impl<'a, K> IntoIterator for &'a TreeSet<K> {
    type Item = &'a K;
    type IntoIter = Keys<'a, K>;

    fn into_iter(self) -> Keys<'a, K> {
        self.iter()
    }
}

impl<K: Ord> Extend<K> for TreeSet<K> {
    fn extend<I: IntoIterator<Item = K>>(&mut self, keys: I) {
        for key in keys {
            self.insert(key);
        }
    }
}

impl<K: Ord> FromIterator<K> for TreeSet<K> {
    fn from_iter<I: IntoIterator<Item = K>>(keys: I) -> TreeSet<K> {
        let mut set = TreeSet::new();
        set.extend(keys);
        set
    }
}

impl<K> Default for TreeSet<K> {
    fn default() -> TreeSet<K> {
        TreeSet::new()
    }
}

impl<K: PartialEq> PartialEq for TreeSet<K> {
    fn eq(&self, other: &TreeSet<K>) -> bool {
        self.map == other.map
    }
}

impl<K: Eq> Eq for TreeSet<K> {}

impl<K: fmt::Debug> fmt::Debug for TreeSet<K> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_set().entries(self).finish()
    }
}

impl<K: Serialize> Serialize for TreeSet<K> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut list = serializer.serialize_seq(Some(self.len()))?;
        for key in self {
            list.serialize_element(key)?;
        }
        list.end()
    }
}

#[cfg(test)]
impl<K: Ord, V> TreeMap<K, V> {
    /// Checks the shape of the tree.
    pub(super) fn check(&self) {
        assert!(self.leaves.iter().all(|leaf| (1..=LEAF).contains(&leaf.len())));
        assert_eq!(self.len, self.leaves.iter().map(SortedMap::len).sum::<usize>());
        assert!(self.keys().is_sorted_by(|a, b| a < b));
        assert!((0..self.leaves.len()).all(|leaf| !self.are_small(leaf)), "small leaves are joined");
    }
}
