//! A YAML document as a tree in which every value knows where it came from.

use super::path::Path;
use super::source::Place;

/// A value and its place.
#[derive(Clone, Debug)]
pub(super) struct Node {
    pub(super) value: Value,
    /// A scalar's own place. A list's or map's is that of its key, if it has one: what people look for is the name.
    pub(super) place: Place,
}

/// What a value is.
#[derive(Clone, Debug)]
pub(super) enum Value {
    /// A text, number, truth value or nothing. `plain` if it was not quoted: only then is it not always a text.
    Scalar { text: String, plain: bool },
    /// A list.
    List(Vec<Node>),
    /// A map, in the order of the file.
    Map(Vec<Entry>),
}

/// One key of a map and its value.
#[derive(Clone, Debug)]
pub(super) struct Entry {
    pub(super) key: String,
    pub(super) place: Place,
    pub(super) node: Node,
}

impl Node {
    /// True for an empty value, `~` and `null`.
    pub(super) fn is_null(&self) -> bool {
        matches!(&self.value, Value::Scalar { text, plain: true }
            if matches!(text.as_str(), "" | "~" | "null" | "Null" | "NULL"))
    }

    /// The value of `key`, if this is a map that has it.
    pub(super) fn get(&self, key: &str) -> Option<&Node> {
        match &self.value {
            Value::Map(entries) => entries.iter().find(|entry| entry.key == key).map(|entry| &entry.node),
            _ => None,
        }
    }

    /// The value of `key`, to be changed.
    pub(super) fn get_mut(&mut self, key: &str) -> Option<&mut Node> {
        match &mut self.value {
            Value::Map(entries) => {
                entries.iter_mut().find(|entry| entry.key == key).map(|entry| &mut entry.node)
            }
            _ => None,
        }
    }

    /// The value one step down.
    fn child(&self, step: &str) -> Option<&Node> {
        match &self.value {
            Value::List(items) => items.get(step.parse::<usize>().ok()?),
            _ => self.get(step),
        }
    }

    /// The value at `path`.
    pub(super) fn at(&self, path: &Path) -> Option<&Node> {
        path.steps().iter().try_fold(self, |node, step| node.child(step))
    }

    /// The same, to change.
    pub(super) fn at_mut(&mut self, path: &Path) -> Option<&mut Node> {
        path.steps().iter().try_fold(self, |node, step| match &mut node.value {
            Value::List(items) => items.get_mut(step.parse::<usize>().ok()?),
            Value::Map(entries) => {
                entries.iter_mut().find(|entry| entry.key == *step).map(|entry| &mut entry.node)
            }
            Value::Scalar { .. } => None,
        })
    }

    /// The place of the value at `path`, or of the nearest around it that the file has.
    pub(super) fn locate(&self, path: &Path) -> Place {
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
