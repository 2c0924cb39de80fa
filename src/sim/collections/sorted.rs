//! Sorted vectors: for few keys, or for keys that come in order.

use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde::ser::{Serialize, SerializeMap, SerializeSeq, Serializer};
use std::borrow::Borrow;
use std::fmt;
use std::marker::PhantomData;
use std::ops::{Bound, Index, Range, RangeBounds};

/// A map of few or dense keys, in their order.
///
/// ```
/// use synod_sim::collections::SortedMap;
///
/// let mut votes = SortedMap::new();
/// *votes.entry(7).or_insert(0) += 1;
/// votes.insert(3, 5);
/// assert_eq!(votes.iter().collect::<Vec<_>>(), [(&3, &5), (&7, &1)]);
/// assert_eq!(votes.split_off(&4).len(), 1);
/// ```
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SortedMap<K, V> {
    pub(super) entries: Vec<(K, V)>,
}

/// A set of few or dense keys, in their order.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SortedSet<K> {
    map: SortedMap<K, ()>,
}

/// Makes room for one more item, and no more than that while a list is short: a list would make room for four at once,
/// which counts where a million nodes have one of one entry each.
#[inline]
pub(crate) fn reserve_one<T>(items: &mut Vec<T>) {
    if items.len() == items.capacity() && items.len() < 4 {
        items.reserve_exact(1);
    }
}

/// Makes room for `more` items in a list that may become large: a large one grows by a quarter, for it would take twice the
/// room that it needs if it doubled.
#[inline]
pub(crate) fn reserve_quarter<T>(items: &mut Vec<T>, more: usize) {
    const LARGE: usize = 1 << 16;
    if items.len() >= LARGE && items.capacity() - items.len() < more {
        items.reserve_exact(more.max(items.len() / 4));
    }
}

impl<K, V> SortedMap<K, V> {
    /// Creates an empty map.
    pub const fn new() -> SortedMap<K, V> {
        SortedMap { entries: Vec::new() }
    }

    /// Returns the number of entries.
    #[inline]
    pub const fn len(&self) -> usize {
        self.entries.len()
    }

    /// Returns true if there are none.
    #[inline]
    pub const fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Removes all entries.
    pub fn clear(&mut self) {
        self.entries.clear();
    }

    /// Returns the entries, by rising key.
    pub fn iter(&self) -> Iter<'_, K, V> {
        Iter(self.entries.iter())
    }

    /// Returns the entries, by rising key, with values that can be changed.
    pub fn iter_mut(&mut self) -> IterMut<'_, K, V> {
        IterMut(self.entries.iter_mut())
    }

    /// Returns the keys, rising.
    pub fn keys(&self) -> Keys<'_, K, V> {
        Keys(self.entries.iter())
    }

    /// Returns the values, by rising key.
    pub fn values(&self) -> impl DoubleEndedIterator<Item = &V> + ExactSizeIterator + Clone {
        self.entries.iter().map(|(_, value)| value)
    }

    /// Returns the values, by rising key, to be changed.
    pub fn values_mut(&mut self) -> impl DoubleEndedIterator<Item = &mut V> + ExactSizeIterator {
        self.entries.iter_mut().map(|(_, value)| value)
    }

    /// Returns the keys, rising.
    pub fn into_keys(self) -> IntoKeys<K, V> {
        IntoKeys(self.entries.into_iter())
    }

    /// Returns the values, by rising key.
    pub fn into_values(self) -> impl DoubleEndedIterator<Item = V> + ExactSizeIterator {
        self.entries.into_iter().map(|(_, value)| value)
    }

    /// Returns the entry of the least key.
    pub fn first_key_value(&self) -> Option<(&K, &V)> {
        self.entries.first().map(|(key, value)| (key, value))
    }

    /// Returns the entry of the greatest key.
    pub fn last_key_value(&self) -> Option<(&K, &V)> {
        self.entries.last().map(|(key, value)| (key, value))
    }

    /// Takes out the entry of the least key. It moves all others.
    pub fn pop_first(&mut self) -> Option<(K, V)> {
        if self.entries.is_empty() { None } else { Some(self.entries.remove(0)) }
    }

    /// Takes out the entry of the greatest key.
    pub fn pop_last(&mut self) -> Option<(K, V)> {
        self.entries.pop()
    }

    /// Keeps the entries of which `keep` is true, asked by rising key.
    pub fn retain(&mut self, mut keep: impl FnMut(&K, &mut V) -> bool) {
        self.entries.retain_mut(|(key, value)| keep(key, value));
    }
}

impl<K: Ord, V> SortedMap<K, V> {
    /// Returns the place of `key`, or the place where it would be.
    #[inline]
    pub(super) fn place<Q: Ord + ?Sized>(&self, key: &Q) -> Result<usize, usize>
    where
        K: Borrow<Q>,
    {
        // Keys that rise come in at the end.
        match self.entries.last() {
            None => return Err(0),
            Some((last, _)) if last.borrow() < key => return Err(self.entries.len()),
            Some(_) => {}
        }
        let (mut low, mut high) = (0, self.entries.len());
        while low < high {
            let middle = (low + high) / 2;
            if self.entries[middle].0.borrow() < key {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        // The last key is not below `key`, so there is one here.
        if self.entries[low].0.borrow() == key { Ok(low) } else { Err(low) }
    }

    /// Returns the places of the keys within `bounds`.
    fn span<Q: Ord + ?Sized>(&self, (start, end): (Bound<&Q>, Bound<&Q>)) -> Range<usize>
    where
        K: Borrow<Q>,
    {
        let start = match start {
            Bound::Included(key) => self.start(key),
            Bound::Excluded(key) => self.end(key),
            Bound::Unbounded => 0,
        };
        let end = match end {
            Bound::Included(key) => self.end(key),
            Bound::Excluded(key) => self.start(key),
            Bound::Unbounded => self.entries.len(),
        };
        assert!(start <= end, "a range begins before it ends");
        start..end
    }

    /// Returns the number of keys below `key`.
    fn start<Q: Ord + ?Sized>(&self, key: &Q) -> usize
    where
        K: Borrow<Q>,
    {
        let (Ok(place) | Err(place)) = self.place(key);
        place
    }

    /// Returns the number of keys that are not above `key`.
    fn end<Q: Ord + ?Sized>(&self, key: &Q) -> usize
    where
        K: Borrow<Q>,
    {
        match self.place(key) {
            Ok(place) => place + 1,
            Err(place) => place,
        }
    }

    /// Returns the value of `key`.
    #[inline]
    pub fn get<Q: Ord + ?Sized>(&self, key: &Q) -> Option<&V>
    where
        K: Borrow<Q>,
    {
        match self.place(key) {
            Ok(place) => Some(&self.entries[place].1),
            Err(_) => None,
        }
    }

    /// Returns the value of `key`, to be changed.
    #[inline]
    pub fn get_mut<Q: Ord + ?Sized>(&mut self, key: &Q) -> Option<&mut V>
    where
        K: Borrow<Q>,
    {
        match self.place(key) {
            Ok(place) => Some(&mut self.entries[place].1),
            Err(_) => None,
        }
    }

    /// Returns true if there is an entry of `key`.
    #[inline]
    pub fn contains_key<Q: Ord + ?Sized>(&self, key: &Q) -> bool
    where
        K: Borrow<Q>,
    {
        self.place(key).is_ok()
    }

    /// Lets `value` be that of `key`, and gives back what was.
    pub fn insert(&mut self, key: K, value: V) -> Option<V> {
        match self.place(&key) {
            Ok(place) => Some(std::mem::replace(&mut self.entries[place].1, value)),
            Err(place) => {
                reserve_one(&mut self.entries);
                self.entries.insert(place, (key, value));
                None
            }
        }
    }

    /// Takes the value of `key` out.
    pub fn remove<Q: Ord + ?Sized>(&mut self, key: &Q) -> Option<V>
    where
        K: Borrow<Q>,
    {
        match self.place(key) {
            Ok(place) => Some(self.entries.remove(place).1),
            Err(_) => None,
        }
    }

    /// Returns the place of `key`, to look at or to fill.
    #[inline]
    pub fn entry(&mut self, key: K) -> Entry<'_, K, V> {
        match self.place(&key) {
            Ok(place) => Entry { map: self, place, key: None },
            Err(place) => Entry { map: self, place, key: Some(key) },
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
        let span = self.span((bounds.start_bound(), bounds.end_bound()));
        Iter(self.entries[span].iter())
    }

    /// The same, with values that can be changed.
    ///
    /// # Panics
    /// If the bounds are the wrong way round.
    pub fn range_mut<Q: Ord + ?Sized>(&mut self, bounds: impl RangeBounds<Q>) -> IterMut<'_, K, V>
    where
        K: Borrow<Q>,
    {
        let span = self.span((bounds.start_bound(), bounds.end_bound()));
        IterMut(self.entries[span].iter_mut())
    }

    /// Takes out all entries whose keys are `key` or greater.
    pub fn split_off<Q: Ord + ?Sized>(&mut self, key: &Q) -> SortedMap<K, V>
    where
        K: Borrow<Q>,
    {
        let place = self.start(key);
        SortedMap { entries: self.entries.split_off(place) }
    }

    /// Removes and yields, in ascending order of keys, the entries within `bounds` for which `is_out` is true. Entries
    /// that it has not reached when it is dropped stay.
    ///
    /// # Panics
    /// If the bounds are the wrong way round.
    pub fn extract_if<Q: Ord + ?Sized>(
        &mut self,
        bounds: impl RangeBounds<Q>,
        mut is_out: impl FnMut(&K, &mut V) -> bool,
    ) -> impl Iterator<Item = (K, V)>
    where
        K: Borrow<Q>,
    {
        let span = self.span((bounds.start_bound(), bounds.end_bound()));
        self.entries.extract_if(span, move |(key, value)| is_out(key, value))
    }

    /// Moves all entries of `other` in; theirs are the values of keys that both have.
    pub fn append(&mut self, other: &mut SortedMap<K, V>) {
        self.extend(std::mem::take(other));
    }
}

/// The place of a key in a map, to look at or to fill.
#[derive(Debug)]
pub struct Entry<'a, K, V> {
    map: &'a mut SortedMap<K, V>,
    place: usize,
    /// The key, unless it is there.
    key: Option<K>,
}

impl<'a, K, V> Entry<'a, K, V> {
    /// Returns the value, which is `make()` if there was none.
    #[inline]
    pub fn or_insert_with(self, make: impl FnOnce() -> V) -> &'a mut V {
        if let Some(key) = self.key {
            reserve_one(&mut self.map.entries);
            self.map.entries.insert(self.place, (key, make()));
        }
        &mut self.map.entries[self.place].1
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
            change(&mut self.map.entries[self.place].1);
        }
        self
    }
}

/// The entries of a map, by rising key.
#[derive(Debug)]
pub struct Iter<'a, K, V>(std::slice::Iter<'a, (K, V)>);

impl<K, V> Clone for Iter<'_, K, V> {
    fn clone(&self) -> Self {
        Iter(self.0.clone())
    }
}

impl<'a, K, V> Iterator for Iter<'a, K, V> {
    type Item = (&'a K, &'a V);

    #[inline]
    fn next(&mut self) -> Option<(&'a K, &'a V)> {
        self.0.next().map(|(key, value)| (key, value))
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.0.size_hint()
    }
}

impl<K, V> DoubleEndedIterator for Iter<'_, K, V> {
    fn next_back(&mut self) -> Option<Self::Item> {
        self.0.next_back().map(|(key, value)| (key, value))
    }
}

impl<K, V> ExactSizeIterator for Iter<'_, K, V> {}

/// The keys of a map or a set, rising.
#[derive(Debug)]
pub struct Keys<'a, K, V = ()>(std::slice::Iter<'a, (K, V)>);

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

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.0.size_hint()
    }
}

impl<K, V> DoubleEndedIterator for Keys<'_, K, V> {
    fn next_back(&mut self) -> Option<Self::Item> {
        self.0.next_back().map(|(key, _)| key)
    }
}

impl<K, V> ExactSizeIterator for Keys<'_, K, V> {}

/// The keys of a map or a set that is used up, rising.
#[derive(Debug)]
pub struct IntoKeys<K, V = ()>(std::vec::IntoIter<(K, V)>);

impl<K, V> Iterator for IntoKeys<K, V> {
    type Item = K;

    #[inline]
    fn next(&mut self) -> Option<K> {
        self.0.next().map(|(key, _)| key)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.0.size_hint()
    }
}

impl<K, V> DoubleEndedIterator for IntoKeys<K, V> {
    fn next_back(&mut self) -> Option<K> {
        self.0.next_back().map(|(key, _)| key)
    }
}

impl<K, V> ExactSizeIterator for IntoKeys<K, V> {}

/// The entries of a map, by rising key, with values that can be changed.
#[derive(Debug)]
pub struct IterMut<'a, K, V>(std::slice::IterMut<'a, (K, V)>);

impl<'a, K, V> Iterator for IterMut<'a, K, V> {
    type Item = (&'a K, &'a mut V);

    #[inline]
    fn next(&mut self) -> Option<(&'a K, &'a mut V)> {
        self.0.next().map(|(key, value)| (&*key, value))
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.0.size_hint()
    }
}

impl<K, V> DoubleEndedIterator for IterMut<'_, K, V> {
    fn next_back(&mut self) -> Option<Self::Item> {
        self.0.next_back().map(|(key, value)| (&*key, value))
    }
}

impl<K, V> ExactSizeIterator for IterMut<'_, K, V> {}

impl<'a, K, V> IntoIterator for &'a SortedMap<K, V> {
    type Item = (&'a K, &'a V);
    type IntoIter = Iter<'a, K, V>;

    fn into_iter(self) -> Iter<'a, K, V> {
        self.iter()
    }
}

impl<'a, K, V> IntoIterator for &'a mut SortedMap<K, V> {
    type Item = (&'a K, &'a mut V);
    type IntoIter = IterMut<'a, K, V>;

    fn into_iter(self) -> IterMut<'a, K, V> {
        self.iter_mut()
    }
}

impl<K, V> IntoIterator for SortedMap<K, V> {
    type Item = (K, V);
    type IntoIter = std::vec::IntoIter<(K, V)>;

    fn into_iter(self) -> Self::IntoIter {
        self.entries.into_iter()
    }
}

impl<K: Ord, V> Extend<(K, V)> for SortedMap<K, V> {
    fn extend<I: IntoIterator<Item = (K, V)>>(&mut self, entries: I) {
        for (key, value) in entries {
            self.insert(key, value);
        }
    }
}

impl<K: Ord, V> FromIterator<(K, V)> for SortedMap<K, V> {
    fn from_iter<I: IntoIterator<Item = (K, V)>>(entries: I) -> SortedMap<K, V> {
        let mut map = SortedMap::new();
        map.extend(entries);
        map
    }
}

impl<K: Ord, V, const N: usize> From<[(K, V); N]> for SortedMap<K, V> {
    fn from(entries: [(K, V); N]) -> SortedMap<K, V> {
        entries.into_iter().collect()
    }
}

impl<K: Ord + Borrow<Q>, Q: Ord + ?Sized, V> Index<&Q> for SortedMap<K, V> {
    type Output = V;

    fn index(&self, key: &Q) -> &V {
        self.get(key).expect("the key is there")
    }
}

impl<K, V> Default for SortedMap<K, V> {
    fn default() -> SortedMap<K, V> {
        SortedMap::new()
    }
}

impl<K: fmt::Debug, V: fmt::Debug> fmt::Debug for SortedMap<K, V> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_map().entries(self).finish()
    }
}

impl<K: Serialize, V: Serialize> Serialize for SortedMap<K, V> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.len()))?;
        self.iter().try_for_each(|(key, value)| map.serialize_entry(key, value))?;
        map.end()
    }
}

impl<'de, K: Deserialize<'de> + Ord, V: Deserialize<'de>> Deserialize<'de> for SortedMap<K, V> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<SortedMap<K, V>, D::Error> {
        struct Entries<K, V>(PhantomData<(K, V)>);
        impl<'de, K: Deserialize<'de> + Ord, V: Deserialize<'de>> Visitor<'de> for Entries<K, V> {
            type Value = SortedMap<K, V>;

            fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
                out.write_str("a map")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<SortedMap<K, V>, A::Error> {
                let mut entries = SortedMap::new();
                while let Some((key, value)) = map.next_entry()? {
                    entries.insert(key, value);
                }
                Ok(entries)
            }
        }
        deserializer.deserialize_map(Entries(PhantomData))
    }
}

impl<K> SortedSet<K> {
    /// Creates an empty set.
    pub const fn new() -> SortedSet<K> {
        SortedSet { map: SortedMap::new() }
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

    /// Takes the least key out. It moves all others.
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

impl<K: Ord> SortedSet<K> {
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
        Keys(self.map.range(bounds).0)
    }

    /// Takes out all keys that are `key` or greater.
    pub fn split_off<Q: Ord + ?Sized>(&mut self, key: &Q) -> SortedSet<K>
    where
        K: Borrow<Q>,
    {
        SortedSet { map: self.map.split_off(key) }
    }

    /// Returns the keys that are not in `other`, rising.
    pub fn difference<'a>(&'a self, other: &'a SortedSet<K>) -> impl Iterator<Item = &'a K> + Clone {
        self.iter().filter(|key| !other.contains(*key))
    }

    /// Returns the keys that are in `other` as well, rising.
    pub fn intersection<'a>(&'a self, other: &'a SortedSet<K>) -> impl Iterator<Item = &'a K> + Clone {
        self.iter().filter(|key| other.contains(*key))
    }

    /// Returns the keys that are in one of the two sets and not in the other.
    pub fn symmetric_difference(&self, other: &SortedSet<K>) -> SortedSet<K>
    where
        K: Clone,
    {
        self.difference(other).chain(other.difference(self)).cloned().collect()
    }

    /// Returns true if all keys are in `other` as well.
    pub fn is_subset(&self, other: &SortedSet<K>) -> bool {
        self.iter().all(|key| other.contains(key))
    }
}

impl<'a, K> IntoIterator for &'a SortedSet<K> {
    type Item = &'a K;
    type IntoIter = Keys<'a, K>;

    fn into_iter(self) -> Keys<'a, K> {
        self.iter()
    }
}

impl<K> IntoIterator for SortedSet<K> {
    type Item = K;
    type IntoIter = IntoKeys<K>;

    fn into_iter(self) -> IntoKeys<K> {
        self.map.into_keys()
    }
}

impl<K: Ord> Extend<K> for SortedSet<K> {
    fn extend<I: IntoIterator<Item = K>>(&mut self, keys: I) {
        for key in keys {
            self.insert(key);
        }
    }
}

impl<K: Ord> FromIterator<K> for SortedSet<K> {
    fn from_iter<I: IntoIterator<Item = K>>(keys: I) -> SortedSet<K> {
        let mut set = SortedSet::new();
        set.extend(keys);
        set
    }
}

impl<K: Ord, const N: usize> From<[K; N]> for SortedSet<K> {
    fn from(keys: [K; N]) -> SortedSet<K> {
        keys.into_iter().collect()
    }
}

impl<K> Default for SortedSet<K> {
    fn default() -> SortedSet<K> {
        SortedSet::new()
    }
}

impl<K: fmt::Debug> fmt::Debug for SortedSet<K> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_set().entries(self).finish()
    }
}

impl<K: Serialize> Serialize for SortedSet<K> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut list = serializer.serialize_seq(Some(self.len()))?;
        self.iter().try_for_each(|key| list.serialize_element(key))?;
        list.end()
    }
}

impl<'de, K: Deserialize<'de> + Ord> Deserialize<'de> for SortedSet<K> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<SortedSet<K>, D::Error> {
        struct Keys<K>(PhantomData<K>);
        impl<'de, K: Deserialize<'de> + Ord> Visitor<'de> for Keys<K> {
            type Value = SortedSet<K>;

            fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
                out.write_str("a list")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<SortedSet<K>, A::Error> {
                let mut keys = SortedSet::new();
                while let Some(key) = list.next_element()? {
                    keys.insert(key);
                }
                Ok(keys)
            }
        }
        deserializer.deserialize_seq(Keys(PhantomData))
    }
}
