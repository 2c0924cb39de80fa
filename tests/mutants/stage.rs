//! Runs of PBFT under a plan, true or with a bug, before all oracles.

use crate::judged::{Report, Script, at, judge, ms};
use std::rc::Rc;
use synod::net::{Fabric, Law, Link, Probability, Topology};
use synod::protocol::pbft::oracle::{self, Ground};
use synod::protocol::pbft::{
    Arrival, Bug, Clients, Config, Message, Operation, Pbft, Quorum, Sequence, Session, View, Workload,
};
use synod::sim::auth::Tag;
use synod::sim::fault::{Interceptor, Intervention, Verdict};
use synod::sim::{Authentication, Body, Cut, Duration, Limits, NodeId, Setup, Signed, Streams, Time};

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
    pub(crate) script: Option<Box<dyn Interceptor<Message>>>,
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
            ground: Ground::undisturbed(config.nodes(), ms(10), at(8_000)),
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

    /// `script` runs, within the bounds that the ground truth gives for the network. Without authentication it can sign
    /// as anyone; scripts do so only as nodes that the ground truth calls faulty, or to have it refused.
    pub(crate) fn with_script(
        mut self,
        mut script: impl FnMut(Time, NodeId, NodeId, &Message) -> Verdict<Message> + 'static,
    ) -> Plan {
        self.ground.fault_free = false;
        self.script =
            Some(Script::<Pbft>::boxed(move |now, copy| script(now, copy.from, copy.to, copy.message)));
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

/// Runs `plan` with `bug` until the oracle `wanted`, or any if none is wanted, objects, or to its horizon.
pub(crate) fn run(plan: Plan, seed: u64, bug: Option<Bug>, wanted: Option<&'static str>) -> Report {
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
    setup.interceptors.extend(plan.script);
    setup.limits = Limits { horizon: plan.ground.horizon, ..Limits::default() };
    let oracles = oracle::all(&setup.config, &plan.ground);
    judge(setup, oracles, wanted)
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

/// The name of an oracle by its number, `P1` to `P11`.
pub(crate) fn name(number: &str) -> &'static str {
    let number: Option<usize> = number.strip_prefix('P').and_then(|number| number.parse().ok());
    oracle::NAMES[number.expect("P1 to P11") - 1]
}

/// A shared cell for what a script remembers.
pub(crate) type Memory<T> = Rc<std::cell::RefCell<T>>;
