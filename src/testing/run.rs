//! Builder of small runs.

use super::outcome::{Judges, Outcome, Until};
use super::{intercept, ms};
use std::collections::BTreeMap;
use std::rc::Rc;
use synod_fault::{
    AgentSelector, Baseline, Fault, FaultLog, FaultReport, InstalledPlan, Plan, ResolveContext, RunParams,
};
use synod_net::{Fabric, Law, Link, Topology};
use synod_sim::inject::{
    Action, AdversaryContext, Coalition, Envelope, InFlight, Interceptor, Intervention, InterventionTarget,
};
use synod_sim::{
    Authentication, Clock, Cut, Damage, Duration, End, Ending, Event, EventTime, GroundTruth, Limits,
    Network, NodeId, Observer, Oracle, Protocol, Setup, Simulation, Streams, Time,
};

/// A small run under construction: by default links of one millisecond between all nodes, MACs, true clocks, storage
/// and processors that take no time, no faults, seed 1, and a horizon of a minute.
///
/// Settings without a method can be set in the fields, and those without a field in the [`Setup`] that
/// [`TestRun::setup`] returns.
///
/// ```
/// use synod_net::{Law, Topology};
/// use synod_testing::script::{Actor, Input, note};
/// use synod_testing::{TestRun, at, ms};
///
/// // A rumour, passed on once by everyone.
/// let rumour = || TestRun::<Actor>::scripted(5, |me, ctx, input| match input {
///     Input::Start if ctx.me().0 == 0 => {
///         me.count = 1;
///         ctx.broadcast(1);
///     }
///     Input::Message(..) if me.count == 0 => {
///         me.count = 1;
///         ctx.broadcast(1);
///     }
///     _ => {}
/// });
/// let calm = rumour().run();
/// assert_eq!(calm.sent("message"), 5 * 4);
/// assert_eq!(calm.digest(), rumour().run().digest(), "the same to the bit");
///
/// // Node 4 is cut off for the first 10 ms.
/// let cut = rumour().isolate(4, at(0), at(10)).run();
/// assert_eq!((cut.sent("message"), cut.machine(4).unwrap().count), (4 * 4, 0));
/// ```
pub struct TestRun<P: Protocol> {
    /// Configuration, the same for every node.
    pub config: P::Config,
    /// Number of nodes.
    pub nodes: usize,
    /// The seed.
    pub seed: u64,
    /// Who is linked to whom.
    pub topology: Topology,
    /// The model of every link.
    pub link: Link,
    /// How messages are authenticated.
    pub authentication: Authentication,
    /// How long a sync takes.
    pub sync_latency: Duration,
    /// Each node's clock; nodes beyond the list have true clocks.
    pub clocks: Vec<Clock>,
    /// Scheduled interventions.
    pub interventions: Vec<(Time, Intervention)>,
    /// Message interceptors.
    pub interceptors: Vec<Box<dyn Interceptor<P::Message>>>,
    /// The nodes whose keys the adversary holds.
    pub corrupted: Vec<NodeId>,
    /// Faults, as in scenario files.
    pub faults: Vec<Fault>,
    /// Number of nodes that are agents: the first. The others are clients, which faults do not affect. By default all
    /// nodes are agents.
    pub agents: u32,
    /// Number of faulty agents that the protocol tolerates, and its leader timeout: faults may be given in terms of
    /// these.
    pub tolerated: u32,
    /// See [`TestRun::tolerated`]; 100 ms by default.
    pub timer: Duration,
    /// The ground truth, for oracles. [`TestRun::crash`], [`TestRun::cut`] and interceptors do not change it: a test
    /// states itself what its oracles assume. With [`TestRun::faults`] it follows from the faults.
    pub ground_truth: GroundTruth,
    /// Maximum number of events: a run with more counts as one that does not terminate.
    pub events: u64,
    network: Option<Box<dyn Network>>,
    oracles: Option<MakeOracles<P>>,
    wanted: Option<&'static str>,
    until: Option<Until<P>>,
}

type MakeOracles<P> = Box<dyn FnOnce(&Rc<<P as Protocol>::Config>, &GroundTruth) -> Vec<Box<dyn Oracle<P>>>>;

impl<P: Protocol> TestRun<P> {
    /// Creates a run of `nodes` nodes with `config`.
    pub fn new(config: P::Config, nodes: usize) -> TestRun<P> {
        let limits = Limits::default();
        TestRun {
            config,
            nodes,
            seed: 1,
            topology: Topology::FullMesh,
            link: Link::new(Law::constant(ms(1))),
            authentication: Authentication::Mac,
            sync_latency: Duration::ZERO,
            clocks: Vec::new(),
            interventions: Vec::new(),
            interceptors: Vec::new(),
            corrupted: Vec::new(),
            faults: Vec::new(),
            agents: nodes as u32,
            tolerated: 0,
            timer: ms(100),
            ground_truth: GroundTruth::undisturbed(nodes, ms(1), limits.horizon),
            events: limits.events,
            network: None,
            oracles: None,
            wanted: None,
            until: None,
        }
    }

    /// Sets the seed.
    pub fn seed(self, seed: u64) -> TestRun<P> {
        TestRun { seed, ..self }
    }

    /// Sets uniform message delays from `min` to `max`.
    ///
    /// # Panics
    /// If `max` is shorter than `min`.
    pub fn delays(mut self, min: Duration, max: Duration) -> TestRun<P> {
        self.link.latency =
            Law::uniform(min, max).expect("the longest delay is not shorter than the shortest");
        self.ground_truth.delay_max = Some(max);
        self
    }

    /// Sets the latency law; oracles assume no bound, unless the test sets one in [`TestRun::ground_truth`].
    pub fn latency(mut self, law: Law) -> TestRun<P> {
        self.link.latency = law;
        self.ground_truth.delay_max = None;
        self
    }

    /// Sets a network that replaces links.
    pub fn network(self, network: impl Network + 'static) -> TestRun<P> {
        TestRun { network: Some(Box::new(network)), ..self }
    }

    /// Sets the authentication of messages.
    pub fn authentication(self, authentication: Authentication) -> TestRun<P> {
        TestRun { authentication, ..self }
    }

    /// Sets the latency of a sync.
    pub fn sync_latency(self, sync_latency: Duration) -> TestRun<P> {
        TestRun { sync_latency, ..self }
    }

    /// Sets the horizon: the time at which the run ends at the latest.
    pub fn horizon(mut self, horizon: Time) -> TestRun<P> {
        self.ground_truth.horizon = horizon;
        self
    }

    /// Sets the maximum number of events.
    pub fn events(self, events: u64) -> TestRun<P> {
        TestRun { events, ..self }
    }

    /// Marks `node` as faulty: oracles ignore what it does and require nothing of it.
    pub fn faulty(mut self, node: u32) -> TestRun<P> {
        self.ground_truth.correct[node as usize] = false;
        self.ground_truth.live_required[node as usize] = false;
        self.ground_truth.fault_free = false;
        self
    }

    /// Sets the time until which oracles assume that anything may be lost or partitioned.
    pub fn unstable_until(mut self, calm: Time) -> TestRun<P> {
        self.ground_truth.lossless = false;
        self.ground_truth.fault_free = false;
        self.ground_truth.stable_from = Some(calm);
        self
    }

    /// Crashes `node` at `from`, which loses what it has not synced, and restarts it at `until`.
    pub fn crash(self, node: u32, from: Time, until: Time) -> TestRun<P> {
        self.crash_with(NodeId(node), Damage::Unsynced, from, Some(until))
    }

    /// Crashes `node` at `from` permanently.
    pub fn kill(self, node: u32, from: Time) -> TestRun<P> {
        self.crash_with(NodeId(node), Damage::Unsynced, from, None)
    }

    /// Crashes a node, or the current leader, at `from` with this damage to its storage, and restarts it at `until`, if
    /// ever.
    pub fn crash_with(
        mut self,
        node: impl Into<InterventionTarget>,
        damage: Damage,
        from: Time,
        until: Option<Time>,
    ) -> TestRun<P> {
        let (id, node) = (self.next_id(), node.into());
        self.interventions
            .push((from, Intervention::Crash { id, node, damage, in_flight: InFlight::Deliver }));
        self.interventions.extend(until.map(|until| (until, Intervention::Restart { id, node })));
        self
    }

    /// Cuts the network from `from` to `until`.
    pub fn cut(mut self, cut: Cut, from: Time, until: Time) -> TestRun<P> {
        let id = self.next_id();
        self.interventions.push((from, Intervention::Cut { id, cut, in_flight: InFlight::Deliver }));
        self.interventions.push((until, Intervention::Heal { id }));
        self
    }

    /// Partitions the network from `from` to `until` into `sides`; nodes on no side reach everyone.
    pub fn partition(self, sides: &[&[u32]], from: Time, until: Time) -> TestRun<P> {
        let mut side_of = vec![None; self.nodes];
        for (side, members) in sides.iter().enumerate() {
            members.iter().for_each(|&member| side_of[member as usize] = Some(side as u32));
        }
        self.cut(Cut::Sides(side_of), from, until)
    }

    /// Isolates `node` from `from` to `until`.
    pub fn isolate(self, node: u32, from: Time, until: Time) -> TestRun<P> {
        let mut sides = vec![Some(0); self.nodes];
        sides[node as usize] = Some(1);
        self.cut(Cut::Sides(sides), from, until)
    }

    /// Returns the id of the next intervention, distinct from those of faults.
    fn next_id(&self) -> u32 {
        MANUAL_IDS + self.interventions.len() as u32
    }

    /// Adds an interceptor; see [`on_copies`](super::on_copies).
    pub fn intercept(mut self, interceptor: Box<dyn Interceptor<P::Message>>) -> TestRun<P> {
        self.interceptors.push(interceptor);
        self
    }

    /// Makes `node` Byzantine: the adversary has its keys, and `lie` decides about each copy that it sends.
    pub fn corrupt(
        mut self,
        node: u32,
        lie: impl FnMut(&mut AdversaryContext<'_, P::Message>, &Envelope<'_, P::Message>) -> Action<P::Message>
        + 'static,
    ) -> TestRun<P> {
        self.corrupted.push(NodeId(node));
        self.intercept(intercept::on_copies_of([node], lie)).faulty(node)
    }

    /// Adds faults, as in scenario files; the ground truth follows from them, and the outcome says what each has done.
    ///
    /// ```
    /// use synod_fault::Fault;
    /// use synod_testing::TestRun;
    /// use synod_testing::script::{Actor, Input};
    ///
    /// let faults: Vec<Fault> = serde_json::from_str(r#"[{"silent": {"agents": [0]}}]"#).unwrap();
    /// let run = TestRun::<Actor>::scripted(4, |_, ctx, input| {
    ///     if let Input::Start = input {
    ///         ctx.broadcast(1);
    ///     }
    /// });
    /// let outcome = run.faults(faults).run();
    /// assert_eq!((outcome.end.tally.delivered, outcome.faults[0].effect.dropped), (9, 3));
    /// ```
    pub fn faults(mut self, faults: impl IntoIterator<Item = Fault>) -> TestRun<P> {
        self.faults.extend(faults);
        self
    }

    /// Sets the number of agents, which are the first nodes, and the number of faulty ones that the protocol tolerates.
    pub fn agents(self, agents: u32, tolerated: u32) -> TestRun<P> {
        TestRun { agents, tolerated, ..self }
    }

    /// Sets the oracles, which `make` creates from the configuration and the ground truth. The run ends with the first
    /// violation.
    pub fn oracles(
        self,
        make: impl FnOnce(&Rc<P::Config>, &GroundTruth) -> Vec<Box<dyn Oracle<P>>> + 'static,
    ) -> TestRun<P> {
        TestRun { oracles: Some(Box::new(make)), ..self }
    }

    /// Ends the run only with a violation that this oracle finds, whatever others find before.
    pub fn until_violation_of(self, oracle: &'static str) -> TestRun<P> {
        TestRun { wanted: Some(oracle), ..self }
    }

    /// Ends the run as soon as `is_done` returns true for an event.
    pub fn until(self, is_done: impl FnMut(EventTime, &Event<'_, P>) -> bool + 'static) -> TestRun<P> {
        TestRun { until: Some(Box::new(is_done)), ..self }
    }

    /// Returns the kernel's setup, which can be changed before it is run.
    pub fn setup(self) -> Setup<P> {
        self.prepare().0
    }

    fn prepare(self) -> (Setup<P>, GroundTruth, FaultLog) {
        let streams = Streams::new(self.seed);
        let nodes = self.nodes;
        let config = Rc::new(self.config);
        let mut ground_truth = self.ground_truth;
        let resolve_context = ResolveContext {
            agents: self.agents,
            tolerated: self.tolerated,
            byzantine: self.tolerated,
            trusted: None,
            overlap: self.tolerated + 1,
            timer: self.timer,
            regions: BTreeMap::new(),
            stabilize_at: None,
            core: AgentSelector::Unspecified,
            streams,
        };
        let plan = Plan::resolve(&self.faults, &resolve_context);
        let terms = RunParams {
            nodes,
            agents: self.agents,
            streams: &streams,
            horizon: ground_truth.horizon,
            clocks: &self.clocks,
        };
        let armed = InstalledPlan::<P>::new(&plan, &config, &terms);
        let coalitions: Vec<Coalition> = armed.coalitions;
        if !self.faults.is_empty() {
            let GroundTruth { delay_max, lossless, horizon, .. } = ground_truth;
            ground_truth = plan.ground_truth(self.agents, nodes, Baseline { delay_max, lossless, horizon });
        }
        let network = self.network.unwrap_or_else(|| {
            let layout =
                self.topology.build(nodes as u32, &streams).expect("so many nodes make the topology");
            Box::new(Fabric::new(layout, vec![self.link], &streams))
        });
        let setup = Setup {
            config,
            nodes,
            streams,
            network,
            authentication: self.authentication,
            crypto: Default::default(),
            cpu: Default::default(),
            sync_latency: self.sync_latency,
            clocks: self.clocks,
            interventions: self.interventions.into_iter().chain(armed.interventions).collect(),
            interceptors: self.interceptors.into_iter().chain(armed.interceptors).collect(),
            coalitions,
            corrupted: self.corrupted.into_iter().chain(plan.corrupted()).collect(),
            limits: Limits { horizon: ground_truth.horizon, events: self.events, ..Limits::default() },
        };
        (setup, ground_truth, armed.fault_log)
    }

    /// Runs it until it is done, quiescent or violated, or to its horizon.
    ///
    /// # Panics
    /// If the nodes do not make the topology, or if the run has more than [`TestRun::events`] events.
    pub fn run(mut self) -> Outcome<P> {
        let (make, wanted, until) = (self.oracles.take(), self.wanted, self.until.take());
        let (setup, ground_truth, record) = self.prepare();
        let oracles = make.map_or_else(Vec::new, |make| make(&setup.config, &ground_truth));
        let judges = Judges {
            oracles,
            wanted,
            until,
            violations: Vec::new(),
            coverage: BTreeMap::new(),
            milestones: Vec::new(),
        };
        let mut simulation = Simulation::new(setup, judges);
        let end = simulation.run();
        assert!(!matches!(end.ending, Ending::Events(_)), "the run does not come to an end: {end:?}");
        let judges = simulation.watch_mut();
        judges.ask(|oracle| oracle.on_end(&end));
        Outcome {
            violations: std::mem::take(&mut judges.violations),
            checked: judges.oracles.iter().map(|oracle| (oracle.name(), oracle.checked())).collect(),
            coverage: std::mem::take(&mut judges.coverage),
            milestones: std::mem::take(&mut judges.milestones),
            faults: record.report(&end.tally),
            end,
            simulation,
        }
    }

    /// Runs it with `watch` as observer in place of oracles.
    pub fn run_before<W: Observer<P>>(self, watch: W) -> Watched<P, W> {
        let (setup, _, record) = self.prepare();
        let mut simulation = Simulation::new(setup, watch);
        let end = simulation.run();
        Watched { faults: record.report(&end.tally), end, simulation }
    }
}

/// The outcome of a run with a test's own observer.
pub struct Watched<P: Protocol, W: Observer<P>> {
    /// How it ended, with all counts.
    pub end: End,
    /// What each fault did, in the order in which they were given.
    pub faults: Vec<FaultReport>,
    /// The run, with the observer and the state machines.
    pub simulation: Simulation<P, W>,
}

/// First id of interventions that a test adds itself: no plan has so many faults.
const MANUAL_IDS: u32 = 1 << 31;
