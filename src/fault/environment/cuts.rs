//! Cuts: who cannot reach whom, for as long as the fault is on.

use crate::grip::Grip;
use crate::kinds::{OneWay, Partition, Ring};
use synod_sim::fault::Intervention;
use synod_sim::{Cut, NodeId, Protocol};

/// Groups that do not hear each other.
pub(super) fn partition<P: Protocol>(partition: &Partition, grip: &mut Grip<'_, P>) {
    let mut sides = vec![None; grip.terms.nodes];
    for (side, group) in partition.groups.iter().enumerate() {
        group.iter().for_each(|&agent| sides[agent as usize] = Some(side as u32));
    }
    come_and_go(grip, |id| Intervention::Cut { id, cut: Cut::Sides(sides.clone()) });
}

/// Each agent, or whoever leads, alone.
pub(super) fn isolate<P: Protocol>(grip: &mut Grip<'_, P>) {
    for node in grip.targets() {
        come_and_go(grip, |id| Intervention::Isolate { id, node });
    }
}

/// Agents that are not heard by some.
pub(super) fn one_way<P: Protocol>(cut: &OneWay, grip: &mut Grip<'_, P>) {
    let among = |nodes: Vec<NodeId>| {
        let mut list = vec![false; grip.terms.nodes];
        nodes.iter().for_each(|node| list[node.index()] = true);
        list
    };
    let (senders, receivers) = (among(grip.agents()), among(cut.to.named()));
    come_and_go(grip, |id| Intervention::Cut { id, cut: Cut::OneWay(senders.clone(), receivers.clone()) });
}

/// All agents, each of which reaches its neighbours.
pub(super) fn ring<P: Protocol>(ring: &Ring, grip: &mut Grip<'_, P>) {
    let nodes = grip.terms.agents;
    // With itself and `reach` on either side: 2·reach + 1 > n/2.
    let reach = ring.reach.unwrap_or((nodes / 2).div_ceil(2));
    come_and_go(grip, |id| Intervention::Cut { id, cut: Cut::Ring { nodes, reach } });
}

/// A cut of its own that begins and heals with every spell of the fault.
fn come_and_go<P: Protocol>(grip: &mut Grip<'_, P>, begin: impl Fn(u32) -> Intervention) {
    let id = grip.cut_id();
    for (from, until) in grip.window.spells(grip.terms.horizon) {
        grip.intervene(from, begin(id));
        if let Some(until) = until {
            grip.intervene(until, Intervention::Heal { id });
        }
    }
}
