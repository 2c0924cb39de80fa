//! Network partitions, for as long as the fault is active.

use crate::builder::FaultBuilder;
use crate::kinds::{Isolate, OneWay, Partition, Ring};
use synod_sim::inject::Intervention;
use synod_sim::{Cut, NodeId};

/// Groups that do not hear each other.
pub(super) fn partition(partition: &Partition, builder: &mut FaultBuilder<'_>) {
    let mut sides = vec![None; builder.params.nodes];
    for (side, group) in partition.groups.iter().enumerate() {
        group.iter().for_each(|&agent| sides[agent as usize] = Some(side as u32));
    }
    let in_flight = partition.in_flight;
    come_and_go(builder, |id| Intervention::Cut { id, cut: Cut::Sides(sides.clone()), in_flight });
}

/// Each agent, or the current leader, alone.
pub(super) fn isolate(isolate: &Isolate, builder: &mut FaultBuilder<'_>) {
    let in_flight = isolate.in_flight;
    for node in builder.targets() {
        come_and_go(builder, |id| Intervention::Isolate { id, node, in_flight });
    }
}

/// Agents that are not heard by some.
pub(super) fn one_way(cut: &OneWay, builder: &mut FaultBuilder<'_>) {
    let among = |nodes: Vec<NodeId>| {
        let mut list = vec![false; builder.params.nodes];
        nodes.iter().for_each(|node| list[node.index()] = true);
        list
    };
    let (senders, receivers) = (among(builder.agents()), among(cut.to.named()));
    let in_flight = cut.in_flight;
    come_and_go(builder, |id| {
        let cut = Cut::OneWay(senders.clone(), receivers.clone());
        Intervention::Cut { id, cut, in_flight }
    });
}

/// All agents, each of which reaches its neighbours.
pub(super) fn ring(ring: &Ring, builder: &mut FaultBuilder<'_>) {
    let nodes = builder.params.agents;
    // With itself and `reach` on either side: 2·reach + 1 > n/2.
    let reach = ring.reach.unwrap_or((nodes / 2).div_ceil(2));
    let in_flight = ring.in_flight;
    come_and_go(builder, |id| Intervention::Cut { id, cut: Cut::Ring { nodes, reach }, in_flight });
}

/// Schedules a cut that begins and heals with every interval of the fault.
fn come_and_go(builder: &mut FaultBuilder<'_>, begin: impl Fn(u32) -> Intervention) {
    let id = builder.cut_id();
    for (from, until) in builder.schedule.intervals(builder.params.horizon) {
        builder.intervene(from, begin(id));
        if let Some(until) = until {
            builder.intervene(until, Intervention::Heal { id });
        }
    }
}
