//! Applies scheduled interventions to nodes and partitions.

use super::pauses::Held;
use super::{Simulation, stream_index};
use crate::NodeId;
use crate::code;
use crate::inject::{InFlight, Intervention, InterventionTarget};
use crate::node::Work;
use crate::observer::{Event, Observer};
use crate::partition::Cut;
use crate::protocol::{Durable, Protocol};
use crate::storage::Damage;

impl<P: Protocol, W: Observer<P>> Simulation<P, W> {
    /// Applies an intervention.
    pub(super) fn intervene(&mut self, intervention: Intervention) {
        match intervention {
            Intervention::Crash { id, node, damage, in_flight } => {
                if let Some(node) = self.target(node) {
                    self.crash(id, node, damage, in_flight);
                }
            }
            Intervention::Restart { id, node } => {
                if let Some(node) = self.target(node) {
                    self.restart(id, node);
                }
            }
            Intervention::Pause { id, node } => {
                if let Some(node) = self.target(node) {
                    self.pause(id, node);
                }
            }
            Intervention::Resume { id, node } => {
                if let Some(node) = self.target(node) {
                    self.resume(id, node);
                }
            }
            Intervention::Cut { id, cut, in_flight } => self.cut(id, cut, in_flight),
            Intervention::Isolate { id, node, in_flight } => {
                if let Some(node) = self.target(node) {
                    self.cut(id, Cut::Around(node), in_flight);
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

    fn crash(&mut self, id: u32, node: NodeId, damage: Damage, in_flight: InFlight) {
        self.instances(node)
            .for_each(|instance| self.impairments.entry(instance).or_default().down_by.push(id));
        if !self.conditions[node.index()].up {
            return;
        }
        let mut destroyed = 0;
        for instance in self.instances(node) {
            let condition = &mut self.conditions[instance.index()];
            condition.up = false;
            condition.busy = false;
            self.cut_service_short(instance);
            let state = &mut self.nodes[instance.index()];
            state.incarnation += 1;
            let effects = std::mem::take(&mut state.unreleased) as usize;
            let index = stream_index(node, self.twins.twin_index(instance), state.incarnation);
            state.own.rng = self.streams.stream(index);
            let devices = &mut self.devices[instance.index()];
            let timers = devices.timers.disarm_all();
            let records = devices.storage().crash(damage);
            self.stored -= records;
            let held = self.held.get_mut(&instance).map(std::mem::take).unwrap_or_default();
            let held = held.into_iter().filter_map(Held::into_work);
            let waiting: Vec<Work<P>> = devices.take_inbox().into_iter().chain(held).collect();
            // A memory is lost even where nothing was remembered: the node starts again.
            destroyed += 1 + effects + timers + records + waiting.len();
            for work in waiting {
                if let Work::Message { slot } = work {
                    self.slots.release(slot);
                }
            }
            if in_flight == InFlight::Drop {
                self.impairments.entry(instance).or_default().deaf_to = Some((id, self.sends));
                self.conditions[instance.index()].struck = true;
            }
            self.machines[instance.index()] = None;
        }
        *self.tally.destroyed.entry(id).or_default() += destroyed as u64;
        self.note(code::CRASHED, node, node, damage as u64);
        self.tell(&Event::Crashed { node });
    }

    fn restart(&mut self, id: u32, node: NodeId) {
        self.instances(node).for_each(|instance| {
            self.impairments.entry(instance).or_default().down_by.retain(|&other| other != id);
        });
        if self.conditions[node.index()].up {
            return;
        }
        if let Some(&other) = self.impairments[&node].down_by.first() {
            // It would have started again by now.
            *self.tally.destroyed.entry(other).or_default() += 1;
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
            if self.held.contains_key(&instance) {
                self.hold(instance, Held::Work(Work::Start));
            } else {
                self.serve(instance, Work::Start);
            }
        }
    }

    fn cut(&mut self, id: u32, cut: Cut, in_flight: InFlight) {
        self.note(code::CUT, NodeId(0), NodeId(0), id as u64);
        self.tell(&Event::Cut { id, cut: &cut });
        self.cuts.begin(id, cut, if in_flight == InFlight::Drop { self.sends } else { 0 });
    }
}
