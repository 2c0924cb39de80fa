//! The protocols that scenarios can name.

use super::determinism::{self, Difference};
use super::outcome::Outcome;
use super::recorder::{Seat, SharedRecorder};
use super::run::{METRICS, Play, conclude, stage};
use super::steps::Steps;
use crate::scenario::protocols::{
    AdaptiveHarness, DistributedHarness, HierarchicalHarness, IterativeHarness, PbftHarness, PipelineHarness,
    RaftHarness, SessionsHarness, SimpleHarness, WeightedHarness,
};
use crate::scenario::{
    Document, Draft, Finding, Harness, ProtocolSchema, Scenario, ScenarioError, Theory, Vocabulary, schema,
};
use crate::sim::Watch;
use std::marker::PhantomData;

/// The protocols that scenarios can name.
///
/// ```
/// # use synod::campaign::Registry;
/// // Synod's own protocols; add yours by `.with::<YourHarness>()`.
/// let registry = Registry::standard();
/// let names =
///     ["pbft", "raft", "simple", "weighted", "iterative", "hierarchical", "sessions", "pipeline", "adaptive", "distributed"];
/// assert_eq!(registry.names(), names);
/// ```
#[derive(Default)]
pub struct Registry {
    entries: Vec<Box<dyn Entry>>,
}

/// A protocol as the registry knows it, without its types.
pub trait Entry {
    /// Its name in scenario files.
    fn name(&self) -> &'static str;
    /// What it is, in one sentence.
    fn about(&self) -> &'static str;
    /// The names of its oracles.
    fn oracles(&self) -> &'static [&'static str];
    /// The names of all metrics that its runs report; `*` stands for any ending.
    fn metrics(&self) -> Vec<&'static str>;
    /// The names of its coverage marks.
    fn marks(&self) -> &'static [&'static str];
    /// Its part of the schema.
    fn schema(&self) -> ProtocolSchema<'static>;
    /// Reads a document that names this protocol.
    ///
    /// # Errors
    /// What is wrong with it.
    fn prepare(&self, document: Document) -> Result<Box<dyn Prepared>, ScenarioError>;
}

/// A checked scenario, ready to run with any seed.
pub trait Prepared: Send + Sync {
    /// The scenario's name.
    fn name(&self) -> &str;
    /// What it shows, in its author's words.
    fn about(&self) -> &str;
    /// The name of the protocol that it runs.
    fn protocol(&self) -> &'static str;
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
    /// The scenario with every default written out, as YAML that reads back to the same.
    ///
    /// # Errors
    /// If it has no YAML form.
    fn config(&self) -> Result<String, ScenarioError>;
    /// The scenario as it is for this seed, as YAML: complete, and with nothing left to chance but what the seed itself
    /// draws.
    ///
    /// # Errors
    /// If it has no YAML form.
    fn resolved(&self, seed: u64) -> Result<String, ScenarioError>;
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

    /// Synod's own protocols.
    pub fn standard() -> Registry {
        Registry::empty()
            .with::<PbftHarness>()
            .with::<RaftHarness>()
            .with::<SimpleHarness>()
            .with::<WeightedHarness>()
            .with::<IterativeHarness>()
            .with::<HierarchicalHarness>()
            .with::<SessionsHarness>()
            .with::<PipelineHarness>()
            .with::<AdaptiveHarness>()
            .with::<DistributedHarness>()
    }

    /// Adds a protocol.
    ///
    /// # Panics
    /// If the name is taken.
    pub fn with<H: Harness>(mut self) -> Registry {
        assert!(!self.names().contains(&H::NAME), "a protocol called {} is registered already", H::NAME);
        self.entries.push(Box::new(Typed::<H>(PhantomData)));
        self
    }

    /// The protocols, in order of registration.
    pub fn entries(&self) -> impl Iterator<Item = &dyn Entry> {
        self.entries.iter().map(|entry| &**entry)
    }

    /// Their names.
    pub fn names(&self) -> Vec<&'static str> {
        self.entries().map(Entry::name).collect()
    }

    /// Reads a scenario with the types of the protocol that it names.
    ///
    /// # Errors
    /// What is wrong with it, and where.
    pub fn prepare(&self, document: Document) -> Result<Box<dyn Prepared>, ScenarioError> {
        let name = document.protocol(&self.names())?.to_owned();
        let entry = self.entries().find(|entry| entry.name() == name).expect("it is among the names");
        entry.prepare(document)
    }

    /// The JSON Schema of scenario files.
    pub fn schema(&self, draft: Draft) -> serde_json::Value {
        schema(&self.entries().map(Entry::schema).collect::<Vec<_>>(), draft)
    }
}

struct Typed<H>(PhantomData<H>);

impl<H: Harness> Entry for Typed<H> {
    fn name(&self) -> &'static str {
        H::NAME
    }

    fn about(&self) -> &'static str {
        H::ABOUT
    }

    fn oracles(&self) -> &'static [&'static str] {
        H::ORACLES
    }

    fn metrics(&self) -> Vec<&'static str> {
        METRICS.iter().chain(H::METRICS).copied().collect()
    }

    fn marks(&self) -> &'static [&'static str] {
        H::MARKS
    }

    fn schema(&self) -> ProtocolSchema<'static> {
        ProtocolSchema::of::<H::Params, H::Workload>(H::NAME)
    }

    fn prepare(&self, mut document: Document) -> Result<Box<dyn Prepared>, ScenarioError> {
        let vocabulary = Vocabulary { metrics: &self.metrics(), oracles: H::ORACLES, marks: H::MARKS };
        let scenario = document.read(&vocabulary)?;
        // What only shows when a run is set up is wrong before any run is made.
        match Play::<H>::new(scenario) {
            Ok(play) => Ok(Box::new(Ready { document, play })),
            Err(problem) => Err(document.error(problem)),
        }
    }
}

struct Ready<H: Harness> {
    document: Document,
    play: Play<H>,
}

impl<H: Harness> Prepared for Ready<H> {
    fn name(&self) -> &str {
        &self.play.scenario.name
    }

    fn about(&self) -> &str {
        &self.play.scenario.about
    }

    fn protocol(&self) -> &'static str {
        H::NAME
    }

    fn agents(&self) -> u32 {
        self.play.scenario.agents
    }

    fn tolerance(&self) -> Option<u32> {
        H::tolerance(&self.play.scenario).map(|tolerance| tolerance.faulty)
    }

    fn theory(&self) -> Vec<Theory> {
        H::theory(&self.play.scenario)
    }

    fn seed(&self) -> u64 {
        self.play.scenario.seed
    }

    fn faulty(&self) -> (u32, u32) {
        let scenario = &self.play.scenario;
        let plan = scenario.plan(scenario.seed, H::tolerance(scenario));
        let corrupted = plan.corrupted();
        let crashed = plan.crashed().difference(&corrupted).count();
        (corrupted.len() as u32, crashed as u32)
    }

    fn covers(&self) -> &[String] {
        &self.play.scenario.expect.covers
    }

    fn violates(&self) -> &[String] {
        self.play.scenario.expect.violates.as_deref().unwrap_or_default()
    }

    fn config(&self) -> Result<String, ScenarioError> {
        self.play.scenario.to_yaml()
    }

    fn resolved(&self, seed: u64) -> Result<String, ScenarioError> {
        let scenario = &self.play.scenario;
        Scenario { repro: None, ..scenario.resolved(seed, H::tolerance(scenario)) }.to_yaml()
    }

    fn finding(&self) -> Option<&Finding> {
        self.play.scenario.repro.as_ref()
    }

    fn run(&self, seed: u64, recorder: Option<SharedRecorder>) -> Result<Outcome, ScenarioError> {
        let recorder = recorder.map(|recorder| Box::new(Seat(recorder)) as Box<dyn Watch<H::Protocol>>);
        let located = |problem| self.document.error(problem);
        let mut stage = stage(&self.play, seed, recorder).map_err(located)?;
        let end = stage.simulation.run();
        Ok(conclude(&self.play, seed, stage, end))
    }

    fn check_determinism(&self, seed: u64) -> Result<Result<Outcome, Difference>, ScenarioError> {
        determinism::check(&self.play, seed).map_err(|problem| self.document.error(problem))
    }

    fn steps(&self, seed: u64) -> Result<Box<dyn Steps>, ScenarioError> {
        let stage = stage(&self.play, seed, None).map_err(|problem| self.document.error(problem))?;
        Ok(Box::new(stage.taped()))
    }
}
