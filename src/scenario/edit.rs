//! Editing a document by path: what is there, what to take away, what to put in its place.

use super::document::Document;
use super::overrides;
use synod_harness::Path;
use synod_harness::ScenarioError;
use synod_harness::tree::{Node, Value};

impl Document {
    /// Returns the paths of the items of the list, or of the entries of the map, at `path`; none if it is neither.
    pub fn children(&self, path: &Path) -> Vec<Path> {
        self.tree.root.children(path)
    }

    /// Returns true if there is a list at `path`.
    pub fn is_list(&self, path: &Path) -> bool {
        matches!(self.tree.root.at(path), Some(Node { value: Value::List(_), .. }))
    }

    /// Returns the text of the scalar at `path`, as it was written; `None` if nothing, or `null`, is there.
    pub fn text(&self, path: &Path) -> Option<&str> {
        let node = self.tree.root.at(path)?;
        match &node.value {
            Value::Scalar { text, .. } if !node.is_null() => Some(text),
            _ => None,
        }
    }

    /// Returns the paths of all scalars at `path` and below, `null` included, in the order of the file.
    pub fn scalars(&self, path: &Path) -> Vec<Path> {
        match self.tree.root.at(path).map(|node| &node.value) {
            Some(Value::Scalar { .. }) => vec![path.clone()],
            _ => self.children(path).iter().flat_map(|child| self.scalars(child)).collect(),
        }
    }

    /// Returns the value at `path` on one line; `None` if there is none.
    pub fn one_line(&self, path: &Path) -> Option<String> {
        self.tree.root.at(path).map(one_line)
    }

    /// Takes the value at `path` away, with its key. False if there is none.
    pub fn remove(&mut self, path: &Path) -> bool {
        let Some((last, above)) = path.steps().split_last() else { return false };
        let Some(parent) = self.tree.root.at_mut(&Path::of(above)) else { return false };
        match &mut parent.value {
            Value::List(items) => match last.parse::<usize>() {
                Ok(index) if index < items.len() => drop(items.remove(index)),
                _ => return false,
            },
            Value::Map(entries) => match entries.iter().position(|entry| entry.key == *last) {
                Some(index) => drop(entries.remove(index)),
                None => return false,
            },
            Value::Scalar { .. } => return false,
        }
        true
    }

    /// Puts `value`, a YAML text, at `path`. Keys that are missing on the way are created.
    ///
    /// # Errors
    /// As for [`Document::set`]; it differs in that steps hold points as they are.
    pub fn put(&mut self, path: &Path, value: &str) -> Result<(), ScenarioError> {
        let name = overrides::source_name(&format!("{path}={value}"));
        overrides::lay(&mut self.tree, name, path.steps(), value)
    }
}

fn one_line(node: &Node) -> String {
    match &node.value {
        Value::Scalar { text, .. } => text.clone(),
        Value::List(items) => format!("[{}]", items.iter().map(one_line).collect::<Vec<_>>().join(", ")),
        Value::Map(entries) => {
            let entry =
                |entry: &synod_harness::tree::Entry| format!("{}: {}", entry.key, one_line(&entry.node));
            format!("{{{}}}", entries.iter().map(entry).collect::<Vec<_>>().join(", "))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn document() -> Document {
        let text = "\
name: example
expect: {latency.p99_ns: {at_most: 1s}, violates: [agreement]}
faults:
  - silent: {agents: [0, 2], until: null}
  - crash: {agents: [1], at: 1s}
";
        Document::parse("x.yaml", text).expect("it is YAML")
    }

    #[test]
    fn values_are_found_by_path() {
        let document = document();
        let faults = Path::of(["faults"]);
        assert_eq!(document.children(&faults), [faults.to(0), faults.to(1)]);
        assert!(document.is_list(&faults) && !document.is_list(&faults.to(0)));
        assert_eq!(document.text(&Path::of(["faults", "1", "crash", "at"])), Some("1s"));
        assert_eq!(document.text(&Path::of(["faults", "0", "silent", "until"])), None, "null is nothing");
        assert_eq!(document.scalars(&faults.to(0)).len(), 3);
        assert_eq!(document.one_line(&faults.to(1)).as_deref(), Some("{crash: {agents: [1], at: 1s}}"));
        assert_eq!(document.one_line(&faults.to(2)), None);
    }

    #[test]
    fn values_are_removed_and_put() {
        let mut document = document();
        assert!(document.remove(&Path::of(["faults", "0"])));
        assert!(document.remove(&Path::of(["expect", "latency.p99_ns"])), "a step may hold points");
        for nothing in [vec!["faults", "1"], vec!["expect", "x"], vec!["name", "x"], vec![], vec!["a", "b"]] {
            assert!(!document.remove(&Path::of(nothing)));
        }
        document.put(&Path::of(["faults", "0", "crash", "agents"]), "[3]").expect("it is YAML");
        assert_eq!(
            document.one_line(&Path::root()).as_deref(),
            Some(
                "{name: example, expect: {violates: [agreement]}, faults: [{crash: {agents: [3], at: 1s}}]}"
            )
        );
        assert!(document.put(&Path::of(["name", "x"]), "1").is_err(), "a scalar has nothing inside");
    }
}
