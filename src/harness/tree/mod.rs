//! A scenario file as a tree of values that know where they were written, whatever its syntax.

mod mismatch;
mod typed;
mod written;

pub use crate::source::{Place, Source, SourceKind, end_position};
pub use mismatch::Mismatch;
pub use typed::read;
pub use written::{choice, write};

use crate::error::{Problem, ScenarioError, quote};
use crate::path::Path;
use serde::Serialize;
use serde::de::DeserializeOwned;

/// A scenario file, read but not yet understood.
#[derive(Clone, Debug)]
pub struct Tree {
    /// The texts that its values come from; a [`Place`] names one by its index.
    pub sources: Vec<Source>,
    /// The whole of it.
    pub root: Node,
}

/// A value and its place.
#[derive(Clone, Debug)]
pub struct Node {
    /// What it is.
    pub value: Value,
    /// A scalar's own place. A list's or map's is that of its key, if it has one: what people look for is the name.
    pub place: Place,
}

/// What a value is.
#[derive(Clone, Debug)]
pub enum Value {
    /// A text, number, truth value or nothing.
    Scalar {
        /// As it was written, without quotes.
        text: String,
        /// True if it was not quoted: only then is it not always a text.
        plain: bool,
    },
    /// A list.
    List(Vec<Node>),
    /// A map, in the order of the file.
    Map(Vec<Entry>),
}

/// One key of a map and its value.
#[derive(Clone, Debug)]
pub struct Entry {
    /// The key.
    pub key: String,
    /// The place of the key.
    pub place: Place,
    /// Its value.
    pub node: Node,
}

impl Node {
    /// True for an empty value, `~` and `null`.
    pub fn is_null(&self) -> bool {
        matches!(&self.value, Value::Scalar { text, plain: true }
            if matches!(text.as_str(), "" | "~" | "null" | "Null" | "NULL"))
    }

    /// Returns the value of `key`, if this is a map that has it.
    pub fn get(&self, key: &str) -> Option<&Node> {
        match &self.value {
            Value::Map(entries) => entries.iter().find(|entry| entry.key == key).map(|entry| &entry.node),
            _ => None,
        }
    }

    /// Returns the value of `key`, to be changed.
    pub fn get_mut(&mut self, key: &str) -> Option<&mut Node> {
        match &mut self.value {
            Value::Map(entries) => {
                entries.iter_mut().find(|entry| entry.key == key).map(|entry| &mut entry.node)
            }
            _ => None,
        }
    }

    /// Returns the value one step down.
    fn child(&self, step: &str) -> Option<&Node> {
        match &self.value {
            Value::List(items) => items.get(step.parse::<usize>().ok()?),
            _ => self.get(step),
        }
    }

    /// Returns the value at `path`.
    pub fn at(&self, path: &Path) -> Option<&Node> {
        path.steps().iter().try_fold(self, |node, step| node.child(step))
    }

    /// Returns the paths of the items of the list, or of the entries of the map, at `path`; none if it is neither.
    pub fn children(&self, path: &Path) -> Vec<Path> {
        match self.at(path).map(|node| &node.value) {
            Some(Value::List(items)) => (0..items.len()).map(|index| path.to(index)).collect(),
            Some(Value::Map(entries)) => entries.iter().map(|entry| path.to(&entry.key)).collect(),
            _ => Vec::new(),
        }
    }

    /// Returns the value at `path`, to change.
    pub fn at_mut(&mut self, path: &Path) -> Option<&mut Node> {
        path.steps().iter().try_fold(self, |node, step| match &mut node.value {
            Value::List(items) => items.get_mut(step.parse::<usize>().ok()?),
            Value::Map(entries) => {
                entries.iter_mut().find(|entry| entry.key == *step).map(|entry| &mut entry.node)
            }
            Value::Scalar { .. } => None,
        })
    }

    /// Returns the place of the value at `path`, or of the nearest around it that the file has.
    pub fn locate(&self, path: &Path) -> Place {
        let mut node = self;
        for step in path.steps() {
            match node.child(step) {
                Some(child) => node = child,
                None => break,
            }
        }
        node.place
    }
}

impl Tree {
    /// Returns what `value` says, such as a JSON object, as a scenario called `name`. Errors in it have no line and
    /// column.
    ///
    /// ```
    /// use std::collections::BTreeMap;
    /// use synod_harness::tree::Tree;
    ///
    /// let tree = Tree::of("example", &BTreeMap::from([("protocol", BTreeMap::from([("flood", ())]))])).unwrap();
    /// assert_eq!(tree.protocol(&["flood"]), Ok("flood"));
    /// assert_eq!(
    ///     tree.protocol(&["gossip"]).unwrap_err().to_string(),
    ///     "example: error: unknown protocol \"flood\"\n = help: expected one of: gossip"
    /// );
    /// ```
    ///
    /// # Errors
    /// If `value` has keys that are no texts or numbers, or refuses to be written.
    pub fn of<T: Serialize>(name: &str, value: &T) -> Result<Tree, Mismatch> {
        let source = Source { name: name.to_owned(), text: String::new(), kind: SourceKind::Override };
        Ok(Tree { sources: vec![source], root: write(value)? })
    }

    /// Returns the name of the protocol: the only key of the `protocol:` map. Nothing else of the file is looked at.
    ///
    /// # Errors
    /// If there is no such key, or not exactly one, or if it is not among `known`.
    pub fn protocol(&self, known: &[&str]) -> Result<&str, ScenarioError> {
        let path = Path::of(["protocol"]);
        let fail = |message: &str| {
            let help = format!("write protocol: {{{}: {{…}}}}", known.first().unwrap_or(&"name"));
            Err(self.error(Problem::new(path.clone(), message).help(help)))
        };
        let node = self.root.get("protocol");
        match node.map(|node| &node.value) {
            None => fail("missing field \"protocol\""),
            Some(_) if node.is_some_and(Node::is_null) => fail("no protocol is named here"),
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

    /// Returns the value at `path`, read strictly as a `T`; what is missing is read as nothing.
    ///
    /// # Errors
    /// The first thing that is not as `T` is written.
    pub fn read<T: DeserializeOwned>(&self, path: &Path) -> Result<T, ScenarioError> {
        let nothing =
            Node { value: Value::Scalar { text: String::new(), plain: true }, place: self.root.locate(path) };
        let node = self.root.at(path).unwrap_or(&nothing);
        read(node).map_err(|mismatch| self.mismatch(node.place, mismatch))
    }

    /// Gives a problem the position of the value that it is about, or of the nearest around it that the file has.
    pub fn error(&self, problem: Problem) -> ScenarioError {
        self.error_at(self.root.locate(&problem.path), problem.message, problem.help)
    }

    /// Gives what is wrong with the value at `here`, or with a part of it, its position.
    fn mismatch(&self, here: Place, Mismatch { place, message, help }: Mismatch) -> ScenarioError {
        self.error_at(place.unwrap_or(here), message, help)
    }

    /// Returns an error at a place in one of the sources.
    pub fn error_at(&self, place: Place, message: String, help: Option<String>) -> ScenarioError {
        ScenarioError::at(&self.sources[place.source as usize], place, message, help)
    }
}
