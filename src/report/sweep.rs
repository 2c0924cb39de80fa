//! A sweep as a page, as JSON, as CSV and as JUnit.

use super::human::{BAD, FAINT, GOOD, STRONG, WARN, cut, grouped, widest};
use crate::campaign::{SweepTally, Swept, wilson};
use crate::sim::Duration;
use quick_junit::{NonSuccessKind, Report, TestCase, TestCaseStatus, TestSuite};
use serde_json::{Map, Value, json};
use std::fmt::{self, Write};

/// What a sweep was of.
#[derive(Copy, Clone, Debug)]
pub struct SweepTitle<'a> {
    /// The scenario's name.
    pub scenario: &'a str,
    /// The label of each point, empty without a grid.
    pub points: &'a [&'a str],
    /// The seeds, as the user typed them.
    pub seeds: &'a str,
    /// The output folder.
    pub folder: &'a str,
    /// The program, as the user called it.
    pub program: &'a str,
}

/// The sweep as one JSON object. With a grid, metrics and coverage stand at each of its `points`.
pub fn sweep_object(title: &SweepTitle<'_>, swept: &Swept) -> String {
    let mut object = Map::new();
    object.insert("scenario".into(), title.scenario.into());
    object.insert("seeds".into(), title.seeds.into());
    object.insert("complete".into(), swept.complete.into());
    match swept.tallies.as_slice() {
        [tally] => object.extend(figures(tally)),
        tallies => {
            object.extend(counts(sum(tallies, |tally| tally.runs), sum(tallies, |tally| tally.failed)));
            let points = title.points.iter().zip(tallies).map(|(label, tally)| {
                let mut point = Map::from_iter([("point".to_owned(), Value::from(*label))]);
                point.extend(figures(tally));
                Value::Object(point)
            });
            object.insert("points".into(), points.collect());
        }
    }
    format!("{:#}", Value::Object(object))
}

fn sum(tallies: &[SweepTally], of: impl Fn(&SweepTally) -> u64) -> u64 {
    tallies.iter().map(of).sum()
}

fn counts(runs: u64, failed: u64) -> Map<String, Value> {
    let passed = runs - failed;
    let rate = if runs == 0 { 0.0 } else { passed as f64 / runs as f64 };
    let ci95 = wilson(passed, runs);
    let pairs = json!({"runs": runs, "passed": passed, "failed": failed, "success_rate": rate, "ci95": ci95});
    pairs.as_object().cloned().unwrap_or_default()
}

fn figures(tally: &SweepTally) -> Map<String, Value> {
    let mut object = counts(tally.runs, tally.failed);
    let failures = tally.failures.iter();
    let failures = failures.map(|one| json!({"seed": one.seed, "oracle": one.oracle, "repro": one.repro}));
    let metrics = tally.metrics.iter().map(|(name, histogram)| {
        let of = |percent| histogram.percentile(percent).map(number);
        (name.clone(), json!({"p50": of(50), "p95": of(95), "p99": of(99)}))
    });
    object.insert("failures".into(), failures.collect());
    object.insert("metrics".into(), Value::Object(metrics.collect()));
    object.insert("coverage".into(), json!(tally.coverage));
    object.insert("violations".into(), json!(tally.violations));
    object.insert("faults".into(), json!(tally.faults));
    object.insert("digest".into(), tally.digest().into());
    object
}

/// Whole numbers without a point.
fn number(value: f64) -> Value {
    if value.fract() == 0.0 && value < 9e15 { json!(value as u64) } else { json!(value) }
}

/// The percentiles of every metric at every point, a row each.
///
/// # Errors
/// None but those of memory: a row is text.
pub fn sweep_csv(title: &SweepTitle<'_>, swept: &Swept) -> csv::Result<Vec<u8>> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(["point", "metric", "runs", "p50", "p95", "p99"])?;
    for (label, tally) in title.points.iter().zip(&swept.tallies) {
        for (name, histogram) in &tally.metrics {
            let of = |percent| {
                histogram.percentile(percent).map_or(String::new(), |value| number(value).to_string())
            };
            let runs = histogram.count().to_string();
            writer.write_record([*label, name, &runs, &of(50), &of(95), &of(99)])?;
        }
    }
    writer.into_inner().map_err(|failure| failure.into_error().into())
}

/// A test case for every point, and one for every failure that is kept.
///
/// # Errors
/// None but those of memory.
pub fn sweep_junit(title: &SweepTitle<'_>, swept: &Swept) -> Result<String, quick_junit::SerializeError> {
    let mut report = Report::new("synod sweep");
    let mut suite = TestSuite::new(title.scenario);
    let broken = |message: String| {
        let mut status = TestCaseStatus::non_success(NonSuccessKind::Failure);
        status.set_message(message);
        status
    };
    for (label, tally) in title.points.iter().zip(&swept.tallies) {
        let name = format!("seeds {} {label}", title.seeds);
        let status = match tally.failed {
            0 => TestCaseStatus::success(),
            failed => broken(format!("{failed} of {} runs failed", tally.runs)),
        };
        suite.add_test_case(TestCase::new(name.trim_end(), status));
        for one in &tally.failures {
            let name = format!("seed {} {label}", one.seed);
            let message = format!("{}: {} replay {}/{}", one.oracle, title.program, title.folder, one.repro);
            suite.add_test_case(TestCase::new(name.trim_end(), broken(message)));
        }
    }
    report.add_test_suite(suite);
    report.to_string()
}

/// The sweep as a page for the terminal.
///
/// # Panics
/// Never: text takes everything.
pub fn sweep_page(title: &SweepTitle<'_>, swept: &Swept) -> String {
    let mut out = String::new();
    write_page(&mut out, title, swept).expect("a string takes everything");
    out
}

/// The most failures that the page lists at a point.
const LISTED: usize = 10;

fn write_page(out: &mut String, title: &SweepTitle<'_>, swept: &Swept) -> fmt::Result {
    writeln!(out, "{STRONG}{}{STRONG:#}  sweep of seeds {}", title.scenario, title.seeds)?;
    for (label, tally) in title.points.iter().zip(&swept.tallies) {
        if !label.is_empty() {
            writeln!(out, "\n{STRONG}{}{STRONG:#}", cut(label, 0))?;
        }
        point(out, title, tally)?;
    }
    let failed = sum(&swept.tallies, |tally| tally.failed);
    let (style, word) = match (swept.complete, failed) {
        (false, _) => (WARN, "interrupted"),
        (true, 0) => (GOOD, "pass"),
        (true, _) => (BAD, "FAIL"),
    };
    let digest = match swept.tallies.as_slice() {
        [tally] => format!("  digest {STRONG}{}{STRONG:#}", tally.digest()),
        _ => String::new(),
    };
    writeln!(out, "\n{style}{word}{style:#}{digest}")?;
    writeln!(out, "{FAINT}results in {}, Synod {}{FAINT:#}", title.folder, env!("CARGO_PKG_VERSION"))
}

fn point(out: &mut String, title: &SweepTitle<'_>, tally: &SweepTally) -> fmt::Result {
    let passed = tally.runs - tally.failed;
    let [low, high] = wilson(passed, tally.runs).map(|rate| rate * 100.0);
    let runs = grouped(tally.runs);
    writeln!(
        out,
        "{} of {runs} runs passed  {FAINT}95 % interval: {low:.3} % to {high:.3} %{FAINT:#}",
        grouped(passed)
    )?;
    for (oracle, count) in &tally.violations {
        writeln!(out, "  {BAD}violated{BAD:#}  {oracle} in {} runs", grouped(*count))?;
    }
    for (fault, bitten) in &tally.faults {
        match bitten {
            0 => writeln!(out, "  {WARN}warning: fault {fault} did nothing in any run{WARN:#}")?,
            _ => writeln!(out, "  fault {fault} had an effect in {} runs", grouped(*bitten))?,
        }
    }
    writeln!(out, "\n{STRONG}Figures over runs{STRONG:#}")?;
    let shown = |name: &&String| !name.starts_with("messages.kind.") && !name.starts_with("fault.effect.");
    let names: Vec<_> = tally.metrics.keys().filter(shown).collect();
    let width = widest(names.iter().map(|name| name.as_str()), 12);
    writeln!(out, "  {:width$}  {FAINT}{:>12}  {:>12}  {:>12}{FAINT:#}", "", "p50", "p95", "p99")?;
    for name in names {
        let of = |percent| {
            tally.metrics[name].percentile(percent).map_or(String::new(), |value| in_words(name, value))
        };
        writeln!(out, "  {name:width$}  {:>12}  {:>12}  {:>12}", of(50), of(95), of(99))?;
    }
    if !tally.coverage.is_empty() {
        writeln!(out, "\n{STRONG}Coverage{STRONG:#}")?;
        for (mark, count) in &tally.coverage {
            writeln!(out, "  {mark:width$}  {:>12}", grouped(*count))?;
        }
    }
    if tally.failures.is_empty() {
        return Ok(());
    }
    writeln!(out, "\n{STRONG}Failures{STRONG:#}")?;
    for one in tally.failures.iter().take(LISTED) {
        writeln!(out, "  {BAD}{}{BAD:#}, seed {}", one.oracle, one.seed)?;
        writeln!(out, "    {} replay {}/{}", title.program, title.folder, one.repro)?;
    }
    let kept = tally.failures.len();
    match kept.saturating_sub(LISTED) {
        0 => {}
        more => writeln!(
            out,
            "  {FAINT}and {} more repro files in {}{FAINT:#}",
            grouped(more as u64),
            title.folder
        )?,
    }
    match tally.failed - kept as u64 {
        0 => Ok(()),
        more => writeln!(
            out,
            "  {FAINT}{} further failures were counted, without repro files{FAINT:#}",
            grouped(more)
        ),
    }
}

fn in_words(metric: &str, value: f64) -> String {
    match value.fract() == 0.0 {
        true if metric.ends_with("_ns") => Duration::from_nanos(value as u64 / 1_000 * 1_000).to_string(),
        true => grouped(value as u64),
        false => format!("{value:.3}"),
    }
}
