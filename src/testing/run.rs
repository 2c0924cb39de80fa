//! Small runs, built step by step.

use super::outcome::{Judges, Outcome, Until};
use super::{intercept, ms};
use std::collections::BTreeMap;
use std::rc::Rc;
use synod_fault::{
    AgentSelector, Baseline, Fault, FaultLog, FaultReport, InstalledPlan, Plan, ResolveContext, RunParams,
};
use synod_net::{Fabric, Law, Link, Topology};
use synod_sim::inject::{
    Action, AdversaryContext, Coalition, Envelope, Interceptor, Intervention, InterventionTarget,
};
use synod_sim::{
    Authentication, Clock, Cut, Damage, Duration, End, Ending, Event, EventTime, GroundTruth, Limits,
    Network, NodeId, Observer, Oracle, Protocol, Setup, Simulation, Streams, Time,
};

/// A small run under construction: by default links of one millisecond between all nodes, MACs, true clocks, storage
/// and processors that take no time, no faults, seed 1, and a horizon of a minute.
///
/// What the methods do not cover can be set in the fields, and what the fields do not cover in the [`Setup`] that
/// [`TestRun::setup`] gives.
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
    /// What every node is told.
    pub config: P::Config,
    /// How many nodes there are.
    pub nodes: usize,
    /// The seed of all chance.
    pub seed: u64,
    /// Who is linked to whom.
    pub topology: Topology,
    /// What every link is like.
    pub link: Link,
    /// How messages are authenticated.
    pub authentication: Authentication,
    /// How long a sync takes.
    pub sync_latency: Duration,
    /// Each node's clock; nodes beyond the list have true clocks.
    pub clocks: Vec<Clock>,
    /// What happens to the system, and when.
    pub interventions: Vec<(Time, Intervention)>,
    /// What sits on the nodes' wires.
    pub interceptors: Vec<Box<dyn Interceptor<P::Message>>>,
    /// The nodes whose keys the adversary holds.
    pub corrupted: Vec<NodeId>,
    /// Faults as scenario files have them.
    pub faults: Vec<Fault>,
    /// How many of the nodes are agents: the first. The others are clients, which no fault strikes. All are, at first.
    pub agents: u32,
    /// How many faulty agents the protocol tolerates, and how long it waits before it gives up on its leader: faults may
    /// be given as parts of these.
    pub tolerated: u32,
    /// See [`TestRun::tolerated`]; 100 ms at first.
    pub timer: Duration,
    /// What is true of the run, for oracles. [`TestRun::crash`], [`TestRun::cut`] and interceptors leave it alone:
    /// a test says itself what its oracles are to believe. With [`TestRun::faults`] it follows from the faults.
    pub ground_truth: GroundTruth,
    /// The most events: a run that has more does not come to an end.
    pub events: u64,
    network: Option<Box<dyn Network>>,
    oracles: Option<MakeOracles<P>>,
    wanted: Option<&'static str>,
    until: Option<Until<P>>,
}

type MakeOracles<P> = Box<dyn FnOnce(&Rc<<P as Protocol>::Config>, &GroundTruth) -> Vec<Box<dyn Oracle<P>>>>;

impl<P: Protocol> TestRun<P> {
    /// `nodes` nodes that are told `config`.
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

    /// The same run with another seed.
    pub fn seed(self, seed: u64) -> TestRun<P> {
        TestRun { seed, ..self }
    }

    /// Messages take between `min` and `max`, every delay as likely.
    ///
    /// # Panics
    /// If `max` is shorter than `min`.
    pub fn delays(mut self, min: Duration, max: Duration) -> TestRun<P> {
        self.link.latency =
            Law::uniform(min, max).expect("the longest delay is not shorter than the shortest");
        self.ground_truth.delay_max = Some(max);
        self
    }

    /// Messages take as long as `law` has it; oracles know of no bound, unless the test sets one in
    /// [`TestRun::ground_truth`].
    pub fn latency(mut self, law: Law) -> TestRun<P> {
        self.link.latency = law;
        self.ground_truth.delay_max = None;
        self
    }

    /// `network` carries messages, in the place of links.
    pub fn network(self, network: impl Network + 'static) -> TestRun<P> {
        TestRun { network: Some(Box::new(network)), ..self }
    }

    /// Messages are authenticated so.
    pub fn authentication(self, authentication: Authentication) -> TestRun<P> {
        TestRun { authentication, ..self }
    }

    /// A sync takes this long.
    pub fn sync_latency(self, sync_latency: Duration) -> TestRun<P> {
        TestRun { sync_latency, ..self }
    }

    /// The run ends then at the latest.
    pub fn horizon(mut self, horizon: Time) -> TestRun<P> {
        self.ground_truth.horizon = horizon;
        self
    }

    /// The run has at most so many events.
    pub fn events(self, events: u64) -> TestRun<P> {
        TestRun { events, ..self }
    }

    /// `node` is faulty: oracles hold nothing against it and demand nothing of it.
    pub fn faulty(mut self, node: u32) -> TestRun<P> {
        self.ground_truth.correct[node as usize] = false;
        self.ground_truth.live_required[node as usize] = false;
        self.ground_truth.fault_free = false;
        self
    }

    /// Anything may be lost or cut off until `calm`, as far as oracles know.
    pub fn unstable_until(mut self, calm: Time) -> TestRun<P> {
        self.ground_truth.lossless = false;
        self.ground_truth.fault_free = false;
        self.ground_truth.stable_from = Some(calm);
        self
    }

    /// `node` crashes at `from`, losing what it has not synced, and comes back at `until`.
    pub fn crash(self, node: u32, from: Time, until: Time) -> TestRun<P> {
        self.crash_with(NodeId(node), Damage::Unsynced, from, Some(until))
    }

    /// `node` crashes at `from`, for ever.
    pub fn kill(self, node: u32, from: Time) -> TestRun<P> {
        self.crash_with(NodeId(node), Damage::Unsynced, from, None)
    }

    /// A node, or whoever leads, crashes at `from` with this damage to its storage, and comes back at `until`, if ever.
    pub fn crash_with(
        mut self,
        node: impl Into<InterventionTarget>,
        damage: Damage,
        from: Time,
        until: Option<Time>,
    ) -> TestRun<P> {
        let (id, node) = (self.next_id(), node.into());
        self.interventions.push((from, Intervention::Crash { id, node, damage }));
        self.interventions.extend(until.map(|until| (until, Intervention::Restart { id, node })));
        self
    }

    /// From `from` to `until` the network is cut.
    pub fn cut(mut self, cut: Cut, from: Time, until: Time) -> TestRun<P> {
        let id = self.next_id();
        self.interventions.push((from, Intervention::Cut { id, cut }));
        self.interventions.push((until, Intervention::Heal { id }));
        self
    }

    /// From `from` to `until` those on different `sides` do not reach each other; who is on no side reaches everyone.
    pub fn partition(self, sides: &[&[u32]], from: Time, until: Time) -> TestRun<P> {
        let mut side_of = vec![None; self.nodes];
        for (side, members) in sides.iter().enumerate() {
            members.iter().for_each(|&member| side_of[member as usize] = Some(side as u32));
        }
        self.cut(Cut::Sides(side_of), from, until)
    }

    /// From `from` to `until` `node` reaches nobody, and nobody reaches it.
    pub fn isolate(self, node: u32, from: Time, until: Time) -> TestRun<P> {
        let mut sides = vec![Some(0); self.nodes];
        sides[node as usize] = Some(1);
        self.cut(Cut::Sides(sides), from, until)
    }

    /// Every intervention has an id of its own, apart from those that faults use.
    fn next_id(&self) -> u32 {
        MANUAL_IDS + self.interventions.len() as u32
    }

    /// `interceptor` sits on the wires of the nodes that it covers; see [`on_copies`](super::on_copies).
    pub fn intercept(mut self, interceptor: Box<dyn Interceptor<P::Message>>) -> TestRun<P> {
        self.interceptors.push(interceptor);
        self
    }

    /// `node` is Byzantine: the adversary has its keys, and `lie` decides about each copy that it sends.
    pub fn corrupt(
        mut self,
        node: u32,
        lie: impl FnMut(&mut AdversaryContext<'_, P::Message>, &Envelope<'_, P::Message>) -> Action<P::Message>
        + 'static,
    ) -> TestRun<P> {
        self.corrupted.push(NodeId(node));
        self.intercept(intercept::on_copies_of([node], lie)).faulty(node)
    }

    /// These faults strike, of the kinds that scenario files have; what is true of the run follows from them, and the
    /// outcome says what each has done.
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

    /// Of all nodes only so many are agents, the first, of which the protocol tolerates `tolerated` faulty ones.
    pub fn agents(self, agents: u32, tolerated: u32) -> TestRun<P> {
        TestRun { agents, tolerated, ..self }
    }

    /// The oracles that `make` makes, of the configuration and of what is true of the run, judge it. It ends with the
    /// first objection.
    pub fn oracles(
        self,
        make: impl FnOnce(&Rc<P::Config>, &GroundTruth) -> Vec<Box<dyn Oracle<P>>> + 'static,
    ) -> TestRun<P> {
        TestRun { oracles: Some(Box::new(make)), ..self }
    }

    /// The run ends with an objection of this oracle only, so that others may object before.
    pub fn until_violation_of(self, oracle: &'static str) -> TestRun<P> {
        TestRun { wanted: Some(oracle), ..self }
    }

    /// The run is done as soon as `is_done` says so of an event.
    pub fn until(self, is_done: impl FnMut(EventTime, &Event<'_, P>) -> bool + 'static) -> TestRun<P> {
        TestRun { until: Some(Box::new(is_done)), ..self }
    }

    /// Everything that the kernel is told, to be changed before it is run.
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
            config: &config,
            streams: &streams,
            horizon: ground_truth.horizon,
            clocks: &self.clocks,
        };
        let armed = InstalledPlan::<P>::new(&plan, &terms);
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

    /// Runs it, until it is done, quiescent or violated, or to its horizon.
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

    /// Runs it before `watch`, in the place of oracles.
    pub fn run_before<W: Observer<P>>(self, watch: W) -> Watched<P, W> {
        let (setup, _, record) = self.prepare();
        let mut simulation = Simulation::new(setup, watch);
        let end = simulation.run();
        Watched { faults: record.report(&end.tally), end, simulation }
    }
}

/// What a run came to before the eyes of a watch of the test's own.
pub struct Watched<P: Protocol, W: Observer<P>> {
    /// How it ended, with everything counted.
    pub end: End,
    /// What each fault did, in the order in which they were given.
    pub faults: Vec<FaultReport>,
    /// The run, with the watch and the state machines.
    pub simulation: Simulation<P, W>,
}

/// Ids from here on are those of interventions that a test makes itself: no plan has so many faults.
const MANUAL_IDS: u32 = 1 << 31;
