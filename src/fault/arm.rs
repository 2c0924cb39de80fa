//! From a plan to what the kernel carries out, and from what it counted back to what each fault did.

use super::plan::{Fault, Plan, What};
use super::silent::Silent;
use crate::sim::fault::{Effects, Interceptor, Intervention, SharedEffects};
use crate::sim::{Cut, Damage, NodeId, Protocol, Tally, Time};
use serde::Serialize;

/// A plan that is ready to take hold of a run.
pub struct Armed<P: Protocol> {
    /// What happens at set times.
    pub interventions: Vec<(Time, Intervention)>,
    /// What sits on the nodes' wires.
    pub interceptors: Vec<Box<dyn Interceptor<P>>>,
    /// What the faults will have done.
    pub record: Record,
}

/// What the faults of a plan did.
pub struct Record {
    faults: Vec<(Fault, SharedEffects)>,
}

/// What one fault did.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct FaultReport {
    /// Its name.
    pub name: String,
    /// Whom it struck.
    pub agents: Vec<NodeId>,
    /// When it began.
    #[serde(rename = "from_ns")]
    pub from: Time,
    /// When it ended, if it did.
    #[serde(rename = "until_ns")]
    pub until: Option<Time>,
    /// What it did to messages.
    pub effect: Effects,
}

impl<P: Protocol> Armed<P> {
    /// Arms `plan` for a run of `nodes` nodes.
    pub fn new(plan: &Plan, nodes: usize) -> Armed<P> {
        let mut armed = Armed {
            interventions: Vec::new(),
            interceptors: Vec::new(),
            record: Record { faults: Vec::new() },
        };
        for (place, fault) in plan.faults.iter().enumerate() {
            let effects = SharedEffects::default();
            match &fault.what {
                What::Silent => armed.interceptors.push(Box::new(Silent::new(fault, effects.clone()))),
                What::Crash(damage) => armed.crash(fault, *damage),
                What::Partition(groups) => armed.partition(fault, place as u32, groups, nodes),
            }
            armed.record.faults.push((fault.clone(), effects));
        }
        armed
    }

    fn crash(&mut self, fault: &Fault, damage: Damage) {
        for &node in &fault.agents {
            self.interventions.push((fault.from, Intervention::Crash { node, damage }));
            if let Some(until) = fault.until {
                self.interventions.push((until, Intervention::Restart { node }));
            }
        }
    }

    fn partition(&mut self, fault: &Fault, id: u32, groups: &[Vec<NodeId>], nodes: usize) {
        let mut sides = vec![None; nodes];
        for (side, group) in groups.iter().enumerate() {
            group.iter().for_each(|node| sides[node.index()] = Some(side as u32));
        }
        self.interventions.push((fault.from, Intervention::Cut { id, cut: Cut::Sides(sides) }));
        if let Some(until) = fault.until {
            self.interventions.push((until, Intervention::Heal { id }));
        }
    }
}

impl Record {
    /// What each fault did in a run that counted `tally`, in the order of the plan.
    pub fn report(&self, tally: &Tally) -> Vec<FaultReport> {
        let report = |(place, (fault, effects)): (usize, &(Fault, SharedEffects))| {
            let mut effect = *effects.borrow();
            effect.dropped += match fault.what {
                What::Silent => 0,
                What::Crash(_) => fault.agents.iter().filter_map(|node| tally.down.get(node)).sum(),
                What::Partition(_) => tally.cut.get(&(place as u32)).copied().unwrap_or(0),
            };
            let Fault { name, agents, from, until, .. } = fault.clone();
            FaultReport { name, agents, from, until, effect }
        };
        self.faults.iter().enumerate().map(report).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fault::FaultId;
    use crate::protocol::pbft::Pbft;

    #[test]
    fn a_partition_begins_and_heals_under_its_place_in_the_plan() {
        let nodes = |list: &[u32]| list.iter().copied().map(NodeId).collect::<Vec<_>>();
        let fault = Fault {
            id: FaultId::of("split"),
            name: "split".into(),
            what: What::Partition(vec![nodes(&[0, 1]), nodes(&[2])]),
            agents: nodes(&[0, 1, 2]),
            from: Time::from_nanos(5),
            until: Some(Time::from_nanos(9)),
        };
        let armed = Armed::<Pbft>::new(&Plan { faults: vec![fault] }, 4);
        let [(from, Intervention::Cut { id: 0, cut }), (until, Intervention::Heal { id: 0 })] =
            &armed.interventions[..]
        else {
            panic!("a cut and its healing, not {:?}", armed.interventions);
        };
        assert_eq!((from.as_nanos(), until.as_nanos()), (5, 9));
        assert!(cut.separates(NodeId(1), NodeId(2)) && !cut.separates(NodeId(2), NodeId(3)));

        let tally = Tally { cut: [(0, 7)].into(), ..Tally::default() };
        assert_eq!(armed.record.report(&tally)[0].effect.dropped, 7);
    }
}
