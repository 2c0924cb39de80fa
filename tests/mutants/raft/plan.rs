//! Runs of Raft under a plan, true or with a bug, before all oracles.

use synod::harness::service;
use synod::log::{Machine, Workload};
use synod::protocol::common::kv::{Generator, Mix, Store};
use synod::protocol::common::workload::Arrival;
use synod::protocol::raft::{Bug, Clients, Config, Message, Observation, Raft, oracle};
use synod::sim::inject::{Action, InterventionTarget};
use synod::sim::{Clock, Cut, Damage, Duration, NodeId};
use synod::testing::{Outcome, TestRun, at, ms, on_copies};

pub(crate) fn nodes(numbers: impl IntoIterator<Item = u32>) -> Vec<NodeId> {
    numbers.into_iter().map(NodeId).collect()
}

/// The longest delay.
const DELAY: Duration = ms(5);

/// How long after the last trouble a run goes on, in ms: longer than any bound on progress here.
const AFTERMATH: u64 = 8_000;

/// A run without its bug and its seed.
pub(crate) struct Plan(pub(crate) TestRun<Raft>);

pub(crate) fn ask(mix: Mix) -> Workload {
    Workload::new(Generator::new(mix))
}

/// Two hosts of two clients each that ask for `operations`.
pub(crate) fn clients(operations: u64) -> Clients {
    let mix = Mix { keys: 2, get: 400_000, put: 200_000, cas: 100_000, append: 300_000, renew: None };
    Clients {
        hosts: 2,
        clients: 4,
        operations,
        arrival: Arrival::Closed { think: ms(15) },
        workload: ask(mix),
        payload_bytes: 0,
    }
}

/// `replicas` that are voters all, E = 100 ms, and the clients of so many `operations`.
pub(crate) fn config(replicas: u32, operations: u64) -> Config {
    Config {
        election_timeout: ms(100),
        heartbeat_interval: ms(20),
        client_timeout: ms(60),
        client_attempts: 20,
        ..Config::new(replicas, Machine::new(Store::default()), Some(clients(operations)))
    }
}

impl Plan {
    /// No faults, and delays of 0.1 to 5 ms.
    pub(crate) fn new(config: Config) -> Plan {
        let nodes = config.nodes();
        let run = TestRun::new(config, nodes).delays(Duration::from_micros(100), DELAY);
        Plan(run.sync_latency(Duration::from_micros(300)).horizon(at(AFTERMATH)).events(400_000))
    }

    /// There is trouble until `calm` ms.
    pub(crate) fn unstable_until(self, calm: u64) -> Plan {
        Plan(self.0.unstable_until(at(calm)).horizon(at(calm + AFTERMATH)))
    }

    /// Until the system is stable `script` decides on every copy, and need not keep to the bound on delays.
    pub(crate) fn with_script(
        mut self,
        mut script: impl FnMut(&Message) -> Action<Message> + 'static,
    ) -> Plan {
        let calm = self.0.ground_truth.stable_from.expect("the system is stable in the end");
        self.0.ground_truth.timely = false;
        Plan(self.0.intercept(on_copies(
            move |wire, copy| if wire.now < calm { script(copy.message) } else { Action::Pass },
        )))
    }

    /// Nodes have these clocks.
    pub(crate) fn with_clocks(mut self, clocks: Vec<Clock>) -> Plan {
        self.0.ground_truth.timely = false;
        self.0.clocks = clocks;
        self
    }

    /// From `from` to `until` ms the network is cut.
    pub(crate) fn cut(self, from: u64, until: u64, cut: Cut) -> Plan {
        Plan(self.0.cut(cut, at(from), at(until)))
    }

    /// From `from` to `until` ms `node` is down.
    pub(crate) fn crash(
        self,
        from: u64,
        until: u64,
        node: impl Into<InterventionTarget>,
        damage: Damage,
    ) -> Plan {
        Plan(self.0.crash_with(node, damage, at(from), Some(at(until))))
    }
}

/// Runs `plan` with `bug` until the oracle `wanted`, or any if none is wanted, objects, or to its horizon.
pub(crate) fn run(
    Plan(mut plan): Plan,
    seed: u64,
    bug: Option<Bug>,
    wanted: Option<&'static str>,
) -> Outcome<Raft> {
    plan.config.bug = bug;
    let plan = plan.seed(seed).oracles(|config, ground_truth| {
        let mut oracles = oracle::all(config, ground_truth);
        oracles.extend(service::oracles(&config.machine, ground_truth, Observation::of_service));
        oracles
    });
    match wanted {
        Some(wanted) => plan.until_violation_of(wanted).run(),
        None => plan.run(),
    }
}
