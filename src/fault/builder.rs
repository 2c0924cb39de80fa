//! Installs faults in a run, and attributes what the kernel counted to them.

use super::kinds::Fault;
use super::plan::FaultId;
use super::schedule::FaultSchedule;
use serde::Serialize;
use synod_sim::inject::{Coalition, Effects, Interceptor, Intervention, InterventionTarget, SharedEffects};
use synod_sim::random::CounterKey;
use synod_sim::{Clock, NodeId, Protocol, Purpose, Stream, Streams, Tally, Time};

/// A fault plan, installed for one run.
pub struct InstalledPlan<P: Protocol> {
    /// Scheduled interventions.
    pub interventions: Vec<(Time, Intervention)>,
    /// Message interceptors.
    pub interceptors: Vec<Box<dyn Interceptor<P::Message>>>,
    /// Coalitions of twins.
    pub coalitions: Vec<Coalition>,
    /// Log of the faults' effects.
    pub fault_log: FaultLog,
}

/// Parameters of the run that installing a plan needs.
#[derive(Copy, Clone, Debug)]
pub struct RunParams<'a> {
    /// Number of nodes.
    pub nodes: usize,
    /// Number of agents: the first nodes.
    pub agents: u32,
    /// The run's random streams.
    pub streams: &'a Streams,
    /// Latest end of the run.
    pub horizon: Time,
    /// Each node's clock as the scenario has it; nodes beyond the list have true clocks.
    pub clocks: &'a [Clock],
}

/// Log of what the faults of a plan did.
#[derive(Default)]
pub struct FaultLog {
    entries: Vec<Entry>,
}

struct Entry {
    name: String,
    kind: &'static str,
    agents: Vec<NodeId>,
    schedule: FaultSchedule,
    /// Effects counted by its interceptors.
    effects: SharedEffects,
    /// The ids of its cuts.
    cuts: Vec<u32>,
    /// Id under which the kernel counts its effects on agents, and resolves the leader as its target.
    id: u32,
    strikes_leader: bool,
    coalition: Option<usize>,
}

/// Effects of one fault.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct FaultReport {
    /// The name.
    pub name: String,
    /// Its kind.
    pub kind: &'static str,
    /// The agents affected.
    pub agents: Vec<NodeId>,
    /// When it began.
    #[serde(rename = "from_ns")]
    pub from: Time,
    /// When it ended, if it did.
    #[serde(rename = "until_ns")]
    pub until: Option<Time>,
    /// Its effects.
    pub effect: Effects,
    /// True if it targeted the leader.
    #[serde(skip)]
    pub strikes_leader: bool,
}

impl<P: Protocol> InstalledPlan<P> {
    /// Returns an empty plan.
    pub(super) fn nothing() -> InstalledPlan<P> {
        InstalledPlan {
            interventions: Vec::new(),
            interceptors: Vec::new(),
            coalitions: Vec::new(),
            fault_log: FaultLog::default(),
        }
    }
}

impl<'a> FaultBuilder<'a> {
    /// Returns the builder of `fault`, the next of its plan, which affects `agents` as far as they are known before the
    /// run.
    pub(super) fn new<P: Protocol>(
        installed: &'a mut InstalledPlan<P>,
        fault: &'a Fault,
        agents: Vec<NodeId>,
        params: &'a RunParams<'a>,
    ) -> FaultBuilder<'a> {
        let InstalledPlan { interventions, coalitions, fault_log, .. } = installed;
        let place = fault_log.begin(fault, agents);
        let schedule = FaultSchedule::of(fault);
        FaultBuilder { interventions, coalitions, fault_log, params, place, schedule, name: fault.name() }
    }
}

/// Installs one fault: all of it but what depends on the protocol.
pub(super) struct FaultBuilder<'a> {
    interventions: &'a mut Vec<(Time, Intervention)>,
    coalitions: &'a mut Vec<Coalition>,
    fault_log: &'a mut FaultLog,
    pub(super) params: &'a RunParams<'a>,
    place: usize,
    pub(super) schedule: FaultSchedule,
    name: &'a str,
}

/// How many cuts one fault can have in force at a time.
const CUTS_PER_FAULT: u32 = 1 << 16;

/// Returns the place in the plan of the fault whose cut has this id.
pub fn fault_of_cut(id: u32) -> usize {
    (id / CUTS_PER_FAULT) as usize
}

impl FaultBuilder<'_> {
    /// Returns the agents that the plan names.
    pub(super) fn agents(&self) -> Vec<NodeId> {
        self.fault_log.entries[self.place].agents.clone()
    }

    /// Returns the targets of interventions: the agents that the plan names, or the current leader.
    pub(super) fn targets(&mut self) -> Vec<InterventionTarget> {
        let entry = &mut self.fault_log.entries[self.place];
        if entry.agents.is_empty() {
            entry.strikes_leader = true;
            return vec![InterventionTarget::Leader(entry.id)];
        }
        entry.agents.iter().copied().map(InterventionTarget::Node).collect()
    }

    /// Returns the same builder, with the random streams of the fault `name`.
    pub(super) fn under<'b>(&'b mut self, name: &'b str) -> FaultBuilder<'b> {
        FaultBuilder {
            interventions: self.interventions,
            coalitions: self.coalitions,
            fault_log: self.fault_log,
            params: self.params,
            place: self.place,
            schedule: self.schedule,
            name,
        }
    }

    /// Returns the id under which the kernel counts what the fault does to its agents.
    pub(super) fn id(&self) -> u32 {
        self.fault_log.entries[self.place].id
    }

    /// Schedules an intervention.
    pub(super) fn intervene(&mut self, at: Time, intervention: Intervention) {
        self.interventions.push((at, intervention));
    }

    /// Adds a coalition of twins.
    pub(super) fn collude(&mut self, coalition: Coalition) {
        self.fault_log.entries[self.place].coalition = Some(self.coalitions.len());
        self.coalitions.push(coalition);
    }

    /// Returns a new id for a cut of this fault.
    ///
    /// # Panics
    /// If the fault has more than 65,536.
    pub(super) fn cut_id(&mut self) -> u32 {
        let entry = &mut self.fault_log.entries[self.place];
        let number = entry.cuts.len() as u32;
        assert!(number < CUTS_PER_FAULT, "a fault has at most {CUTS_PER_FAULT} cuts");
        let id = self.place as u32 * CUTS_PER_FAULT + number;
        entry.cuts.push(id);
        id
    }

    /// Returns the counters for its interceptors.
    pub(super) fn effects(&self) -> SharedEffects {
        SharedEffects::clone(&self.fault_log.entries[self.place].effects)
    }

    /// Returns the fault's random stream.
    pub(super) fn stream(&self) -> Stream {
        self.params.streams.stream(Purpose::Fault, FaultId::of(self.name).stream_index())
    }

    /// Returns the key of its per-copy draws.
    pub(super) fn counter(&self) -> CounterKey {
        self.params.streams.fault_counter(FaultId::of(self.name).stream_index())
    }
}

impl FaultLog {
    /// Begins the entry of the next fault of a plan, and returns its place.
    fn begin(&mut self, fault: &Fault, agents: Vec<NodeId>) -> usize {
        let place = self.entries.len();
        self.entries.push(Entry {
            name: fault.name().to_owned(),
            kind: fault.kind(),
            agents,
            schedule: FaultSchedule::of(fault),
            effects: SharedEffects::default(),
            cuts: Vec::new(),
            id: place as u32,
            strikes_leader: false,
            coalition: None,
        });
        place
    }

    /// Returns what each fault did in a run that counted `tally`, in the order of the plan.
    pub fn report(&self, tally: &Tally) -> Vec<FaultReport> {
        self.entries.iter().map(|entry| entry.report(tally)).collect()
    }
}

impl Entry {
    fn report(&self, tally: &Tally) -> FaultReport {
        let mut effect = *self.effects.borrow();
        let struck = tally.leaders.get(&self.id).copied().flatten();
        let agents: Vec<NodeId> = self.agents.iter().copied().chain(struck).collect();
        effect.dropped += self.cuts.iter().filter_map(|id| tally.cut.get(id)).sum::<u64>();
        effect.dropped += tally.down.get(&self.id).copied().unwrap_or(0);
        effect.destroyed += tally.destroyed.get(&self.id).copied().unwrap_or(0);
        effect.delayed += tally.held.get(&self.id).copied().unwrap_or(0);
        effect.delayed += tally.slowed.get(&self.id).copied().unwrap_or(0);
        effect.altered += tally.misled.get(&self.id).copied().unwrap_or(0);
        if let Some(coalition) = self.coalition {
            effect += tally.twins[coalition];
        }
        let FaultSchedule { from, until, .. } = self.schedule;
        FaultReport {
            name: self.name.clone(),
            kind: self.kind,
            agents,
            from,
            until,
            effect,
            strikes_leader: self.strikes_leader,
        }
    }
}
