//! What can be proposed: kinds of value, their bounds, and the way from one value to another.

use serde::Serialize;
use synod_sim::Digest;
use synod_sim::collections::SortedSet;

/// A proposed value. Of which kind it has to be, and within what bounds, a [`Domain`] says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub enum Value {
    /// A number.
    Number(i64),
    /// One of several that have no order.
    Category(u32),
    /// Some of several.
    Set(SortedSet<u32>),
    /// Several in order.
    List(Vec<u32>),
    /// A text, word by word; words are numbers of a vocabulary.
    Text(Vec<u32>),
    /// Several values, by their places; `None` for one that is missing.
    Record(Vec<Option<Value>>),
}

/// The values that agents choose among.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Domain {
    /// Numbers from `low` to `high`.
    Number {
        /// The least.
        low: i64,
        /// The greatest.
        high: i64,
        /// Scale of differences.
        scale: Scale,
    },
    /// One of so many.
    Category {
        /// How many.
        options: u32,
    },
    /// Any of so many, 1 to 63.
    Set {
        /// How many.
        of: u32,
    },
    /// So many in some order, 1 to 20.
    List {
        /// How many.
        of: u32,
    },
    /// Texts.
    Text {
        /// Number of words of a text.
        words: u32,
        /// Size of the vocabulary.
        vocabulary: u32,
    },
    /// Several values side by side.
    Record(Vec<Field>),
}

/// Scale of differences between numbers.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub enum Scale {
    /// By the range.
    Linear,
    /// By the ratio, against that of the ends; numbers are positive.
    Logarithmic,
}

/// A field of a record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Field {
    /// Its weight in comparisons, relative to the others.
    pub weight: u32,
    /// Its values.
    pub domain: Domain,
}

/// Number of distinct texts and records.
const MANY: u64 = 1 << 32;

impl Domain {
    /// Number of distinct values of [`Domain::value`].
    pub fn options(&self) -> u64 {
        match *self {
            Domain::Number { low, high, .. } => high.abs_diff(low).saturating_add(1),
            Domain::Category { options } => u64::from(options),
            Domain::Set { of } => 1 << of,
            Domain::List { of } => (1..=u64::from(of)).product(),
            Domain::Text { .. } | Domain::Record(_) => MANY,
        }
    }

    /// The value of this number.
    pub fn value(&self, option: u64) -> Value {
        match self {
            Domain::Number { low, .. } => Value::Number(low.wrapping_add_unsigned(option)),
            Domain::Category { .. } => Value::Category(option as u32),
            Domain::Set { of } => Value::Set((0..*of).filter(|bit| option >> bit & 1 == 1).collect()),
            Domain::List { of } => Value::List(permutation(*of, option)),
            Domain::Text { words, vocabulary } => Value::Text(
                (0..*words).map(|place| derived(option, place, u64::from(*vocabulary)) as u32).collect(),
            ),
            Domain::Record(fields) => {
                let value = |(place, field): (usize, &Field)| {
                    Some(field.domain.value(derived(option, place as u32, field.domain.options())))
                };
                Value::Record(fields.iter().enumerate().map(value).collect())
            }
        }
    }

    /// Returns true if `value` can be proposed. Records may lack fields.
    pub fn admits(&self, value: &Value) -> bool {
        match (self, value) {
            (Domain::Number { low, high, .. }, Value::Number(number)) => (low..=high).contains(&number),
            (Domain::Category { options }, Value::Category(option)) => option < options,
            (Domain::Set { of }, Value::Set(elements)) => elements.iter().all(|element| element < of),
            (Domain::List { of }, Value::List(items)) => {
                items.len() <= *of as usize && items.iter().all(|item| item < of)
            }
            (Domain::Text { words, vocabulary }, Value::Text(text)) => {
                text.len() <= *words as usize && text.iter().all(|word| word < vocabulary)
            }
            (Domain::Record(fields), Value::Record(values)) => {
                let fits = |(field, value): (&Field, &Option<Value>)| {
                    value.as_ref().is_none_or(|value| field.domain.admits(value))
                };
                fields.len() == values.len() && fields.iter().zip(values).all(fits)
            }
            _ => false,
        }
    }

    /// The value at the part `share_ppm` of the way from `from` to `to`: numbers are interpolated; of other values that
    /// part of the differences is removed, rounded up and in order.
    pub fn pulled(&self, from: &Value, to: &Value, share_ppm: u32) -> Value {
        match (self, from, to) {
            (Domain::Number { .. }, Value::Number(from), Value::Number(to)) => {
                Value::Number(between(*from, *to, share_ppm))
            }
            (_, Value::Category(from), Value::Category(to)) => {
                Value::Category(if share_ppm > 0 { *to } else { *from })
            }
            (_, Value::Set(from), Value::Set(to)) => {
                let differing = from.symmetric_difference(to);
                let moved = differing.iter().take(part(differing.len(), share_ppm)).copied().collect();
                Value::Set(from.symmetric_difference(&moved))
            }
            (_, Value::List(from), Value::List(to)) => Value::List(edited(from, to, share_ppm)),
            (_, Value::Text(from), Value::Text(to)) => Value::Text(edited(from, to, share_ppm)),
            (Domain::Record(fields), Value::Record(from), Value::Record(to)) => {
                let pairs = from.iter().zip(to).zip(fields);
                let pulled =
                    |((from, to), field): ((&Option<Value>, &Option<Value>), &Field)| match (from, to) {
                        (Some(from), Some(to)) => Some(field.domain.pulled(from, to, share_ppm)),
                        (None, other) | (other, None) => other.clone(),
                    };
                Value::Record(pairs.map(pulled).collect())
            }
            _ => from.clone(),
        }
    }
}

/// A number below `bound` for each place of an option.
fn derived(option: u64, place: u32, bound: u64) -> u64 {
    let Digest(bytes) = Digest::of(&(option, place));
    let word = u64::from_le_bytes(bytes[..8].try_into().expect("a digest has 32 bytes"));
    ((u128::from(word) * u128::from(bound)) >> 64) as u64
}

/// The permutation of 0 to `of` − 1 that has this number (D. Lehmer, 1960).
fn permutation(of: u32, mut number: u64) -> Vec<u32> {
    let mut left: Vec<u32> = (0..of).collect();
    let mut order = Vec::with_capacity(of as usize);
    while !left.is_empty() {
        let place = number % left.len() as u64;
        number /= left.len() as u64;
        order.push(left.remove(place as usize));
    }
    order
}

/// The number at the part `share_ppm` of the way from one number to another, rounded towards the first.
fn between(from: i64, to: i64, share_ppm: u32) -> i64 {
    let way = (i128::from(to) - i128::from(from)) * i128::from(share_ppm) / 1_000_000;
    (i128::from(from) + way) as i64
}

/// ⌈`share_ppm` of `whole`⌉.
fn part(whole: usize, share_ppm: u32) -> usize {
    (whole as u64 * u64::from(share_ppm)).div_ceil(1_000_000) as usize
}

/// `from` with the first of its differences from `to`, place by place, gone.
fn edited(from: &[u32], to: &[u32], share_ppm: u32) -> Vec<u32> {
    let places = from.len().max(to.len());
    let differing: Vec<usize> = (0..places).filter(|&place| from.get(place) != to.get(place)).collect();
    let moved = part(differing.len(), share_ppm);
    let first_kept = differing.get(moved).copied().unwrap_or(places);
    let item = |place: usize| if place < first_kept { to.get(place) } else { from.get(place) };
    (0..places).filter_map(item).copied().collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    fn domains() -> Vec<Domain> {
        let number = Domain::Number { low: -50, high: 1_000, scale: Scale::Linear };
        let fields = vec![
            Field { weight: 2, domain: number.clone() },
            Field { weight: 1, domain: Domain::Set { of: 5 } },
        ];
        vec![
            number,
            Domain::Category { options: 7 },
            Domain::Set { of: 9 },
            Domain::List { of: 6 },
            Domain::Text { words: 20, vocabulary: 30 },
            Domain::Record(fields),
        ]
    }

    #[test]
    fn every_option_is_a_value_of_its_own() {
        for domain in domains() {
            let few = domain.options().min(100);
            let values: Vec<Value> = (0..few).map(|option| domain.value(option)).collect();
            assert!(values.iter().all(|value| domain.admits(value)), "{domain:?}");
            let differ = |at: usize| values[..at].iter().all(|other| *other != values[at]);
            assert!((0..values.len()).all(differ), "{domain:?}");
        }
        let lists: BTreeSet<Vec<u32>> = (0..720).map(|number| permutation(6, number)).collect();
        assert_eq!(lists.len(), 720);
    }

    #[test]
    fn all_of_the_way_is_there_and_none_of_it_is_here() {
        for domain in domains() {
            let (from, to) = (domain.value(1), domain.value(domain.options() - 2));
            assert_eq!(domain.pulled(&from, &to, 1_000_000), to);
            assert_eq!(domain.pulled(&from, &to, 0), from);
            let half = domain.pulled(&from, &to, 500_000);
            assert!(domain.admits(&half), "{half:?}");
        }
    }

    #[test]
    fn differences_go_by_parts() {
        assert_eq!(between(0, 10, 300_000), 3);
        assert_eq!(between(10, 0, 350_000), 7);
        assert_eq!(between(i64::MIN, i64::MAX, 500_000), -1);
        assert_eq!(edited(&[1, 2, 3, 4], &[1, 9, 8], 500_000), [1, 9, 8, 4]);
        assert_eq!(edited(&[1, 2, 3, 4], &[1, 9, 8], 1_000_000), [1, 9, 8]);
        assert_eq!(edited(&[], &[5, 6, 7], 300_000), [5]);
    }

    #[test]
    fn what_is_out_of_bounds_is_no_value() {
        let domain = Domain::List { of: 3 };
        assert!(!domain.admits(&Value::List(vec![0, 1, 3])));
        assert!(!domain.admits(&Value::List(vec![0; 4])));
        assert!(!domain.admits(&Value::Number(1)));
        let record = Domain::Record(vec![Field { weight: 1, domain }]);
        assert!(record.admits(&Value::Record(vec![None])));
        assert!(!record.admits(&Value::Record(vec![])));
    }
}
