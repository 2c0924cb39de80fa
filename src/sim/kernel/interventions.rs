//! Applies scheduled interventions to nodes and partitions.

use super::{Simulation, stream_index};
use crate::NodeId;
use crate::code;
use crate::inject::{Intervention, InterventionTarget};
use crate::node::Work;
use crate::observer::{Event, Observer};
use crate::partition::Cut;
use crate::protocol::{Durable, Protocol};
use crate::storage::Damage;

impl<P: Protocol, W: Observer<P>> Simulation<P, W> {
    /// Applies an intervention.
    pub(super) fn intervene(&mut self, intervention: Intervention) {
        match intervention {
            Intervention::Crash { id, node, damage } => {
                if let Some(node) = self.target(node) {
                    self.crash(id, node, damage);
                }
            }
            Intervention::Restart { id, node } => {
                if let Some(node) = self.target(node) {
                    self.restart(id, node);
                }
            }
            Intervention::Cut { id, cut } => self.cut(id, cut),
            Intervention::Isolate { id, node } => {
                if let Some(node) = self.target(node) {
                    self.cut(id, Cut::Around(node));
                }
            }
            Intervention::Heal { id } => {
                self.cuts.heal(id);
                self.note(code::HEALED, NodeId(0), NodeId(0), id as u64);
                self.tell(&Event::Healed { id });
            }
            Intervention::Slow { id, node, by } => {
                if let Some(node) = self.target(node) {
                    self.note(code::SLOWED, node, node, by.as_nanos());
                    for instance in self.instances(node) {
                        let impairment = self.impairments.entry(instance).or_default();
                        impairment.slowed_by.retain(|&(other, _)| other != id);
                        impairment.slowed_by.extend((!by.is_zero()).then_some((id, by)));
                        self.conditions[instance.index()].impaired = impairment.matters();
                    }
                }
            }
            Intervention::Clock { node, clock, fault } => {
                if let Some(node) = self.target(node) {
                    self.note(code::CLOCK_SET, node, node, (clock.offset_ns ^ clock.drift_ppb << 1) as u64);
                    for instance in self.instances(node) {
                        self.nodes[instance.index()].own.clock = clock;
                        let impairment = self.impairments.entry(instance).or_default();
                        impairment.misled_by = fault;
                        self.conditions[instance.index()].impaired = impairment.matters();
                    }
                }
            }
        }
    }

    /// Returns the target of an intervention.
    fn target(&mut self, target: InterventionTarget) -> Option<NodeId> {
        match target {
            InterventionTarget::Node(node) => Some(node),
            InterventionTarget::Leader(id) => {
                if !self.leaders.contains_key(&id) {
                    // Who is down leads nobody, whatever the others think.
                    let leader = self.leader().map(|(_, node)| node);
                    let leader = leader.filter(|node| self.conditions[node.index()].up);
                    self.leaders.insert(id, leader);
                    self.tally.leaders.insert(id, leader);
                    if let Some(node) = leader {
                        self.tell(&Event::Struck { id, node });
                    }
                }
                self.leaders[&id]
            }
        }
    }

    /// Returns the highest epoch that a correct node which is up is in, and who leads it.
    fn leader(&self) -> Option<(u64, NodeId)> {
        self.adversary.leader(&self.machines)
    }

    fn crash(&mut self, id: u32, node: NodeId, damage: Damage) {
        self.instances(node)
            .for_each(|instance| self.impairments.entry(instance).or_default().down_by.push(id));
        if !self.conditions[node.index()].up {
            return;
        }
        for instance in self.instances(node) {
            let condition = &mut self.conditions[instance.index()];
            condition.up = false;
            condition.busy = false;
            self.cut_service_short(instance);
            let state = &mut self.nodes[instance.index()];
            state.incarnation += 1;
            state.unreleased = 0;
            let index = stream_index(node, self.twins.twin_index(instance), state.incarnation);
            state.own.rng = self.streams.stream(index);
            let devices = &mut self.devices[instance.index()];
            devices.timers.disarm_all();
            self.stored -= devices.storage().crash(damage);
            for work in devices.take_inbox() {
                if let Work::Message { slot } = work {
                    self.slots.release(slot);
                }
            }
            self.machines[instance.index()] = None;
        }
        self.note(code::CRASHED, node, node, damage as u64);
        self.tell(&Event::Crashed { node });
    }

    fn restart(&mut self, id: u32, node: NodeId) {
        self.instances(node).for_each(|instance| {
            self.impairments.entry(instance).or_default().down_by.retain(|&other| other != id);
        });
        if self.conditions[node.index()].up || !self.impairments[&node].down_by.is_empty() {
            return;
        }
        for instance in self.instances(node) {
            self.conditions[instance.index()].up = true;
            self.nodes[instance.index()].release_floor = self.env.now;
            let devices = &mut self.devices[instance.index()];
            devices.device_free = self.env.now;
            let (records, torn) = devices.storage().records();
            let wiped = devices.storage().is_wiped();
            let machine = self.build(instance, Durable { records: &records, torn });
            self.machines[instance.index()] = Some(machine);
            if instance == node {
                self.note(code::RESTARTED, node, node, records.len() as u64);
                self.tell(&Event::Restarted { node, wiped });
            }
            self.serve(instance, Work::Start);
        }
    }

    fn cut(&mut self, id: u32, cut: Cut) {
        self.note(code::CUT, NodeId(0), NodeId(0), id as u64);
        self.tell(&Event::Cut { id, cut: &cut });
        self.cuts.begin(id, cut);
    }
}
