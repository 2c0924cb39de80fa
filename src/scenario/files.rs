//! Files that a scenario refers to: read once, and their contents put in their place.

use super::access::Reach;
use super::reading;
use std::fmt::Display;
use synod_harness::tree::{Entry, Node, Place, Source, SourceKind, Tree, Value};
use synod_harness::{Path, Problem, ScenarioError};
use synod_net::{CsvError, Empirical, edges_from_csv};
use synod_sim::units::Span;

/// The most rows of a file. A printed scenario holds them all, and must be small enough to be read again.
const MAX_ROWS: usize = 100_000;

/// Replaces every reference to a file in the network by what the file holds.
pub(super) fn inline(tree: &mut Tree, reach: &Reach) -> Result<(), ScenarioError> {
    let topology = Path::of(["network", "topology"]);
    if let Some((file, place)) = reference(tree, &topology, "file") {
        let edges = load(tree, reach, &file, topology.to("file"), |text| edges_from_csv(text.as_bytes()))?;
        let edge = |(a, b)| list(place, [scalar(place, a), scalar(place, b)]);
        let edges = list(place, edges.into_iter().map(edge));
        replace(tree, &topology, place, "edges", edges);
    }
    for path in laws(tree) {
        let path = path.to("empirical");
        if let Some((file, place)) = reference(tree, &path, "file") {
            let delays =
                load(tree, reach, &file, path.to("file"), |text| Empirical::from_csv(text.as_bytes()))?;
            let samples = list(place, delays.samples().iter().map(|&delay| scalar(place, Span(delay))));
            replace(tree, &path, place, "samples", samples);
        }
    }
    Ok(())
}

/// Returns the paths of all laws of latency that a network can have.
fn laws(tree: &Tree) -> Vec<Path> {
    let top = Path::of(["network"]);
    let between = top.to("regions").to("between");
    let mut laws = vec![top.to("latency"), top.to("reordering").to("extra"), top.to("regions").to("within")];
    laws.extend(tree.root.children(&between).iter().map(|pair| pair.to("latency")));
    laws
}

/// Returns the file that is named by `key` at `path`, if nothing else stands there, and where.
fn reference(tree: &Tree, path: &Path, key: &str) -> Option<(String, Place)> {
    let Value::Map(entries) = &tree.root.at(path)?.value else { return None };
    match entries.as_slice() {
        [entry] if entry.key == key && !entry.node.is_null() => match &entry.node.value {
            Value::Scalar { text, .. } => Some((text.clone(), entry.node.place)),
            Value::List(_) | Value::Map(_) => None,
        },
        _ => None,
    }
}

/// Lets `key: content` be all that stands at `path`.
fn replace(tree: &mut Tree, path: &Path, place: Place, key: &str, content: Node) {
    let node = tree.root.at_mut(path).expect("it was there");
    node.value = Value::Map(vec![Entry { key: key.to_owned(), place, node: content }]);
}

fn list(place: Place, items: impl IntoIterator<Item = Node>) -> Node {
    Node { value: Value::List(items.into_iter().collect()), place }
}

fn scalar(place: Place, value: impl Display) -> Node {
    Node { value: Value::Scalar { text: value.to_string(), plain: true }, place }
}

/// Reads a file that stands at `path` in the scenario. What is wrong with its name is an error there, and what is
/// wrong with its contents an error in the file itself.
fn load<T>(
    tree: &Tree,
    reach: &Reach,
    file: &str,
    path: Path,
    read: impl FnOnce(&str) -> Result<T, CsvError>,
) -> Result<T, ScenarioError> {
    let name = reach.permit(file).map_err(|outside| tree.error(outside.at(path.clone())))?;
    let text = reading::read(&name).map_err(|error| match error.position {
        None => tree.error(Problem::new(path, format!("{} {}", error.file, error.message))),
        Some(_) => error,
    })?;
    let source = Source { name: name.display().to_string(), text, kind: SourceKind::Referred };
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
