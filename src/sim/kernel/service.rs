//! A node's processor: it runs one handler after another, and applies the effects of each when its service time and its
//! syncs are over.

use super::Simulation;
use crate::code;
use crate::digest::fingerprint;
use crate::node::{Segments, Work};
use crate::observer::{Event, Observer};
use crate::protocol::{Context, Effect, Protocol};
use crate::slots::Slot;
use crate::{Duration, NodeId, Time};

impl<P: Protocol, W: Observer<P>> Simulation<P, W> {
    pub(super) fn admit(&mut self, node: NodeId, work: Work<P>) {
        let condition = self.conditions[node.index()];
        if condition.busy {
            self.nodes[node.index()].inbox.push_back(work);
        } else if condition.up {
            self.serve(node, work);
        }
    }

    pub(super) fn serve_waiting(&mut self, node: NodeId) {
        while !self.conditions[node.index()].busy
            && let Some(work) = self.nodes[node.index()].inbox.pop_front()
        {
            self.serve(node, work);
        }
    }

    /// Runs a handler; its effects are applied when its service time ends.
    #[inline]
    pub(super) fn serve(&mut self, me: NodeId, work: Work<P>) {
        let who = self.twins.node(me);
        let node = &mut self.nodes[me.index()];
        let machine = self.machines[me.index()].as_mut().expect("a node that is up has its state");
        let mut cost = self.cpu.base;
        for &(fault, by) in &node.slowed_by {
            cost += by;
            *self.tally.slowed.entry(fault).or_default() += 1;
        }
        match work {
            Work::Message { slot } => {
                let payload = self.slots.payload(slot);
                if !self.cpu.per_kib.is_zero() {
                    let nanos = self.cpu.per_kib.as_nanos() as u128 * payload.bytes as u128 / 1024;
                    cost += Duration::from_nanos(nanos.min(u64::MAX as u128) as u64);
                }
                let mut context = Context::new(&mut self.env, &mut node.own, &mut self.outbox, who);
                machine.on_message(&mut context, payload.from, &payload.message);
                self.slots.release(slot);
            }
            Work::Timer { timer, generation } => {
                // It may have been disarmed while it waited for the processor.
                if !node.timers.is_live(&timer, generation) {
                    return;
                }
                node.timers.disarm(&timer);
                self.tally.timers += 1;
                self.expired(who, &timer);
                let node = &mut self.nodes[me.index()];
                let machine = self.machines[me.index()].as_mut().expect("a node that is up has its state");
                let mut context = Context::new(&mut self.env, &mut node.own, &mut self.outbox, who);
                machine.on_timer(&mut context, timer);
            }
            Work::Start => {
                machine.on_start(&mut Context::new(&mut self.env, &mut node.own, &mut self.outbox, who));
            }
        }
        cost += std::mem::take(&mut self.env.charged);
        if !self.outbox.is_empty() {
            let mut effects = std::mem::take(&mut self.outbox);
            self.settle(me, cost, &mut effects);
            self.outbox = effects;
        }
        // After the effects, which at the same time come before the next service.
        if !cost.is_zero() {
            self.occupy(me, cost);
        }
    }

    fn expired(&mut self, node: NodeId, timer: &P::Timer) {
        let print = fingerprint(timer, &mut self.scratch);
        self.note(code::EXPIRED, node, node, print);
        self.tell(&Event::Expired { node, timer });
    }

    /// The processor of `me` serves for `cost` from now.
    fn occupy(&mut self, me: NodeId, cost: Duration) {
        self.conditions[me.index()].busy = true;
        self.tally.busy[me.index()] += cost;
        let busy_until = self.now() + cost;
        self.nodes[me.index()].busy_until = busy_until;
        let incarnation = self.nodes[me.index()].incarnation;
        let slot = self.slots.insert(Slot::ServiceEnd { incarnation });
        self.queue.push(self.now() + cost, self.slots.event(slot, me));
    }

    /// A service that the end, or a crash, cuts short kept the processor busy only until now.
    pub(super) fn cut_service_short(&mut self, me: NodeId) {
        let node = &mut self.nodes[me.index()];
        let busy = &mut self.tally.busy[me.index()];
        *busy = *busy - node.busy_until.since(self.env.now);
        node.busy_until = node.busy_until.min(self.env.now);
    }

    /// Releases a handler's effects: now, or when its service and its syncs end.
    fn settle(&mut self, me: NodeId, cost: Duration, effects: &mut Vec<Effect<P>>) {
        let node = &mut self.nodes[me.index()];
        let ready = (self.env.now + cost).max(node.release_floor);
        if ready == self.env.now && self.sync_latency.is_zero() && node.unreleased == 0 {
            return effects.drain(..).for_each(|effect| self.apply(me, effect));
        }
        // Timers wait for no sync: one that a handler has disarmed must not expire while the device is busy.
        let timers = effects.extract_if(.., |effect| effect.is_of_timers()).collect();
        let segments = Segments::cut(effects, ready, self.sync_latency, &mut node.device_free);
        if cost.is_zero() {
            self.apply_all(me, timers);
        } else {
            self.release_at(me, self.env.now + cost, timers);
        }
        for (at, effects) in segments.waiting {
            let node = &mut self.nodes[me.index()];
            node.release_floor = at;
            // What is released at this very time may still be behind in the queue.
            if at == self.env.now && node.unreleased == 0 {
                self.apply_all(me, effects);
            } else {
                self.release_at(me, at, effects);
            }
        }
    }

    fn apply_all(&mut self, me: NodeId, effects: Vec<Effect<P>>) {
        effects.into_iter().for_each(|effect| self.apply(me, effect));
    }

    fn release_at(&mut self, me: NodeId, at: Time, effects: Vec<Effect<P>>) {
        if effects.is_empty() {
            return;
        }
        let node = &mut self.nodes[me.index()];
        node.unreleased += 1;
        let slot = self.slots.insert(Slot::Release { incarnation: node.incarnation, effects });
        self.queue.push(at, self.slots.event(slot, me));
    }

    #[inline]
    pub(super) fn apply(&mut self, me: NodeId, effect: Effect<P>) {
        match effect {
            Effect::Send { to, message, resend } => self.send(me, to, message, resend),
            Effect::SetTimer { timer, after } => {
                let node = &mut self.nodes[me.index()];
                if let Some(fault) = node.misled_by {
                    *self.tally.misled.entry(fault).or_default() += 1;
                }
                let at = node.own.clock.later(self.env.now, after);
                let generation = node.timers.arm(timer.clone());
                let slot = self.slots.insert(Slot::Timer { timer, generation });
                self.queue.push(at, self.slots.event(slot, me));
            }
            Effect::CancelTimer { timer } => self.nodes[me.index()].timers.disarm(&timer),
            Effect::Persist { scope, record } => {
                self.tally.persisted += 1;
                let print = fingerprint(&(scope, &record), &mut self.scratch);
                let who = self.twins.node(me);
                self.note(code::PERSISTED, who, who, print);
                self.stored += 1;
                self.nodes[me.index()].storage.persist(scope, record);
            }
            Effect::Truncate { scope } => {
                let who = self.twins.node(me);
                self.note(code::TRUNCATED, who, who, scope);
                self.nodes[me.index()].storage.truncate(scope);
            }
            Effect::Sync => {
                let who = self.twins.node(me);
                self.note(code::SYNCED, who, who, 0);
                self.tally.syncs += 1;
                self.stored -= self.nodes[me.index()].storage.sync();
            }
            // Observations of twins are part of the attack and do not count.
            Effect::Observe(_) if self.twins.twin_index(me) > 0 => {}
            Effect::Observe(observation) => {
                let print = fingerprint(&observation, &mut self.scratch);
                self.note(code::OBSERVED, me, me, print);
                self.adversary.learn(self.env.now, me, &observation);
                self.tell(&Event::Observed { node: me, observation: &observation });
            }
        }
    }
}
