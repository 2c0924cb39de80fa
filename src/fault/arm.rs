//! From a plan to what the kernel carries out, and from what it counted back to what each fault did.

use super::kinds::Fault;
use super::plan::Plan;
use super::window::Window;
use super::{byzantine, environment};
use serde::Serialize;
use std::rc::Rc;
use synod_sim::fault::{Coalition, Effects, Interceptor, Intervention, SharedEffects, Target};
use synod_sim::random::CounterKey;
use synod_sim::{Clock, NodeId, Protocol, Purpose, Stream, Streams, Tally, Time};

/// A plan that is ready to take hold of a run.
pub struct Armed<P: Protocol> {
    /// What happens at set times.
    pub interventions: Vec<(Time, Intervention)>,
    /// What sits on the nodes' wires.
    pub interceptors: Vec<Box<dyn Interceptor<P>>>,
    /// Nodes that lead double lives.
    pub coalitions: Vec<Coalition>,
    /// What the faults will have done.
    pub record: Record,
}

/// What arming a plan has to know of the run.
pub struct Terms<'a, P: Protocol> {
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
pub struct Record {
    entries: Vec<Entry>,
}

struct Entry {
    name: String,
    kind: &'static str,
    agents: Vec<NodeId>,
    window: Window,
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

impl<P: Protocol> Armed<P> {
    /// Arms `plan` for a run.
    pub fn new(plan: &Plan, terms: &Terms<'_, P>) -> Armed<P> {
        let mut armed = Armed {
            interventions: Vec::new(),
            interceptors: Vec::new(),
            coalitions: Vec::new(),
            record: Record::default(),
        };
        for (place, fault) in plan.faults.iter().enumerate() {
            let window = Window::of(fault);
            armed.record.entries.push(Entry {
                name: fault.name().to_owned(),
                kind: fault.kind(),
                agents: struck(fault),
                window,
                effects: SharedEffects::default(),
                cuts: Vec::new(),
                id: place as u32,
                strikes_leader: false,
                coalition: None,
            });
            let mut grip = Grip { armed: &mut armed, terms, place, window, name: fault.name() };
            match fault {
                Fault::Crash(_) => environment::arm(fault, &mut grip),
                fault if fault.is_byzantine() => byzantine::arm(fault, &mut grip),
                fault => environment::arm(fault, &mut grip),
            }
        }
        armed
    }
}

/// Whom a fault strikes, as far as that is known before the run.
fn struck(fault: &Fault) -> Vec<NodeId> {
    let Fault::Partition(partition) = fault else { return fault.agents().named() };
    let mut agents: Vec<NodeId> = partition.groups.iter().flatten().copied().map(NodeId).collect();
    agents.sort();
    agents
}

/// A fault that is taking hold of a run.
pub(super) struct Grip<'a, P: Protocol> {
    armed: &'a mut Armed<P>,
    pub(super) terms: &'a Terms<'a, P>,
    place: usize,
    pub(super) window: Window,
    name: &'a str,
}

/// How many cuts one fault can have in force at a time.
const CUTS_PER_FAULT: u32 = 1 << 16;

/// The place in the plan of the fault whose cut has this id.
pub fn fault_of_cut(id: u32) -> usize {
    (id / CUTS_PER_FAULT) as usize
}

impl<'a, P: Protocol> Grip<'a, P> {
    /// The agents that the plan names.
    pub(super) fn agents(&self) -> Vec<NodeId> {
        self.armed.record.entries[self.place].agents.clone()
    }

    /// Whom interventions strike: the agents that the plan names, or whoever leads.
    pub(super) fn targets(&mut self) -> Vec<Target> {
        let entry = &mut self.armed.record.entries[self.place];
        if entry.agents.is_empty() {
            entry.strikes_leader = true;
            return vec![Target::Leader(entry.id)];
        }
        entry.agents.iter().copied().map(Target::Node).collect()
    }

    /// The same grip, with the random draws of what is called `name`.
    pub(super) fn under<'b>(&'b mut self, name: &'b str) -> Grip<'b, P> {
        Grip { armed: self.armed, terms: self.terms, place: self.place, window: self.window, name }
    }

    /// The id under which the kernel counts what the fault does to its agents.
    pub(super) fn id(&self) -> u32 {
        self.armed.record.entries[self.place].id
    }

    /// Something happens at `at`.
    pub(super) fn intervene(&mut self, at: Time, intervention: Intervention) {
        self.armed.interventions.push((at, intervention));
    }

    /// Something sits on wires.
    pub(super) fn intercept(&mut self, interceptor: Box<dyn Interceptor<P>>) {
        self.armed.interceptors.push(interceptor);
    }

    /// Some lead double lives.
    pub(super) fn collude(&mut self, coalition: Coalition) {
        self.armed.record.entries[self.place].coalition = Some(self.armed.coalitions.len());
        self.armed.coalitions.push(coalition);
    }

    /// A new id for a cut of this fault.
    ///
    /// # Panics
    /// If the fault has more than 65,536.
    pub(super) fn cut_id(&mut self) -> u32 {
        let entry = &mut self.armed.record.entries[self.place];
        let number = entry.cuts.len() as u32;
        assert!(number < CUTS_PER_FAULT, "a fault has at most {CUTS_PER_FAULT} cuts");
        let id = self.place as u32 * CUTS_PER_FAULT + number;
        entry.cuts.push(id);
        id
    }

    /// Where its interceptors count what they do.
    pub(super) fn effects(&self) -> SharedEffects {
        SharedEffects::clone(&self.armed.record.entries[self.place].effects)
    }

    /// Its own random stream.
    pub(super) fn stream(&self) -> Stream {
        self.terms.streams.stream(Purpose::Fault, super::FaultId::of(self.name).stream_index())
    }

    /// Its own draws about copies.
    pub(super) fn counter(&self) -> CounterKey {
        self.terms.streams.fault_counter(super::FaultId::of(self.name).stream_index())
    }
}

impl Record {
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
            effect += tally.lives[coalition];
        }
        let Window { from, until, .. } = self.window;
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Surroundings;
    use std::collections::BTreeMap;
    use synod_pbft::{Clients, Config, Pbft, Quorum, Workload};
    use synod_sim::{Cut, Duration};

    #[test]
    fn a_partition_begins_and_heals_under_an_id_of_its_own() {
        let faults = r#"[{"partition": {"groups": [[0, 1], [2]], "from": "5ns", "until": "9ns"}}]"#;
        let surroundings = Surroundings {
            agents: 4,
            tolerated: 1,
            byzantine: 1,
            overlap: 2,
            timer: Duration::from_millis(1),
            regions: BTreeMap::new(),
            stabilize_at: None,
            core: crate::Who::Unsaid,
            streams: Streams::new(1),
        };
        let plan = Plan::resolve(&serde_json::from_str::<Vec<Fault>>(faults).expect("faults"), &surroundings);
        let clients = Clients {
            hosts: 1,
            clients: 1,
            requests: 1,
            arrival: synod_pbft::Arrival::Closed { think: Duration::ZERO },
            payload_bytes: 0,
            commands: None,
        };
        let config = Rc::new(Config::new(Quorum::new(4, 1).expect("4 = 3 + 1"), Workload::Log(clients)));
        let terms = Terms {
            nodes: 5,
            agents: 4,
            config: &config,
            streams: &surroundings.streams,
            horizon: Time::from_nanos(100),
            clocks: &[],
        };
        let armed = Armed::<Pbft>::new(&plan, &terms);
        let [(from, Intervention::Cut { id: 0, cut }), (until, Intervention::Heal { id: 0 })] =
            &armed.interventions[..]
        else {
            panic!("a cut and its healing, not {:?}", armed.interventions);
        };
        assert_eq!((from.as_nanos(), until.as_nanos()), (5, 9));
        assert!(cut.separates(NodeId(1), NodeId(2)) && !cut.separates(NodeId(2), NodeId(3)));
        assert!(matches!(cut, Cut::Sides(_)));

        let tally = Tally { cut: [(0, 7)].into(), ..Tally::default() };
        assert_eq!(armed.record.report(&tally)[0].effect.dropped, 7);
    }
}
