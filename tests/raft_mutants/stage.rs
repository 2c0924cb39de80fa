//! Runs of Raft under a plan, true or with a bug, before all oracles.

use std::rc::Rc;
use synod::net::{Fabric, Law, Link, Probability, Topology};
use synod::oracle::linearizability::{Call, Linearizability, Step};
use synod::protocol::kv::{self, Mix};
use synod::protocol::raft::oracle::{self, Ground};
use synod::protocol::raft::{Bug, Clients, Config, Message, Observation, Raft};
use synod::protocol::workload::Arrival;
use synod::scenario::protocols::KeyValue;
use synod::sim::fault::{Copy, Interceptor, Intervention, Target, Verdict, Way, Wire};
use synod::sim::{
    Clock, Cut, Damage, Duration, Ending, Event, Flow, Limits, Moment, NodeId, Oracle, Setup, Simulation,
    Streams, Time, Watch,
};

pub(crate) const fn ms(millis: u64) -> Duration {
    Duration::from_millis(millis)
}

pub(crate) fn at(millis: u64) -> Time {
    Time::ZERO + ms(millis)
}

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
    pub(crate) script: Option<Script>,
}

/// Decides on every copy: a network at its worst.
pub(crate) struct Script(Box<Decide>);

pub(crate) type Decide = dyn FnMut(Time, &Message) -> Verdict<Message>;

impl Interceptor<Raft> for Script {
    fn covers(&self, _: NodeId, way: Way) -> bool {
        way == Way::Out
    }

    fn on_copy(&mut self, wire: &mut Wire<'_, Raft>, _: Way, copy: &Copy<'_, Message>) -> Verdict<Message> {
        (self.0)(wire.now, copy.message)
    }
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
            ground: Ground {
                correct: vec![true; config.nodes()],
                demanded: vec![true; config.nodes()],
                dooms: Vec::new(),
                prompt: true,
                delay_max: Some(ms(DELAY)),
                stable_from: Some(Time::ZERO),
                lossless: true,
                fault_free: true,
                horizon: at(AFTERMATH),
            },
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
        self.script = Some(Script(Box::new(
            move |now, message| if now < calm { script(message) } else { Verdict::Pass },
        )));
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

/// What the oracles said of a run.
pub(crate) struct Report {
    /// The oracles that objected, with their objections.
    pub(crate) violations: Vec<(&'static str, String)>,
    /// The oracles and how often the premise of each held.
    pub(crate) checked: Vec<(&'static str, u64)>,
}

impl Report {
    /// True if `oracle` objected.
    pub(crate) fn names(&self, oracle: &str) -> bool {
        self.violations.iter().any(|&(name, _)| name == oracle)
    }
}

/// Shows a run to the oracles and stops it at the first violation, or at the first of `wanted`.
struct Bench {
    oracles: Vec<Box<dyn Oracle<Raft>>>,
    wanted: Option<&'static str>,
    violations: Vec<(&'static str, String)>,
}

impl Bench {
    fn objects(&mut self, oracle: &'static str, message: String) -> Flow {
        if self.violations.iter().all(|&(other, _)| other != oracle) {
            self.violations.push((oracle, message));
        }
        match self.wanted {
            Some(wanted) if wanted != oracle => Flow::Continue,
            _ => Flow::Violated,
        }
    }
}

impl Watch<Raft> for Bench {
    fn wants_copies(&self) -> bool {
        false
    }

    fn on_event(&mut self, moment: Moment, event: &Event<'_, Raft>) -> Flow {
        let mut flow = Flow::Continue;
        for place in 0..self.oracles.len() {
            let oracle = &mut self.oracles[place];
            let name = oracle.name();
            if let Err(violation) = oracle.on_event(moment, event)
                && self.objects(name, violation.message) == Flow::Violated
            {
                flow = Flow::Violated;
            }
        }
        flow
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
    setup.interceptors =
        plan.script.into_iter().map(|script| Box::new(script) as Box<dyn Interceptor<Raft>>).collect();
    setup.limits = Limits { horizon: plan.ground.horizon, events: 400_000, ..Limits::default() };
    let oracles = oracles(&setup.config, &plan.ground);
    let mut run = Simulation::new(setup, Bench { oracles, wanted, violations: Vec::new() });
    let end = run.run();
    assert!(
        !matches!(end.ending, Ending::Events(_)),
        "seed {seed}: the run does not come to an end: {end:?}"
    );
    let mut bench = run.into_watch();
    for place in 0..bench.oracles.len() {
        let name = bench.oracles[place].name();
        if let Err(violation) = bench.oracles[place].on_end(&end) {
            bench.objects(name, violation.message);
        }
    }
    Report {
        checked: bench.oracles.iter().map(|oracle| (oracle.name(), oracle.checked())).collect(),
        violations: bench.violations,
    }
}

/// Those of Raft alone, and the one that judges what clients saw.
fn oracles(config: &Rc<Config>, ground: &Ground) -> Vec<Box<dyn Oracle<Raft>>> {
    let mut oracles = oracle::all(config, ground);
    oracles.push(Box::new(Linearizability::<Raft, KeyValue>::new(&Rc::new(ground.clone()), call)));
    oracles
}

fn call(claim: &Observation) -> Option<Call<KeyValue>> {
    let Observation::Call(kv::Call { operation, client, step }) = claim else { return None };
    let step = match step {
        kv::Step::Invoke(command) => Step::Invoke(command.clone()),
        kv::Step::Ok(output) => Step::Ok(output.clone()),
        kv::Step::Fail => Step::Fail,
        kv::Step::Info => Step::Info,
    };
    Some(Call { operation: *operation, client: *client, step })
}
