//! A benchmark as tables: CSV for programs, Markdown for people.

use super::columns::columns;
use super::verdict::{Tone, verdict};
use crate::csv_table::CsvTable;
use crate::format;
use crate::markdown::plain;
use std::fmt::{self, Write};
use synod_campaign::{Estimate, PointResult, Results};
use synod_oracle::metric;

/// Returns a row for every point.
///
/// # Errors
/// None: it writes to memory.
pub(super) fn csv(results: &Results) -> csv::Result<Vec<u8>> {
    let mut table = CsvTable::new();
    let fixed = [
        "point",
        "series",
        "scenario",
        "protocol",
        "agents",
        "tolerated",
        "fault",
        "parameters",
        "seeds",
        "runs",
        "passed",
        "unknown",
        "success_rate",
        "success_low",
        "success_high",
        "unsafe_runs",
        "stuck_runs",
    ];
    let latency = ["p50", "p95", "p99"]
        .into_iter()
        .flat_map(|name| ["", "_low", "_high"].map(|bound| format!("latency_{name}{bound}_ns")));
    let fixed = fixed.into_iter().map(str::to_owned);
    let figures = FIGURES.iter().map(|(title, _)| (*title).to_owned());
    table.row(fixed.chain(latency).chain(figures).chain(["digest".to_owned()]))?;
    for point in &results.points {
        table.row(row(point))?;
    }
    table.finish()
}

type Figure = (&'static str, fn(&PointResult) -> Option<f64>);

/// The columns of figures after those of the percentiles of latency.
const FIGURES: [Figure; 13] = [
    ("latency_mean_ns", |point| point.latency.as_ref().and_then(|latency| latency.mean).map(|mean| mean.0)),
    ("latency_standard_error_ns", |point| {
        point.latency.as_ref().and_then(|latency| latency.standard_error).map(|error| error.0)
    }),
    ("latency_p50_theory_ns", |point| point.latency_law(&metric::LATENCY.p50).map(|law| law.value.0)),
    ("latency_p95_theory_ns", |point| point.latency_law(&metric::LATENCY.p95).map(|law| law.value.0)),
    ("latency_p99_theory_ns", |point| point.latency_law(&metric::LATENCY.p99).map(|law| law.value.0)),
    ("messages_per_decision", |point| point.median(&metric::MESSAGES_PER_DECISION)),
    ("messages_per_decision_theory", |point| {
        point.law(&metric::MESSAGES_PER_DECISION).map(|law| law.value.0)
    }),
    ("bytes_sent", |point| point.median(&metric::BYTES_SENT)),
    ("rounds", PointResult::rounds),
    ("memory_bytes", |point| point.median(&metric::RETAINED_BYTES_MAX)),
    ("cpu_utilisation", |point| point.median(&metric::CPU_UTILISATION)),
    ("recovery_ns", PointResult::recovery),
    ("decisions", |point| point.median(&metric::DECISIONS)),
];

fn row(point: &PointResult) -> Vec<String> {
    let text = |number: Option<f64>| number.map_or_else(String::new, |number| number.to_string());
    let parameters: Vec<String> =
        point.parameters.iter().map(|(path, value)| format!("{path}={value}")).collect();
    let mut row = vec![
        point.point.clone(),
        point.series.clone(),
        point.scenario.clone(),
        point.protocol.clone(),
        point.agents.to_string(),
        point.tolerated.map_or_else(String::new, |most| most.to_string()),
        point.fault.clone().unwrap_or_default(),
        parameters.join(" "),
        point.seeds.clone(),
        point.runs.to_string(),
        point.passed.to_string(),
        point.unknown.to_string(),
        text(Some(point.success_rate.0)),
        text(Some(point.ci95[0].0)),
        text(Some(point.ci95[1].0)),
        point.unsafe_runs.to_string(),
        point.stuck_runs.to_string(),
    ];
    for place in 0..3 {
        let latency = point.latency.as_ref();
        let estimate = latency.map(|latency| [latency.p50, latency.p95, latency.p99][place]);
        let parts = |Estimate { value, low, high }| [Some(value), low, high];
        row.extend(estimate.map_or([None; 3], parts).map(|part| text(part.map(|part| part.0))));
    }
    row.extend(FIGURES.iter().map(|(_, figure)| text(figure(point))));
    row.push(point.digest.clone());
    row
}

/// Returns a table for every series.
///
/// # Panics
/// Never: writing to a string cannot fail.
pub(super) fn markdown(results: &Results) -> String {
    let mut out = String::new();
    write(&mut out, results).expect("a string takes everything");
    out
}

fn write(out: &mut String, results: &Results) -> fmt::Result {
    writeln!(out, "# {}\n\n{}\n", plain(&results.suite), plain(&results.about))?;
    let runs: u64 = results.points.iter().map(|point| point.runs).sum();
    let verdict = match verdict(results) {
        (Tone::Bad, words) => format!("**{}.**", plain(&words)),
        (_, words) => format!("{}.", plain(&words)),
    };
    writeln!(
        out,
        "{verdict} {}, {}, Synod {}, digest `{}`.",
        format::plural(results.points.len() as u64, "point"),
        format::plural(runs, "run"),
        results.version,
        results.digest
    )?;
    for series in &results.series {
        let points: Vec<&PointResult> =
            results.points.iter().filter(|point| point.series == series.name).collect();
        let columns = columns(&points);
        writeln!(out, "\n## {}\n", plain(&series.name))?;
        if !series.about.is_empty() {
            writeln!(out, "{}\n", plain(&series.about))?;
        }
        let titles: Vec<&str> = columns.iter().map(|column| column.title).collect();
        writeln!(out, "| point | {} |", titles.join(" | "))?;
        writeln!(out, "|---|{}", "---:|".repeat(columns.len()))?;
        for point in points {
            let cells: Vec<String> = columns
                .iter()
                .map(|column| (column.cell)(point).map_or_else(String::new, |cell| plain(&cell.words)))
                .collect();
            writeln!(out, "| {} | {} |", plain(&point.point), cells.join(" | "))?;
        }
        writeln!(out)?;
        for column in &columns {
            writeln!(out, "- **{}**: {}.", column.title, column.about)?;
        }
    }
    Ok(())
}
