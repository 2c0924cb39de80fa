//! A harness as the registry knows it: the thin shell of types around a scenario and its runs.

use super::determinism::{self, Difference};
use super::error::ScenarioError;
use super::finding::Finding;
use super::harness::{Harness, Theory};
use super::outcome::Outcome;
use super::recorder::{Seat, SharedRecorder};
use super::registry::{Entry, Prepared};
use super::run::{Play, conclude, stage};
use super::schema::ProtocolSchema;
use super::steps::Steps;
use super::tree::{Node, Tree};
use super::vocabulary::Vocabulary;
use super::world::{Scenario, World};
use std::marker::PhantomData;
use synod_oracle::Metric;
use synod_oracle::metric::COMMON;
use synod_sim::{CoverageMark, Watch};

/// The protocol of `H`, for a [`Registry`](super::Registry).
pub fn entry<H: Harness>() -> Box<dyn Entry> {
    Box::new(Typed::<H>(PhantomData))
}

struct Typed<H>(PhantomData<fn() -> H>);

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

    fn metrics(&self) -> Vec<&'static Metric> {
        metrics::<H>()
    }

    fn marks(&self) -> &'static [CoverageMark] {
        H::MARKS
    }

    fn schema(&self) -> ProtocolSchema<'static> {
        ProtocolSchema::of::<H::Params, H::Workload>(H::NAME)
    }

    fn prepare(&self, tree: Tree) -> Result<Box<dyn Prepared>, ScenarioError> {
        let vocabulary = Vocabulary { metrics: &metrics::<H>(), oracles: H::ORACLES, marks: H::MARKS };
        let scenario = Scenario::read(&tree, H::NAME, &vocabulary)?;
        // What only shows when a run is set up is wrong before any run is made.
        match Play::<H>::new(scenario) {
            Ok(play) => Ok(Box::new(Ready { tree, play })),
            Err(problem) => Err(tree.error(problem)),
        }
    }
}

/// All metrics of the protocol of `H`.
fn metrics<H: Harness>() -> Vec<&'static Metric> {
    COMMON.iter().copied().chain(H::METRICS.iter().map(|own| &own.metric)).collect()
}

struct Ready<H: Harness> {
    tree: Tree,
    play: Play<H>,
}

impl<H: Harness> Ready<H> {
    fn world(&self) -> &World {
        &self.play.scenario.world
    }
}

impl<H: Harness> Prepared for Ready<H> {
    fn name(&self) -> &str {
        &self.world().name
    }

    fn about(&self) -> &str {
        &self.world().about
    }

    fn protocol(&self) -> &'static str {
        H::NAME
    }

    fn metrics(&self) -> Vec<&'static Metric> {
        metrics::<H>()
    }

    fn agents(&self) -> u32 {
        self.world().agents
    }

    fn tolerance(&self) -> Option<u32> {
        H::tolerance(&self.play.scenario).map(|tolerance| tolerance.faulty)
    }

    fn theory(&self) -> Vec<Theory> {
        H::theory(&self.play.scenario)
    }

    fn seed(&self) -> u64 {
        self.world().seed
    }

    fn faulty(&self) -> (u32, u32) {
        self.world().faulty(H::tolerance(&self.play.scenario))
    }

    fn covers(&self) -> &[String] {
        &self.world().expect.covers
    }

    fn violates(&self) -> &[String] {
        self.world().expect.violates.as_deref().unwrap_or_default()
    }

    fn config(&self) -> Node {
        self.play.scenario.to_tree(H::NAME, self.world())
    }

    fn resolved(&self, seed: u64) -> Node {
        let world = self.world().resolved(seed, H::tolerance(&self.play.scenario));
        self.play.scenario.to_tree(H::NAME, &World { repro: None, ..world })
    }

    fn finding(&self) -> Option<&Finding> {
        self.world().repro.as_ref()
    }

    fn run(&self, seed: u64, recorder: Option<SharedRecorder>) -> Result<Outcome, ScenarioError> {
        let recorder = recorder.map(|recorder| Box::new(Seat(recorder)) as Box<dyn Watch<H::Protocol>>);
        let mut stage = stage(&self.play, seed, recorder).map_err(|problem| self.tree.error(problem))?;
        let end = stage.simulation.run();
        Ok(conclude(&self.play, seed, stage, end))
    }

    fn check_determinism(&self, seed: u64) -> Result<Result<Outcome, Difference>, ScenarioError> {
        determinism::check(&self.play, seed).map_err(|problem| self.tree.error(problem))
    }

    fn steps(&self, seed: u64) -> Result<Box<dyn Steps>, ScenarioError> {
        let stage = stage(&self.play, seed, None).map_err(|problem| self.tree.error(problem))?;
        Ok(Box::new(stage.taped()))
    }
}
