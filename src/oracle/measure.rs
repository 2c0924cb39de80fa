//! Exact values of metrics.

use serde::{Serialize, Serializer};
use synod_sim::Duration;
use synod_stats::nearest_rank;

/// The value of a metric.
#[derive(Copy, Clone, Debug, PartialEq)]
pub enum Measure {
    /// A number of things, nanoseconds or bytes.
    Count(u64),
    /// A quotient of two such numbers.
    Ratio(f64),
}

impl Measure {
    /// `part` / `whole`; 0 if the whole is nothing.
    pub fn ratio(part: u64, whole: u64) -> Measure {
        // One division of two integers is the same to the bit everywhere.
        Measure::Ratio(if whole == 0 { 0.0 } else { part as f64 / whole as f64 })
    }

    /// Returns the value as a number.
    pub fn value(self) -> f64 {
        match self {
            Measure::Count(count) => count as f64,
            Measure::Ratio(ratio) => ratio,
        }
    }
}

impl Serialize for Measure {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match *self {
            Measure::Count(count) => serializer.serialize_u64(count),
            Measure::Ratio(ratio) => serializer.serialize_f64(ratio),
        }
    }
}

/// What is reported of a sample of spans: nearest-rank percentiles, exact.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub struct Percentiles {
    /// The mean, rounded down to a nanosecond.
    pub mean: Duration,
    /// The median.
    pub p50: Duration,
    /// The 95th percentile.
    pub p95: Duration,
    /// The 99th percentile.
    pub p99: Duration,
    /// The longest.
    pub max: Duration,
}

impl Percentiles {
    /// Returns the percentiles of `sample`; `None` if it is empty.
    pub fn of(mut sample: Vec<Duration>) -> Option<Percentiles> {
        sample.sort_unstable();
        let total: u128 = sample.iter().map(|span| span.as_nanos() as u128).sum();
        let max = *sample.last()?;
        let rank = |percent| sample[nearest_rank(sample.len() as u64, percent) as usize - 1];
        let mean = Duration::from_nanos((total / sample.len() as u128) as u64);
        Some(Percentiles { mean, p50: rank(50), p95: rank(95), p99: rank(99), max })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_by_nearest_rank() {
        let sample = |n: u64| (1..=n).rev().map(Duration::from_nanos).collect::<Vec<_>>();
        let of = |n| Percentiles::of(sample(n)).expect("not empty");
        assert_eq!(Percentiles::of(Vec::new()), None);
        let hundred = of(100);
        let nanos = [hundred.p50, hundred.p95, hundred.p99, hundred.max].map(Duration::as_nanos);
        assert_eq!(nanos, [50, 95, 99, 100]);
        assert_eq!(of(1).p99, Duration::from_nanos(1));
        assert_eq!(of(4).mean, Duration::from_nanos(2));
    }
}
