//! How the figures of a long run drift: what became of each of its spans, and the trend of those in which no fault was
//! on.

use super::measure::Measure;
use super::metric::{self, GrowthMetrics, Metrics};
use serde::{Deserialize, Serialize};
use synod_sim::{Duration, Time};
use synod_stats::LeastSquares;

const DAY: Duration = Duration::from_secs(86_400);

/// The figures of a run's spans, one after the other; one that the end of the run cuts short is left out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Drift {
    /// How long each span is, in nanoseconds.
    pub span_ns: u64,
    /// Which spans count: those that no fault touches, without the first, in which fills up whatever fills up once.
    pub calm: Vec<bool>,
    /// The 95th percentile of the latencies of what was finished in each span, in nanoseconds.
    pub p95_ns: Vec<Option<u64>>,
    /// What all nodes held together while nothing was under way, on average over each span, in bytes.
    pub rest_bytes: Vec<Option<u64>>,
}

impl Drift {
    /// Returns how many spans count.
    pub fn spans(&self) -> u64 {
        self.calm.iter().filter(|&&is_calm| is_calm).count() as u64
    }

    /// Returns the figures of the spans that count, each with the place of its span.
    pub fn counted<'a>(&'a self, figures: &'a [Option<u64>]) -> impl Iterator<Item = (usize, f64)> + 'a {
        let calm = figures.iter().zip(&self.calm).enumerate().filter(|(_, (_, is_calm))| **is_calm);
        calm.filter_map(|(place, (figure, _))| Some((place, (*figure)? as f64)))
    }

    /// Returns the trend of a figure over the spans that count, by the time at which each begins, in days.
    pub fn trend(&self, figures: &[Option<u64>]) -> Option<LeastSquares> {
        let points: Vec<(f64, f64)> =
            self.counted(figures).map(|(place, figure)| (self.days(place), figure)).collect();
        LeastSquares::fit(&points)
    }

    /// Returns when the span at `place` begins, in days.
    pub fn days(&self, place: usize) -> f64 {
        place as f64 * (self.span_ns as f64 / DAY.as_nanos() as f64)
    }

    /// Enters the figures of a run that ended at `end` with so many decisions: how many spans count; decisions for each
    /// second; what the two figures become in a day, 1 if they do not grow, with the 95 % intervals.
    pub fn enter(&self, metrics: &mut Metrics, end: Time, decided: u64) {
        metrics.enter(&metric::CALM_SPANS, Measure::Count(self.spans()));
        let seconds = end.as_nanos() as f64 / 1e9;
        let rate = if seconds > 0.0 { decided as f64 / seconds } else { 0.0 };
        metrics.enter(&metric::DECISIONS_PER_SECOND, Measure::Ratio(rate));
        for (of, figures) in
            [(&metric::LATENCY_GROWTH, &self.p95_ns), (&metric::REST_GROWTH, &self.rest_bytes)]
        {
            let Some(found) = self.trend(figures).and_then(LeastSquares::growth) else { continue };
            let GrowthMetrics { growth, low, high } = of;
            for (metric, value) in [growth, low, high].into_iter().zip(found) {
                metrics.enter(metric, Measure::Ratio(value));
            }
        }
    }
}
