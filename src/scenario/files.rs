//! Files that a scenario refers to: read once, and their contents put in their place.

use super::document::Document;
use super::error::{Problem, ScenarioError};
use super::latency::{LatencyLaw, Samples};
use super::network::NetworkShape;
use super::path::Path;
use super::source::{self, Place, Source};
use super::topology::TopologyShape;
use crate::net::{CsvError, Empirical, edges_from_csv};
use crate::units::Span;

/// The most rows of a file. A printed scenario holds them all, and must be small enough to be read again.
const MAX_ROWS: usize = 100_000;

/// Replaces every reference to a file in `network` by what the file holds.
pub(super) fn inline(network: &mut NetworkShape, document: &Document) -> Result<(), ScenarioError> {
    if let Some(TopologyShape::File(file)) = &network.topology {
        let path = Path::of(["network", "topology", "file"]);
        let edges = load(document, file, path, |text| edges_from_csv(text.as_bytes()))?;
        let edges = edges.into_iter().map(|(a, b)| [a.0, b.0]).collect();
        network.topology = Some(TopologyShape::Edges(edges));
    }
    for (path, law) in network.laws_mut() {
        if let LatencyLaw::Empirical(Samples { file: Some(file), samples: None }) = law {
            let path = path.to("empirical").to("file");
            let delays = load(document, file, path, |text| Empirical::from_csv(text.as_bytes()))?;
            let samples = delays.samples().iter().copied().map(Span).collect();
            *law = LatencyLaw::Empirical(Samples { file: None, samples: Some(samples) });
        }
    }
    Ok(())
}

/// Reads a file that stands at `path` in the scenario. What is wrong with its name is an error there, and what is
/// wrong with its contents an error in the file itself.
fn load<T>(
    document: &Document,
    file: &str,
    path: Path,
    read: impl FnOnce(&str) -> Result<T, CsvError>,
) -> Result<T, ScenarioError> {
    let name = document.folder().join(file);
    let text = source::read(&name).map_err(|error| match error.position {
        None => document.error(Problem::new(path, format!("{} {}", error.file, error.message))),
        Some(_) => error,
    })?;
    let source = Source { name: name.display().to_string(), text, is_file: true };
    let fail = |line: usize, message: String| {
        let width = source.text.lines().nth(line - 1).map_or(1, |text| text.chars().count() as u32);
        let place = Place { source: 0, line: line as u32, column: 1, width };
        ScenarioError::at(&source, place, message, None)
    };
    if source.text.lines().nth(MAX_ROWS).is_some() {
        return Err(fail(MAX_ROWS + 1, format!("a file can have {MAX_ROWS} lines at most")));
    }
    read(&source.text).map_err(|error| {
        // The line is part of the position already.
        let message = error.to_string();
        let message = message.strip_prefix(&format!("line {}: ", error.line)).unwrap_or(&message);
        fail(error.line as usize, message.to_owned())
    })
}
