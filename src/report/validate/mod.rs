//! A validation as a folder: JSON, a report of tests, Markdown and one page; and as lines for the terminal.

mod advice;
mod junit;
mod page;
mod summary;
mod terminal;
mod text;

use super::bench::{ReportFile, pretty};
use advice::Advice;
pub use junit::validation_junit;
use serde::Serialize;
use synod_campaign::Readiness;
pub use terminal::{point_line, readiness_page};

/// Returns the files of a validation's report: the same to the byte for the same catalogue, seeds and version.
///
/// # Errors
/// None: it writes to memory.
pub fn validation_files(readiness: &Readiness) -> Result<Vec<ReportFile>, quick_junit::SerializeError> {
    Ok(vec![
        ReportFile::new("readiness.json", readiness_object(readiness)),
        ReportFile::new("junit.xml", validation_junit(readiness)?),
        ReportFile::new("index.html", page::page(readiness)),
        ReportFile::new("summary.md", summary::summary(readiness)),
    ])
}

/// Returns the readiness as one JSON object, with what to do about all that failed.
///
/// # Panics
/// Never: every name and number in it has a JSON form.
pub fn readiness_object(readiness: &Readiness) -> String {
    /// What was found, and what to do about it.
    #[derive(Serialize)]
    struct Both<'a> {
        #[serde(flatten)]
        readiness: &'a Readiness,
        recommendations: Vec<Advice>,
    }
    pretty(&Both { readiness, recommendations: advice::advice(readiness) })
}
