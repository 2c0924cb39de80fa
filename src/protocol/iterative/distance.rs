//! Normalised distances between two values, by their type, in parts per million.
//!
//! Sources: P. Jaccard, 1901, for sets; V. Levenshtein, 1966, for lists; A. Broder, *On the resemblance and containment
//! of documents*, 1997, for texts; J. Gower, *A general coefficient of similarity*, 1971, for records.

use super::domain::{Domain, Field, Scale, Value};
use synod_common::fixed::ln;
use synod_sim::collections::SortedSet;

/// The greatest distance, in parts per million: the values have nothing in common.
pub const WHOLE: u32 = 1_000_000;

/// Number of words in a shingle.
const SHINGLE: usize = 3;

impl Domain {
    /// Returns the distance between two values, from 0 to [`WHOLE`]; that of values of different types is [`WHOLE`].
    pub fn distance(&self, a: &Value, b: &Value) -> u32 {
        match (self, a, b) {
            (&Domain::Number { low, high, scale }, Value::Number(a), Value::Number(b)) => {
                let (below, above) = (*a.min(b), *a.max(b));
                match scale {
                    Scale::Linear => ratio(above.abs_diff(below), high.abs_diff(low)),
                    Scale::Logarithmic => ratio(log_ratio(below, above), log_ratio(low, high)),
                }
            }
            (_, Value::Category(a), Value::Category(b)) => {
                if a == b {
                    0
                } else {
                    WHOLE
                }
            }
            (_, Value::Set(a), Value::Set(b)) => jaccard(a, b),
            (_, Value::List(a), Value::List(b)) => ratio(edits(a, b), a.len().max(b.len()) as u64),
            (_, Value::Text(a), Value::Text(b)) => resemblance(a, b),
            (Domain::Record(fields), Value::Record(a), Value::Record(b)) => gower(fields, a, b),
            _ => WHOLE,
        }
    }
}

/// Returns `part` / `whole` in parts per million, at most [`WHOLE`]; 0 if `whole` is 0.
fn ratio(part: u64, whole: u64) -> u32 {
    match whole {
        0 => 0,
        _ => (u128::from(part.min(whole)) * u128::from(WHOLE) / u128::from(whole)) as u32,
    }
}

/// Returns ln(`above` / `below`) of positive numbers, in units of 10⁻⁹.
fn log_ratio(below: i64, above: i64) -> u64 {
    ln(above.unsigned_abs(), below.unsigned_abs())
}

/// Returns the Jaccard distance of two sets, 1 − |A ∩ B| / |A ∪ B|; 0 if both are empty.
fn jaccard(a: &SortedSet<u32>, b: &SortedSet<u32>) -> u32 {
    let differing = a.symmetric_difference(b).len();
    ratio(differing as u64, (a.len() + b.len() + differing) as u64 / 2)
}

/// Returns the Levenshtein distance: the least number of insertions, deletions and substitutions.
fn edits(a: &[u32], b: &[u32]) -> u64 {
    let mut row: Vec<u64> = (0..=b.len() as u64).collect();
    for (done, item) in a.iter().enumerate() {
        let mut diagonal = row[0];
        row[0] = done as u64 + 1;
        for (place, other) in b.iter().enumerate() {
            let replaced = diagonal + u64::from(item != other);
            diagonal = row[place + 1];
            row[place + 1] = replaced.min(diagonal + 1).min(row[place] + 1);
        }
    }
    row[b.len()]
}

/// Returns the Jaccard distance of the multisets of shingles of two texts.
fn resemblance(a: &[u32], b: &[u32]) -> u32 {
    let (a, b) = (shingles(a), shingles(b));
    let (mut next, mut common) = (0, 0);
    for shingle in &a {
        while b.get(next).is_some_and(|other| other < shingle) {
            next += 1;
        }
        if b.get(next) == Some(shingle) {
            common += 1;
            next += 1;
        }
    }
    let union = (a.len() + b.len()) as u64 - common;
    ratio(union - common, union)
}

/// Returns the shingles of `text`, sorted; a text shorter than a shingle counts as one.
fn shingles(text: &[u32]) -> Vec<&[u32]> {
    let mut shingles: Vec<&[u32]> = match text.len() {
        0 => Vec::new(),
        short if short < SHINGLE => vec![text],
        _ => text.windows(SHINGLE).collect(),
    };
    shingles.sort_unstable();
    shingles
}

/// Returns Gower's distance, the weighted mean over the fields; a field missing from either record counts as [`WHOLE`].
fn gower(fields: &[Field], a: &[Option<Value>], b: &[Option<Value>]) -> u32 {
    let field = |(place, field): (usize, &Field)| {
        let distance = match (a.get(place), b.get(place)) {
            (Some(Some(a)), Some(Some(b))) => field.domain.distance(a, b),
            _ => WHOLE,
        };
        u64::from(distance) * u64::from(field.weight)
    };
    let sum: u64 = fields.iter().enumerate().map(field).sum();
    let weight: u64 = fields.iter().map(|field| u64::from(field.weight)).sum();
    sum.checked_div(weight).unwrap_or(0) as u32
}

/// Returns the distance that a mutant uses for texts: that of their sets of words, which ignores order and repetition.
/// `None` if a value is not a text.
pub(super) fn of_words(a: &Value, b: &Value) -> Option<u32> {
    let (Value::Text(a), Value::Text(b)) = (a, b) else { return None };
    Some(jaccard(&a.iter().copied().collect(), &b.iter().copied().collect()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn number(scale: Scale) -> Domain {
        Domain::Number { low: 1, high: 1_001, scale }
    }

    fn text(words: &[u32]) -> Value {
        Value::Text(words.to_vec())
    }

    #[test]
    fn numbers_differ_by_a_part_of_their_range() {
        let distance = |a, b| number(Scale::Linear).distance(&Value::Number(a), &Value::Number(b));
        assert_eq!((distance(1, 1_001), distance(301, 1), distance(7, 7)), (WHOLE, 300_000, 0));
        let wide = Domain::Number { low: i64::MIN, high: i64::MAX, scale: Scale::Linear };
        assert_eq!(wide.distance(&Value::Number(i64::MIN), &Value::Number(i64::MAX)), WHOLE);
    }

    #[test]
    fn on_a_logarithmic_scale_ratios_count() {
        let domain = Domain::Number { low: 1, high: 1_000_000, scale: Scale::Logarithmic };
        let distance = |a, b| domain.distance(&Value::Number(a), &Value::Number(b));
        assert!(distance(1, 1_000).abs_diff(500_000) <= 1);
        assert!(distance(10, 100).abs_diff(distance(100_000, 10_000)) <= 1);
    }

    #[test]
    fn sets_and_categories_differ_by_what_they_do_not_share() {
        let set = |elements: &[u32]| Value::Set(elements.iter().copied().collect());
        let distance = |a: &[u32], b: &[u32]| Domain::Set { of: 9 }.distance(&set(a), &set(b));
        assert_eq!(
            (distance(&[1, 2, 3], &[2, 3, 4]), distance(&[], &[]), distance(&[1], &[])),
            (500_000, 0, WHOLE)
        );
        let category =
            |a, b| Domain::Category { options: 3 }.distance(&Value::Category(a), &Value::Category(b));
        assert_eq!((category(1, 1), category(1, 2)), (0, WHOLE));
    }

    #[test]
    fn lists_differ_by_edits() {
        let distance = |a: &[u32], b: &[u32]| {
            Domain::List { of: 9 }.distance(&Value::List(a.to_vec()), &Value::List(b.to_vec()))
        };
        assert_eq!(distance(&[1, 2, 3, 4], &[2, 3, 4]), 250_000);
        assert_eq!(distance(&[1, 2, 3, 4], &[4, 3, 2, 1]), WHOLE);
        assert_eq!(edits(&[1, 2, 3, 4, 5, 6], &[1, 9, 3, 4, 6]), 2);
        assert_eq!(distance(&[], &[]), 0);
    }

    #[test]
    fn texts_differ_by_their_shingles_each_as_often_as_it_occurs() {
        let domain = Domain::Text { words: 9, vocabulary: 9 };
        let distance = |a: &[u32], b: &[u32]| domain.distance(&text(a), &text(b));
        // Shingles 123, 234 and 123, 235: one of three is common.
        assert_eq!(distance(&[1, 2, 3, 4], &[1, 2, 3, 5]), 666_666);
        // The shingle 111 once, and three times: one of three is common.
        assert_eq!(distance(&[1, 1, 1], &[1, 1, 1, 1, 1]), 666_666);
        assert_eq!(distance(&[1, 2], &[1, 2]), 0);
        assert_eq!(distance(&[1, 2], &[2, 1]), WHOLE);
        // The same words in another order: the sets of words are equal.
        let (a, b) = (text(&[1, 2, 3, 4]), text(&[4, 3, 2, 1]));
        assert_eq!((domain.distance(&a, &b), of_words(&a, &b)), (WHOLE, Some(0)));
    }

    #[test]
    fn records_differ_by_the_weighted_mean_of_their_fields() {
        let fields = vec![
            Field { weight: 3, domain: number(Scale::Linear) },
            Field { weight: 1, domain: Domain::Category { options: 2 } },
        ];
        let domain = Domain::Record(fields);
        let record = |number: Option<i64>, category| {
            Value::Record(vec![number.map(Value::Number), Some(Value::Category(category))])
        };
        assert_eq!(domain.distance(&record(Some(1), 0), &record(Some(201), 1)), 400_000);
        assert_eq!(domain.distance(&record(Some(1), 0), &record(None, 0)), 750_000);
        assert_eq!(domain.distance(&record(None, 0), &Value::Category(0)), WHOLE);
    }

    #[test]
    fn distances_are_symmetric_and_none_to_oneself() {
        let domains = [
            number(Scale::Logarithmic),
            Domain::Set { of: 7 },
            Domain::List { of: 5 },
            Domain::Text { words: 12, vocabulary: 4 },
        ];
        for domain in domains {
            for (a, b) in (0..120).map(|option| (domain.value(option), domain.value(option * 7 % 120))) {
                assert_eq!(domain.distance(&a, &a), 0);
                assert_eq!(domain.distance(&a, &b), domain.distance(&b, &a));
                assert!(domain.distance(&a, &b) <= WHOLE);
            }
        }
    }
}
