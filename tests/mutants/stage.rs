//! Runs of PBFT under a plan, true or with a bug, before all oracles.

use std::rc::Rc;
use synod::net::{Fabric, Law, Link, Probability, Topology};
use synod::protocol::pbft::oracle::{self, Ground};
use synod::protocol::pbft::{
    Arrival, Bug, Clients, Config, Message, Operation, Pbft, Quorum, Sequence, Session, View, Workload,
};
use synod::sim::auth::Tag;
use synod::sim::fault::{Copy, Interceptor, Intervention, Verdict, Way, Wire};
use synod::sim::{
    Authentication, Body, Cut, Duration, Event, Flow, Limits, Moment, NodeId, Oracle, Setup, Signed,
    Simulation, Streams, Time, Watch,
};

pub(crate) const fn ms(millis: u64) -> Duration {
    Duration::from_millis(millis)
}

pub(crate) fn at(millis: u64) -> Time {
    Time::ZERO + ms(millis)
}

/// When scripted trouble is over.
pub(crate) const CALM: u64 = 1_200;

/// Everything that a run is made of, but for its bug and its seed.
pub(crate) struct Plan {
    pub(crate) config: Config,
    pub(crate) ground: Ground,
    pub(crate) latency: (Duration, Duration),
    pub(crate) duplication: Probability,
    pub(crate) authentication: Authentication,
    pub(crate) interventions: Vec<(Time, Intervention)>,
    pub(crate) script: Option<Script>,
}

/// Decides on every copy: a network at its worst, and what the faulty do. Under [`Authentication::None`] it can sign
/// as anyone; scripts do so only as nodes that the ground truth calls faulty, or to have it refused.
pub(crate) struct Script(Box<Decide>);

pub(crate) type Decide = dyn FnMut(Time, NodeId, NodeId, &Message) -> Verdict<Message>;

impl Interceptor<Pbft> for Script {
    fn covers(&self, _: NodeId, way: Way) -> bool {
        way == Way::Out
    }

    fn on_copy(&mut self, wire: &mut Wire<'_, Pbft>, _: Way, copy: &Copy<'_, Message>) -> Verdict<Message> {
        (self.0)(wire.now, copy.from, copy.to, copy.message)
    }
}

/// Short timers: T = R_c × 2 = 200 ms, T_max = 800 ms, STATUS every 100 ms.
fn timed(n: u32, workload: Workload) -> Config {
    let quorum = Quorum::new(n, Quorum::most_faults(n)).expect("n >= 3f + 1");
    Config {
        timeout: ms(200),
        timeout_max: ms(800),
        status_interval: ms(100),
        client_timeout: ms(100),
        ..Config::new(quorum, workload)
    }
}

/// `n` replicas and one decision that `initiator` proposes.
pub(crate) fn session(n: u32, initiator: u32) -> Config {
    let session = Session {
        initiator: NodeId(initiator),
        at: Duration::ZERO,
        operation: Operation::new(7, 0),
        valid: 0..=9,
        deadline: None,
    };
    timed(n, Workload::Session(session))
}

/// `n` replicas and a host of `clients` that make `requests`, one a slot.
pub(crate) fn log(n: u32, clients: u32, requests: u64) -> Config {
    let arrival = Arrival::Closed { think: Duration::ZERO };
    let clients = Clients { hosts: 1, clients, requests, arrival, payload_bytes: 0, commands: None };
    Config { batch_max: 1, ..timed(n, Workload::Log(clients)) }
}

impl Plan {
    /// No faults, and delays of 1 to 9 ms.
    pub(crate) fn new(config: Config) -> Plan {
        Plan {
            ground: Ground {
                correct: vec![true; config.nodes()],
                demanded: vec![true; config.nodes()],
                dooms: Vec::new(),
                prompt: true,
                delay_max: Some(ms(10)),
                stable_from: Some(Time::ZERO),
                lossless: true,
                fault_free: true,
                horizon: at(8_000),
            },
            config,
            latency: (ms(1), ms(9)),
            duplication: Probability::NEVER,
            authentication: Authentication::Mac,
            interventions: Vec::new(),
            script: None,
        }
    }

    /// `node` is faulty.
    pub(crate) fn with_faulty(mut self, node: u32) -> Plan {
        self.ground.correct[node as usize] = false;
        self.ground.demanded[node as usize] = false;
        self.ground.fault_free = false;
        self
    }

    /// `script` runs, within the bounds that the ground truth gives for the network.
    pub(crate) fn with_script(
        mut self,
        script: impl FnMut(Time, NodeId, NodeId, &Message) -> Verdict<Message> + 'static,
    ) -> Plan {
        self.ground.fault_free = false;
        self.script = Some(Script(Box::new(script)));
        self
    }

    /// The network loses what it likes until `calm`.
    pub(crate) fn unstable_until(mut self, calm: u64) -> Plan {
        self.ground.lossless = false;
        self.ground.prompt = false;
        self.ground.fault_free = false;
        self.ground.stable_from = Some(at(calm));
        self
    }

    /// `node` hears nobody, and nobody hears it, from the start until `heal`.
    pub(crate) fn isolated(mut self, node: u32, heal: u64) -> Plan {
        let mut sides = vec![Some(0); self.config.nodes()];
        sides[node as usize] = Some(1);
        self.interventions.push((Time::ZERO, Intervention::Cut { id: 1, cut: Cut::Sides(sides) }));
        self.interventions.push((at(heal), Intervention::Heal { id: 1 }));
        self.unstable_until(heal)
    }

    pub(crate) fn without_authentication(self) -> Plan {
        Plan { authentication: Authentication::None, ..self }
    }
}

/// What the oracles said of a run.
pub(crate) struct Report {
    /// The numbers of the oracles that objected, with their objections.
    pub(crate) violations: Vec<(usize, String)>,
    /// How often each premise held.
    pub(crate) checked: Vec<u64>,
}

/// Shows a run to the oracles and stops it at the first violation, or at the first of `wanted`.
struct Bench {
    oracles: Vec<Box<dyn Oracle<Pbft>>>,
    wanted: Option<usize>,
    violations: Vec<(usize, String)>,
}

impl Bench {
    fn objects(&mut self, oracle: usize, message: String) -> Flow {
        if self.violations.iter().all(|&(other, _)| other != oracle) {
            self.violations.push((oracle, message));
        }
        match self.wanted {
            Some(wanted) if wanted != oracle => Flow::Continue,
            _ => Flow::Violated,
        }
    }
}

impl Watch<Pbft> for Bench {
    fn wants_copies(&self) -> bool {
        false
    }

    fn on_event(&mut self, moment: Moment, event: &Event<'_, Pbft>) -> Flow {
        let mut flow = Flow::Continue;
        for place in 0..self.oracles.len() {
            if let Err(violation) = self.oracles[place].on_event(moment, event)
                && self.objects(place + 1, violation.message) == Flow::Violated
            {
                flow = Flow::Violated;
            }
        }
        flow
    }
}

/// Runs `plan` with `bug` until the oracle `wanted`, or any if none is wanted, objects, or to its horizon.
pub(crate) fn run(plan: Plan, seed: u64, bug: Option<Bug>, wanted: Option<usize>) -> Report {
    let config = Config { bug, ..plan.config };
    let streams = Streams::new(seed);
    let nodes = config.nodes();
    let layout = Topology::FullMesh.build(nodes as u32, &streams).expect("a mesh of any size");
    let law = Law::uniform(plan.latency.0, plan.latency.1).expect("a range");
    let link = Link { duplication: plan.duplication, ..Link::new(law) };
    let network = Fabric::new(layout, vec![link], &streams);
    let mut setup = Setup::<Pbft>::new(config, nodes, streams, network);
    setup.authentication = plan.authentication;
    setup.interventions = plan.interventions;
    setup.interceptors =
        plan.script.into_iter().map(|script| Box::new(script) as Box<dyn Interceptor<Pbft>>).collect();
    setup.limits = Limits { horizon: plan.ground.horizon, ..Limits::default() };
    let oracles = oracle::all(&setup.config, &plan.ground);
    let mut run = Simulation::new(setup, Bench { oracles, wanted, violations: Vec::new() });
    let end = run.run();
    let mut bench = run.into_watch();
    for place in 0..bench.oracles.len() {
        if let Err(violation) = bench.oracles[place].on_end(&end) {
            bench.objects(place + 1, violation.message);
        }
    }
    Report {
        checked: bench.oracles.iter().map(|oracle| oracle.checked()).collect(),
        violations: bench.violations,
    }
}

// ---- For scripts ----

/// `body` in the name of `signer`, for runs without authentication.
pub(crate) fn forged<B: Body>(signer: u32, body: B) -> Signed<B> {
    Signed::with_tag(body, NodeId(signer), 0, Tag::Absent)
}

/// A message's kind, view and slot, as far as a script cares.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub(crate) enum Sort {
    PrePrepare(View, Sequence),
    Prepare(View),
    Commit(View),
    ViewChange(View),
    NewView(View),
    Checkpoint,
    Other,
}

pub(crate) fn sort(message: &Message) -> Sort {
    match message {
        Message::PrePrepare(body, _) => Sort::PrePrepare(body.view, body.sequence),
        Message::Prepare(body) => Sort::Prepare(body.view),
        Message::Commit(body) => Sort::Commit(body.view),
        Message::ViewChange(body) => Sort::ViewChange(body.view),
        Message::NewView(body) => Sort::NewView(body.view),
        Message::Checkpoint(_) => Sort::Checkpoint,
        _ => Sort::Other,
    }
}

/// Lets `message` pass or keeps it.
pub(crate) fn pass_if(passes: bool) -> Verdict<Message> {
    if passes { Verdict::Pass } else { Verdict::Withhold }
}

/// The number of an oracle by its short name, `P1` to `P11`.
pub(crate) fn number(oracle: &str) -> usize {
    oracle.strip_prefix('P').and_then(|number| number.parse().ok()).expect("P1 to P11")
}

/// A shared cell for what a script remembers.
pub(crate) type Memory<T> = Rc<std::cell::RefCell<T>>;
