//! A scenario for tests, whose runs go otherwise than its seeds say.

use std::collections::BTreeMap;
use synod_harness::tree::Node;
use synod_harness::{Divergence, Finding, Outcome, Prepared, ScenarioError, SharedRecorder, Steps, Theory};
use synod_oracle::Metric;
use synod_scenario::Document;
use synod_sim::units::Share;

/// A scenario that makes the run of another seed than the one that it is asked for.
pub(crate) struct Altered {
    scenario: Box<dyn Prepared>,
    is_reproducible: bool,
    seed: Box<dyn Fn(u64) -> u64 + Send + Sync>,
}

impl Altered {
    /// A small scenario that makes the run of the seed that `seed` names, which may panic.
    pub(crate) fn new(is_reproducible: bool, seed: impl Fn(u64) -> u64 + Send + Sync + 'static) -> Altered {
        let text = "{name: x, agents: 4, network: {latency: {uniform: {min: 5ms, max: 9ms}}}, protocol: {pbft: {}}, \
                    workload: {decision: {}}}";
        let document = Document::parse("x.yaml", text).expect("it is YAML");
        let scenario = document.prepare(&synod::standard()).expect("it is sound");
        Altered { scenario, is_reproducible, seed: Box::new(seed) }
    }
}

impl Prepared for Altered {
    fn name(&self) -> &str {
        self.scenario.name()
    }
    fn about(&self) -> &str {
        self.scenario.about()
    }
    fn agents(&self) -> u32 {
        self.scenario.agents()
    }
    fn seed(&self) -> u64 {
        self.scenario.seed()
    }
    fn faulty(&self) -> (u32, u32) {
        self.scenario.faulty()
    }
    fn is_reproducible(&self) -> bool {
        self.is_reproducible
    }
    fn covers(&self) -> &[String] {
        self.scenario.covers()
    }
    fn may_miss(&self) -> &BTreeMap<String, Share> {
        self.scenario.may_miss()
    }
    fn violates(&self) -> &[String] {
        self.scenario.violates()
    }
    fn config(&self) -> Node {
        self.scenario.config()
    }
    fn resolved(&self, seed: u64) -> Node {
        self.scenario.resolved(seed)
    }
    fn protocol(&self) -> &'static str {
        self.scenario.protocol()
    }
    fn tolerance(&self) -> Option<u32> {
        self.scenario.tolerance()
    }
    fn theory(&self) -> Vec<Theory> {
        self.scenario.theory()
    }
    fn metrics(&self) -> Vec<&'static Metric> {
        self.scenario.metrics()
    }
    fn finding(&self) -> Option<&Finding> {
        self.scenario.finding()
    }
    fn run(&self, seed: u64, recorder: Option<SharedRecorder>) -> Result<Outcome, ScenarioError> {
        self.scenario.run((self.seed)(seed), recorder)
    }
    fn run_wide(&self, seed: u64) -> Result<Outcome, ScenarioError> {
        self.run(seed, None)
    }
    fn check_determinism(&self, seed: u64) -> Result<Result<Outcome, Divergence>, ScenarioError> {
        self.scenario.check_determinism(seed)
    }
    fn steps(&self, seed: u64) -> Result<Box<dyn Steps>, ScenarioError> {
        self.scenario.steps(seed)
    }
}
