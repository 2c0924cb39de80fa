//! Type-erased protocols and scenarios, and the adapter that implements them for a harness.

use super::child::{self, Lookup};
use super::determinism::{self, Divergence};
use super::error::{Problem, ScenarioError};
use super::finding::Finding;
use super::harness::Harness;
use super::inner::Child;
use super::outcome::Outcome;
use super::path::Path;
use super::recorder::{RecorderObserver, SharedRecorder};
use super::run::{PreparedRun, conclude, instantiate};
use super::schema::ProtocolSchema;
use super::steps::Steps;
use super::suitability::{Demand, FaultClass, Task};
use super::theory::Theory;
use super::tree::{self, Node, Tree};
use super::vocabulary::Vocabulary;
use super::world::{Scenario, World};
use std::collections::BTreeMap;
use std::marker::PhantomData;
use std::sync::Arc;
use synod_oracle::Metric;
use synod_sim::units::Share;
use synod_sim::{CoverageMark, Observer};

/// A protocol as the registry knows it, without its types.
pub trait Entry: Send + Sync {
    /// Returns its name in scenario files.
    fn name(&self) -> &'static str;
    /// Returns what it is, in one sentence.
    fn about(&self) -> &'static str;
    /// Returns the names of its oracles, those of protocols inside it apart.
    fn oracles(&self) -> Vec<&'static str>;
    /// Returns all metrics that its runs can report: those of every protocol, and then its own; those of protocols inside
    /// it apart.
    fn metrics(&self) -> Vec<&'static Metric>;
    /// Returns its coverage marks, those of protocols inside it apart.
    fn marks(&self) -> &'static [CoverageMark];
    /// Returns its part of the schema.
    fn schema(&self) -> ProtocolSchema<'static>;
    /// Reads a scenario that names this protocol. Those inside it are among `peers`.
    ///
    /// # Errors
    /// What is wrong with it.
    fn prepare(&self, tree: Tree, peers: &[Box<dyn Entry>]) -> Result<Box<dyn Prepared>, ScenarioError>;
    /// Returns true if it can take part in others.
    fn takes_part(&self) -> bool;
    /// Reads its parameters at `path`, where it takes part in another protocol; `None` if it does not.
    ///
    /// # Errors
    /// What is wrong with them.
    fn child(
        &self,
        tree: &Tree,
        path: &Path,
        peers: &[Box<dyn Entry>],
    ) -> Option<Result<Arc<dyn Child>, ScenarioError>>;
    /// Returns what it suits, if it says so.
    fn candidate(&self) -> Option<Candidate>;
}

/// What a protocol suits, without its types.
pub struct Candidate {
    /// The tasks that it is for.
    pub tasks: &'static [Task],
    /// The strongest fault class that it tolerates.
    pub tolerates: FaultClass,
    trial: fn(&Demand) -> (Node, Node),
}

impl Candidate {
    /// Returns `protocol` and `workload` of a scenario that tries it under these requirements.
    pub fn trial(&self, demand: &Demand) -> (Node, Node) {
        (self.trial)(demand)
    }
}

/// Returns the protocol called `name` whose parameters are at `path` in `tree`, for the protocol around it.
fn lookup(
    peers: &[Box<dyn Entry>],
    tree: &Tree,
    name: &str,
    path: &Path,
) -> Result<Arc<dyn Child>, ScenarioError> {
    let entry = peers.iter().find(|entry| entry.name() == name);
    if let Some(child) = entry.and_then(|entry| entry.child(tree, path, peers)) {
        return child;
    }
    let known: Vec<&str> =
        peers.iter().filter(|entry| entry.takes_part()).map(|entry| entry.name()).collect();
    Err(tree.error(match entry {
        Some(_) => Problem::new(path.clone(), format!("{name} does not run inside other protocols"))
            .help(format!("expected one of: {}", known.join(", "))),
        None => Problem::unknown(path.clone(), "protocol", name, &known),
    }))
}

/// A checked scenario, ready to run with any seed.
pub trait Prepared: Send + Sync {
    /// Returns the scenario's name.
    fn name(&self) -> &str;
    /// Returns what it shows, in its author's words.
    fn about(&self) -> &str;
    /// Returns the name of the protocol that it runs.
    fn protocol(&self) -> &'static str;
    /// Returns all metrics that its runs can report.
    fn metrics(&self) -> Vec<&'static Metric>;
    /// Returns the number of agents that take part.
    fn agents(&self) -> u32;
    /// Returns how many faulty agents the protocol claims to tolerate, if it claims anything.
    fn tolerance(&self) -> Option<u32>;
    /// Returns what theory says of its figures, where it says anything.
    fn theory(&self) -> Vec<Theory>;
    /// Returns the seed that is used unless another is given.
    fn seed(&self) -> u64;
    /// Returns false if a run may come to something else the next time: [`Harness::REPRODUCIBLE`](super::Harness).
    fn is_reproducible(&self) -> bool;
    /// Returns how many agents its faults corrupt under that seed, and how many others they crash.
    fn faulty(&self) -> (u32, u32);
    /// Marks that a sweep over it must hit at least once.
    fn covers(&self) -> &[String];
    /// Metrics that may miss what is expected of them, each in up to this share of the runs of a sweep.
    fn may_miss(&self) -> &BTreeMap<String, Share>;
    /// Returns the oracles that it means to violate: none unless it is a positive control.
    fn violates(&self) -> &[String];
    /// Returns the scenario with every default written out, as a tree that reads back to the same.
    fn config(&self) -> Node;
    /// Returns the scenario as it is for this seed: complete, and with nothing left to chance but what the seed itself
    /// draws.
    fn resolved(&self, seed: u64) -> Node;
    /// In a repro file: what the run came to when the file was written.
    fn finding(&self) -> Option<&Finding>;
    /// Runs it.
    ///
    /// # Errors
    /// If this seed's network cannot be made, or the protocol does not tolerate whom the seed's faults strike.
    fn run(&self, seed: u64, recorder: Option<SharedRecorder>) -> Result<Outcome, ScenarioError>;
    /// Runs it with wide event references, which changes no result but the time that it takes.
    ///
    /// # Errors
    /// If this seed's network cannot be made, or the protocol does not tolerate whom the seed's faults strike.
    fn run_wide(&self, seed: u64) -> Result<Outcome, ScenarioError>;
    /// Runs it twice, and compares the runs event by event.
    ///
    /// # Errors
    /// If this seed's network cannot be made, or the protocol does not tolerate whom the seed's faults strike.
    fn check_determinism(&self, seed: u64) -> Result<Result<Outcome, Divergence>, ScenarioError>;
    /// Returns the run, to be made step by step.
    ///
    /// # Errors
    /// If this seed's network cannot be made, or the protocol does not tolerate whom the seed's faults strike.
    fn steps(&self, seed: u64) -> Result<Box<dyn Steps>, ScenarioError>;
}

/// Returns the protocol of `H`, for a [`Registry`](super::Registry).
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

    fn oracles(&self) -> Vec<&'static str> {
        child::own_names::<H>().oracles
    }

    fn metrics(&self) -> Vec<&'static Metric> {
        child::own_names::<H>().all_metrics()
    }

    fn marks(&self) -> &'static [CoverageMark] {
        H::MARKS
    }

    fn schema(&self) -> ProtocolSchema<'static> {
        let schema = ProtocolSchema::of::<H::Params, H::Workload>(H::NAME);
        if H::composition().is_some() { schema.inner() } else { schema }
    }

    fn prepare(&self, tree: Tree, peers: &[Box<dyn Entry>]) -> Result<Box<dyn Prepared>, ScenarioError> {
        tree.protocol(&[H::NAME])?;
        let find: &Lookup<'_> = &|name, path| lookup(peers, &tree, name, path);
        let (params, names) = child::read_params::<H>(&tree, &Path::of(["protocol", H::NAME]), find)?;
        let metrics = names.all_metrics();
        let vocabulary = Vocabulary { metrics: &metrics, oracles: &names.oracles, marks: &names.marks };
        let world = World::read(&tree, &vocabulary)?;
        let workload = tree.read(&Path::of(["workload"]))?;
        // What only shows when a run is set up is wrong before any run is made.
        match PreparedRun::<H>::new(Scenario { world, params, workload }, names) {
            Ok(prepared_run) => Ok(Box::new(Ready { tree, prepared_run })),
            Err(problem) => Err(tree.error(problem)),
        }
    }

    fn takes_part(&self) -> bool {
        H::composition().is_some()
    }

    fn child(
        &self,
        tree: &Tree,
        path: &Path,
        peers: &[Box<dyn Entry>],
    ) -> Option<Result<Arc<dyn Child>, ScenarioError>> {
        child::read::<H>(tree, path, &|name, path| lookup(peers, tree, name, path))
    }

    fn candidate(&self) -> Option<Candidate> {
        let suitability = H::suitability()?;
        Some(Candidate { tasks: suitability.tasks, tolerates: suitability.tolerates, trial: trial::<H> })
    }
}

/// Returns `protocol` and `workload` of a scenario that tries the protocol of `H`.
fn trial<H: Harness>(demand: &Demand) -> (Node, Node) {
    let suitability = H::suitability().expect("a candidate says what it suits");
    let (params, workload) = (suitability.trial)(demand);
    let written =
        |part: Result<Node, tree::Mismatch>| part.expect("parameters and workloads can be serialized");
    (tree::choice(H::NAME, written(tree::write(&params))), written(tree::write(&workload)))
}

struct Ready<H: Harness> {
    tree: Tree,
    prepared_run: PreparedRun<H>,
}

impl<H: Harness> Ready<H> {
    fn world(&self) -> &World {
        &self.prepared_run.scenario.world
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
        self.prepared_run.names.all_metrics()
    }

    fn agents(&self) -> u32 {
        self.world().agents
    }

    fn tolerance(&self) -> Option<u32> {
        self.prepared_run.tolerance.map(|tolerance| tolerance.faulty)
    }

    fn theory(&self) -> Vec<Theory> {
        H::theory(&self.prepared_run.scenario)
    }

    fn seed(&self) -> u64 {
        self.world().seed
    }

    fn is_reproducible(&self) -> bool {
        H::REPRODUCIBLE
    }

    fn faulty(&self) -> (u32, u32) {
        self.world().faulty(self.prepared_run.tolerance)
    }

    fn covers(&self) -> &[String] {
        &self.world().expect.covers
    }

    fn may_miss(&self) -> &BTreeMap<String, Share> {
        &self.world().expect.may_miss
    }

    fn violates(&self) -> &[String] {
        self.world().expect.violates.as_deref().unwrap_or_default()
    }

    fn config(&self) -> Node {
        self.prepared_run.scenario.to_tree(H::NAME, self.world())
    }

    fn resolved(&self, seed: u64) -> Node {
        let world = self.world().resolved(seed, self.prepared_run.tolerance);
        self.prepared_run.scenario.to_tree(H::NAME, &World { repro: None, ..world })
    }

    fn finding(&self) -> Option<&Finding> {
        self.world().repro.as_ref()
    }

    fn run(&self, seed: u64, recorder: Option<SharedRecorder>) -> Result<Outcome, ScenarioError> {
        let recorder =
            recorder.map(|recorder| Box::new(RecorderObserver(recorder)) as Box<dyn Observer<H::Protocol>>);
        let mut instance =
            instantiate(&self.prepared_run, seed, recorder).map_err(|problem| self.tree.error(problem))?;
        let end = instance.simulation.run();
        Ok(conclude(&self.prepared_run, seed, instance, end))
    }

    fn run_wide(&self, seed: u64) -> Result<Outcome, ScenarioError> {
        let mut instance =
            instantiate(&self.prepared_run, seed, None).map_err(|problem| self.tree.error(problem))?;
        instance.simulation.widen_events();
        let end = instance.simulation.run();
        Ok(conclude(&self.prepared_run, seed, instance, end))
    }

    fn check_determinism(&self, seed: u64) -> Result<Result<Outcome, Divergence>, ScenarioError> {
        determinism::check(&self.prepared_run, seed).map_err(|problem| self.tree.error(problem))
    }

    fn steps(&self, seed: u64) -> Result<Box<dyn Steps>, ScenarioError> {
        let instance =
            instantiate(&self.prepared_run, seed, None).map_err(|problem| self.tree.error(problem))?;
        Ok(Box::new(instance.with_transcript()))
    }
}
