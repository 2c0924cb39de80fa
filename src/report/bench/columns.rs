//! The columns of a benchmark's tables: the same for the terminal, for Markdown and for the page.

use crate::format;
use synod_campaign::{Estimate, PointResult, Sample};
use synod_oracle::metric::{self, GrowthMetrics, Metric, PercentileMetrics};

/// A column.
#[derive(Clone, Copy)]
pub(super) struct Column {
    /// Its heading.
    pub(super) title: &'static str,
    /// What stands in it.
    pub(super) about: &'static str,
    /// What a point's row has there.
    pub(super) cell: fn(&PointResult) -> Option<Cell>,
}

/// A cell: what it says, and the number by which rows are ordered.
pub(super) struct Cell {
    pub(super) words: String,
    pub(super) number: f64,
}

/// All columns after the point's name.
const COLUMNS: [Column; 19] = [
    Column {
        title: "runs",
        about: "how many seeds ran",
        cell: |point| cell(format::count, Some(point.runs as f64)),
    },
    Column {
        title: "passed",
        about: "share of runs that passed, with its 95 % interval (Wilson)",
        cell: passed,
    },
    Column { title: "safe", about: "share of runs in which no invariant was broken", cell: safe },
    Column { title: "live", about: "share of runs in which all was decided in time", cell: live },
    Column {
        title: "p50",
        about: "median latency, with its 95 % interval (order statistics)",
        cell: |point| point.latency.as_ref().map(|latency| estimate(latency.p50)),
    },
    Column {
        title: "p95",
        about: "95th percentile of latency, with its 95 % interval",
        cell: |point| point.latency.as_ref().map(|latency| estimate(latency.p95)),
    },
    Column {
        title: "p99",
        about: "99th percentile of latency, with its 95 % interval; a bound is missing where the sample is too small",
        cell: |point| point.latency.as_ref().map(|latency| estimate(latency.p99)),
    },
    Column {
        title: "mean",
        about: "mean latency over the runs, with its standard error",
        cell: mean_latency,
    },
    Column {
        title: "theory",
        about: "what theory says of the median, 95th and 99th percentile of latency",
        cell: latency_law,
    },
    Column {
        title: "messages",
        about: "messages sent for each decision; the median run",
        cell: |point| median(point, &metric::MESSAGES_PER_DECISION),
    },
    Column {
        title: "messages, theory",
        about: "what theory says of the messages for each decision",
        cell: |point| law(point, &metric::MESSAGES_PER_DECISION),
    },
    Column {
        title: "bytes",
        about: "bytes sent in the whole run; the median run",
        cell: |point| median(point, &metric::BYTES_SENT),
    },
    Column {
        title: "rounds",
        about: "rounds taken; the median run",
        cell: |point| median(point, &metric::ROUNDS),
    },
    Column {
        title: "memory",
        about: "the most that one agent kept, modelled; the median run",
        cell: |point| median(point, &metric::RETAINED_BYTES_MAX).filter(|most| most.number > 0.0),
    },
    Column {
        title: "cpu",
        about: "how busy the agents' modelled processors were; the median run",
        cell: |point| median(point, &metric::CPU_UTILISATION).filter(|share| share.number > 0.0),
    },
    Column {
        title: "recovery",
        about: "from the end of a fault until every side of it decides again; the median run",
        cell: |point| cell(format::time, point.recovery()),
    },
    Column {
        title: "p95 in a day",
        about: "by how much the 95th percentile of latency grows in a day without faults, with its 95 % interval (Student); the median run",
        cell: |point| growth(point, &metric::LATENCY_GROWTH),
    },
    Column {
        title: "memory in a day",
        about: "by how much grows in a day what all agents keep together while nothing is under way, with its 95 % interval",
        cell: |point| growth(point, &metric::REST_GROWTH),
    },
    Column {
        title: "decided",
        about: "decisions made in the whole run; the median run",
        cell: |point| median(point, &metric::DECISIONS).filter(|_| !decides_once(point)),
    },
];

/// Returns the columns in which at least one of the points has something.
pub(super) fn columns(points: &[&PointResult]) -> Vec<Column> {
    let is_used = |column: &Column| points.iter().any(|point| (column.cell)(point).is_some());
    COLUMNS.into_iter().filter(is_used).collect()
}

fn decides_once(point: &PointResult) -> bool {
    point.latency.as_ref().is_some_and(|latency| latency.sample == Sample::Decisions)
}

fn cell(show: fn(f64) -> String, number: Option<f64>) -> Option<Cell> {
    number.map(|number| Cell { words: show(number), number })
}

/// Returns the median run's value of `metric`.
fn median(point: &PointResult, metric: &Metric) -> Option<Cell> {
    cell(format::of(metric.unit), point.median(metric))
}

fn law(point: &PointResult, metric: &Metric) -> Option<Cell> {
    let law = point.law(metric)?;
    let value = format::of(metric.unit)(law.value.0);
    Some(Cell { words: format!("{} = {value}", law.law), number: law.value.0 })
}

fn mean_latency(point: &PointResult) -> Option<Cell> {
    let latency = point.latency.as_ref()?;
    let mean = latency.mean?.0;
    let error = latency.standard_error.map(|error| format!(" ± {}", format::time(error.0)));
    Some(Cell { words: format::time(mean) + &error.unwrap_or_default(), number: mean })
}

fn latency_law(point: &PointResult) -> Option<Cell> {
    let PercentileMetrics { p50, p95, p99, .. } = &metric::LATENCY;
    let number = point.latency_law(p50)?.value.0;
    let all = [p50, p95, p99].into_iter().filter_map(|percentile| point.latency_law(percentile));
    let words: Vec<String> = all.map(|law| format::time(law.value.0)).collect();
    Some(Cell { words: words.join(" / "), number })
}

fn estimate(estimate: Estimate) -> Cell {
    let bound = |bound: Option<synod_campaign::Number>| {
        bound.map_or_else(|| "?".to_owned(), |bound| format::time(bound.0))
    };
    let words = match (estimate.low, estimate.high) {
        (None, None) => format::time(estimate.value.0),
        (low, high) if low == high => format::time(estimate.value.0),
        (low, high) => format!("{} [{}, {}]", format::time(estimate.value.0), bound(low), bound(high)),
    };
    Cell { words, number: estimate.value.0 }
}

fn passed(point: &PointResult) -> Option<Cell> {
    let [low, high] = point.ci95.map(|rate| format::share(rate.0));
    let rate = point.success_rate.0;
    Some(Cell { words: format!("{} [{low}, {high}]", format::share(rate)), number: rate })
}

fn growth(point: &PointResult, of: &GrowthMetrics) -> Option<Cell> {
    let growth = point.median(&of.growth)?;
    // What is 0 in all runs is left out.
    let end = |metric| point.median(metric).unwrap_or(0.0);
    let words = [growth, end(&of.low), end(&of.high)].map(format::growth);
    Some(Cell { words: format!("{} [{}, {}]", words[0], words[1], words[2]), number: growth })
}

/// Only where it is not so in all runs: where it is, `passed` has said it.
fn safe(point: &PointResult) -> Option<Cell> {
    let share = 1.0 - point.share(point.unsafe_runs);
    (point.passed < point.runs || point.unsafe_runs > 0)
        .then(|| Cell { words: format::share(share), number: share })
}

fn live(point: &PointResult) -> Option<Cell> {
    let share = 1.0 - point.share(point.stuck_runs);
    (point.passed < point.runs || point.stuck_runs > 0)
        .then(|| Cell { words: format::share(share), number: share })
}
