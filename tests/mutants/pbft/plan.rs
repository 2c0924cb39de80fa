//! Runs of PBFT under a plan, true or with a bug, before all oracles.

use std::rc::Rc;
use synod::net::{Law, Probability};
use synod::protocol::pbft::{
    Arrival, Bug, Clients, Config, Message, Operation, Pbft, Quorum, Sequence, Session, View, Workload,
    oracle,
};
use synod::sim::auth::Tag;
use synod::sim::inject::Action;
use synod::sim::{Authentication, Body, Duration, NodeId, Signed, Time};
use synod::testing::{Outcome, TestRun, at, ms, on_copies};

/// When scripted trouble is over.
pub(crate) const CALM: u64 = 1_200;

/// A run without its bug and its seed.
pub(crate) struct Plan(pub(crate) TestRun<Pbft>);

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
    let clients = Clients { hosts: 1, clients, requests, arrival, payload_bytes: 0, service: None };
    Config { batch_max: 1, ..timed(n, Workload::Log(clients)) }
}

impl Plan {
    /// Creates a plan without faults, and with delays of 1 to 9 ms; oracles assume a bound of 10 ms.
    pub(crate) fn new(config: Config) -> Plan {
        let nodes = config.nodes();
        Plan(TestRun::new(config, nodes).delays(ms(1), ms(10)).horizon(at(8_000))).over(ms(1), ms(9))
    }

    /// Sets the delays, whatever oracles assume.
    pub(crate) fn over(mut self, min: Duration, max: Duration) -> Plan {
        self.0.link.latency = Law::uniform(min, max).expect("a range");
        self
    }

    /// Sets the share of copies that are duplicated.
    pub(crate) fn duplicating(mut self, duplication: Probability) -> Plan {
        self.0.link.duplication = duplication;
        self
    }

    /// `node` is faulty.
    pub(crate) fn with_faulty(self, node: u32) -> Plan {
        Plan(self.0.faulty(node))
    }

    /// `script` runs, within the bounds that the ground truth gives for the network. Without authentication it can sign
    /// as anyone; scripts do so only as nodes that the ground truth calls faulty, or to have it refused.
    pub(crate) fn with_script(
        mut self,
        mut script: impl FnMut(Time, NodeId, NodeId, &Message) -> Action<Message> + 'static,
    ) -> Plan {
        self.0.ground_truth.fault_free = false;
        let script = on_copies(move |wire, copy| script(wire.now, copy.from, copy.to, copy.message));
        Plan(self.0.intercept(script))
    }

    /// The network loses what it likes until `calm`.
    pub(crate) fn unstable_until(mut self, calm: u64) -> Plan {
        self.0.ground_truth.timely = false;
        Plan(self.0.unstable_until(at(calm)))
    }

    /// `node` hears nobody, and nobody hears it, from the start until `heal`.
    pub(crate) fn isolated(self, node: u32, heal: u64) -> Plan {
        Plan(self.0.isolate(node, Time::ZERO, at(heal))).unstable_until(heal)
    }

    pub(crate) fn without_authentication(self) -> Plan {
        Plan(self.0.authentication(Authentication::None))
    }
}

/// Runs `plan` with `bug` until the oracle `wanted`, or any if none is wanted, objects, or to its horizon.
pub(crate) fn run(
    Plan(mut plan): Plan,
    seed: u64,
    bug: Option<Bug>,
    wanted: Option<&'static str>,
) -> Outcome<Pbft> {
    plan.config.bug = bug;
    let plan = plan.seed(seed).oracles(|config, ground_truth| oracle::all(config, ground_truth));
    match wanted {
        Some(wanted) => plan.until_violation_of(wanted).run(),
        None => plan.run(),
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
pub(crate) fn pass_if(passes: bool) -> Action<Message> {
    if passes { Action::Pass } else { Action::Drop }
}

/// The name of an oracle by its number, `P1` to `P11`.
pub(crate) fn name(number: &str) -> &'static str {
    let number: Option<usize> = number.strip_prefix('P').and_then(|number| number.parse().ok());
    oracle::NAMES[number.expect("P1 to P11") - 1]
}

/// A shared cell for what a script remembers.
pub(crate) type Memory<T> = Rc<std::cell::RefCell<T>>;
