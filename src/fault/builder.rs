//! What faults take hold of a run with, and from what the kernel counted back to what each fault did.

use super::kinds::Fault;
use super::plan::FaultId;
use super::schedule::FaultSchedule;
use serde::Serialize;
use std::rc::Rc;
use synod_sim::inject::{Coalition, Effects, Interceptor, Intervention, InterventionTarget, SharedEffects};
use synod_sim::random::CounterKey;
use synod_sim::{Clock, NodeId, Protocol, Purpose, Stream, Streams, Tally, Time};

/// A plan that is ready to take hold of a run.
pub struct InstalledPlan<P: Protocol> {
    /// What happens at set times.
    pub interventions: Vec<(Time, Intervention)>,
    /// What sits on the nodes' wires.
    pub interceptors: Vec<Box<dyn Interceptor<P::Message>>>,
    /// Nodes that lead double lives.
    pub coalitions: Vec<Coalition>,
    /// What the faults will have done.
    pub fault_log: FaultLog,
}

/// What arming a plan has to know of the run.
pub struct RunParams<'a, P: Protocol> {
    /// How many nodes there are.
    pub nodes: usize,
    /// How many of them are agents: the first.
    pub agents: u32,
    /// What every node is told.
    pub config: &'a Rc<P::Config>,
    /// Where draws come from.
    pub streams: &'a Streams,
    /// When the run ends at the latest.
    pub horizon: Time,
    /// Each node's clock as the scenario has it; nodes beyond the list have true clocks.
    pub clocks: &'a [Clock],
}

/// What the faults of a plan did.
#[derive(Default)]
pub struct FaultLog {
    entries: Vec<Entry>,
}

struct Entry {
    name: String,
    kind: &'static str,
    agents: Vec<NodeId>,
    schedule: FaultSchedule,
    /// What its interceptors counted.
    effects: SharedEffects,
    /// The ids of its cuts.
    cuts: Vec<u32>,
    /// The id under which the kernel counts what it does to its agents, and knows whoever leads as its target.
    id: u32,
    strikes_leader: bool,
    coalition: Option<usize>,
}

/// What one fault did.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct FaultReport {
    /// Its name.
    pub name: String,
    /// Its kind.
    pub kind: &'static str,
    /// Whom it struck.
    pub agents: Vec<NodeId>,
    /// When it began.
    #[serde(rename = "from_ns")]
    pub from: Time,
    /// When it ended, if it did.
    #[serde(rename = "until_ns")]
    pub until: Option<Time>,
    /// What it did.
    pub effect: Effects,
    /// True if it struck whoever led.
    #[serde(skip)]
    pub strikes_leader: bool,
}

impl<P: Protocol> InstalledPlan<P> {
    /// Nothing is armed yet.
    pub(super) fn nothing() -> InstalledPlan<P> {
        InstalledPlan {
            interventions: Vec::new(),
            interceptors: Vec::new(),
            coalitions: Vec::new(),
            fault_log: FaultLog::default(),
        }
    }

    /// The grip of `fault`, the next of its plan, which strikes `agents` as far as that is known before the run.
    pub(super) fn builder<'a>(
        &'a mut self,
        fault: &'a Fault,
        agents: Vec<NodeId>,
        params: &'a RunParams<'a, P>,
    ) -> FaultBuilder<'a, P> {
        let (place, schedule) = (self.fault_log.entries.len(), FaultSchedule::of(fault));
        self.fault_log.entries.push(Entry {
            name: fault.name().to_owned(),
            kind: fault.kind(),
            agents,
            schedule,
            effects: SharedEffects::default(),
            cuts: Vec::new(),
            id: place as u32,
            strikes_leader: false,
            coalition: None,
        });
        FaultBuilder { installed: self, params, place, schedule, name: fault.name() }
    }
}

/// A fault that is taking hold of a run.
pub(super) struct FaultBuilder<'a, P: Protocol> {
    installed: &'a mut InstalledPlan<P>,
    pub(super) params: &'a RunParams<'a, P>,
    place: usize,
    pub(super) schedule: FaultSchedule,
    name: &'a str,
}

/// How many cuts one fault can have in force at a time.
const CUTS_PER_FAULT: u32 = 1 << 16;

/// The place in the plan of the fault whose cut has this id.
pub fn fault_of_cut(id: u32) -> usize {
    (id / CUTS_PER_FAULT) as usize
}

impl<'a, P: Protocol> FaultBuilder<'a, P> {
    /// The agents that the plan names.
    pub(super) fn agents(&self) -> Vec<NodeId> {
        self.installed.fault_log.entries[self.place].agents.clone()
    }

    /// Whom interventions strike: the agents that the plan names, or whoever leads.
    pub(super) fn targets(&mut self) -> Vec<InterventionTarget> {
        let entry = &mut self.installed.fault_log.entries[self.place];
        if entry.agents.is_empty() {
            entry.strikes_leader = true;
            return vec![InterventionTarget::Leader(entry.id)];
        }
        entry.agents.iter().copied().map(InterventionTarget::Node).collect()
    }

    /// The same grip, with the random draws of what is called `name`.
    pub(super) fn under<'b>(&'b mut self, name: &'b str) -> FaultBuilder<'b, P> {
        FaultBuilder {
            installed: self.installed,
            params: self.params,
            place: self.place,
            schedule: self.schedule,
            name,
        }
    }

    /// The id under which the kernel counts what the fault does to its agents.
    pub(super) fn id(&self) -> u32 {
        self.installed.fault_log.entries[self.place].id
    }

    /// Something happens at `at`.
    pub(super) fn intervene(&mut self, at: Time, intervention: Intervention) {
        self.installed.interventions.push((at, intervention));
    }

    /// Something sits on wires.
    pub(super) fn intercept(&mut self, interceptor: Box<dyn Interceptor<P::Message>>) {
        self.installed.interceptors.push(interceptor);
    }

    /// Some lead double lives.
    pub(super) fn collude(&mut self, coalition: Coalition) {
        self.installed.fault_log.entries[self.place].coalition = Some(self.installed.coalitions.len());
        self.installed.coalitions.push(coalition);
    }

    /// A new id for a cut of this fault.
    ///
    /// # Panics
    /// If the fault has more than 65,536.
    pub(super) fn cut_id(&mut self) -> u32 {
        let entry = &mut self.installed.fault_log.entries[self.place];
        let number = entry.cuts.len() as u32;
        assert!(number < CUTS_PER_FAULT, "a fault has at most {CUTS_PER_FAULT} cuts");
        let id = self.place as u32 * CUTS_PER_FAULT + number;
        entry.cuts.push(id);
        id
    }

    /// Where its interceptors count what they do.
    pub(super) fn effects(&self) -> SharedEffects {
        SharedEffects::clone(&self.installed.fault_log.entries[self.place].effects)
    }

    /// Its own random stream.
    pub(super) fn stream(&self) -> Stream {
        self.params.streams.stream(Purpose::Fault, FaultId::of(self.name).stream_index())
    }

    /// Its own draws about copies.
    pub(super) fn counter(&self) -> CounterKey {
        self.params.streams.fault_counter(FaultId::of(self.name).stream_index())
    }
}

impl FaultLog {
    /// What each fault did in a run that counted `tally`, in the order of the plan.
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
