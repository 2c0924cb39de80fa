//! A sweep as a table of percentiles and means, and as a report of tests for build servers.

use super::{SweepTitle, number, vacuous};
use crate::csv_table::CsvTable;
use crate::format::plural;
use quick_junit::{NonSuccessKind, Report, TestCase, TestCaseStatus, TestSuite};
use std::path::Path;
use synod_campaign::SweepResult;

/// Returns the percentiles and the mean of every metric at every point, a row each, with the runs that have it and those
/// of the point that could not be judged.
///
/// # Errors
/// None: it writes to memory.
pub fn sweep_csv(title: &SweepTitle<'_>, swept: &SweepResult) -> csv::Result<Vec<u8>> {
    let mut table = CsvTable::new();
    table.row(["point", "metric", "runs", "unknown", "p50", "p95", "p99", "mean", "standard_error"])?;
    for (label, tally) in title.points.iter().zip(&swept.tallies) {
        for (name, histogram) in &tally.metrics {
            let counts = [histogram.count(), tally.unknown].map(|runs| runs.to_string());
            let percentiles = [50, 95, 99].map(|percent| histogram.percentile(percent));
            let mean = [histogram.mean(), histogram.standard_error()];
            let figures = percentiles.into_iter().chain(mean);
            let figures =
                figures.map(|figure| figure.map_or(String::new(), |figure| number(figure).to_string()));
            let names = [(*label).to_owned(), name.clone()];
            table.row(names.into_iter().chain(counts).chain(figures))?;
        }
    }
    table.finish()
}

/// Returns a test case for every point, with an error where runs could not be judged, one for every failure that is kept, and one for every mark that was not hit.
///
/// # Errors
/// None: it writes to memory.
pub fn sweep_junit(
    title: &SweepTitle<'_>,
    swept: &SweepResult,
) -> Result<String, quick_junit::SerializeError> {
    let mut report = Report::new("synod sweep");
    let mut suite = TestSuite::new(title.scenario);
    let broken = |message: String| {
        let mut status = TestCaseStatus::non_success(NonSuccessKind::Failure);
        status.set_message(message);
        status
    };
    // What was not judged is an error of the test, not a failure of what is tested.
    let open = |message: String| {
        let mut status = TestCaseStatus::non_success(NonSuccessKind::Error);
        status.set_message(message);
        status
    };
    for (label, tally) in title.points.iter().zip(&swept.tallies) {
        let name = format!("seeds {} {label}", title.seeds);
        let runs = plural(tally.runs, "run");
        let status = match (tally.failed, tally.unknown) {
            (0, 0) => TestCaseStatus::success(),
            (0, unknown) => open(format!("{unknown} of {runs} could not be judged")),
            (failed, 0) => broken(format!("{failed} of {runs} failed")),
            (failed, unknown) => broken(format!("{failed} of {runs} failed, {unknown} could not be judged")),
        };
        suite.add_test_case(TestCase::new(name.trim_end(), status));
        for run in &tally.unjudged {
            let name = format!("seed {} {label}", run.seed);
            let message = format!("{} could not judge", run.oracle);
            suite.add_test_case(TestCase::new(name.trim_end(), open(message)));
        }
        for one in &tally.failures {
            let name = format!("seed {} {label}", one.seed);
            let file = Path::new(title.folder).join(&one.repro);
            let message = format!("{}: {} replay {}", one.oracle, title.program, file.display());
            suite.add_test_case(TestCase::new(name.trim_end(), broken(message)));
        }
    }
    for (mark, message) in swept.uncovered.iter().zip(vacuous(swept)) {
        suite.add_test_case(TestCase::new(format!("covers {mark}"), broken(message)));
    }
    for excess in &swept.excesses {
        let name = format!("may miss {} {}", excess.metric, excess.point);
        suite.add_test_case(TestCase::new(name.trim_end(), broken(excess.to_string())));
    }
    report.add_test_suite(suite);
    report.to_string()
}
