//! A scenario file that was read but not yet understood.

use super::access::{Access, Reach};
use super::{files, models, overrides, parse, reading};
use serde::de::DeserializeOwned;
use std::path::{Path as FilePath, PathBuf};
use synod_harness::tree::{Entry, Node, Source, SourceKind, Tree, Value};
use synod_harness::{Path, Prepared, Problem, Registry, ScenarioError};

/// A scenario file as a tree of values that know where they came from.
#[derive(Clone, Debug)]
pub struct Document {
    /// Its sources are the file, and then the overrides.
    pub(crate) tree: Tree,
    reach: Reach,
}

impl Document {
    /// Reads the file at `path`. Files that it refers to are looked for in its folder, and have to lie in it or in its
    /// catalogue.
    ///
    /// # Errors
    /// If it cannot be read or is not one YAML document of reasonable size.
    pub fn load(path: &FilePath) -> Result<Document, ScenarioError> {
        Document::load_with(path, Access::Own)
    }

    /// Reads the file at `path`, which may refer to files as far as `access` goes.
    ///
    /// # Errors
    /// As for [`Document::load`].
    pub fn load_with(path: &FilePath, access: Access) -> Result<Document, ScenarioError> {
        let folder = path.parent().unwrap_or(FilePath::new("")).to_owned();
        Document::new(path.display().to_string(), reading::read(path)?, Reach { folder, access })
    }

    /// Reads `text`, which errors call `name`. Files that it refers to are looked for in the current folder.
    ///
    /// # Errors
    /// If it is not one YAML document of reasonable size.
    pub fn parse(name: &str, text: &str) -> Result<Document, ScenarioError> {
        Document::new(name.to_owned(), text.to_owned(), Reach { folder: PathBuf::new(), access: Access::Own })
    }

    fn new(name: String, text: String, reach: Reach) -> Result<Document, ScenarioError> {
        let source = Source { name, text, kind: SourceKind::File };
        let root = parse::parse(&source, 0)?;
        let document = Document { tree: Tree { sources: vec![source], root }, reach };
        match &document.tree.root.value {
            Value::Map(_) => Ok(document),
            _ if document.tree.root.is_null() => {
                Err(ScenarioError::of_file(&document.tree.sources[0].name, "is empty"))
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
        overrides::set(&mut self.tree, assignment)
    }

    /// Puts `node` in the place of what stands under `key`, at the top of the document.
    pub fn replace(&mut self, key: &str, node: Node) {
        let place = node.place;
        match &mut self.tree.root.value {
            Value::Map(entries) => match entries.iter_mut().find(|entry| entry.key == key) {
                Some(entry) => entry.node = node,
                None => entries.push(Entry { key: key.to_owned(), place, node }),
            },
            Value::Scalar { .. } | Value::List(_) => unreachable!("a document is a map"),
        }
    }

    /// Returns the whole scenario: the faults of every model that it picks, and the contents of every file that it
    /// refers to, are put in their places.
    ///
    /// # Errors
    /// If such a file cannot be read, or does not hold what it should.
    pub fn complete(mut self) -> Result<Tree, ScenarioError> {
        models::inline(&mut self.tree, &self.reach)?;
        files::inline(&mut self.tree, &self.reach)?;
        Ok(self.tree)
    }

    /// Reads the scenario with the types of the protocol that it names.
    ///
    /// # Errors
    /// What is wrong with it, and where.
    pub fn prepare(self, registry: &Registry) -> Result<Box<dyn Prepared>, ScenarioError> {
        // A name that nobody knows is told before anything else.
        self.tree.protocol(&registry.names())?;
        registry.prepare(self.complete()?)
    }

    /// Reads the whole document strictly as something other than a scenario.
    ///
    /// # Errors
    /// The first thing that is not as `T` is written.
    pub fn read_as<T: DeserializeOwned>(&self) -> Result<T, ScenarioError> {
        self.tree.read(&Path::root())
    }

    /// Gives a problem the position of the value that it is about, or of the nearest around it that the file has.
    pub fn error(&self, problem: Problem) -> ScenarioError {
        self.tree.error(problem)
    }

    /// Reads the scenario file that the value at `here` names; it may refer to files as far as this document does. A
    /// file that cannot be read is an error there.
    ///
    /// # Errors
    /// As for [`Document::load`], and if the file lies outside of what this document may refer to.
    ///
    /// # Panics
    /// If there is no text at `here`.
    pub fn load_referred(&self, here: &Path) -> Result<(PathBuf, Document), ScenarioError> {
        let Some(Value::Scalar { text, .. }) = self.tree.root.at(here).map(|node| &node.value) else {
            panic!("{here} names a file");
        };
        let path = self.reach.permit(text).map_err(|problem| self.error(problem.at(here.clone())))?;
        let document =
            Document::load_with(&path, self.reach.access).map_err(|error| match error.position {
                None => self.error(Problem::new(here.clone(), format!("{} {}", error.file, error.message))),
                Some(_) => error,
            })?;
        Ok((path, document))
    }
}
