//! How the figures of a long run drift: span by span, over the spans in which no fault is on.

use super::measure::{Measure, Metrics};
use super::sample::Sample;
use super::trend::Trend;
use crate::sim::{Duration, Time};

/// Cuts a run into spans, and keeps two figures of each: the 95th percentile of the latencies of what was finished in it,
/// and what all nodes held together while nothing was under way, on average.
///
/// The first span is left out, in which fills up whatever fills up once; so are spans that a fault touches, and one that
/// the end cuts short. What is kept does not grow but by two figures a span.
#[derive(Debug)]
pub struct Soak {
    span: Duration,
    /// Whether it counts, for each span up to the horizon.
    calm: Vec<bool>,
    /// The place of the span that is under way.
    place: usize,
    latencies: Sample,
    rest: Mean,
    /// The figures of the calm spans that are over.
    over: Vec<Span>,
}

/// A span that is over.
#[derive(Copy, Clone, Debug)]
struct Span {
    place: usize,
    /// In nanoseconds.
    p95: Option<f64>,
    /// In bytes.
    rest: Option<f64>,
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

    /// `None` of nothing.
    fn value(self) -> Option<f64> {
        (self.count > 0).then(|| self.total as f64 / self.count as f64)
    }
}

const DAY: Duration = Duration::from_secs(86_400);

impl Soak {
    /// Spans of this length, up to the horizon; faults are on in `spells`, each with its end if it has one.
    ///
    /// # Panics
    /// If `span` is zero.
    pub fn new(span: Duration, spells: impl Iterator<Item = (Time, Option<Time>)>, horizon: Time) -> Soak {
        let place = |at: Time| (at.as_nanos() / span.as_nanos()) as usize;
        let mut calm = vec![true; place(horizon) + 1];
        let last = calm.len() - 1;
        calm[0] = false;
        for (from, until) in spells {
            let touched = place(from).min(last)..=until.map_or(last, place).min(last);
            calm[touched].fill(false);
        }
        Soak { span, calm, place: 0, latencies: Sample::default(), rest: Mean::default(), over: Vec::new() }
    }

    /// Takes note that an operation was finished at `at`, and how long it took.
    pub fn finish(&mut self, at: Time, latency: Duration) {
        self.advance(at);
        self.latencies.push(latency);
    }

    /// Takes note of what all nodes held together at `at`, while nothing was under way.
    pub fn rest(&mut self, at: Time, bytes: u64) {
        self.advance(at);
        self.rest.push(bytes);
    }

    /// Closes the spans that are over at `at`.
    fn advance(&mut self, at: Time) {
        let place = (at.as_nanos() / self.span.as_nanos()) as usize;
        if place == self.place {
            return;
        }
        let latencies = std::mem::take(&mut self.latencies);
        let p95 = latencies.percentiles().map(|percentiles| percentiles.p95.as_nanos() as f64);
        let ended = Span { place: self.place, p95, rest: std::mem::take(&mut self.rest).value() };
        // Nothing happened in those between.
        let silent = (self.place + 1..place).map(|place| Span { place, p95: None, rest: None });
        let calm = &self.calm;
        self.over.extend(std::iter::once(ended).chain(silent).filter(|span| calm[span.place]));
        self.place = place;
    }

    /// Enters the figures of a run that ended at `end` with so many decisions: how many calm spans there were; decisions
    /// for each second; what the two figures become in a day, 1 if they do not grow, with the 95 % intervals.
    pub fn enter(&mut self, metrics: &mut Metrics, end: Time, decided: u64) {
        self.advance(end);
        let mut add = |name: &str, value: Measure| metrics.insert(format!("soak.{name}"), value);
        add("spans", Measure::Count(self.over.len() as u64));
        let seconds = end.as_nanos() as f64 / 1e9;
        add(
            "decisions_per_second",
            Measure::Ratio(if seconds > 0.0 { decided as f64 / seconds } else { 0.0 }),
        );
        for (name, growth) in [("p95", self.growth(|span| span.p95)), ("rest", self.growth(|span| span.rest))]
        {
            let Some(Trend { slope, low, high }) = growth else { continue };
            for (end, growth) in [("", slope), ("_low", low), ("_high", high)] {
                add(&format!("{name}_growth{end}"), Measure::Ratio((1.0 + growth).max(0.0)));
            }
        }
    }

    /// How fast a figure grows, in parts of its mean a day.
    fn growth(&self, figure: impl Fn(&Span) -> Option<f64>) -> Option<Trend> {
        let days = self.span.as_nanos() as f64 / DAY.as_nanos() as f64;
        let point = |span: &Span| Some((span.place as f64 * days, figure(span)?));
        let points: Vec<(f64, f64)> = self.over.iter().filter_map(point).collect();
        let mean = points.iter().map(|(_, figure)| figure).sum::<f64>() / points.len().max(1) as f64;
        let Trend { slope, low, high } = Trend::of(&points)?;
        (mean > 0.0).then(|| Trend { slope: slope / mean, low: low / mean, high: high / mean })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: Duration = Duration::from_secs(3_600);

    fn at(minutes: u64) -> Time {
        Time::ZERO + Duration::from_secs(60 * minutes)
    }

    /// A day in which an operation ends every minute, and takes `latency` of its hour and minute in milliseconds.
    fn day(spells: &[(Time, Option<Time>)], latency: impl Fn(u64, u64) -> u64) -> Metrics {
        let mut soak = Soak::new(HOUR, spells.iter().copied(), at(25 * 60));
        for minute in 0..24 * 60 {
            soak.finish(at(minute), Duration::from_millis(latency(minute / 60, minute % 60)));
            soak.rest(at(minute), 1_000 + minute % 60 + 2 * (minute / 60));
        }
        let mut metrics = Metrics::new();
        soak.enter(&mut metrics, at(24 * 60), 24 * 60);
        metrics
    }

    #[test]
    fn a_steady_day_has_no_drift_and_a_leak_is_a_growth() {
        let metrics = day(&[], |_, minute| 100 + minute);
        assert_eq!(metrics["soak.spans"], Measure::Count(23));
        for name in ["soak.p95_growth", "soak.p95_growth_low", "soak.p95_growth_high"] {
            assert_eq!(metrics[name], Measure::Ratio(1.0), "{name}");
        }
        // 29.5 more than a thousand on average, and 2 more each hour: 48 a day over a mean of 1,053.5.
        for name in ["soak.rest_growth", "soak.rest_growth_low", "soak.rest_growth_high"] {
            let growth = metrics[name].value();
            assert!((growth - 1.0 - 48.0 / 1_053.5).abs() < 1e-9, "{name}: {growth}");
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
        let spells = [(at(90), Some(at(150))), (at(10 * 60), None)];
        let metrics = day(&spells, |hour, minute| match hour {
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
        let mut metrics = Metrics::new();
        soak.enter(&mut metrics, at(5 * 60), 3);
        assert_eq!(metrics["soak.spans"], Measure::Count(4), "hours 1 to 4, of which 2 and 3 are silent");
        assert!(!metrics.contains_key("soak.p95_growth"), "two hours with decisions have no trend");
    }

    #[test]
    fn too_short_a_run_has_no_drift() {
        let mut soak = Soak::new(HOUR, std::iter::empty(), at(60));
        soak.finish(at(1), Duration::from_millis(1));
        let mut metrics = Metrics::new();
        soak.enter(&mut metrics, at(59), 1);
        assert_eq!(metrics["soak.spans"], Measure::Count(0));
        assert!(!metrics.contains_key("soak.p95_growth") && !metrics.contains_key("soak.rest_growth"));
    }
}
