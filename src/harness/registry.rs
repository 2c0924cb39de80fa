//! The protocols that scenarios can name, without their types.

use super::determinism::Difference;
use super::entry::entry;
use super::error::ScenarioError;
use super::finding::Finding;
use super::harness::{Harness, Theory};
use super::outcome::Outcome;
use super::recorder::SharedRecorder;
use super::schema::{Draft, ProtocolSchema, schema};
use super::steps::Steps;
use super::tree::{Node, Tree};
use synod_oracle::metric::{self, Metric};
use synod_sim::CoverageMark;

/// The protocols that scenarios can name.
///
#[derive(Default)]
pub struct Registry {
    entries: Vec<Box<dyn Entry>>,
}

/// A protocol as the registry knows it, without its types.
pub trait Entry: Send + Sync {
    /// Its name in scenario files.
    fn name(&self) -> &'static str;
    /// What it is, in one sentence.
    fn about(&self) -> &'static str;
    /// The names of its oracles.
    fn oracles(&self) -> &'static [&'static str];
    /// All metrics that its runs can report: those of every protocol, and then its own.
    fn metrics(&self) -> Vec<&'static Metric>;
    /// Its coverage marks.
    fn marks(&self) -> &'static [CoverageMark];
    /// Its part of the schema.
    fn schema(&self) -> ProtocolSchema<'static>;
    /// Reads a scenario that names this protocol.
    ///
    /// # Errors
    /// What is wrong with it.
    fn prepare(&self, tree: Tree) -> Result<Box<dyn Prepared>, ScenarioError>;
}

/// A checked scenario, ready to run with any seed.
pub trait Prepared: Send + Sync {
    /// The scenario's name.
    fn name(&self) -> &str;
    /// What it shows, in its author's words.
    fn about(&self) -> &str;
    /// The name of the protocol that it runs.
    fn protocol(&self) -> &'static str;
    /// All metrics that its runs can report.
    fn metrics(&self) -> Vec<&'static Metric>;
    /// How many agents take part.
    fn agents(&self) -> u32;
    /// How many faulty agents the protocol claims to bear, if it claims anything.
    fn tolerance(&self) -> Option<u32>;
    /// What theory says of its figures, where it says anything.
    fn theory(&self) -> Vec<Theory>;
    /// The seed that is used unless another is given.
    fn seed(&self) -> u64;
    /// How many agents its faults corrupt under that seed, and how many others they crash.
    fn faulty(&self) -> (u32, u32);
    /// Marks that a sweep over it must hit at least once.
    fn covers(&self) -> &[String];
    /// The oracles that it means to violate: none unless it is a positive control.
    fn violates(&self) -> &[String];
    /// The scenario with every default written out, as a tree that reads back to the same.
    fn config(&self) -> Node;
    /// The scenario as it is for this seed: complete, and with nothing left to chance but what the seed itself draws.
    fn resolved(&self, seed: u64) -> Node;
    /// In a repro file: what the run came to when the file was written.
    fn finding(&self) -> Option<&Finding>;
    /// Runs it.
    ///
    /// # Errors
    /// If this seed's network cannot be made, or the protocol does not bear whom the seed's faults strike.
    fn run(&self, seed: u64, recorder: Option<SharedRecorder>) -> Result<Outcome, ScenarioError>;
    /// Runs it twice, and compares the runs event by event.
    ///
    /// # Errors
    /// If this seed's network cannot be made, or the protocol does not bear whom the seed's faults strike.
    fn check_determinism(&self, seed: u64) -> Result<Result<Outcome, Difference>, ScenarioError>;
    /// The run, to be made step by step.
    ///
    /// # Errors
    /// If this seed's network cannot be made, or the protocol does not bear whom the seed's faults strike.
    fn steps(&self, seed: u64) -> Result<Box<dyn Steps>, ScenarioError>;
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

    /// The protocols, in order of registration.
    pub fn entries(&self) -> impl Iterator<Item = &dyn Entry> {
        self.entries.iter().map(|entry| &**entry)
    }

    /// Their names.
    pub fn names(&self) -> Vec<&'static str> {
        self.entries().map(|entry| entry.name()).collect()
    }

    /// The metrics of all protocols, each once.
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
        entry.prepare(tree)
    }

    /// The JSON Schema of scenario files.
    pub fn schema(&self, draft: Draft) -> serde_json::Value {
        schema(&self.entries().map(|entry| entry.schema()).collect::<Vec<_>>(), draft)
    }
}
