//! A benchmark as a page.

use super::columns::columns;
use super::plots::Plot;
use super::verdict::{Tone, verdict};
use crate::format;
use crate::html_page;
use crate::plot::dark;
use crate::spacetime::escaped;
use std::fmt::{self, Write};
use synod_campaign::{Machine, PointResult, Results};

/// What a page shows.
pub(super) struct Content<'a> {
    pub(super) results: &'a Results,
    pub(super) plots: &'a [Plot],
    /// Facts about the machine and plots of them, where the simulator is what is measured.
    pub(super) machine: Option<(&'a Machine, &'a [Plot])>,
    /// What has changed since a baseline, as a table of its own.
    pub(super) changes: Option<String>,
}

/// Returns the page.
///
/// # Panics
/// Never: writing to a string cannot fail.
pub(super) fn page(content: &Content<'_>) -> String {
    let mut out = String::new();
    write(&mut out, content).expect("a string takes everything");
    out
}

fn write(out: &mut String, content: &Content<'_>) -> fmt::Result {
    let results = content.results;
    html_page::open(out, &results.suite, "benchmark", &dark())?;
    writeln!(out, "<p>{}</p>", escaped(&results.about))?;
    let runs: u64 = results.points.iter().map(|point| point.runs).sum();
    let (tone, verdict) = verdict(results);
    let class = match tone {
        Tone::Good => "",
        Tone::Open => " class=\"open\"",
        Tone::Bad => " class=\"bad\"",
    };
    writeln!(
        out,
        "<div id=\"verdict\"{class}><p>{verdict}: {}, {}.</p></div>",
        format::plural(results.points.len() as u64, "point"),
        format::plural(runs, "run")
    )?;
    write!(out, "<nav>")?;
    if content.changes.is_some() {
        write!(out, "<a href=\"#changes\">Changes</a>")?;
    }
    for (number, series) in results.series.iter().enumerate() {
        write!(out, "<a href=\"#series-{number}\">{}</a>", escaped(&series.name))?;
    }
    writeln!(out, "<a href=\"results.csv\">CSV</a><a href=\"results.json\">JSON</a></nav>")?;
    if let Some(changes) = &content.changes {
        writeln!(out, "<h2 id=\"changes\">Changes since the baseline</h2>\n{changes}")?;
    }
    figures(out, content.plots.iter().filter(|plot| plot.series.is_none()))?;
    for (number, series) in results.series.iter().enumerate() {
        writeln!(out, "<h2 id=\"series-{number}\">{}</h2>", escaped(&series.name))?;
        if !series.about.is_empty() {
            writeln!(out, "<p>{}</p>", escaped(&series.about))?;
        }
        figures(out, content.plots.iter().filter(|plot| plot.series.as_ref() == Some(&series.name)))?;
        let points: Vec<&PointResult> =
            results.points.iter().filter(|point| point.series == series.name).collect();
        table(out, &points)?;
    }
    if let Some((machine, plots)) = content.machine {
        self::machine(out, machine, plots)?;
    }
    html_page::close(out, &results.digest, &results.version)
}

fn figures<'a>(out: &mut String, plots: impl Iterator<Item = &'a Plot>) -> fmt::Result {
    writeln!(out, "<div class=\"plots\">")?;
    for plot in plots {
        writeln!(out, "<figure aria-label=\"{}\">{}</figure>", escaped(&plot.title), plot.svg.trim_end())?;
    }
    writeln!(out, "</div>")
}

fn table(out: &mut String, points: &[&PointResult]) -> fmt::Result {
    let columns = columns(points);
    writeln!(out, "<div class=\"table\"><table class=\"results\">\n<thead><tr><th>point</th>")?;
    for column in &columns {
        write!(out, "<th title=\"{}\">{}</th>", escaped(column.about), column.title)?;
    }
    writeln!(out, "</tr></thead>\n<tbody>")?;
    for point in points {
        let class = if point.passed < point.runs { " class=\"failed\"" } else { "" };
        write!(
            out,
            "<tr{class} data-like=\"{}\"><td>{}</td>",
            escaped(&point.curve()),
            escaped(&point.point)
        )?;
        for column in &columns {
            match (column.cell)(point) {
                None => write!(out, "<td></td>")?,
                Some(cell) => {
                    let words = escaped(&cell.words);
                    let words = match words.split_once(" [") {
                        Some((value, interval)) => format!("{value} <small>[{interval}</small>"),
                        None => words,
                    };
                    write!(out, "<td data-v=\"{}\">{words}</td>", cell.number)?;
                }
            }
        }
        writeln!(out, "</tr>")?;
    }
    writeln!(out, "</tbody></table></div>")
}

fn machine(out: &mut String, machine: &Machine, plots: &[Plot]) -> fmt::Result {
    writeln!(out, "<h2 id=\"machine\">The simulator</h2>")?;
    writeln!(
        out,
        "<p class=\"quiet\">{}, {}, {}; Synod {}. No two machines agree on these.</p>",
        escaped(machine.processor.as_deref().unwrap_or("unknown processor")),
        escaped(&machine.platform),
        format::plural(machine.threads as u64, "thread"),
        machine.version
    )?;
    figures(out, plots.iter())?;
    writeln!(
        out,
        "<div class=\"table\"><table class=\"results\">\n<thead><tr><th>point</th><th>runs</th><th>events</th>"
    )?;
    writeln!(
        out,
        "<th>wall, a run</th><th>cpu, a run</th><th>events/s</th><th>resident</th></tr></thead>\n<tbody>"
    )?;
    for cost in &machine.points {
        write!(out, "<tr><td>{}</td>", escaped(&cost.point))?;
        let cells = [
            (cost.runs as f64, format::count as fn(f64) -> String),
            (cost.events as f64, format::count),
            (cost.wall_ms * 1e6, format::time),
            (cost.cpu_ms * 1e6, format::time),
            (libm::round(cost.events_per_second), format::count),
            (cost.rss_bytes as f64, format::size),
        ];
        for (number, show) in cells {
            write!(out, "<td data-v=\"{number}\">{}</td>", show(number))?;
        }
        writeln!(out, "</tr>")?;
    }
    writeln!(out, "</tbody></table></div>")
}
