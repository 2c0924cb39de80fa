//! PBFT runs under a witness who sees all and objects at once to whatever breaks safety.

use std::collections::BTreeMap;
use std::ops::{Deref, DerefMut};
use synod::net::Law;
use synod::oracle::OperationTracker;
use synod::protocol::pbft::{
    Arrival, ClientId, Clients, Config, Message, Observation, Operation, Outcome, Pbft, Quorum, Replica,
    Sequence, Session, View, Workload,
};
use synod::sim::inject::{Action, AdversaryContext, Envelope};
use synod::sim::{
    Damage, Digest, Duration, End, Ending, Event, EventTime, Flow, Milestone, NodeId, Observation as _,
    Observer, OperationId, Simulation, Time,
};
use synod::testing::{TestRun, Watched};

pub(crate) use synod::testing::{at, ms};

/// The most faults that n replicas tolerate.
pub(crate) const fn most(n: u32) -> u32 {
    Quorum::most_faults(n)
}

/// A run to be.
pub(crate) struct Trial {
    plan: TestRun<Pbft>,
    /// Replicas of which nothing is expected.
    pub(crate) faulty: Vec<NodeId>,
    /// False to go on to the horizon though everything is done.
    pub(crate) stops: bool,
}

impl Deref for Trial {
    type Target = TestRun<Pbft>;

    fn deref(&self) -> &TestRun<Pbft> {
        &self.plan
    }
}

impl DerefMut for Trial {
    fn deref_mut(&mut self) -> &mut TestRun<Pbft> {
        &mut self.plan
    }
}

impl Trial {
    pub(crate) fn new(n: u32, f: u32, workload: Workload) -> Trial {
        let config = Config::new(Quorum::new(n, f).expect("n >= 3f + 1"), workload);
        let nodes = config.nodes();
        Trial { plan: TestRun::new(config, nodes), faulty: Vec::new(), stops: true }
    }

    /// One decision, which replica 0 proposes at once.
    pub(crate) fn session(n: u32) -> Trial {
        let operation = Operation::new(7, 64);
        let session = Session {
            initiator: NodeId(0),
            at: Duration::ZERO,
            operation,
            valid: 0..=u64::MAX,
            deadline: None,
        };
        Trial::new(n, most(n), Workload::Session(session))
    }

    /// `clients` clients on one host, who ask `requests` times in all, each anew once it has its reply.
    pub(crate) fn log(n: u32, clients: u32, requests: u64) -> Trial {
        let arrival = Arrival::Closed { think: Duration::ZERO };
        let clients = Clients { hosts: 1, clients, requests, arrival, payload_bytes: 64, service: None };
        Trial::new(n, most(n), Workload::Log(clients))
    }

    /// The same with timers so long that none expires while anything goes on.
    pub(crate) fn patient(mut self) -> Trial {
        let long = Duration::from_secs(100_000);
        let config = &mut self.config;
        (config.timeout, config.timeout_max) = (long, long);
        (config.status_interval, config.client_timeout) = (long, long);
        self
    }

    pub(crate) fn over(self, law: Law) -> Trial {
        Trial { plan: self.plan.latency(law), ..self }
    }

    pub(crate) fn seeded(self, seed: u64) -> Trial {
        Trial { plan: self.plan.seed(seed), ..self }
    }

    /// Crashes `node` for ever at `from`.
    pub(crate) fn killing(mut self, node: u32, from: Time) -> Trial {
        self.faulty.push(NodeId(node));
        Trial { plan: self.plan.kill(node, from), ..self }
    }

    /// Crashes `node` at `from` and restarts it at `until`.
    pub(crate) fn restarting(self, node: u32, damage: Damage, from: Time, until: Time) -> Trial {
        Trial { plan: self.plan.crash_with(NodeId(node), damage, from, Some(until)), ..self }
    }

    /// Parts the replicas of `sides` from `from` to `until`; who is on no side reaches everyone.
    pub(crate) fn parting(self, sides: &[&[u32]], from: Time, until: Time) -> Trial {
        Trial { plan: self.plan.partition(sides, from, until), ..self }
    }

    /// `node` is Byzantine: `lie` decides about each copy that it sends.
    pub(crate) fn lying(
        mut self,
        node: u32,
        mut lie: impl FnMut(Time, NodeId, &Message) -> Action<Message> + 'static,
    ) -> Trial {
        self.faulty.push(NodeId(node));
        let lie = move |context: &mut AdversaryContext<'_, Message>, envelope: &Envelope<'_, Message>| {
            lie(context.now, envelope.to, envelope.message)
        };
        Trial { plan: self.plan.corrupt(node, lie), ..self }
    }

    pub(crate) fn run(self) -> Finished {
        let Trial { mut plan, faulty, stops } = self;
        let n = plan.config.quorum.n;
        let mut correct = vec![true; n as usize];
        faulty.iter().for_each(|node| correct[node.index()] = false);
        // The workload may be another one by now.
        plan.nodes = plan.config.nodes();
        let has_clients = plan.nodes > n as usize;
        let witness = Witness {
            progress: OperationTracker::new(plan.config.operations(), correct.clone(), has_clients),
            correct,
            stops,
            slots: BTreeMap::new(),
            applied: BTreeMap::new(),
            completed: BTreeMap::new(),
            last: vec![0; n as usize],
            seen: Vec::new(),
            commits: Vec::new(),
        };
        let seed = plan.seed;
        let Watched { end, simulation: run, .. } = plan.run_before(witness);
        Finished { end, run, seed }
    }
}

/// A run that is over.
pub(crate) struct Finished {
    pub(crate) end: End,
    pub(crate) run: Simulation<Pbft, Witness>,
    seed: u64,
}

impl Finished {
    pub(crate) fn witness(&self) -> &Witness {
        self.run.observer()
    }

    /// Everything asked for is executed by every correct replica and known to its client.
    pub(crate) fn done(self) -> Finished {
        let witness = self.witness();
        assert!(
            witness.progress.is_done(),
            "seed {}: {} of {} done, {} at {}: {}",
            self.seed,
            witness.progress.decided(),
            witness.progress.expected(),
            self.end.ending,
            self.end.at,
            self.standing(),
        );
        self
    }

    /// Where every replica stands, for the message of a test that fails.
    pub(crate) fn standing(&self) -> String {
        let one = |node: usize| match self.replica(node as u32) {
            None => format!("{node} down"),
            Some(replica) => {
                let (view, mode, executed) = (replica.view(), replica.mode(), replica.last_executed());
                format!("{node} view {view} {mode:?} executed {executed} low {}", replica.low())
            }
        };
        (0..self.witness().correct.len()).map(one).collect::<Vec<_>>().join("; ")
    }

    pub(crate) fn replica(&self, node: u32) -> Option<&Replica> {
        match self.run.machine(NodeId(node))? {
            Pbft::Replica(replica) => Some(replica),
            Pbft::Clients(_) => None,
        }
    }

    /// Copies of messages of `kind` that were sent for the first time.
    pub(crate) fn sent(&self, kind: &str) -> u64 {
        self.end.tally.kinds.iter().filter(|tally| tally.kind.name == kind).map(|tally| tally.sent).sum()
    }

    pub(crate) fn is_quiet(&self) -> bool {
        self.end.ending == Ending::Horizon
    }
}

/// Sees every claim of the correct replicas and of the clients.
pub(crate) struct Witness {
    pub(crate) progress: OperationTracker,
    correct: Vec<bool>,
    stops: bool,
    /// The one history: what each slot holds.
    pub(crate) slots: BTreeMap<Sequence, Digest>,
    /// Where each request was applied, and what came of it.
    pub(crate) applied: BTreeMap<OperationId, (Sequence, Outcome)>,
    pub(crate) completed: BTreeMap<OperationId, Time>,
    /// The last slot of each replica's state.
    last: Vec<Sequence>,
    /// All claims, in order.
    pub(crate) seen: Vec<(Time, NodeId, Observation)>,
    /// Who multicast a commit, in order.
    pub(crate) commits: Vec<NodeId>,
}

impl Witness {
    /// The times at which `pick` matches what was claimed.
    pub(crate) fn times<T>(
        &self,
        pick: impl Fn(NodeId, &Observation) -> Option<T>,
    ) -> impl Iterator<Item = (Time, T)> {
        self.seen.iter().filter_map(move |(at, node, claim)| Some((*at, pick(*node, claim)?)))
    }

    pub(crate) fn decided(&self) -> Vec<(Time, NodeId)> {
        self.times(|node, claim| matches!(claim, Observation::Decided { .. }).then_some(node)).collect()
    }

    pub(crate) fn executed(&self) -> Vec<(Time, NodeId)> {
        self.times(|node, claim| matches!(claim, Observation::Executed { .. }).then_some(node)).collect()
    }

    pub(crate) fn view_changes(&self) -> Vec<(Time, (NodeId, View))> {
        self.times(|node, claim| match claim {
            Observation::ViewChangeStarted { target, .. } => Some((node, *target)),
            _ => None,
        })
        .collect()
    }

    pub(crate) fn count(&self, mark: &str) -> usize {
        self.seen.iter().filter(|(_, _, claim)| claim.mark().is_some_and(|hit| hit.name == mark)).count()
    }

    fn judge(&mut self, node: NodeId, claim: &Observation) {
        match claim {
            Observation::Executed { sequence, digest } => {
                let last = std::mem::replace(&mut self.last[node.index()], *sequence);
                assert_eq!(*sequence, last + 1, "{node:?} executes in order");
                let held = *self.slots.entry(*sequence).or_insert(*digest);
                assert_eq!(held, *digest, "{node:?} executes what the others do in slot {sequence}");
            }
            // The outcome tells the height: a request applied twice would have two.
            Observation::Applied { sequence, request, outcome } => {
                let place = (*sequence, outcome.clone());
                let held = self.applied.entry(request.id()).or_insert_with(|| place.clone());
                assert_eq!(*held, place, "{node:?} applies {request:?} where the others do");
            }
            Observation::Installed { sequence, .. } => self.last[node.index()] = *sequence,
            _ => {}
        }
    }

    fn judge_client(&mut self, now: Time, claim: &Observation) {
        if let Observation::Completed { request, outcome, client: ClientId(_) } = claim {
            let known = self.applied.get(request).map(|(_, outcome)| outcome);
            assert_eq!(known, Some(outcome), "{request:?} is answered as a correct replica applied it");
            assert_eq!(self.completed.insert(*request, now), None, "{request:?} completes once");
        }
    }
}

impl Observer<Pbft> for Witness {
    fn wants_copies(&self) -> bool {
        false
    }

    fn on_event(&mut self, moment: EventTime, event: &Event<'_, Pbft>) -> Flow {
        let (node, claim) = match event {
            Event::Observed { node, observation } => (*node, *observation),
            Event::Sent { from, message: Message::Commit(_), resend: false, .. } => {
                self.commits.push(*from);
                return Flow::Continue;
            }
            _ => return Flow::Continue,
        };
        match self.correct.get(node.index()) {
            Some(true) => self.judge(node, claim),
            Some(false) => {}
            None => self.judge_client(moment.at, claim),
        }
        self.seen.push((moment.at, node, claim.clone()));
        if let Some(milestone) = claim.milestone() {
            self.note(moment.at, node, milestone);
        }
        if self.stops && self.progress.is_done() { Flow::Done } else { Flow::Continue }
    }
}

impl Witness {
    fn note(&mut self, at: Time, node: NodeId, milestone: Milestone) {
        self.progress.note(at, node, milestone);
    }
}
