//! Histograms of bounded size, from which percentiles, mean and standard error of any number of values are read.

use crate::nearest_rank;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Number of low bits of a value that its bucket's number omits: it keeps the exponent and ten bits of the mantissa.
const FORGOTTEN: u32 = 42;

/// A histogram of finite values; what is no number counts as 0.
///
/// Buckets are logarithmic: each power of two has 1,024 of equal width. A percentile is told as the lower edge of its
/// bucket, so it is exact for integers from 0 to 2,048 and for samples of one value, and elsewhere too low by less than
/// 0.1 % of itself. Mean and standard error are those of the values themselves, but for rounding. What it tells depends
/// on the sample alone, not on the order in which values were entered or histograms merged: what it adds up are
/// integers.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Histogram {
    count: u64,
    /// The keys of the least and the greatest value.
    extremes: Option<(i64, i64)>,
    buckets: BTreeMap<i32, Bucket>,
}

/// The values of a bucket: each is its lower edge and some units in the last place, its rest.
#[derive(Copy, Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "(u64, u128, u128)", into = "(u64, u128, u128)")]
struct Bucket {
    count: u64,
    /// The sum of the rests, each below 2⁴².
    rests: u128,
    /// The sum of their squares.
    squares: u128,
}

impl Histogram {
    /// Returns the histogram of `values`, which it sorts.
    pub fn of(values: &mut [f64]) -> Histogram {
        for value in values.iter_mut() {
            // Neither −0 nor what is no number is left.
            *value = if value.is_nan() { 0.0 } else { *value + 0.0 };
        }
        let mut histogram = Histogram::default();
        values.sort_unstable_by(f64::total_cmp);
        for run in values.chunk_by(|a, b| number(*a) == number(*b)) {
            let mut bucket = Bucket::default();
            for value in run {
                let rest = (key(*value) - edge(number(*value))) as u128;
                bucket.absorb(Bucket { count: 1, rests: rest, squares: rest * rest });
            }
            histogram.buckets.insert(number(run[0]), bucket);
        }
        histogram.count = values.len() as u64;
        histogram.extremes = values.first().zip(values.last()).map(|(low, high)| (key(*low), key(*high)));
        histogram
    }

    /// Adds what `other` holds.
    ///
    /// # Panics
    /// If a sum overflows: not below 2⁴⁴ values.
    pub fn absorb(&mut self, other: &Histogram) {
        self.count = self.count.checked_add(other.count).expect("values can be counted");
        self.extremes = match (self.extremes, other.extremes) {
            (Some((low, high)), Some((low2, high2))) => Some((low.min(low2), high.max(high2))),
            (one, two) => one.or(two),
        };
        for (number, bucket) in &other.buckets {
            self.buckets.entry(*number).or_default().absorb(*bucket);
        }
    }

    /// Returns the number of values.
    pub fn count(&self) -> u64 {
        self.count
    }

    /// Returns the least value; `None` of nothing.
    pub fn min(&self) -> Option<f64> {
        self.extremes.map(|(low, _)| value(low))
    }

    /// Returns the greatest value; `None` of nothing.
    pub fn max(&self) -> Option<f64> {
        self.extremes.map(|(_, high)| value(high))
    }

    /// Returns true if each of its values is 0.
    pub fn is_zero(&self) -> bool {
        self.extremes.is_none_or(|extremes| extremes == (0, 0))
    }

    /// Returns the sum of the values; 0 of nothing.
    pub fn sum(&self) -> f64 {
        // The sum of no floats is −0.
        self.buckets.iter().fold(0.0, |sum, (number, bucket)| sum + bucket.sum(*number))
    }

    /// Returns the mean; `None` of nothing.
    pub fn mean(&self) -> Option<f64> {
        // Rounding must not move it away from the only value of a constant sample.
        Some((self.sum() / self.count as f64).clamp(self.min()?, self.max()?))
    }

    /// Returns the standard error of the mean: √(Σ (x − x̄)² / (n − 1) n). `None` of fewer than two values.
    pub fn standard_error(&self) -> Option<f64> {
        let (mean, count) = (self.mean()?, self.count as f64);
        let squares: f64 = self.buckets.iter().map(|(number, bucket)| bucket.squares(*number, mean)).sum();
        (self.count > 1).then(|| libm::sqrt(squares / (count - 1.0) / count))
    }

    /// Returns the value that `percent` in 100 do not exceed, by nearest rank; `None` of nothing.
    pub fn percentile(&self, percent: u64) -> Option<f64> {
        self.at_rank(nearest_rank(self.count, percent))
    }

    /// Returns the value that stands at this place, from 1, when all are in order; `None` beyond the last.
    pub fn at_rank(&self, rank: u64) -> Option<f64> {
        self.steps().find(|(_, seen)| *seen >= rank).map(|(value, _)| value)
    }

    /// Returns each value in order, with how many do not exceed it.
    pub fn steps(&self) -> impl Iterator<Item = (f64, u64)> {
        let (low, high) = self.extremes.unwrap_or_default();
        self.buckets.iter().scan(0, move |seen, (number, bucket)| {
            *seen += bucket.count;
            Some((value(edge(*number).clamp(low, high)), *seen))
        })
    }
}

/// Returns the key of a value: an integer, ordered like the values and one greater for the next greater one.
fn key(value: f64) -> i64 {
    // Without a sign the bits of floats are ordered like the floats; with it, the other way round.
    let bits = value.to_bits() as i64;
    bits ^ ((bits >> 63) & i64::MAX)
}

/// Returns the value of a key.
fn value(key: i64) -> f64 {
    f64::from_bits((key ^ ((key >> 63) & i64::MAX)) as u64)
}

/// Returns the number of the bucket that holds `value`.
fn number(value: f64) -> i32 {
    // The upper part of a key is a logarithmic scale.
    (key(value) >> FORGOTTEN) as i32
}

/// Returns the key of the lower edge of a bucket.
fn edge(number: i32) -> i64 {
    i64::from(number) << FORGOTTEN
}

/// Returns the unit in the last place of all values of a bucket, which lie in one power of two.
fn unit(number: i32) -> f64 {
    let edge = edge(number);
    value(edge + 1) - value(edge)
}

impl Bucket {
    fn absorb(&mut self, other: Bucket) {
        let sums = "a sum of so many values overflows";
        self.count = self.count.checked_add(other.count).expect(sums);
        self.rests = self.rests.checked_add(other.rests).expect(sums);
        self.squares = self.squares.checked_add(other.squares).expect(sums);
    }

    /// Returns the mean rest, rounded down, and what that leaves of the sum.
    fn middle(self) -> (u128, u128) {
        (self.rests / u128::from(self.count), self.rests % u128::from(self.count))
    }

    /// Returns the sum of the values.
    fn sum(self, number: i32) -> f64 {
        let (middle, left) = self.middle();
        value(edge(number) + middle as i64) * self.count as f64 + left as f64 * unit(number)
    }

    /// Returns the sum of the squared distances of the values from `mean`.
    fn squares(self, number: i32, mean: f64) -> f64 {
        let (middle, left) = self.middle();
        // About the middle of the bucket it is an integer; what is moved from there to the mean is small or far.
        let about = self.squares - middle * (self.rests + left);
        let (distance, unit) = (value(edge(number) + middle as i64) - mean, unit(number));
        self.count as f64 * distance * distance
            + 2.0 * distance * unit * left as f64
            + unit * unit * about as f64
    }
}

impl TryFrom<(u64, u128, u128)> for Bucket {
    type Error = &'static str;

    fn try_from((count, rests, squares): (u64, u128, u128)) -> Result<Bucket, &'static str> {
        let bucket = Bucket { count, rests, squares };
        let most = (1 << FORGOTTEN) - 1;
        // Below 2⁴⁴ values no sum overflows. Squares are least where no two integers differ by more than one.
        let are_some = (1..1 << 44).contains(&count) && rests <= u128::from(count) * most;
        let fits = are_some && {
            let (middle, left) = bucket.middle();
            (middle * (rests + left) + left..=rests * most).contains(&squares)
        };
        if fits { Ok(bucket) } else { Err("these sums are of no values") }
    }
}

impl From<Bucket> for (u64, u128, u128) {
    fn from(Bucket { count, rests, squares }: Bucket) -> (u64, u128, u128) {
        (count, rests, squares)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use statrs::statistics::Statistics;

    #[test]
    fn percentiles_are_near_and_merging_changes_nothing() {
        let mut values: Vec<f64> = (1..=100_000).map(|value| f64::from(value) * 1_000.0).collect();
        let whole = Histogram::of(&mut values);
        let (left, right) = values.split_at_mut(31_000);
        let mut merged = Histogram::of(right);
        merged.absorb(&Histogram::of(left));
        assert_eq!(merged, whole);
        for (percent, exact) in [(50, 5e7), (95, 9.5e7), (99, 9.9e7)] {
            let found = whole.percentile(percent).expect("not empty");
            assert!(found <= exact && found > exact * 0.999, "p{percent}: {found}");
        }
        assert_eq!(Histogram::of(&mut [84.0, 84.0, 2_047.0]).percentile(50), Some(84.0));
        assert_eq!(Histogram::of(&mut [0.1]).percentile(99), Some(0.1));
    }

    #[test]
    fn nothing_has_no_figures_and_one_value_no_error() {
        let none = Histogram::default();
        assert_eq!((none.count(), none.percentile(50), none.min(), none.max()), (0, None, None, None));
        assert_eq!((none.mean(), none.standard_error()), (None, None));
        let one = Histogram::of(&mut [35.000_001]);
        assert_eq!((one.mean(), one.standard_error()), (Some(35.000_001), None));
        let same = Histogram::of(&mut [0.3; 1_000]);
        assert_eq!((same.mean(), same.standard_error()), (Some(0.3), Some(0.0)));
    }

    #[test]
    fn spread_within_one_bucket_is_not_lost() {
        // By hand: 1, 2, 3, 4 and 5 have the mean 3 and the error √(10 / 4 / 5).
        let mut values = [1.0, 2.0, 3.0, 4.0, 5.0].map(|value| 1e9 + value);
        let histogram = Histogram::of(&mut values);
        assert_eq!((histogram.buckets.len(), histogram.mean()), (1, Some(1e9 + 3.0)));
        let error = histogram.standard_error().expect("there are enough");
        assert!((error - libm::sqrt(0.5)).abs() < 1e-15, "{error}");
    }

    #[test]
    fn a_known_sample_has_its_mean_and_error() {
        // By hand: 2, 4, 4, 4, 5, 5, 7 and 9 have the mean 5 and the squares 32 about it.
        let histogram = Histogram::of(&mut [2.0, 4.0, 4.0, 4.0, 5.0, 5.0, 7.0, 9.0]);
        let error = libm::sqrt(32.0 / 7.0 / 8.0);
        assert_eq!((histogram.sum(), histogram.mean()), (40.0, Some(5.0)));
        assert_eq!(histogram.standard_error(), Some(error));
        let negative = Histogram::of(&mut [-2.0, -4.0, -4.0, -4.0, -5.0, -5.0, -7.0, -9.0]);
        assert_eq!((negative.sum(), negative.mean()), (-40.0, Some(-5.0)));
        assert_eq!(negative.standard_error(), Some(error));
        let both = Histogram::of(&mut [-1.0, 1.0]);
        assert_eq!((both.mean(), both.standard_error()), (Some(0.0), Some(1.0)));
    }

    #[test]
    fn values_below_zero_come_first_and_what_is_no_number_is_zero() {
        let histogram = Histogram::of(&mut [-3.0, -0.0, f64::NAN, 1.0]);
        assert_eq!([25, 75, 100].map(|percent| histogram.percentile(percent)), [-3.0, 0.0, 1.0].map(Some));
        assert_eq!((histogram.min(), histogram.max()), (Some(-3.0), Some(1.0)));
        assert!(Histogram::of(&mut [-0.0, 0.0]).is_zero() && Histogram::default().is_zero());
        assert!(!histogram.is_zero());
        assert_eq!(Histogram::default().sum().to_bits(), 0.0_f64.to_bits());
    }

    #[test]
    fn what_no_values_add_up_to_is_refused() {
        let read = |bucket: &str| {
            let text = format!("{{\"count\": 1, \"extremes\": [0, 0], \"buckets\": {{\"0\": {bucket}}}}}");
            serde_json::from_str::<Histogram>(&text).is_ok()
        };
        assert!(read("[1, 0, 0]") && read("[2, 3, 5]"));
        for bucket in
            ["[0, 0, 0]", "[1, 4398046511104, 0]", "[2, 3, 4]", "[1, 2, 3]", "[18446744073709551615, 0, 0]"]
        {
            assert!(!read(bucket), "{bucket}");
        }
    }

    #[test]
    fn it_is_read_as_it_was_written() {
        let histogram = Histogram::of(&mut [0.1, 7.0, 1e-300, 9e15, 1.0 / 3.0, -0.3, -9e15]);
        let text = serde_json::to_string(&histogram).expect("it can be written");
        assert_eq!(serde_json::from_str::<Histogram>(&text).expect("it can be read"), histogram);
    }

    proptest! {
        #[test]
        fn however_runs_are_parted_and_merged_mean_and_error_are_the_same_to_the_bit(
            values in prop::collection::vec((prop_oneof![-1e3..1e3, 0.0..1e18, Just(7.0)], 0usize..5), 0..100),
            order in Just([0, 1, 2, 3, 4]).prop_shuffle(),
        ) {
            let part = |place: Option<usize>| {
                let own = values.iter().filter(|(_, part)| place.is_none_or(|place| *part == place));
                Histogram::of(&mut own.map(|(value, _)| *value).collect::<Vec<f64>>())
            };
            let whole = part(None);
            // One after the other, and as a tree.
            let [mut chain, mut early, mut late] = [(); 3].map(|()| Histogram::default());
            for (step, place) in order.into_iter().enumerate() {
                chain.absorb(&part(Some(place)));
                if step < 2 { &mut early } else { &mut late }.absorb(&part(Some(place)));
            }
            late.absorb(&early);
            let bits = |histogram: &Histogram| {
                let figures = [histogram.mean(), histogram.standard_error(), Some(histogram.sum())];
                figures.map(|figure| figure.map(f64::to_bits))
            };
            prop_assert_eq!(bits(&chain), bits(&whole));
            prop_assert_eq!(bits(&late), bits(&whole));
        }

        #[test]
        fn mean_and_error_are_those_of_the_values(
            values in prop::collection::vec(
                prop_oneof![0.0..1e-3, 0.0..1.0, 1e6..1.1e6, 0.0..1e18, -1e6..1e6], 2..200
            ),
            cut in 0.0..1.0,
        ) {
            let mut values = values;
            let (mean, error) = ((&values).mean(), (&values).std_dev() / (values.len() as f64).sqrt());
            let cut = (cut * values.len() as f64) as usize;
            let (left, right) = values.split_at_mut(cut);
            let mut histogram = Histogram::of(right);
            histogram.absorb(&Histogram::of(left));
            let (found_mean, found_error) = (histogram.mean().unwrap(), histogram.standard_error().unwrap());
            let size = values.iter().map(|value| value.abs()).sum::<f64>() / values.len() as f64;
            prop_assert!((found_mean - mean).abs() <= 1e-12 * size, "{} and {}", found_mean, mean);
            prop_assert!((found_error - error).abs() <= 1e-9 * error, "{} and {}", found_error, error);
            prop_assert_eq!(&histogram, &Histogram::of(&mut values));
            let floor = |exact: f64| value(edge(number(exact)));
            for percent in [1, 50, 95, 99] {
                let exact = values[nearest_rank(values.len() as u64, percent) as usize - 1];
                let found = histogram.percentile(percent).unwrap();
                prop_assert!(found <= exact && found >= floor(exact), "{} and {}", found, exact);
            }
        }
    }
}
