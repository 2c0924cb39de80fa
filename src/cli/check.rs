//! `synod check`: are these scenarios, and suites of them, sound?

use super::args::{CheckArgs, Reading};
use super::exit::{Exit, Failure};
use super::output;
use std::path::Path;
use synod_campaign::{SeedChoice, is_suite, matrix};
use synod_harness::Registry;
use synod_harness::ScenarioError;
use synod_scenario::Document;
use synod_sim::units::plural;

pub(super) fn check(registry: &Registry, arguments: &CheckArgs) -> Result<Exit, Failure> {
    let mut exit = Exit::Held;
    for path in &arguments.scenarios {
        match name(registry, path, &arguments.overrides.set, arguments.reading) {
            Ok(name) => output::page_line(&format!("{}: sound: {name}", path.display()))?,
            Err(error) => {
                output::error(&error.into());
                exit = Exit::BadInput;
            }
        }
    }
    Ok(exit)
}

/// Returns what is in the file, if it is sound.
fn name(
    registry: &Registry,
    path: &Path,
    overrides: &[String],
    reading: Reading,
) -> Result<String, ScenarioError> {
    let mut document = Document::load_with(path, reading.access())?;
    overrides.iter().try_for_each(|assignment| document.set(assignment))?;
    if is_suite(&document) {
        let matrix = matrix(registry, &document, &SeedChoice::Full)?;
        let (name, points) = (matrix.name, matrix.points.len());
        Ok(format!("{name}, {}", plural(points as u64, "point")))
    } else {
        Ok(document.prepare(registry)?.name().to_owned())
    }
}
