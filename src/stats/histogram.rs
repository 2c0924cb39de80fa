//! Histograms of bounded size, from which percentiles, mean and standard error of any number of values are read.

use crate::nearest_rank;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Number of low bits of a value that its bucket's number omits: it keeps the exponent and ten bits of the mantissa.
const FORGOTTEN: u32 = 42;

/// A histogram of values that are finite and not negative; what is negative or no number counts as 0.
///
/// Buckets are logarithmic: each power of two has 1,024 of equal width. A percentile is told as the lower edge of its
/// bucket, so it is exact for integers up to 2,048 and for samples of one value, and elsewhere less than 0.1 % too low.
/// Mean and standard error are those of the values themselves, but for rounding. What it tells depends on the sample
/// alone, not on the order in which values were entered or histograms merged: what it adds up are integers.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Histogram {
    count: u64,
    /// The bits of the least and the greatest value, which are ordered like the values.
    extremes: Option<(u64, u64)>,
    buckets: BTreeMap<u32, Bucket>,
}

/// The values of a bucket: each is its lower edge and some units in the last place, its rest.
#[derive(Copy, Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "(u64, u128, u128)", into = "(u64, u128, u128)")]
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
            // Neither −0 nor what is no number is left: the bits of the others are ordered like the values.
            *value = if *value > 0.0 { *value } else { 0.0 };
        }
        let mut histogram = Histogram::default();
        values.sort_unstable_by(f64::total_cmp);
        for run in values.chunk_by(|a, b| number(*a) == number(*b)) {
            let mut bucket = Bucket::default();
            for value in run {
                let rest = u128::from(value.to_bits() & ((1 << FORGOTTEN) - 1));
                bucket.absorb(Bucket { count: 1, rests: rest, squares: rest * rest });
            }
            histogram.buckets.insert(number(run[0]), bucket);
        }
        histogram.count = values.len() as u64;
        histogram.extremes =
            values.first().zip(values.last()).map(|(low, high)| (low.to_bits(), high.to_bits()));
        histogram
    }

    /// Adds what `other` holds.
    pub fn absorb(&mut self, other: &Histogram) {
        self.count += other.count;
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
        self.extremes.map(|(low, _)| f64::from_bits(low))
    }

    /// Returns the greatest value; `None` of nothing.
    pub fn max(&self) -> Option<f64> {
        self.extremes.map(|(_, high)| f64::from_bits(high))
    }

    /// Returns the mean; `None` of nothing.
    pub fn mean(&self) -> Option<f64> {
        let total: f64 = self.buckets.iter().map(|(number, bucket)| bucket.sum(*number)).sum();
        // Rounding must not move it away from the only value of a constant sample.
        Some((total / self.count as f64).clamp(self.min()?, self.max()?))
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
            Some((f64::from_bits(edge(*number).clamp(low, high)), *seen))
        })
    }
}

/// Returns the number of the bucket that holds `value`.
fn number(value: f64) -> u32 {
    // Without a sign the bits of floats are ordered like the floats, and their upper part is a logarithmic scale.
    (value.to_bits() >> FORGOTTEN) as u32
}

/// Returns the bits of the lower edge of a bucket.
fn edge(number: u32) -> u64 {
    u64::from(number) << FORGOTTEN
}

/// Returns the unit in the last place of all values of a bucket, which lie in one power of two.
fn unit(number: u32) -> f64 {
    let edge = edge(number);
    f64::from_bits(edge + 1) - f64::from_bits(edge)
}

impl Bucket {
    fn absorb(&mut self, other: Bucket) {
        self.count += other.count;
        self.rests += other.rests;
        self.squares += other.squares;
    }

    /// Returns the mean rest, rounded down, and what that leaves of the sum.
    fn middle(self) -> (u128, u128) {
        (self.rests / u128::from(self.count), self.rests % u128::from(self.count))
    }

    /// Returns the sum of the values.
    fn sum(self, number: u32) -> f64 {
        let (middle, left) = self.middle();
        f64::from_bits(edge(number) + middle as u64) * self.count as f64 + left as f64 * unit(number)
    }

    /// Returns the sum of the squared distances of the values from `mean`.
    fn squares(self, number: u32, mean: f64) -> f64 {
        let (middle, left) = self.middle();
        // About the middle of the bucket it is an integer; what is moved from there to the mean is small or far.
        let about = self.squares + middle * middle * u128::from(self.count) - 2 * middle * self.rests;
        let (distance, unit) = (f64::from_bits(edge(number) + middle as u64) - mean, unit(number));
        self.count as f64 * distance * distance
            + 2.0 * distance * unit * left as f64
            + unit * unit * about as f64
    }
}

impl From<(u64, u128, u128)> for Bucket {
    fn from((count, rests, squares): (u64, u128, u128)) -> Bucket {
        Bucket { count, rests, squares }
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
    fn what_is_no_value_is_nothing() {
        let histogram = Histogram::of(&mut [-3.0, -0.0, f64::NAN, 1.0]);
        assert_eq!(
            (histogram.min(), histogram.percentile(75), histogram.max()),
            (Some(0.0), Some(0.0), Some(1.0))
        );
    }

    #[test]
    fn it_is_read_as_it_was_written() {
        let histogram = Histogram::of(&mut [0.1, 7.0, 1e-300, 9e15, 1.0 / 3.0]);
        let text = serde_json::to_string(&histogram).expect("it can be written");
        assert_eq!(serde_json::from_str::<Histogram>(&text).expect("it can be read"), histogram);
    }

    proptest! {
        #[test]
        fn mean_and_error_are_those_of_the_values(
            values in prop::collection::vec(prop_oneof![0.0..1e-3, 0.0..1.0, 1e6..1.1e6, 0.0..1e18], 2..200),
            cut in 0.0..1.0,
        ) {
            let mut values = values;
            let (mean, error) = ((&values).mean(), (&values).std_dev() / (values.len() as f64).sqrt());
            let cut = (cut * values.len() as f64) as usize;
            let (left, right) = values.split_at_mut(cut);
            let mut histogram = Histogram::of(right);
            histogram.absorb(&Histogram::of(left));
            let (found_mean, found_error) = (histogram.mean().unwrap(), histogram.standard_error().unwrap());
            prop_assert!((found_mean - mean).abs() <= 1e-12 * mean, "{} and {}", found_mean, mean);
            prop_assert!((found_error - error).abs() <= 1e-9 * error, "{} and {}", found_error, error);
            prop_assert_eq!(&histogram, &Histogram::of(&mut values));
            let floor = |value: f64| f64::from_bits(edge(number(value)));
            for percent in [1, 50, 95, 99] {
                let exact = values[nearest_rank(values.len() as u64, percent) as usize - 1];
                let found = histogram.percentile(percent).unwrap();
                prop_assert!(found <= exact && found >= floor(exact), "{} and {}", found, exact);
            }
        }
    }
}
