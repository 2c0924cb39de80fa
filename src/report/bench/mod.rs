//! A benchmark as a folder: tables, JSON, plots and one page.

mod changes;
mod columns;
mod page;
mod plots;
mod tables;
mod terminal;
mod verdict;

#[cfg(feature = "png")]
use super::plot::Painter;
pub use changes::changes_page;
use serde::Serialize;
use synod_campaign::{Baseline, BenchResult, Comparison, Machine, Results};
pub use terminal::bench_page;

/// A file of a report: its path within the report's folder, and what it holds.
#[derive(Debug)]
pub struct ReportFile {
    /// The path, parted by `/`.
    pub path: String,
    /// The content.
    pub content: Vec<u8>,
}

impl ReportFile {
    pub(super) fn new(path: impl Into<String>, content: impl Into<Vec<u8>>) -> ReportFile {
        ReportFile { path: path.into(), content: content.into() }
    }
}

/// Returns the files of a benchmark's report, with what has changed since a baseline, if there is one.
///
/// # Errors
/// None: it writes to memory.
pub fn bench_files(
    benched: &BenchResult,
    baseline: Option<(&Baseline, &Comparison)>,
) -> Result<Vec<ReportFile>, csv::Error> {
    let BenchResult { results, machine, .. } = benched;
    let (plots, machine_plots) = (
        plots::plots(benched, baseline.map(|(baseline, _)| &baseline.results)),
        plots::machine_plots(benched),
    );
    let content = page::Content {
        results,
        plots: &plots,
        machine: (!machine_plots.is_empty()).then_some((machine, &machine_plots[..])),
        changes: baseline.map(|(_, comparison)| changes::changes_html(comparison)),
    };
    let mut files = vec![
        ReportFile::new("results.csv", tables::csv(results)?),
        ReportFile::new("results.json", bench_object(results, None)),
        ReportFile::new("machine.json", pretty::<Machine>(machine)),
        ReportFile::new("summary.md", tables::markdown(results)),
        ReportFile::new("index.html", page::page(&content)),
    ];
    let all = plots.iter().chain(&machine_plots);
    files.extend(
        all.clone().map(|plot| ReportFile::new(format!("plots/{}.svg", plot.name), plot.svg.as_str())),
    );
    #[cfg(feature = "png")]
    files.extend({
        let painter = Painter::new();
        all.filter_map(move |plot| {
            let png = painter.png(&plot.svg)?;
            Some(ReportFile::new(format!("plots/{}.png", plot.name), png))
        })
    });
    Ok(files)
}

/// Returns the results as one JSON object, the same to the byte for the same suite, seeds and version.
///
/// # Panics
/// Never: every name and number in it has a JSON form.
pub fn bench_object(results: &Results, comparison: Option<&Comparison>) -> String {
    /// The results, and what has changed.
    #[derive(Serialize)]
    struct Both<'a> {
        #[serde(flatten)]
        results: &'a Results,
        #[serde(skip_serializing_if = "Option::is_none")]
        comparison: Option<&'a Comparison>,
    }
    pretty(&Both { results, comparison })
}

/// Returns the value as JSON, in lines that people can read too.
pub(super) fn pretty<T: Serialize>(value: &T) -> String {
    let mut text = serde_json::to_string_pretty(value).expect("it has a JSON form");
    text.push('\n');
    text
}
