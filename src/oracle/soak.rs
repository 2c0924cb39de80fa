//! Records the metrics of a long run, span by span.

use super::drift::Drift;
use super::sample::Sample;
use synod_sim::{Duration, Time};

/// Cuts a run into spans, and keeps two figures of each: what is kept does not grow but by them.
#[derive(Debug)]
pub struct Soak {
    span: Duration,
    /// Whether it counts, for each span up to the horizon.
    calm: Vec<bool>,
    latencies: Sample,
    rest: Mean,
    /// The 95th percentile of latency, for each span that is over.
    p95_ns: Vec<Option<u64>>,
    /// What all nodes held together at rest, for each span that is over.
    rest_bytes: Vec<Option<u64>>,
}

/// The mean of numbers that come one by one.
#[derive(Copy, Clone, Debug, Default)]
struct Mean {
    total: u128,
    count: u64,
}

impl Mean {
    fn push(&mut self, number: u64) {
        self.total += u128::from(number);
        self.count += 1;
    }

    /// Rounded to the nearest; `None` of nothing.
    fn value(self) -> Option<u64> {
        let count = u128::from(self.count);
        (count > 0).then(|| ((self.total + count / 2) / count) as u64)
    }
}

impl Soak {
    /// Spans of this length, up to the horizon; faults are on in `intervals`, each with its end if it has one.
    ///
    /// # Panics
    /// If `span` is zero.
    pub fn new(span: Duration, intervals: impl Iterator<Item = (Time, Option<Time>)>, horizon: Time) -> Soak {
        let place = |at: Time| (at.as_nanos() / span.as_nanos()) as usize;
        let mut calm = vec![true; place(horizon) + 1];
        let last = calm.len() - 1;
        calm[0] = false;
        for (from, until) in intervals {
            let touched = place(from).min(last)..=until.map_or(last, place).min(last);
            calm[touched].fill(false);
        }
        Soak {
            span,
            calm,
            latencies: Sample::default(),
            rest: Mean::default(),
            p95_ns: Vec::new(),
            rest_bytes: Vec::new(),
        }
    }

    /// Records that an operation was finished at `at`, and how long it took.
    pub fn finish(&mut self, at: Time, latency: Duration) {
        self.advance(at);
        self.latencies.push(latency);
    }

    /// Records what all nodes held together at `at`, while nothing was under way.
    pub fn rest(&mut self, at: Time, bytes: u64) {
        self.advance(at);
        self.rest.push(bytes);
    }

    /// Returns the figures of a run that ended at `end`.
    pub fn conclude(mut self, end: Time) -> Drift {
        self.advance(end);
        self.calm.truncate(self.p95_ns.len());
        let Soak { span, calm, p95_ns, rest_bytes, .. } = self;
        Drift { span_ns: span.as_nanos(), calm, p95_ns, rest_bytes }
    }

    /// Closes the spans that are over at `at`.
    fn advance(&mut self, at: Time) {
        let over = (at.as_nanos() / self.span.as_nanos()) as usize;
        if over == self.p95_ns.len() {
            return;
        }
        let latencies = std::mem::take(&mut self.latencies);
        self.p95_ns.push(latencies.percentiles().map(|percentiles| percentiles.p95.as_nanos()));
        self.rest_bytes.push(std::mem::take(&mut self.rest).value());
        // Nothing happened in those between.
        self.p95_ns.resize(over, None);
        self.rest_bytes.resize(over, None);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Measure, Metrics};

    const HOUR: Duration = Duration::from_secs(3_600);

    fn at(minutes: u64) -> Time {
        Time::ZERO + Duration::from_secs(60 * minutes)
    }

    fn figures(soak: Soak, end: Time, decided: u64) -> Metrics {
        let mut metrics = Metrics::new();
        soak.conclude(end).enter(&mut metrics, end, decided);
        metrics
    }

    /// Returns a day in which an operation ends every minute, and takes `latency` of its hour and minute in
    /// milliseconds.
    fn day(intervals: &[(Time, Option<Time>)], latency: impl Fn(u64, u64) -> u64) -> Metrics {
        let mut soak = Soak::new(HOUR, intervals.iter().copied(), at(25 * 60));
        for minute in 0..24 * 60 {
            soak.finish(at(minute), Duration::from_millis(latency(minute / 60, minute % 60)));
            soak.rest(at(minute), 1_000 + 2 * (minute % 60) + 2 * (minute / 60));
        }
        figures(soak, at(24 * 60), 24 * 60)
    }

    #[test]
    fn a_steady_day_has_no_drift_and_a_leak_is_a_growth() {
        let metrics = day(&[], |_, minute| 100 + minute);
        assert_eq!(metrics["soak.spans"], Measure::Count(23));
        for name in ["soak.p95_growth", "soak.p95_growth_low", "soak.p95_growth_high"] {
            assert_eq!(metrics[name], Measure::Ratio(1.0), "{name}");
        }
        // 59 more than a thousand on average, and 2 more each hour: 48 a day over a mean of 1,083.
        for name in ["soak.rest_growth", "soak.rest_growth_low", "soak.rest_growth_high"] {
            let growth = metrics[name].value();
            assert!((growth - 1.0 - 48.0 / 1_083.0).abs() < 1e-9, "{name}: {growth}");
        }
        assert_eq!(metrics["soak.decisions_per_second"], Measure::Ratio(1.0 / 60.0));
    }

    #[test]
    fn growth_from_hour_to_hour_is_told_by_the_day() {
        // The 95th of sixty is 156 ms, and 2 more each hour: 48 ms a day over a mean of 180.
        let metrics = day(&[], |hour, minute| 100 + minute + 2 * hour);
        let growth = metrics["soak.p95_growth"].value();
        assert!((growth - 1.0 - 48.0 / 180.0).abs() < 1e-9, "{growth}");
        assert!((metrics["soak.p95_growth_low"].value() - growth).abs() < 1e-9);
    }

    #[test]
    fn hours_with_faults_are_left_out() {
        let intervals = [(at(90), Some(at(150))), (at(10 * 60), None)];
        let metrics = day(&intervals, |hour, minute| match hour {
            1 | 2 | 10.. => 5_000,
            _ => 100 + minute,
        });
        assert_eq!(metrics["soak.spans"], Measure::Count(7), "hours 3 to 9");
        assert_eq!(metrics["soak.p95_growth"], Measure::Ratio(1.0));
    }

    #[test]
    fn an_hour_without_a_decision_is_one_of_the_spans() {
        let mut soak = Soak::new(HOUR, std::iter::empty(), at(5 * 60));
        for minute in [30, 90, 4 * 60 + 1] {
            soak.finish(at(minute), Duration::from_millis(1));
        }
        let metrics = figures(soak, at(5 * 60), 3);
        assert_eq!(metrics["soak.spans"], Measure::Count(4), "hours 1 to 4, of which 2 and 3 are silent");
        assert!(metrics.get("soak.p95_growth").is_none(), "two hours with decisions have no trend");
    }

    #[test]
    fn too_short_a_run_has_no_drift() {
        let mut soak = Soak::new(HOUR, std::iter::empty(), at(60));
        soak.finish(at(1), Duration::from_millis(1));
        let metrics = figures(soak, at(59), 1);
        assert_eq!(metrics["soak.spans"], Measure::Count(0));
        assert!(metrics.get("soak.p95_growth").is_none() && metrics.get("soak.rest_growth").is_none());
    }
}
