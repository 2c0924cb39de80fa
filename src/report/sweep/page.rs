//! The results of a sweep as a page of text for the terminal.

use super::{SweepTitle, shortfalls, unstable, warnings};
use crate::format::{self, plural};
use crate::human::{
    BAD, FAINT, GOOD, STRONG, WARN, WIDTH, cut, grouped, verdict, widest, wrapped, write_commands,
};
use anstyle::Style;
use std::fmt::{self, Write};
use synod_campaign::{SweepResult, SweepTally};
use synod_oracle::metric::{self, Aggregation, Kind, Metric, Unit};
use synod_sim::Duration;
use synod_stats::{Histogram, wilson};

/// Returns the results of a sweep as a page for the terminal.
///
/// # Panics
/// Never: writing to a string cannot fail.
pub fn sweep_page(title: &SweepTitle<'_>, swept: &SweepResult) -> String {
    let mut out = String::new();
    write_page(&mut out, title, swept).expect("writing to a string cannot fail");
    out
}

/// Maximum number of failures listed for a point.
const LISTED: usize = 10;

/// Minimum width of the column of names, in characters.
const NAME: usize = 24;

/// Width of the columns of figures, in characters.
const FIGURES: usize = 65;

fn write_page(out: &mut String, title: &SweepTitle<'_>, swept: &SweepResult) -> fmt::Result {
    writeln!(out, "{STRONG}{}{STRONG:#}  seeds {}", cut(title.scenario, 50), title.seeds)?;
    for line in wrapped(title.about.split_whitespace(), " ", 0) {
        writeln!(out, "{FAINT}{}{FAINT:#}", cut(&line, 0))?;
    }
    for (label, tally) in title.points.iter().zip(&swept.tallies) {
        if title.has_grid() {
            writeln!(out, "\n{STRONG}{}{STRONG:#}", cut(label, 0))?;
        }
        point(out, title, tally)?;
    }
    if title.has_grid() {
        summary(out, title, swept)?;
    }
    foot(out, title, swept)
}

fn point(out: &mut String, title: &SweepTitle<'_>, tally: &SweepTally) -> fmt::Result {
    writeln!(out, "{}", rate(tally))?;
    let in_runs = |count: &u64| plural(*count, "run");
    for (oracle, count) in &tally.violations {
        match tally.failed {
            0 => writeln!(out, "  violated {oracle}, as expected, in {}", in_runs(count))?,
            _ => writeln!(out, "  {BAD}violated{BAD:#} {oracle} in {}", in_runs(count))?,
        }
    }
    for (metric, count) in tally.unmet.iter().filter(|(metric, _)| *metric != "violates") {
        match tally.failed {
            0 => writeln!(out, "  missed {metric}, as it may, in {}", in_runs(count))?,
            _ => writeln!(out, "  {BAD}missed{BAD:#} {metric} in {}", in_runs(count))?,
        }
    }
    for (fault, affected) in tally.faults.iter().filter(|(_, affected)| **affected > 0) {
        writeln!(out, "  fault {} had an effect in {}", cut(fault, 40), in_runs(affected))?;
    }
    for warning in warnings(tally) {
        writeln!(out, "  {WARN}{}{WARN:#}", cut(&format!("warning: {warning}"), 2))?;
    }
    figures(out, title, tally)?;
    coverage(out, tally)?;
    unjudged(out, tally)?;
    failures(out, title, tally)
}

/// Returns the number of runs that passed, with a 95 % interval of the true pass rate.
fn rate(tally: &SweepTally) -> String {
    let (runs, passed) = (tally.runs, tally.passed());
    let [low, high] = wilson(passed, runs).map(|rate| rate * 100.0);
    let (passed, runs) = (grouped(passed), plural(runs, "run"));
    let style = style(tally);
    let unknown = match tally.unknown {
        0 => String::new(),
        unknown => format!(", {} could not be judged", grouped(unknown)),
    };
    format!(
        "{style}{passed} of {runs} passed{unknown}{style:#}  {FAINT}95 % interval: {low:.3} % to {high:.3} %{FAINT:#}"
    )
}

fn style(tally: &SweepTally) -> Style {
    match (tally.failed, tally.unknown) {
        (0, 0) => GOOD,
        (0, _) => WARN,
        _ => BAD,
    }
}

fn figures(out: &mut String, title: &SweepTitle<'_>, tally: &SweepTally) -> fmt::Result {
    let rows = shown_rows(title.metrics, tally);
    if rows.is_empty() {
        return Ok(());
    }
    writeln!(
        out,
        "\n{STRONG}Figures{STRONG:#}  {FAINT}over runs: percentiles, mean and its standard error{FAINT:#}"
    )?;
    let width = widest(rows.iter().map(|row| row.name), NAME).min(WIDTH - FIGURES - 2);
    let row = |name: &str, [p50, p95, p99, mean]: [String; 4]| {
        format!("  {name:width$}  {p50:>12}  {p95:>12}  {p99:>12}  {mean:>21}")
    };
    let head = row("", ["p50", "p95", "p99", "mean"].map(str::to_owned));
    writeln!(out, "{FAINT}{head}{FAINT:#}")?;
    for Row { name, metric, histogram } in rows {
        let of = |percent| {
            histogram.percentile(percent).map_or(String::new(), |value| in_words(metric.unit, value))
        };
        let figures = [of(50), of(95), of(99), mean(metric.unit, histogram)];
        writeln!(out, "{}", row(&cut(name, FIGURES + 2), figures).trim_end())?;
    }
    Ok(())
}

/// Returns the mean, and its standard error where there is one, in four digits.
fn mean(unit: Unit, histogram: &Histogram) -> String {
    let show = if unit == Unit::Nanoseconds { format::time } else { format::count };
    let mean = histogram.mean().map_or(String::new(), show);
    let error = histogram.standard_error().map(|error| format!(" ± {}", show(error)));
    mean + &error.unwrap_or_default()
}

/// The distribution of a metric over the runs.
struct Row<'a> {
    name: &'a str,
    metric: &'static Metric,
    histogram: &'a Histogram,
}

impl Row<'_> {
    /// Returns the prefix of the metric's name that related metrics share: all but its last component.
    fn family(&self) -> &str {
        self.name.rsplit_once('.').map_or("", |(family, _)| family)
    }

    fn is_median(&self) -> bool {
        self.metric.kind == Kind::Percentile(50)
    }

    /// Returns true if it is a time with the same distribution as `other`, of the same family.
    fn repeats(&self, other: &Row<'_>) -> bool {
        self.metric.unit == Unit::Nanoseconds
            && self.family() == other.family()
            && self.histogram == other.histogram
    }
}

/// Returns the metrics that the page shows. It omits metrics that are parts of another, that are 0 in every run, and
/// times that repeat another of their family, as all latency percentiles do in runs of a single request. The JSON
/// output has all metrics.
fn shown_rows<'a>(metrics: &[&'static Metric], tally: &'a SweepTally) -> Vec<Row<'a>> {
    let row = |(name, histogram): (&'a String, &'a Histogram)| {
        let metric = metric::find(metrics, name)?;
        (metric.aggregation != Aggregation::Parts).then_some(Row { name, metric, histogram })
    };
    let mut rows: Vec<Row<'a>> = tally.metrics.iter().filter_map(row).collect();
    // Medians come first, so that the median is kept where all metrics of a family are equal.
    rows.sort_by(|a, b| {
        let key = |row: &Row<'a>| !row.is_median();
        a.family().cmp(b.family()).then(key(a).cmp(&key(b))).then(a.name.cmp(b.name))
    });
    let mut shown: Vec<Row<'a>> = Vec::new();
    for row in rows {
        if !row.histogram.is_zero() && !shown.iter().any(|other| row.repeats(other)) {
            shown.push(row);
        }
    }
    shown
}

fn coverage(out: &mut String, tally: &SweepTally) -> fmt::Result {
    if tally.coverage.is_empty() {
        return Ok(());
    }
    writeln!(out, "\n{STRONG}Coverage{STRONG:#}  {FAINT}hits over all runs{FAINT:#}")?;
    let marks: Vec<String> =
        tally.coverage.iter().map(|(mark, count)| format!("{mark} {}", grouped(*count))).collect();
    for line in wrapped(marks.iter().map(String::as_str), ", ", 2) {
        writeln!(out, "  {line}")?;
    }
    Ok(())
}

fn unjudged(out: &mut String, tally: &SweepTally) -> fmt::Result {
    if tally.unjudged.is_empty() {
        return Ok(());
    }
    writeln!(out, "\n{STRONG}Could not be judged{STRONG:#}")?;
    for run in &tally.unjudged {
        writeln!(out, "  seed {}  {WARN}{}{WARN:#}", run.seed, run.oracle)?;
    }
    match tally.unknown - tally.unjudged.len() as u64 {
        0 => Ok(()),
        more => writeln!(out, "  {FAINT}and {} more{FAINT:#}", grouped(more)),
    }
}

fn failures(out: &mut String, title: &SweepTitle<'_>, tally: &SweepTally) -> fmt::Result {
    if tally.failed == 0 {
        return Ok(());
    }
    writeln!(out, "\n{STRONG}Failures{STRONG:#}")?;
    let listed = &tally.failures[..tally.failures.len().min(LISTED)];
    let seeds: Vec<String> = listed.iter().map(|failure| format!("seed {}", failure.seed)).collect();
    let width = widest(seeds.iter().map(String::as_str), 0);
    for (seed, failure) in seeds.iter().zip(listed) {
        writeln!(out, "  {seed:width$}  {BAD}{}{BAD:#}  {FAINT}{}{FAINT:#}", failure.oracle, failure.repro)?;
    }
    let kept = tally.failures.len();
    let more = (kept - listed.len()) as u64;
    if more > 0 {
        let folder = title.folder;
        writeln!(out, "  {FAINT}and {} in {folder}{FAINT:#}", plural(more, "more repro file"))?;
    }
    let counted = tally.failed - kept as u64;
    if counted > 0 {
        writeln!(out, "  {FAINT}{} without a repro file{FAINT:#}", plural(counted, "further failure"))?;
    }
    Ok(())
}

/// Writes a line for each point of the grid.
fn summary(out: &mut String, title: &SweepTitle<'_>, swept: &SweepResult) -> fmt::Result {
    writeln!(out, "\n{STRONG}All points{STRONG:#}")?;
    let labels: Vec<String> = title.points.iter().map(|label| cut(label, 58)).collect();
    let width = widest(labels.iter().map(String::as_str), 0);
    for (label, tally) in labels.iter().zip(&swept.tallies) {
        let [low, high] = wilson(tally.passed(), tally.runs).map(|rate| rate * 100.0);
        let style = style(tally);
        let share = format!("{} of {}", grouped(tally.passed()), grouped(tally.runs));
        writeln!(
            out,
            "  {label:width$}  {style}{share:>20}{style:#}  {FAINT}{low:.3} % to {high:.3} %{FAINT:#}"
        )?;
    }
    Ok(())
}

fn foot(out: &mut String, title: &SweepTitle<'_>, swept: &SweepResult) -> fmt::Result {
    writeln!(out)?;
    for line in shortfalls(swept) {
        writeln!(out, "{BAD}{}{BAD:#}", cut(&line, 0))?;
    }
    if let Some(line) = unstable(swept) {
        writeln!(out, "{WARN}{}{WARN:#}", cut(&line, 0))?;
    }
    let (style, word) = if swept.complete { verdict(swept.verdict()) } else { (WARN, "interrupted") };
    let early = if swept.cut_short { ", ended early by its failures" } else { "" };
    writeln!(out, "{style}{word}{style:#}  digest {STRONG}{}{STRONG:#}{early}", swept.total.digest())?;
    writeln!(out, "{FAINT}results in {}, Synod {}{FAINT:#}", title.folder, synod_sim::VERSION)?;
    let Some(file) = title.first else { return Ok(()) };
    let commands =
        ["replay", "shrink", "explain"].map(|command| format!("{} {command} {file}", title.program));
    let about = ["the first failure again", "the least that still fails", "what happened"];
    let lines: Vec<(String, &str)> = commands.into_iter().zip(about).collect();
    write_commands(out, "Next: ", &lines)
}

fn in_words(unit: Unit, value: f64) -> String {
    match value.fract() == 0.0 && value >= 0.0 {
        true if unit == Unit::Nanoseconds => Duration::from_nanos(value as u64).to_string(),
        true => grouped(value as u64),
        false => format!("{value:.3}"),
    }
}
