//! A sample of spans of time that may grow without end.

use super::measure::Percentiles;
use synod_sim::Duration;
use synod_stats::Histogram;

/// Number of spans that are kept one by one.
const EXACT: usize = 1 << 18;

/// A sample of spans. Up to some 260,000 its percentiles are exact; beyond, those of a [`Histogram`], less than 0.1 %
/// too low, and it grows no more. Mean and maximum are always exact.
#[derive(Clone, Debug, Default)]
pub struct Sample {
    /// The latest, one by one.
    spans: Vec<Duration>,
    /// All before them.
    older: Histogram,
    total: u128,
    max: Duration,
}

impl Sample {
    /// Adds a span.
    pub fn push(&mut self, span: Duration) {
        if self.spans.len() == EXACT {
            self.older.absorb(&histogram(&self.spans));
            self.spans.clear();
        }
        self.spans.push(span);
        self.total += u128::from(span.as_nanos());
        self.max = self.max.max(span);
    }

    /// Returns the spans in the order in which they came, as long as they are few enough to be kept one by one.
    pub fn exact(&self) -> Option<&[Duration]> {
        (self.older.count() == 0).then_some(&self.spans)
    }

    /// Returns its percentiles; `None` if it is empty.
    pub fn percentiles(&self) -> Option<Percentiles> {
        if let Some(spans) = self.exact() {
            return Percentiles::of(spans.to_vec());
        }
        let mut all = self.older.clone();
        all.absorb(&histogram(&self.spans));
        let rank = |percent| all.percentile(percent).map(|nanos| Duration::from_nanos(nanos as u64));
        Some(Percentiles {
            mean: Duration::from_nanos((self.total / u128::from(all.count())) as u64),
            p50: rank(50)?,
            p95: rank(95)?,
            p99: rank(99)?,
            max: self.max,
        })
    }
}

impl Extend<Duration> for Sample {
    fn extend<I: IntoIterator<Item = Duration>>(&mut self, spans: I) {
        spans.into_iter().for_each(|span| self.push(span));
    }
}

fn histogram(spans: &[Duration]) -> Histogram {
    let mut nanos: Vec<f64> = spans.iter().map(|span| span.as_nanos() as f64).collect();
    Histogram::of(&mut nanos)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_large_sample_is_told_to_the_thousandth() {
        let spans =
            |count: u64| (1..=count).map(move |place| Duration::from_nanos(1_000 * (place * 7_919 % count)));
        let mut sample = Sample::default();
        sample.extend(spans(EXACT as u64));
        assert_eq!(sample.percentiles(), Percentiles::of(spans(EXACT as u64).collect()), "exact up to here");
        // Its greatest value is on no edge of a bucket.
        let count = 3 * EXACT as u64 + 2;
        let (mut sample, exact) =
            (Sample::default(), Percentiles::of(spans(count).collect()).expect("not empty"));
        sample.extend(spans(count));
        assert_eq!(sample.exact(), None);
        let found = sample.percentiles().expect("not empty");
        assert_eq!((found.mean, found.max), (exact.mean, exact.max));
        for (found, exact) in [(found.p50, exact.p50), (found.p95, exact.p95), (found.p99, exact.p99)] {
            let ratio = found.as_nanos() as f64 / exact.as_nanos() as f64;
            assert!(ratio <= 1.0 && ratio > 0.999, "{found} and {exact}");
        }
        assert!(sample.spans.capacity() <= 2 * EXACT);
    }
}
