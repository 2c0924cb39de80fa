//! Histograms of bounded size, from which percentiles over any number of values are read.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// How many low bits of a value a bucket forgets: it keeps the exponent and ten bits of the mantissa.
const FORGOTTEN: u32 = 42;

/// A histogram of values that are not negative.
///
/// Buckets are logarithmic: each power of two has 1,024 of equal width. A percentile is told as the lower edge of its
/// bucket, so it is exact for integers up to 2,048 and for samples of one value, and elsewhere less than 0.1 % too
/// low. What it tells depends on the sample alone, not on the order in which values were entered or histograms merged.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Histogram {
    count: u64,
    /// The bits of the least and the greatest value, which are ordered like the values.
    extremes: Option<(u64, u64)>,
    buckets: BTreeMap<u32, u64>,
}

impl Histogram {
    /// The histogram of `values`, none of which is negative.
    pub fn of(values: &mut [f64]) -> Histogram {
        let mut histogram = Histogram::default();
        values.sort_unstable_by(f64::total_cmp);
        for run in values.chunk_by(|a, b| bucket(*a) == bucket(*b)) {
            histogram.buckets.insert(bucket(run[0]), run.len() as u64);
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
        for (bucket, count) in &other.buckets {
            *self.buckets.entry(*bucket).or_default() += count;
        }
    }

    /// How many values there are.
    pub fn count(&self) -> u64 {
        self.count
    }

    /// The greatest value; `None` of nothing.
    pub fn max(&self) -> Option<f64> {
        self.extremes.map(|(_, high)| f64::from_bits(high))
    }

    /// The value that `percent` in 100 do not exceed, by nearest rank; `None` of nothing.
    pub fn percentile(&self, percent: u64) -> Option<f64> {
        let rank = (u128::from(self.count) * u128::from(percent)).div_ceil(100).max(1) as u64;
        self.at_rank(rank)
    }

    /// The value that stands at this place, from 1, when all are in order; `None` beyond the last.
    pub fn at_rank(&self, rank: u64) -> Option<f64> {
        self.steps().find(|(_, seen)| *seen >= rank).map(|(value, _)| value)
    }

    /// Each value in order, with how many do not exceed it.
    pub fn steps(&self) -> impl Iterator<Item = (f64, u64)> {
        let (low, high) = self.extremes.unwrap_or_default();
        self.buckets.iter().scan(0, move |seen, (bucket, count)| {
            *seen += count;
            let edge = u64::from(*bucket) << FORGOTTEN;
            Some((f64::from_bits(edge.clamp(low, high)), *seen))
        })
    }
}

fn bucket(value: f64) -> u32 {
    // Without a sign the bits of floats are ordered like the floats, and their upper part is a logarithmic scale.
    (value.max(0.0).to_bits() >> FORGOTTEN) as u32
}

#[cfg(test)]
mod tests {
    use super::*;

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
        assert_eq!(Histogram::default().percentile(50), None);
    }
}
