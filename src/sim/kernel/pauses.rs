//! Pauses: a node's process stands still, and all that is due at it waits in order until it goes on.

use super::Simulation;
use crate::NodeId;
use crate::code;
use crate::node::Work;
use crate::observer::{Event, Observer};
use crate::protocol::{Effect, Protocol};
use crate::slots::Slot;

/// What waits for a node to go on.
#[derive(Debug)]
pub(super) enum Held<P: Protocol> {
    /// An input that has reached the node.
    Work(Work<P>),
    /// Something else that was due: a timer, the end of a service, effects.
    Slot(Slot<P>),
}

impl<P: Protocol> Held<P> {
    pub(super) fn into_work(self) -> Option<Work<P>> {
        match self {
            Held::Work(work) => Some(work),
            Held::Slot(_) => None,
        }
    }
}

impl<P: Protocol, W: Observer<P>> Simulation<P, W> {
    /// A node stands still.
    pub(super) fn pause(&mut self, id: u32, node: NodeId) {
        for instance in self.instances(node) {
            self.impairments.entry(instance).or_default().paused_by.push(id);
            self.held.entry(instance).or_default();
            self.conditions[instance.index()].struck = true;
        }
        if self.impairments[&node].paused_by.len() == 1 {
            self.note(code::PAUSED, node, node, 0);
            self.tell(&Event::Paused { node });
        }
    }

    /// A pause is over: unless another lasts, the node does what has become due.
    pub(super) fn resume(&mut self, id: u32, node: NodeId) {
        let mut goes_on = false;
        for instance in self.instances(node) {
            let impairment = self.impairments.entry(instance).or_default();
            impairment.paused_by.retain(|&other| other != id);
            if let Some(&other) = impairment.paused_by.first() {
                // It would have been handled by now.
                *self.tally.held.entry(other).or_default() += self.held[&instance].len() as u64;
                continue;
            }
            let Some(held) = self.held.remove(&instance) else { continue };
            self.conditions[instance.index()].struck = self.impairments[&instance].deaf_to.is_some();
            if !std::mem::replace(&mut goes_on, true) {
                self.note(code::RESUMED, node, node, 0);
                self.tell(&Event::Resumed { node });
            }
            for due in held {
                match due {
                    Held::Work(work) => self.admit(instance, work),
                    Held::Slot(slot) => self.execute_due(slot, instance),
                }
            }
        }
    }

    /// Returns true if `instance` stands still.
    #[cold]
    pub(super) fn stands_still(&self, instance: NodeId) -> bool {
        self.held.contains_key(&instance)
    }

    /// Keeps back what is due at `instance`, which stands still.
    #[cold]
    pub(super) fn hold(&mut self, instance: NodeId, due: Held<P>) {
        let pause = self.impairments[&instance].paused_by[0];
        *self.tally.held.entry(pause).or_default() += 1;
        self.held.get_mut(&instance).expect("it stands still").push_back(due);
    }

    /// Keeps back what is due at `node` if it stands still; returns what is to be done at once.
    #[cold]
    pub(super) fn hold_slot(&mut self, slot: Slot<P>, node: NodeId) -> Option<Slot<P>> {
        // Interventions have no node of their own.
        if matches!(slot, Slot::Intervention(_)) || !self.held.contains_key(&node) {
            return Some(slot);
        }
        let is_stale = match &slot {
            Slot::Timer { timer, generation } => {
                !self.devices[node.index()].timers.is_live(timer, *generation)
            }
            Slot::Release { incarnation, .. }
            | Slot::Synced { incarnation, .. }
            | Slot::ServiceEnd { incarnation } => self.nodes[node.index()].incarnation != *incarnation,
            Slot::Start { .. } => self.nodes[node.index()].incarnation != 0,
            Slot::Intervention(_) => false,
        };
        if is_stale {
            return None;
        }
        // The device goes on: what it has begun is durable when it is due, though nobody is told yet.
        let due = match slot {
            Slot::Synced { told, .. } => {
                self.sync(node, told.position);
                Held::Work(Work::Synced(told))
            }
            Slot::Release { incarnation, mut effects, cause } => {
                let is_begun =
                    !self.held[&node].iter().any(|due| matches!(due, Held::Slot(Slot::Release { .. })));
                if is_begun && matches!(effects.first(), Some(Effect::Sync)) {
                    effects.remove(0);
                    let position = self.devices[node.index()].storage().position();
                    self.sync(node, position);
                }
                Held::Slot(Slot::Release { incarnation, effects, cause })
            }
            Slot::Start { .. } => {
                if self.twins.twin_index(node) == 0 {
                    self.note(code::STARTED, node, node, 0);
                }
                Held::Work(Work::Start)
            }
            slot => Held::Slot(slot),
        };
        self.hold(node, due);
        None
    }
}
