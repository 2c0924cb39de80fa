//! A node's processor: it runs one handler after another, and applies the effects of each when its service time and its
//! syncs are over.

use super::{Simulation, panics};
use crate::code;
use crate::digest::fingerprint;
use crate::node::{Input, Segments, Told, Work};
use crate::observer::{Cause, Event, Observer};
use crate::protocol::{Context, Effect, Protocol};
use crate::slots::Slot;
use crate::{Duration, NodeId, Time};

impl<P: Protocol, W: Observer<P>> Simulation<P, W> {
    pub(super) fn admit(&mut self, node: NodeId, work: Work<P>) {
        let condition = self.conditions[node.index()];
        if condition.busy {
            self.devices[node.index()].enqueue(work);
        } else if condition.up {
            self.serve(node, work);
        }
    }

    pub(super) fn serve_waiting(&mut self, node: NodeId) {
        while !self.conditions[node.index()].busy
            && let Some(work) = self.devices[node.index()].dequeue()
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
        let is_impaired = self.conditions[me.index()].impaired;
        if is_impaired {
            self.env.clock_read.set(false);
            for &(fault, by) in &self.impairments[&me].slowed_by {
                cost += by;
                *self.tally.slowed.entry(fault).or_default() += 1;
            }
        }
        match work {
            Work::Message { slot } => {
                let payload = self.slots.payload(slot);
                if !self.cpu.per_kib.is_zero() {
                    let nanos = self.cpu.per_kib.as_nanos() as u128 * payload.bytes as u128 / 1024;
                    cost += Duration::from_nanos(nanos.min(u64::MAX as u128) as u64);
                }
                let mut context = Context::new(&mut self.env, &mut node.own, &mut self.outbox, who);
                self.cause = Cause::Message(payload.id);
                self.running = Some((who, Input::Message { slot }));
                panics::handling(true);
                machine.on_message(&mut context, payload.from, &payload.message);
                panics::handling(false);
                self.slots.release(slot);
            }
            Work::Timer { timer, generation } => {
                // It may have been disarmed while it waited for the processor.
                let timers = &mut self.devices[me.index()].timers;
                if !timers.is_live(&timer, generation) {
                    return;
                }
                timers.disarm(&timer);
                self.tally.timers += 1;
                self.expired(me, &timer);
                self.cause = Cause::Timer(self.events);
                self.running = Some((who, Input::Timer));
                let node = &mut self.nodes[me.index()];
                let machine = self.machines[me.index()].as_mut().expect("a node that is up has its state");
                let mut context = Context::new(&mut self.env, &mut node.own, &mut self.outbox, who);
                panics::handling(true);
                machine.on_timer(&mut context, timer);
                panics::handling(false);
            }
            Work::Start => {
                let mut context = Context::new(&mut self.env, &mut node.own, &mut self.outbox, who);
                self.cause = Cause::Start;
                self.running = Some((who, Input::Start));
                panics::handling(true);
                machine.on_start(&mut context);
                panics::handling(false);
            }
            Work::Synced(told) => {
                let mut context = Context::new(&mut self.env, &mut node.own, &mut self.outbox, who);
                self.cause = told.cause;
                self.running = Some((who, Input::Synced));
                panics::handling(true);
                machine.on_synced(&mut context, told.token);
                panics::handling(false);
            }
        }
        if is_impaired || me != who {
            self.count_effects(me);
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

    fn expired(&mut self, me: NodeId, timer: &P::Timer) {
        self.note_own(code::EXPIRED, me, 0);
        if !self.is_silent(me) {
            self.tell(&Event::Expired { node: self.twins.node(me), timer });
        }
    }

    /// Counts that the handler that has just run went by a wrong clock, if it did, or was a further instance's.
    #[cold]
    fn count_effects(&mut self, me: NodeId) {
        if self.conditions[me.index()].impaired
            && self.env.clock_read.get()
            && let Some(fault) = self.impairments[&me].misled_by
        {
            *self.tally.misled.entry(fault).or_default() += 1;
        }
        if me != self.twins.node(me) {
            self.twins.count_life(self.env.now, me);
        }
    }

    /// The processor of `me` serves for `cost` from now.
    fn occupy(&mut self, me: NodeId, cost: Duration) {
        self.conditions[me.index()].busy = true;
        self.tally.busy[me.index()] += cost;
        let busy_until = self.now() + cost;
        self.devices[me.index()].busy_until = busy_until;
        let incarnation = self.nodes[me.index()].incarnation;
        let slot = self.insert(Slot::ServiceEnd { incarnation });
        self.queue.push(self.now() + cost, self.slots.event(slot, me));
    }

    /// A service that the end, or a crash, cuts short kept the processor busy only until now.
    pub(super) fn cut_service_short(&mut self, me: NodeId) {
        let devices = &mut self.devices[me.index()];
        let busy = &mut self.tally.busy[me.index()];
        *busy = *busy - devices.busy_until.since(self.env.now);
        devices.busy_until = devices.busy_until.min(self.env.now);
    }

    /// Releases a handler's effects: now, or when its service and its syncs end.
    fn settle(&mut self, me: NodeId, cost: Duration, effects: &mut Vec<Effect<P>>) {
        let node = &mut self.nodes[me.index()];
        let ready = (self.env.now + cost).max(node.release_floor);
        if ready == self.env.now && self.sync_latency.is_zero() && node.unreleased == 0 {
            return self.apply_all(me, effects.drain(..));
        }
        for shown in effects.extract_if(.., |effect| matches!(effect, Effect::Show(_))) {
            self.apply(me, shown);
        }
        // Timers wait for no sync: one that a handler has disarmed must not expire while the device is busy.
        let timers: Vec<_> = effects.extract_if(.., |effect| effect.is_of_timers()).collect();
        let segments =
            Segments::cut(effects, ready, self.sync_latency, &mut self.devices[me.index()].device_free);
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

    /// What `me` wrote before `position` is durable.
    pub(super) fn sync(&mut self, me: NodeId, position: u64) {
        self.note_own(code::SYNCED, me, 0);
        self.tally.syncs += 1;
        self.stored -= self.devices[me.index()].storage().sync(position);
    }

    /// Applies effects in order. A send is taken apart here, so that it is not copied on its way into [`Self::apply`]:
    /// every message passes.
    #[inline]
    pub(super) fn apply_all(&mut self, me: NodeId, effects: impl IntoIterator<Item = Effect<P>>) {
        for effect in effects {
            match effect {
                Effect::Send { to, message, resend } => self.send(me, &to, message, resend),
                effect => self.apply(me, effect),
            }
        }
    }

    fn release_at(&mut self, me: NodeId, at: Time, effects: Vec<Effect<P>>) {
        if effects.is_empty() {
            return;
        }
        let node = &mut self.nodes[me.index()];
        node.unreleased += 1;
        let incarnation = node.incarnation;
        let cause = self.cause;
        let slot = self.insert(Slot::Release { incarnation, effects, cause });
        self.queue.push(at, self.slots.event(slot, me));
    }

    fn apply(&mut self, me: NodeId, effect: Effect<P>) {
        match effect {
            Effect::Send { to, message, resend } => self.send(me, &to, message, resend),
            Effect::SetTimer { timer, after } => {
                if self.conditions[me.index()].impaired
                    && let Some(fault) = self.impairments[&me].misled_by
                {
                    *self.tally.misled.entry(fault).or_default() += 1;
                }
                let at = self.nodes[me.index()].own.clock.later(self.env.now, after);
                let generation = self.devices[me.index()].timers.arm(timer.clone());
                let slot = self.insert(Slot::Timer { timer, generation });
                self.queue.push(at, self.slots.event(slot, me));
            }
            Effect::CancelTimer { timer } => self.devices[me.index()].timers.disarm(&timer),
            Effect::Persist { scope, record } => {
                self.tally.persisted += 1;
                let print = fingerprint(&(scope, &record), &mut self.scratch);
                self.note_own(code::PERSISTED, me, print);
                self.stored += 1;
                self.devices[me.index()].storage().persist(scope, record);
            }
            Effect::Truncate { scope } => {
                self.note_own(code::TRUNCATED, me, scope);
                self.devices[me.index()].storage().truncate(scope);
            }
            Effect::Sync => {
                let position = self.devices[me.index()].storage().position();
                self.sync(me, position);
            }
            Effect::SyncThen { token } => {
                let devices = &mut self.devices[me.index()];
                let done = self.env.now.max(devices.device_free) + self.sync_latency;
                devices.device_free = done;
                let position = devices.storage().position();
                let incarnation = self.nodes[me.index()].incarnation;
                let told = Box::new(Told { token, position, cause: self.cause });
                let slot = self.insert(Slot::Synced { incarnation, told });
                self.queue.push(done, self.slots.event(slot, me));
            }
            // Observations of twins are part of the attack and do not count.
            Effect::Observe(_) | Effect::Show(_) if self.twins.twin_index(me) > 0 => {}
            Effect::Observe(observation) => {
                let print = fingerprint(&observation, &mut self.scratch);
                self.note(code::OBSERVED, me, me, print);
                self.adversary.learn(self.env.now, me, &observation);
                self.tell_of(&Event::Observed { node: me, observation: &observation }, self.cause);
            }
            Effect::Show(observation) => self.tell(&Event::Shown { node: me, observation: &observation }),
        }
    }
}
