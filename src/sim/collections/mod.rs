//! Ordered maps and sets that cost the compiler little: a sixth to a third of the code that it makes of the standard
//! library's for each pair of types.
//!
//! | | for | insertion |
//! |---|---|---|
//! | [`SortedMap`], [`SortedSet`] | few or dense keys: node numbers, slots, sessions under way | moves all entries behind it |
//! | [`TreeMap`], [`TreeSet`] | keys that grow with clients, operations or agents, in any order | moves half a leaf |
//!
//! They behave like the standard library's.

mod sorted;
mod tree;

pub use sorted::{SortedMap, SortedSet};
pub(crate) use sorted::{reserve_one, reserve_quarter};
pub use tree::{TreeMap, TreeSet};

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::{BTreeMap, BTreeSet};
    use std::ops::Bound;

    #[derive(Clone, Debug)]
    enum Step {
        Insert(u16, u8),
        /// Every third key from here on, up or down.
        InsertMany(u16, bool),
        Remove(u16),
        RemoveMany(u16, bool),
        Count(u16),
        Modify(u16),
        RetainOdd(u16),
        SplitOff(u16),
        PopFirst,
        PopLast,
        Range(u16, u16),
        Extract(u16, u16),
    }

    const KEYS: u16 = 600;

    fn step() -> impl Strategy<Value = Step> {
        let key = || 0..KEYS;
        let range = || (key(), key()).prop_map(|(a, b)| (a.min(b), a.max(b)));
        prop_oneof![
            4 => (key(), any::<u8>()).prop_map(|(key, value)| Step::Insert(key, value)),
            4 => (key(), any::<bool>()).prop_map(|(from, up)| Step::InsertMany(from, up)),
            2 => key().prop_map(Step::Remove),
            1 => (key(), any::<bool>()).prop_map(|(from, up)| Step::RemoveMany(from, up)),
            2 => key().prop_map(Step::Count),
            1 => key().prop_map(Step::Modify),
            1 => key().prop_map(Step::RetainOdd),
            1 => key().prop_map(Step::SplitOff),
            1 => Just(Step::PopFirst),
            1 => Just(Step::PopLast),
            2 => range().prop_map(|(low, high)| Step::Range(low, high)),
            1 => range().prop_map(|(low, high)| Step::Extract(low, high)),
        ]
    }

    fn every_third(from: u16, up: bool) -> Vec<u16> {
        if up { (from..KEYS).step_by(3).collect() } else { (0..from).rev().step_by(3).collect() }
    }

    proptest! {
        /// The standard library's map and set are the model.
        #[test]
        fn they_do_what_the_standard_librarys_do(steps in proptest::collection::vec(step(), 0..60)) {
            let mut model = BTreeMap::new();
            let (mut sorted, mut tree) = (SortedMap::new(), TreeMap::new());
            for step in steps {
                match step {
                    Step::Insert(key, value) => {
                        let before = model.insert(key, value);
                        prop_assert_eq!(sorted.insert(key, value), before);
                        prop_assert_eq!(tree.insert(key, value), before);
                    }
                    Step::InsertMany(from, up) => {
                        let entries = || every_third(from, up).into_iter().map(|key| (key, key as u8));
                        model.extend(entries());
                        sorted.extend(entries());
                        tree.extend(entries());
                    }
                    Step::Remove(key) => {
                        let before = model.remove(&key);
                        prop_assert_eq!(sorted.remove(&key), before);
                        prop_assert_eq!(tree.remove(&key), before);
                    }
                    Step::RemoveMany(from, up) => {
                        for key in every_third(from, up) {
                            let before = model.remove(&key);
                            prop_assert_eq!(sorted.remove(&key), before);
                            prop_assert_eq!(tree.remove(&key), before);
                        }
                    }
                    Step::Count(key) => {
                        let count = |value: &mut u8| {
                            *value = value.wrapping_add(1);
                            *value
                        };
                        let counted = count(model.entry(key).or_default());
                        prop_assert_eq!(count(sorted.entry(key).or_default()), counted);
                        prop_assert_eq!(count(tree.entry(key).or_default()), counted);
                    }
                    Step::Modify(key) => {
                        prop_assert_eq!(sorted.contains_key(&key), model.contains_key(&key));
                        prop_assert_eq!(tree.contains_key(&key), model.contains_key(&key));
                        let halved = *model.entry(key).and_modify(|value| *value /= 2).or_insert(9);
                        prop_assert_eq!(*sorted.entry(key).and_modify(|value| *value /= 2).or_insert(9), halved);
                        prop_assert_eq!(*tree.entry(key).and_modify(|value| *value /= 2).or_insert(9), halved);
                    }
                    Step::RetainOdd(factor) => {
                        let keep = |key: &u16, value: &mut u8| key.wrapping_mul(factor) / 7 % 3 < 1 + u16::from(*value) % 2;
                        model.retain(keep);
                        sorted.retain(keep);
                        tree.retain(keep);
                    }
                    Step::SplitOff(key) => {
                        let tail = model.split_off(&key);
                        prop_assert!(sorted.split_off(&key).into_iter().eq(tail.clone()));
                        prop_assert!(tree.extract_if(key.., |_, _| true).eq(tail));
                    }
                    Step::PopFirst => {
                        let first = model.pop_first();
                        prop_assert_eq!(sorted.pop_first(), first);
                        prop_assert_eq!(tree.pop_first(), first);
                    }
                    Step::PopLast => {
                        let last = model.pop_last();
                        prop_assert_eq!(sorted.pop_last(), last);
                        prop_assert_eq!(tree.pop_last(), last);
                    }
                    Step::Range(low, high) => {
                        prop_assert!(sorted.range(low..high).eq(model.range(low..high)));
                        prop_assert!(tree.range(low..high).eq(model.range(low..high)));
                        prop_assert!(sorted.range(..=high).rev().eq(model.range(..=high).rev()));
                        prop_assert!(tree.range(..=high).rev().eq(model.range(..=high).rev()));
                        let after = (Bound::Excluded(low), Bound::Unbounded);
                        prop_assert!(sorted.range(after).eq(model.range(after)));
                        prop_assert!(tree.range(after).eq(model.range(after)));
                        model.range_mut(low..=high).for_each(|(_, value)| *value ^= 1);
                        sorted.range_mut(low..=high).for_each(|(_, value)| *value ^= 1);
                        tree.range_mut(low..=high).for_each(|(_, value)| *value ^= 1);
                    }
                    Step::Extract(low, high) => {
                        let is_out = |key: &u16, value: &mut u8| (*key ^ u16::from(*value)).is_multiple_of(3);
                        let out: Vec<_> = model.extract_if(low..=high, is_out).collect();
                        prop_assert!(sorted.extract_if(low..=high, is_out).eq(out.clone()));
                        prop_assert!(tree.extract_if(low..=high, is_out).eq(out));
                    }
                }
                tree.check();
                prop_assert!(sorted.iter().eq(&model) && tree.iter().eq(&model));
                prop_assert!(sorted.iter().rev().eq(model.iter().rev()) && tree.iter().rev().eq(model.iter().rev()));
                prop_assert!(tree.iter_mut().rev().map(|(key, value)| (*key, *value)).eq(model.clone().into_iter().rev()));
                prop_assert_eq!((sorted.len(), tree.len()), (model.len(), model.len()));
                prop_assert_eq!((sorted.get(&7), tree.get(&7)), (model.get(&7), model.get(&7)));
                prop_assert_eq!(sorted.first_key_value(), model.first_key_value());
                prop_assert_eq!(tree.first_key_value(), model.first_key_value());
                prop_assert_eq!(sorted.last_key_value(), model.last_key_value());
                prop_assert_eq!(tree.last_key_value(), model.last_key_value());
            }
            let keys: BTreeSet<u16> = model.keys().copied().collect();
            let sorted_set: SortedSet<u16> = sorted.keys().copied().collect();
            let tree_set: TreeSet<u16> = keys.iter().rev().copied().collect();
            prop_assert!(sorted_set.iter().eq(&keys) && tree_set.iter().eq(&keys));
            let other: TreeMap<u16, u8> = tree.iter().rev().map(|(key, value)| (*key, *value)).collect();
            prop_assert!(other == tree && tree.clone().into_iter().eq(model.clone()));
            prop_assert_eq!(format!("{sorted:?} {sorted_set:?}"), format!("{model:?} {keys:?}"));
            prop_assert_eq!(format!("{tree:?} {tree_set:?}"), format!("{model:?} {keys:?}"));
            prop_assert_eq!(encoded(&tree), encoded(&model));
            prop_assert_eq!(encoded(&tree_set), encoded(&keys));
        }
    }

    fn encoded<T: serde::Serialize>(value: &T) -> Vec<u8> {
        let mut bytes = Vec::new();
        crate::digest::encode(value, &mut bytes);
        bytes
    }
}
