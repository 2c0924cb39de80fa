//! The protocols that scenarios can name, without their types.

use super::entry::{Entry, Prepared, entry};
use super::error::ScenarioError;
use super::harness::Harness;
use super::schema::{Draft, schema};
use super::tree::Tree;
use synod_oracle::metric::{self, Metric};

/// The protocols that scenarios can name.
#[derive(Default)]
pub struct Registry {
    entries: Vec<Box<dyn Entry>>,
}

impl Registry {
    /// No protocols.
    pub fn empty() -> Registry {
        Registry::default()
    }

    /// Adds a protocol.
    ///
    /// # Panics
    /// If the name is taken.
    pub fn with<H: Harness>(self) -> Registry {
        self.and([entry::<H>()])
    }

    /// Adds protocols that are entries already.
    ///
    /// # Panics
    /// If a name is taken.
    pub fn and(mut self, entries: impl IntoIterator<Item = Box<dyn Entry>>) -> Registry {
        for entry in entries {
            let name = entry.name();
            assert!(!self.names().contains(&name), "a protocol called {name} is registered already");
            self.entries.push(entry);
        }
        self
    }

    /// Returns the protocols, in order of registration.
    pub fn entries(&self) -> impl Iterator<Item = &dyn Entry> {
        self.entries.iter().map(|entry| &**entry)
    }

    /// Returns their names.
    pub fn names(&self) -> Vec<&'static str> {
        self.entries().map(|entry| entry.name()).collect()
    }

    /// Returns the metrics of all protocols, each once.
    pub fn metrics(&self) -> Vec<&'static Metric> {
        metric::distinct(self.entries().flat_map(|entry| entry.metrics()))
    }

    /// Reads a scenario with the types of the protocol that it names.
    ///
    /// # Errors
    /// What is wrong with it, and where.
    pub fn prepare(&self, tree: Tree) -> Result<Box<dyn Prepared>, ScenarioError> {
        let name = tree.protocol(&self.names())?.to_owned();
        let entry = self.entries().find(|entry| entry.name() == name).expect("it is among the names");
        entry.prepare(tree, &self.entries)
    }

    /// Returns the JSON Schema of scenario files.
    pub fn schema(&self, draft: Draft) -> serde_json::Value {
        schema(&self.entries().map(|entry| entry.schema()).collect::<Vec<_>>(), draft)
    }
}
