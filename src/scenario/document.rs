//! A scenario file that was read but not yet understood.

use super::error::{Problem, ScenarioError, quote};
use super::file::Scenario;
use super::path::Path;
use super::source::{Place, Source};
use super::topology::TopologyShape;
use super::tree::{Node, Value};
use super::{files, models, overrides, parse, source, typed};
use crate::fault;
use serde::de::DeserializeOwned;
use std::path::{Path as FilePath, PathBuf};

/// A scenario file as a tree of values that know where they came from.
#[derive(Clone, Debug)]
pub struct Document {
    /// The file, and then the overrides.
    pub(super) sources: Vec<Source>,
    pub(super) root: Node,
    folder: PathBuf,
}

/// The names that a scenario may use, which depend on the protocol.
#[derive(Copy, Clone, Debug, Default)]
pub struct Vocabulary<'a> {
    /// The metrics that a run can report. One that ends in `*` stands for all that begin like it.
    pub metrics: &'a [&'a str],
    /// The oracles that there are.
    pub oracles: &'a [&'a str],
    /// The coverage marks that there are.
    pub marks: &'a [&'a str],
}

impl Document {
    /// Reads the file at `path`. Files that it refers to are looked for in its folder.
    ///
    /// # Errors
    /// If it cannot be read or is not one YAML document of reasonable size.
    pub fn load(path: &FilePath) -> Result<Document, ScenarioError> {
        let folder = path.parent().unwrap_or(FilePath::new("")).to_owned();
        Document::new(path.display().to_string(), source::read(path)?, folder)
    }

    /// Reads `text`, which errors call `name`. Files that it refers to are looked for in the current folder.
    ///
    /// # Errors
    /// If it is not one YAML document of reasonable size.
    pub fn parse(name: &str, text: &str) -> Result<Document, ScenarioError> {
        Document::new(name.to_owned(), text.to_owned(), PathBuf::new())
    }

    fn new(name: String, text: String, folder: PathBuf) -> Result<Document, ScenarioError> {
        let source = Source { name, text, is_file: true };
        let root = parse::parse(&source, 0)?;
        let document = Document { sources: vec![source], root, folder };
        match &document.root.value {
            Value::Map(_) => Ok(document),
            _ if document.root.is_null() => {
                Err(ScenarioError::of_file(&document.sources[0].name, "is empty"))
            }
            _ => {
                Err(document
                    .error(Problem::new(Path::root(), "a scenario file is a map, such as name: example")))
            }
        }
    }

    /// Lays `path=value` over the document: `network.loss=5%`, `faults.0.silent.from=1s`. Keys that are missing on
    /// the way are created; the value is YAML.
    ///
    /// # Errors
    /// If `assignment` has no `=`, if its value is not YAML, or if its path leads through what is neither a map nor
    /// an item that its list has.
    pub fn set(&mut self, assignment: &str) -> Result<(), ScenarioError> {
        overrides::set(self, assignment)
    }

    /// The name of the protocol: the only key of the `protocol:` map. Nothing else of the file is looked at.
    ///
    /// # Errors
    /// If there is no such key, or not exactly one, or if it is not among `known`.
    pub fn protocol(&self, known: &[&str]) -> Result<&str, ScenarioError> {
        let path = Path::of(["protocol"]);
        let fail = |message: &str| {
            let help = format!("write protocol: {{{}: {{…}}}}", known.first().unwrap_or(&"name"));
            Err(self.error(Problem::new(path.clone(), message).help(help)))
        };
        match self.root.get("protocol").map(|node| &node.value) {
            None => fail("missing field \"protocol\""),
            Some(Value::Map(entries)) => match entries.as_slice() {
                [] => fail("no protocol is named here"),
                [entry] if known.contains(&entry.key.as_str()) => Ok(&entry.key),
                [entry] => {
                    let problem = Problem::unknown(path, "protocol", &entry.key, known);
                    Err(self.error_at(entry.place, problem.message, problem.help))
                }
                [_, second, ..] => {
                    let message =
                        format!("a scenario has one protocol, and {} is another", quote(&second.key));
                    Err(self.error_at(second.place, message, None))
                }
            },
            Some(_) => fail("expected a protocol's name and its parameters"),
        }
    }

    /// Reads the whole document strictly and checks it.
    ///
    /// # Errors
    /// The first thing that is wrong with the document, or with a file that it refers to.
    pub fn read<P, W>(&mut self, vocabulary: &Vocabulary<'_>) -> Result<Scenario<P, W>, ScenarioError>
    where
        P: DeserializeOwned,
        W: DeserializeOwned,
    {
        models::inline(self)?;
        let mut scenario: Scenario<P, W> = self.read_as()?;
        fault::name_all(&mut scenario.faults);
        files::inline(&mut scenario.network, self)?;
        if scenario.network.regions.is_none() {
            scenario.network.topology.get_or_insert(TopologyShape::FullMesh);
        }
        scenario.check(vocabulary).map_err(|problem| self.error(problem))?;
        Ok(scenario)
    }

    /// Reads the whole document strictly as something other than a scenario.
    ///
    /// # Errors
    /// The first thing that is not as `T` is written.
    pub fn read_as<T: DeserializeOwned>(&self) -> Result<T, ScenarioError> {
        typed::read(&self.root)
            .map_err(|error| self.error_at(error.place.unwrap_or(self.root.place), error.message, error.help))
    }

    /// Gives a problem the position of the value that it is about, or of the nearest around it that the file has.
    pub fn error(&self, problem: Problem) -> ScenarioError {
        self.error_at(self.root.locate(&problem.path), problem.message, problem.help)
    }

    fn error_at(&self, place: Place, message: String, help: Option<String>) -> ScenarioError {
        ScenarioError::at(&self.sources[place.source as usize], place, message, help)
    }

    /// Where files that the document refers to are looked for.
    pub fn folder(&self) -> &FilePath {
        &self.folder
    }
}
