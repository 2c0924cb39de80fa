//! Grafting: a value of one document becomes part of another, and errors still tell where it was written.

use super::document::Document;
use super::overrides;
use synod_harness::Path;
use synod_harness::tree::{Node, Value};
use synod_harness::{Problem, ScenarioError};

impl Document {
    /// Puts the value at `from` of `other` at `to`, a path as [`Document::set`] has it. What is wrong with the value is
    /// an error at its place in `other`.
    ///
    /// # Errors
    /// If the path leads through what is neither a map nor an item that its list has.
    ///
    /// # Panics
    /// If `other` has nothing at `from`.
    pub fn graft(&mut self, to: &str, other: &Document, from: &Path) -> Result<(), ScenarioError> {
        let problem = |message| other.error(Problem::new(from.clone(), message));
        let mut value = other.tree.root.at(from).expect("there is something to graft").clone();
        // Sources are numbered by document: those of `other` come after this one's own.
        move_on(&mut value, self.tree.sources.len() as u32);
        let steps = overrides::steps(to).map_err(problem)?;
        let slot = overrides::walk(&mut self.tree.root, &steps, value.place).map_err(problem)?;
        *slot = value;
        self.tree.sources.extend_from_slice(&other.tree.sources);
        Ok(())
    }
}

fn move_on(node: &mut Node, shift: u32) {
    node.place.source += shift;
    match &mut node.value {
        Value::Scalar { .. } => {}
        Value::List(items) => items.iter_mut().for_each(|item| move_on(item, shift)),
        Value::Map(entries) => entries.iter_mut().for_each(|entry| {
            entry.place.source += shift;
            move_on(&mut entry.node, shift);
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use synod_harness::{Vocabulary, World};

    #[test]
    fn what_is_wrong_with_a_graft_is_told_where_it_was_written() {
        let text =
            "{name: x, agents: 4, network: {latency: {constant: 5ms}}, protocol: {flood: {}}, workload: {}}";
        let suite =
            Document::parse("suite.yaml", "speed: 1ms\nloss:\n  - 5%\n  - 5 %%\n").expect("it is YAML");
        let grafted = |to: &str, from: &[&str]| -> Result<World, ScenarioError> {
            let mut document = Document::parse("x.yaml", text)?;
            document.graft(to, &suite, &Path::of(from))?;
            World::read(&document.complete()?, &Vocabulary::default())
        };
        let world = grafted("network.loss", &["loss", "0"]).expect("it is sound");
        assert_eq!(world.network.loss.to_string(), "5%");
        for (to, from, start) in [
            ("network.loss", &["loss", "1"][..], "suite.yaml:4:5: error: \"5 %%\""),
            ("network.speed", &["speed"], "suite.yaml:1:8: error: unknown field \"speed\""),
            ("name.first", &["speed"], "suite.yaml:1:8: error: name is \"x\""),
            ("a..b", &["speed"], "suite.yaml:1:8: error: \"a..b\" is no path"),
        ] {
            let error = grafted(to, from).expect_err("it is wrong").to_string();
            assert!(error.starts_with(start), "{error}");
        }
    }
}
