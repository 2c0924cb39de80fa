//! A benchmark as a page of text for the terminal.

use super::verdict::{Tone, verdict};
use crate::format;
use crate::human;
use crate::human::{BAD, FAINT, GOOD, STRONG, WARN, cut, grouped, widest, wrapped};
use std::fmt::{self, Write};
use synod_campaign::{Failures, PointResult, Results};
use synod_harness::RunVerdict;
use synod_oracle::metric;

/// Returns the benchmark as a page for the terminal; its files lie in `folder`.
///
/// # Panics
/// Never: writing to a string cannot fail.
pub fn bench_page(results: &Results, complete: bool, folder: &str) -> String {
    let mut out = String::new();
    write(&mut out, results, complete, folder).expect("a string takes everything");
    out
}

fn write(out: &mut String, results: &Results, complete: bool, folder: &str) -> fmt::Result {
    let points = format::plural(results.points.len() as u64, "point");
    writeln!(out, "{STRONG}{}{STRONG:#}  {points}", cut(&results.suite, 20))?;
    for line in wrapped(results.about.split_whitespace(), " ", 0) {
        writeln!(out, "{FAINT}{}{FAINT:#}", cut(&line, 0))?;
    }
    let names: Vec<String> = results.points.iter().map(|point| cut(&point.point, 56)).collect();
    let width = widest(names.iter().map(String::as_str), 12);
    for series in &results.series {
        writeln!(
            out,
            "\n{STRONG}{:width$}{STRONG:#}  {FAINT}{:>13}  {:>9}  {:>9}  {:>9}  {:>9}{FAINT:#}",
            cut(&series.name, 60),
            "passed",
            "p50",
            "p95",
            "p99",
            "messages",
        )?;
        let points = results.points.iter().zip(&names).filter(|(point, _)| point.series == series.name);
        for (point, name) in points {
            row(out, point, name, width)?;
        }
    }
    writeln!(out)?;
    for mark in &results.uncovered {
        writeln!(out, "{BAD}vacuous: {mark} was expected in some run and hit in none{BAD:#}")?;
    }
    for excess in &results.excesses {
        writeln!(out, "{BAD}too often: {excess}{BAD:#}")?;
    }
    let (tone, words) = verdict(results);
    if tone == Tone::Open {
        writeln!(out, "{WARN}{words}{WARN:#}")?;
    }
    let (style, word) = match (complete, tone, results.verdict()) {
        (false, ..) => (WARN, "interrupted"),
        // No green over runs that failed, though they may.
        (true, Tone::Open, RunVerdict::Pass) => (STRONG, "pass"),
        (true, _, verdict) => human::verdict(verdict),
    };
    writeln!(out, "{style}{word}{style:#}  digest {STRONG}{}{STRONG:#}", results.digest)?;
    writeln!(out, "{FAINT}results in {folder}, Synod {}{FAINT:#}", results.version)
}

fn row(out: &mut String, point: &PointResult, name: &str, width: usize) -> fmt::Result {
    let latency = point.latency.as_ref();
    let of = |estimate: Option<synod_campaign::Estimate>| {
        estimate.map_or_else(String::new, |estimate| format::time(estimate.value.0))
    };
    let share = format!("{}/{}", grouped(point.passed), grouped(point.runs));
    let style = match (point.failed() == 0, point.failures) {
        (true, _) if point.unknown > 0 => WARN,
        (true, _) => GOOD,
        (false, Failures::Counted) => WARN,
        (false, Failures::Forbidden) => BAD,
    };
    let messages = point.median(&metric::MESSAGES_PER_DECISION).map_or_else(String::new, format::count);
    writeln!(
        out,
        "{name:width$}  {style}{share:>13}{style:#}  {:>9}  {:>9}  {:>9}  {messages:>9}",
        of(latency.map(|latency| latency.p50)),
        of(latency.map(|latency| latency.p95)),
        of(latency.map(|latency| latency.p99)),
    )
}
