//! The kernel: executes events in order, runs handlers and applies their effects.
//!
//! Ordering contract: events execute by (time, order of scheduling). The effects of one handler apply in the order
//! in which it left them, and a node's effects never overtake its earlier ones.

mod adversary;
mod delivery;
mod interventions;
mod panics;
mod pauses;
mod service;
mod setup;
mod twins;

pub use setup::Setup;

use super::auth::Keyring;
use super::clock::Clock;
use super::code;
use super::digest::{Fold, fingerprint};
use super::inject;
use super::limits::{CpuCost, End, Ending, Limits};
use super::message::Message;
use super::network::Arrival;
use super::node::{Condition, Devices, Impairment, Input, Node, Work};
use super::observer::{Cause, Event, EventTime, Flow, Observer};
use super::partition::Cuts;
use super::protocol::{Durable, Effect, HandlerEnv, NodeState, Protocol};
use super::queue::EventQueue;
use super::random::{MAX_NODES, Purpose, StreamFamily};
use super::slots::{Place, Slot, Slots};
use super::tally::Tally;
use super::{Duration, NodeId, Time};
use crate::collections::{SortedMap, TreeMap};
use adversary::Adversary;
use delivery::Outgoing;
use panics::Panic;
use pauses::Held;
use std::collections::VecDeque;
use std::rc::Rc;
use twins::Twins;

/// A run: a system of nodes, its network and its clock, observed by `W`.
///
/// ```
/// # use synod_sim::{Context, Durable, NodeId, Protocol, NoObservation, Setup, Simulation, Streams, Duration};
/// # use synod_sim::network::ConstantDelay;
/// # use std::rc::Rc;
/// # struct Echo;
/// # impl Protocol for Echo {
/// #     type Config = (); type Message = u64; type Timer = (); type Record = (); type Observation = NoObservation;
/// #     fn new(_: &Rc<()>, _: NodeId, _: usize, _: u64, _: Durable<'_, ()>) -> Echo { Echo }
/// #     fn on_start(&mut self, ctx: &mut Context<'_, Self>) { if ctx.me() == NodeId(0) { ctx.broadcast(7); } }
/// #     fn on_message(&mut self, _: &mut Context<'_, Self>, _: NodeId, _: &u64) {}
/// #     fn on_timer(&mut self, _: &mut Context<'_, Self>, _: ()) {}
/// # }
/// let network = ConstantDelay(Duration::from_millis(1));
/// let mut run = Simulation::<Echo, ()>::new(Setup::new((), 4, Streams::new(1), network), ());
/// let end = run.run();
/// assert_eq!(end.tally.delivered, 3);
/// ```
pub struct Simulation<P: Protocol, W: Observer<P>> {
    // Handlers and the state that they touch.
    //
    // Machines, conditions, nodes and devices are indexed by instance: instance i is node i itself, then come twins.
    machines: Vec<Option<P>>,
    conditions: Vec<Condition>,
    nodes: Vec<Node>,
    devices: Vec<Devices<P>>,
    /// Of the nodes that faults strike.
    impairments: TreeMap<NodeId, Impairment>,
    /// What waits at each instance that stands still, in the order in which it was due.
    held: TreeMap<NodeId, VecDeque<Held<P>>>,
    /// Messages that each node has sent so far, over all its instances: kept apart, because every send needs it.
    numbers: Vec<u64>,
    env: HandlerEnv,
    outbox: Vec<Effect<P>>,
    config: Rc<P::Config>,
    /// The streams of nodes.
    streams: StreamFamily,
    /// The node whose handler runs, and what it handles.
    running: Option<(NodeId, Input)>,
    /// The handler that runs, or whose effects are applied.
    cause: Cause,
    /// A panic before the run's first event.
    stillborn: Option<Panic>,
    // What is pending.
    queue: EventQueue,
    slots: Slots<P>,
    /// The next event, if it was popped and not executed.
    ahead: Option<(Time, u64)>,
    // The network and its faults.
    arrivals: Vec<Arrival>,
    outgoing: Vec<Outgoing<P::Message>>,
    cuts: Cuts,
    adversary: Adversary<P>,
    twins: Twins,
    /// Targets of interventions on the current leader, by their ids.
    leaders: SortedMap<u32, Option<NodeId>>,
    // Costs and limits.
    cpu: CpuCost,
    sync_latency: Duration,
    limits: Limits,
    // Statistics of the run so far.
    events: u64,
    sends: u64,
    /// Records in the storage of all nodes.
    stored: usize,
    /// Modelled memory of all nodes' protocols, in bytes, as last sampled.
    retained: usize,
    /// Number of events at which the protocols' memory is sampled next.
    sample_at: u64,
    fold: Fold,
    tally: Tally,
    observer: W,
    observes_copies: bool,
    flow: Flow,
    scratch: Vec<u8>,
}

/// The purpose of the seed that a node is built with.
const BIRTH: u64 = 0x6269_7274_685f_5f5f;

/// Returns the index of an instance's stream: another after each restart.
fn stream_index(node: NodeId, twin: u32, incarnation: u32) -> u64 {
    u64::from(incarnation) << 32 | u64::from(twin) << 24 | u64::from(node.0)
}

/// Events between two measurements of the kernel's memory.
const MEASURE_PERIOD: u64 = 1 << 12;

/// Events per node between two samples of the protocols' memory, each of which asks every node.
const SAMPLE_EVENTS_PER_NODE: u64 = 256;

impl<P: Protocol, W: Observer<P>> Simulation<P, W> {
    /// What a node takes at least, in bytes, before anything has happened to it.
    pub const BYTES_PER_NODE: usize =
        size_of::<Node>() + size_of::<Devices<P>>() + size_of::<Option<P>>() + size_of::<Condition>() + 16;

    /// Creates a run that is about to start.
    ///
    /// # Panics
    /// If there are no nodes, or more than [`MAX_NODES`].
    pub fn new(setup: Setup<P>, observer: W) -> Simulation<P, W> {
        let nodes = setup.nodes;
        assert!(nodes > 0 && nodes <= MAX_NODES as usize, "a run has 1 to {MAX_NODES} nodes, not {nodes}");
        let keyring = Keyring::new(setup.authentication, nodes, &setup.streams);
        let adversary = Adversary::new(nodes, setup.interceptors, &setup.corrupted);
        let twins = Twins::new(nodes, setup.coalitions);
        let instances = twins.count();
        let kinds = P::kinds(&setup.config);
        let mut run = Simulation {
            machines: Vec::with_capacity(instances),
            conditions: Vec::with_capacity(instances),
            nodes: Vec::with_capacity(instances),
            devices: Vec::with_capacity(instances),
            impairments: TreeMap::new(),
            held: TreeMap::new(),
            numbers: vec![0; nodes],
            env: HandlerEnv::new(nodes, keyring, setup.crypto, setup.network, observer.watches()),
            outbox: Vec::new(),
            config: setup.config,
            streams: setup.streams.family(Purpose::Node),
            running: None,
            cause: Cause::Nobody,
            stillborn: None,
            queue: EventQueue::new(),
            slots: Slots::new(instances),
            ahead: None,
            arrivals: Vec::new(),
            outgoing: Vec::new(),
            cuts: Cuts::default(),
            adversary,
            twins,
            leaders: SortedMap::new(),
            cpu: setup.cpu,
            sync_latency: setup.sync_latency,
            limits: setup.limits,
            events: 0,
            sends: 0,
            stored: 0,
            retained: 0,
            sample_at: 0,
            fold: Fold::new(),
            tally: Tally::new(&kinds, instances),
            observes_copies: observer.wants_copies(),
            observer,
            flow: Flow::Continue,
            scratch: Vec::new(),
        };
        if run.slots.is_wide() {
            run.widen_events();
        }
        for instance in (0..instances as u32).map(NodeId) {
            let me = run.twins.node(instance);
            let guarded = run.adversary.guards(me);
            run.conditions.push(Condition { up: true, busy: false, guarded, impaired: false, struck: false });
            let clock = setup.clocks.get(me.index()).copied().unwrap_or(Clock::TRUE);
            let rng = run.streams.stream(stream_index(me, run.twins.twin_index(instance), 0));
            run.nodes.push(Node::new(NodeState { clock, rng }));
            run.devices.push(Devices::new());
        }
        run.stillborn = panics::catch(|| {
            for instance in (0..instances as u32).map(NodeId) {
                let machine = run.build(instance, Durable::NOTHING);
                run.machines.push(Some(machine));
            }
        })
        .err();
        // A stable sort: interventions at one time happen in the order in which the plan lists them, and before
        // whatever else happens then.
        let mut interventions = setup.interventions;
        inject::sort(&mut interventions);
        for (at, intervention) in interventions {
            let slot = run.insert(Slot::Intervention(Box::new(intervention)));
            run.queue.push(at, run.slots.event(slot, NodeId(0)));
        }
        let start = run.insert(Slot::Start { nodes: instances as u32 });
        for me in (0..instances as u32).map(NodeId) {
            run.queue.push(Time::ZERO, run.slots.event(start, me));
        }
        run
    }

    /// Runs to the end.
    ///
    /// # Panics
    /// If a protocol's code panics and the observer, which is told by [`Event::Panicked`], lets the run go on.
    pub fn run(&mut self) -> End {
        loop {
            let ending = panics::catch(|| {
                loop {
                    if let Some(ending) = self.advance() {
                        return ending;
                    }
                }
            });
            match ending {
                Ok(ending) => return self.end(ending),
                Err(panic) => self.on_panic(panic),
            }
        }
    }

    /// Executes the next event, or says why there is none.
    ///
    /// # Panics
    /// As [`Simulation::run`].
    pub fn step(&mut self) -> Option<Ending> {
        panics::catch(|| self.advance()).unwrap_or_else(|panic| {
            self.on_panic(panic);
            None
        })
    }

    #[inline]
    fn advance(&mut self) -> Option<Ending> {
        if let Some(panic) = self.stillborn.take() {
            self.on_panic(panic);
        }
        match self.flow {
            Flow::Continue => {}
            Flow::Done => return Some(Ending::Done),
            Flow::Violated => return Some(Ending::Violation),
        }
        if self.events == self.limits.events && !(self.ahead.is_none() && self.queue.is_empty()) {
            return Some(Ending::Events(self.events));
        }
        let Some((at, event)) = self.ahead.take().or_else(|| self.queue.pop()) else {
            return Some(Ending::Quiescent);
        };
        if at > self.limits.horizon {
            self.ahead = Some((at, event));
            self.env.now = self.limits.horizon;
            return Some(Ending::Horizon);
        }
        assert!(at >= self.now(), "time runs forwards");
        self.env.now = at;
        self.events += 1;
        if self.events.is_multiple_of(MEASURE_PERIOD) || self.events.is_power_of_two() {
            let bytes = self.measure();
            if bytes > self.limits.memory_bytes {
                return Some(Ending::Memory(bytes));
            }
        }
        self.execute(event);
        None
    }

    /// Ends the run and returns its statistics.
    pub fn end(&mut self, ending: Ending) -> End {
        self.measure();
        self.sample();
        for me in 0..self.nodes.len() {
            self.cut_service_short(NodeId(me as u32));
        }
        self.tally.twins.clone_from(&self.twins.effects);
        End {
            ending,
            at: self.now(),
            events: self.events,
            tally: self.tally.clone(),
            digest: self.fold.finish(),
        }
    }

    /// Returns the virtual time.
    #[inline]
    pub fn now(&self) -> Time {
        self.env.now
    }

    /// Events executed so far.
    pub fn events(&self) -> u64 {
        self.events
    }

    /// Returns the number of pending items: messages in flight or queued, armed timers (and disarmed ones until their
    /// time comes), waiting effects, interventions to come. Zero when a run is quiescent.
    pub fn pending(&self) -> usize {
        self.slots.live()
    }

    /// Returns the observer.
    pub fn observer(&self) -> &W {
        &self.observer
    }

    /// Returns the observer, to be read once the run has ended.
    pub fn watch_mut(&mut self) -> &mut W {
        &mut self.observer
    }

    /// Consumes the run and returns the observer.
    pub fn into_observer(self) -> W {
        self.observer
    }

    /// Returns a node's state machine; `None` while the node is down.
    pub fn machine(&self, node: NodeId) -> Option<&P> {
        self.machines[node.index()].as_ref()
    }

    /// From now on records what goes into the digest, for [`Simulation::take_transcript`].
    pub fn keep_transcript(&mut self) {
        self.fold.keep_transcript();
    }

    /// Returns what went into the digest since the last call: (time in ns, code and nodes, content) each.
    pub fn take_transcript(&mut self) -> Vec<[u64; 3]> {
        self.fold.take_transcript()
    }

    /// Returns a new state machine for an instance.
    fn build(&mut self, instance: NodeId, durable: Durable<'_, P::Record>) -> P {
        let (node, nodes) = (self.twins.node(instance), self.numbers.len());
        let seed = self.nodes[instance.index()].own.rng.fork(BIRTH).into_seed();
        self.running = Some((node, Input::Birth));
        panics::handling(true);
        let machine = match self.twins.twin_index(instance) {
            0 => P::new(&self.config, node, nodes, seed, durable),
            life => P::new(&P::twin(&self.config, life), node, nodes, seed, durable),
        };
        panics::handling(false);
        machine
    }

    /// A protocol's code has panicked: its node is gone, and the observer decides about the run.
    #[cold]
    fn on_panic(&mut self, panic: Panic) {
        let (node, input) = self.running.take().expect("a protocol's code runs for a node");
        for instance in self.instances(node) {
            self.conditions[instance.index()].up = false;
            if let Some(machine) = self.machines.get_mut(instance.index()) {
                *machine = None;
            }
        }
        self.outbox.clear();
        let during = match input {
            Input::Birth => "being built".to_owned(),
            Input::Start => "starting".to_owned(),
            Input::Timer => "handling a timer".to_owned(),
            Input::Synced => "handling the end of a sync".to_owned(),
            Input::Message { slot } => {
                let payload = self.slots.payload(slot);
                let kind = payload.message.declared_kind().name;
                format!("handling a {kind} of agent {}", payload.from)
            }
        };
        let print = fingerprint(&panic.message, &mut self.scratch);
        self.note(code::PANICKED, node, node, print);
        let place = panic.place.as_deref();
        self.tell(&Event::Panicked { node, during: &during, message: &panic.message, place });
        if self.flow == Flow::Continue {
            std::panic::resume_unwind(panic.payload);
        }
    }

    /// Gives `slot` a place.
    #[inline]
    fn insert(&mut self, slot: Slot<P>) -> u32 {
        if !self.slots.has_room() {
            self.widen_events();
        }
        self.slots.insert(slot)
    }

    /// Makes event references wide: 64 bits instead of 40. It changes no result; runs of many nodes, or with many
    /// messages pending, do it themselves.
    #[cold]
    pub fn widen_events(&mut self) {
        let widened = self.slots.widen();
        self.queue.widen(&widened);
        self.ahead = self.ahead.map(|(at, event)| (at, widened(event)));
    }

    /// Returns the instances of `node`.
    fn instances(&self, node: NodeId) -> std::vec::IntoIter<NodeId> {
        self.twins.instances(node).collect::<Vec<_>>().into_iter()
    }

    #[inline]
    fn execute(&mut self, event: u64) {
        let (place, node) = self.slots.parse(event);
        if Slots::<P>::is_message(place) { self.arrive(node, place) } else { self.execute_slot(place, node) }
    }

    fn execute_slot(&mut self, place: Place, node: NodeId) {
        let slot = self.slots.take(place);
        if !self.conditions[node.index()].struck {
            self.execute_due(slot, node);
        } else if let Some(slot) = self.hold_slot(slot, node) {
            self.execute_due(slot, node);
        }
    }

    fn execute_due(&mut self, slot: Slot<P>, node: NodeId) {
        match slot {
            Slot::Timer { timer, generation } => {
                if self.devices[node.index()].timers.is_live(&timer, generation) {
                    self.admit(node, Work::Timer { timer, generation });
                }
            }
            Slot::Release { incarnation, effects, cause } => {
                let state = &mut self.nodes[node.index()];
                if state.incarnation == incarnation {
                    state.unreleased -= 1;
                    self.cause = cause;
                    self.apply_all(node, effects);
                }
            }
            Slot::Synced { incarnation, told } => {
                if self.nodes[node.index()].incarnation == incarnation {
                    self.sync(node, told.position);
                    self.admit(node, Work::Synced(told));
                }
            }
            Slot::ServiceEnd { incarnation } => {
                if self.nodes[node.index()].incarnation == incarnation {
                    self.conditions[node.index()].busy = false;
                    self.serve_waiting(node);
                }
            }
            Slot::Start { .. } => {
                if self.nodes[node.index()].incarnation == 0 {
                    if self.twins.twin_index(node) == 0 {
                        self.note(code::STARTED, node, node, 0);
                    }
                    self.admit(node, Work::Start);
                }
            }
            Slot::Intervention(intervention) => self.intervene(*intervention),
        }
    }

    #[inline]
    fn note(&mut self, code: u64, from: NodeId, to: NodeId, content: u64) {
        self.fold.event(self.now().as_nanos(), code::word(code, from, to), content);
    }

    /// Notes what an instance does, unless it is one that nobody is to know of at the moment.
    #[inline]
    fn note_own(&mut self, code: u64, me: NodeId, content: u64) {
        let who = self.twins.node(me);
        if !self.is_silent(me) {
            self.note(code, who, who, content);
        }
    }

    /// Returns true for a further instance of a node while its coalition is not split: it only keeps up with the others.
    #[inline]
    fn is_silent(&self, instance: NodeId) -> bool {
        !self.twins.are_single() && self.twins.is_silent(self.env.now, instance)
    }

    /// Tells of what no handler made.
    #[inline]
    fn tell(&mut self, event: &Event<'_, P>) {
        self.tell_of(event, Cause::Nobody);
    }

    #[inline]
    fn tell_of(&mut self, event: &Event<'_, P>, cause: Cause) {
        let flow = self.observer.on_event(self.moment(cause), event);
        self.follow(flow);
    }

    #[inline]
    fn moment(&self, cause: Cause) -> EventTime {
        EventTime { at: self.now(), event: self.events, cause }
    }

    /// A violation is not overridden by a completion within the same event.
    #[inline]
    fn follow(&mut self, flow: Flow) {
        if flow != Flow::Continue && self.flow != Flow::Violated {
            self.flow = flow;
        }
    }

    /// Returns the bytes that the kernel holds.
    #[cold]
    fn measure(&mut self) -> usize {
        let bytes = self.queue.retained_bytes()
            + self.slots.retained_bytes()
            + self.retained
            + self.stored * size_of::<(u64, P::Record)>()
            + self.nodes.len() * Self::BYTES_PER_NODE;
        self.tally.kernel_bytes_max = self.tally.kernel_bytes_max.max(bytes);
        if self.events >= self.sample_at {
            self.sample();
        }
        bytes
    }

    /// Samples the protocols' memory.
    fn sample(&mut self) {
        self.sample_at = self.events + SAMPLE_EVENTS_PER_NODE * self.nodes.len() as u64;
        self.retained = 0;
        for retained in self.machines.iter().flatten().map(P::retained_bytes) {
            self.retained += retained;
            self.tally.retained_bytes_max = self.tally.retained_bytes_max.max(retained);
        }
        self.observer.on_sample(self.env.now, self.retained);
    }
}
