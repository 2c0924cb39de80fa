//! Runs of Raft under a plan, true or with a bug, before all oracles.

use crate::judged::{Report, Script, at, judge, ms};
use std::rc::Rc;
use synod::harness::KeyValue;
use synod::net::{Fabric, Law, Link, Probability, Topology};
use synod::oracle::linearizability::Linearizability;
use synod::protocol::common::kv::Mix;
use synod::protocol::common::workload::Arrival;
use synod::protocol::raft::oracle::{self, Ground};
use synod::protocol::raft::{Bug, Clients, Config, Message, Observation, Raft};
use synod::sim::fault::{Interceptor, Intervention, Target, Verdict};
use synod::sim::{Clock, Cut, Damage, Duration, Limits, NodeId, Setup, Streams, Time};

pub(crate) fn nodes(numbers: impl IntoIterator<Item = u32>) -> Vec<NodeId> {
    numbers.into_iter().map(NodeId).collect()
}

/// The longest delay, in ms.
const DELAY: u64 = 5;

/// How long after the last trouble a run goes on, in ms: longer than any bound on progress here.
const AFTERMATH: u64 = 8_000;

/// Everything that a run is made of, but for its bug and its seed.
pub(crate) struct Plan {
    pub(crate) config: Config,
    pub(crate) ground: Ground,
    pub(crate) duplication: Probability,
    pub(crate) sync_latency: Duration,
    pub(crate) clocks: Vec<Clock>,
    pub(crate) interventions: Vec<(Time, Intervention)>,
    pub(crate) script: Option<Box<dyn Interceptor<Message>>>,
}

/// `replicas` that are voters all, E = 100 ms, two hosts of two clients each that ask for `operations`.
pub(crate) fn config(replicas: u32, operations: u64) -> Config {
    let clients = Clients {
        hosts: 2,
        clients: 4,
        operations,
        arrival: Arrival::Closed { think: ms(15) },
        mix: Mix { keys: 2, get: 400_000, put: 200_000, cas: 100_000, append: 300_000, renew: None },
        payload_bytes: 0,
    };
    Config {
        election_timeout: ms(100),
        heartbeat_interval: ms(20),
        client_timeout: ms(60),
        client_attempts: 20,
        ..Config::new(replicas, clients)
    }
}

impl Plan {
    /// No faults, and delays of 0.1 to 5 ms.
    pub(crate) fn new(config: Config) -> Plan {
        Plan {
            ground: Ground::undisturbed(config.nodes(), ms(DELAY), at(AFTERMATH)),
            config,
            duplication: Probability::NEVER,
            sync_latency: Duration::from_micros(300),
            clocks: Vec::new(),
            interventions: Vec::new(),
            script: None,
        }
    }

    /// There is trouble until `calm` ms.
    pub(crate) fn unstable_until(mut self, calm: u64) -> Plan {
        self.ground.lossless = false;
        self.ground.fault_free = false;
        self.ground.stable_from = Some(at(calm));
        self.ground.horizon = at(calm + AFTERMATH);
        self
    }

    /// Until the system is stable `script` decides on every copy, and need not keep to the bound on delays.
    pub(crate) fn with_script(
        mut self,
        mut script: impl FnMut(&Message) -> Verdict<Message> + 'static,
    ) -> Plan {
        let calm = self.ground.stable_from.expect("the system is stable in the end");
        self.ground.prompt = false;
        self.script =
            Some(Script::<Raft>::boxed(
                move |now, copy| {
                    if now < calm { script(copy.message) } else { Verdict::Pass }
                },
            ));
        self
    }

    /// Nodes have these clocks.
    pub(crate) fn with_clocks(mut self, clocks: Vec<Clock>) -> Plan {
        self.ground.prompt = false;
        self.clocks = clocks;
        self
    }

    /// From `from` to `until` ms the network is cut.
    pub(crate) fn cut(mut self, from: u64, until: u64, cut: Cut) -> Plan {
        let id = self.interventions.len() as u32;
        self.interventions.push((at(from), Intervention::Cut { id, cut }));
        self.interventions.push((at(until), Intervention::Heal { id }));
        self
    }

    /// From `from` to `until` ms `node` is down.
    pub(crate) fn crash(mut self, from: u64, until: u64, node: impl Into<Target>, damage: Damage) -> Plan {
        let (id, node) = (self.interventions.len() as u32, node.into());
        self.interventions.push((at(from), Intervention::Crash { id, node, damage }));
        self.interventions.push((at(until), Intervention::Restart { id, node }));
        self
    }
}

/// Runs `plan` with `bug` until the oracle `wanted`, or any if none is wanted, objects, or to its horizon.
pub(crate) fn run(plan: Plan, seed: u64, bug: Option<Bug>, wanted: Option<&'static str>) -> Report {
    let config = Config { bug, ..plan.config };
    let streams = Streams::new(seed);
    let nodes = config.nodes();
    let layout = Topology::FullMesh.build(nodes as u32, &streams).expect("a mesh of any size");
    let law = Law::uniform(Duration::from_micros(100), ms(DELAY)).expect("a range");
    let link = Link { duplication: plan.duplication, ..Link::new(law) };
    let network = Fabric::new(layout, vec![link], &streams);
    let mut setup = Setup::<Raft>::new(config, nodes, streams, network);
    setup.sync_latency = plan.sync_latency;
    setup.clocks = plan.clocks;
    setup.interventions = plan.interventions;
    setup.interceptors.extend(plan.script);
    setup.limits = Limits { horizon: plan.ground.horizon, events: 400_000, ..Limits::default() };
    let ground = Rc::new(plan.ground);
    let mut oracles = oracle::all(&setup.config, &ground);
    oracles.push(Box::new(Linearizability::<Raft, KeyValue>::new(&ground, |claim| match claim {
        Observation::Call(call) => Some(KeyValue::call(call)),
        _ => None,
    })));
    judge(setup, oracles, wanted)
}
