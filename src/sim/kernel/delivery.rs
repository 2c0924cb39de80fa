//! Message delivery: the way of every copy from its sender to its receiver.

use super::pauses::Held;
use super::{Simulation, Work};
use crate::code;
use crate::digest::fingerprint;
use crate::inject::{Action, Injection};
use crate::message::Message;
use crate::network::{Arrival, Fate, LossCause, Recipients, Transmission};
use crate::observer::{Cause, Event, Observer};
use crate::protocol::Protocol;
use crate::slots::Payload;
use crate::{Duration, NodeId, Time};

/// One copy of a message, after network, partitions and faults have decided about it.
#[derive(Debug)]
pub(super) struct Outgoing<M> {
    /// The receiving instance.
    to: NodeId,
    fate: Fate,
    /// Its message, where that differs from what the sender sent.
    instead: Option<M>,
}

impl<P: Protocol, W: Observer<P>> Simulation<P, W> {
    /// A message leaves an instance of its sender: the network and the faults decide what becomes of each copy.
    #[inline]
    pub(super) fn send(&mut self, sender: NodeId, to: &Recipients, message: P::Message, resend: bool) {
        if self.is_silent(sender) {
            return;
        }
        let from = self.twins.node(sender);
        if self.now() >= self.adversary.next_activation() {
            self.update_active();
        }
        let guarded = self.conditions[sender.index()].guarded
            || self.adversary.listens()
            || !self.cuts.none()
            || !self.twins.are_single();
        let number = &mut self.numbers[from.index()];
        *number += 1;
        let number = *number;
        let slot = self.route_message(from, to, message, self.now(), number);
        let arrivals = std::mem::take(&mut self.arrivals);
        let withheld = if guarded { self.guard(slot, sender, &arrivals) } else { 0 };
        let copies = (to.count(from) as u64).saturating_sub(u64::from(withheld));
        let payload = self.slots.payload(slot);
        let (id, bytes) = (payload.id, u64::from(payload.bytes));
        let kind = &mut self.tally.kinds[payload.message.kind()];
        *(if resend { &mut kind.resent } else { &mut kind.sent }) += copies;
        kind.bytes += copies * bytes;
        let message = &self.slots.payload(slot).message;
        let event = Event::Sent { id, from, to, message, resend, withheld };
        let moment = self.moment(self.cause);
        let flow = self.observer.on_event(moment, &event);
        self.follow(flow);
        if guarded {
            self.dispatch_outgoing(slot);
        } else {
            self.dispatch_freely(slot, &arrivals);
        }
        self.slots.release(slot);
        self.arrivals = arrivals;
        if !self.adversary.injected.is_empty() {
            self.send_injected();
        }
    }

    /// Interceptors are activated or deactivated.
    #[cold]
    fn update_active(&mut self) {
        self.adversary.update_active(self.now());
        for instance in (0..self.conditions.len() as u32).map(NodeId) {
            let node = self.twins.node(instance);
            self.conditions[instance.index()].guarded = self.adversary.guards(node);
        }
    }

    /// Gives a message a slot and asks the network about the fate of its copies, which it leaves in `arrivals`. The
    /// slot is allocated before that is known: if no copy survives, it is released at once.
    #[inline]
    fn route_message(
        &mut self,
        from: NodeId,
        to: &Recipients,
        message: P::Message,
        at: Time,
        number: u64,
    ) -> u32 {
        let bytes = message.size();
        let print = fingerprint(&message, &mut self.scratch);
        self.note(code::SENT, from, from, print);
        self.arrivals.clear();
        let nodes = self.numbers.len() as u32;
        if to.are_below(nodes) {
            self.env.network.route(&Transmission { from, to, at, bytes, number }, &mut self.arrivals);
        } else {
            let (known, unknown) = to.split_at(from, nodes);
            let to = &Recipients::List(known.into());
            self.env.network.route(&Transmission { from, to, at, bytes, number }, &mut self.arrivals);
            let lost = |to| Arrival { to, fate: Fate::Lost(LossCause::NoSuchNode) };
            self.arrivals.extend(unknown.into_iter().map(lost));
        }
        self.sends += 1;
        let id = self.sends;
        if !self.slots.has_room() {
            self.widen_events();
        }
        self.slots.insert_message(Payload {
            message,
            id,
            from,
            fingerprint: print,
            bytes: bytes as u32,
            copies: 1,
        })
    }

    /// What the adversary made up, on its way like any other message.
    fn send_injected(&mut self) {
        for Injection { from, to, message, after, number } in std::mem::take(&mut self.adversary.injected) {
            let recipients = Recipients::One(to);
            let slot = self.route_message(from, &recipients, message, self.now() + after, number);
            self.tally.injected += 1;
            let arrivals = std::mem::take(&mut self.arrivals);
            for arrival in &arrivals {
                let fate = self.cut_short(from, arrival);
                for to in self.instances(to) {
                    self.outgoing.push(Outgoing { to, fate, instead: None });
                }
            }
            let payload = self.slots.payload(slot);
            let (id, message) = (payload.id, &payload.message);
            let event = Event::Sent { id, from, to: &recipients, message, resend: false, withheld: 0 };
            let moment = self.moment(Cause::Nobody);
            let flow = self.observer.on_event(moment, &event);
            self.follow(flow);
            self.dispatch_outgoing(slot);
            self.slots.release(slot);
            self.arrivals = arrivals;
        }
    }

    /// Returns the fate of a copy after the cuts.
    fn cut_short(&mut self, from: NodeId, arrival: &Arrival) -> Fate {
        if matches!(arrival.fate, Fate::Lost(_)) {
            return arrival.fate;
        }
        match self.cuts.between(from, arrival.to) {
            None => arrival.fate,
            Some(cut) => {
                *self.tally.cut.entry(cut).or_default() += 1;
                Fate::Lost(LossCause::Partition)
            }
        }
    }

    /// Takes every copy past cuts, interceptors and twins, into `outgoing`; returns how many copies that the sender
    /// meant to send never left.
    fn guard(&mut self, slot: u32, sender: NodeId, arrivals: &[Arrival]) -> u32 {
        let from = self.slots.payload(slot).from;
        let mut withheld = 0;
        for arrival in arrivals {
            let fate = self.cut_short(from, arrival);
            let begin = self.outgoing.len();
            self.outgoing.push(Outgoing { to: arrival.to, fate, instead: None });
            if matches!(fate, Fate::Lost(_)) {
                continue;
            }
            if self.twins.are_single() {
                self.intercept(slot, from, begin);
            } else {
                self.split(slot, sender, begin);
            }
            // A duplicate is the network's, not a copy that the sender made.
            let is_gone =
                self.outgoing[begin..].iter().all(|p| matches!(p.fate, Fate::Lost(LossCause::Withheld)));
            withheld += u32::from(is_gone && !matches!(fate, Fate::Duplicate(_)));
        }
        withheld
    }

    /// Lets the interceptors judge the parcel at `place`, the last one.
    fn intercept(&mut self, slot: u32, from: NodeId, place: usize) {
        let Outgoing { to, .. } = self.outgoing[place];
        if !self.adversary.covers(from, to) {
            return;
        }
        let now = self.env.now;
        let (mut delay, mut hastened, mut damaged) = (Duration::ZERO, false, false);
        let mut repeats = Vec::new();
        let outgoing = &mut self.outgoing[place];
        let copy = (from, to, self.numbers[from.index()]);
        let message = &self.slots.payload(slot).message;
        self.adversary.ask(now, &self.env.keyring, &self.machines, copy, message, |verdict| {
            match verdict {
                Action::Pass => {}
                Action::Drop => outgoing.fate = Fate::Lost(LossCause::Withheld),
                Action::Delay(span) => delay += span,
                Action::DeliverNow => hastened = true,
                Action::Replace(message) => outgoing.instead = Some(message),
                Action::Damage => damaged = true,
                Action::Duplicate { copies, apart } => repeats.push((copies, apart)),
            }
            !matches!(outgoing.fate, Fate::Lost(_))
        });
        let (Fate::Intact(at) | Fate::Duplicate(at) | Fate::Damaged(at)) = outgoing.fate else { return };
        let at = if hastened { now + delay } else { at + delay };
        outgoing.fate = match outgoing.fate {
            _ if damaged => Fate::Damaged(at),
            Fate::Damaged(_) => Fate::Damaged(at),
            Fate::Duplicate(_) => Fate::Duplicate(at),
            _ => Fate::Intact(at),
        };
        let instead = outgoing.instead.clone();
        for (copies, apart) in repeats {
            for copy in 1..=copies {
                let fate = Fate::Duplicate(at + apart.saturating_mul(u64::from(copy)));
                self.outgoing.push(Outgoing { to, fate, instead: instead.clone() });
            }
        }
    }

    /// Sends the parcel at `place`, the last one, to every instance of its receiver that hears `sender`, each on the
    /// terms of the interceptors, who are asked only about what somebody hears.
    fn split(&mut self, slot: u32, sender: NodeId, place: usize) {
        let (now, to) = (self.env.now, self.outgoing[place].to);
        let listeners = self.twins.listeners(now, sender, to);
        if listeners.is_empty() {
            self.twins.count_unsaid(now, sender);
            self.outgoing[place].fate = Fate::Lost(LossCause::Withheld);
            return;
        }
        self.intercept(slot, self.twins.node(sender), place);
        let outgoing: Vec<Outgoing<P::Message>> = self.outgoing.drain(place..).collect();
        for Outgoing { fate, instead, .. } in outgoing {
            if matches!(fate, Fate::Lost(_)) {
                self.outgoing.push(Outgoing { to, fate, instead });
                continue;
            }
            self.twins.count_said(now, sender, to);
            for &to in &listeners {
                self.outgoing.push(Outgoing { to, fate, instead: instead.clone() });
            }
        }
    }

    fn dispatch_outgoing(&mut self, slot: u32) {
        let mut outgoing = std::mem::take(&mut self.outgoing);
        for Outgoing { to, fate, instead } in outgoing.drain(..) {
            match (instead, fate) {
                (Some(message), Fate::Intact(at)) => self.dispatch_instead(slot, to, at, message),
                (Some(message), Fate::Duplicate(at)) => {
                    self.tally.duplicated += 1;
                    self.dispatch_instead(slot, to, at, message);
                }
                (Some(message), Fate::Damaged(at)) => {
                    self.tally.damaged += 1;
                    match message.damaged() {
                        Some(message) => self.dispatch_instead(slot, to, at, message),
                        None => self.lose(slot, to, LossCause::Damaged),
                    }
                }
                (_, fate) => self.dispatch(slot, &Arrival { to, fate }),
            }
        }
        self.outgoing = outgoing;
    }

    /// The fast path: no cut, interceptor or twin lies between sender and receivers.
    #[inline]
    fn dispatch_freely(&mut self, slot: u32, arrivals: &[Arrival]) {
        let mut intact = 0;
        for arrival in arrivals {
            if let Fate::Intact(at) = arrival.fate {
                intact += 1;
                self.queue.push(at, self.slots.event(slot, arrival.to));
            } else {
                self.dispatch(slot, arrival);
            }
        }
        self.slots.add_copies(slot, intact);
    }

    fn dispatch(&mut self, slot: u32, arrival: &Arrival) {
        match arrival.fate {
            Fate::Intact(at) => {
                self.slots.add_copies(slot, 1);
                self.queue.push(at, self.slots.event(slot, arrival.to));
            }
            Fate::Duplicate(at) => {
                self.tally.duplicated += 1;
                self.slots.add_copies(slot, 1);
                self.queue.push(at, self.slots.event(slot, arrival.to));
            }
            Fate::Damaged(at) => {
                self.tally.damaged += 1;
                match self.slots.payload(slot).message.damaged() {
                    Some(message) => self.dispatch_instead(slot, arrival.to, at, message),
                    None => self.lose(slot, arrival.to, LossCause::Damaged),
                }
            }
            Fate::Lost(why) => self.lose(slot, arrival.to, why),
        }
    }

    /// Schedules `message` for one receiver in the place of what `slot` holds.
    fn dispatch_instead(&mut self, slot: u32, to: NodeId, at: Time, message: P::Message) {
        let payload = Payload {
            id: self.slots.payload(slot).id,
            from: self.slots.payload(slot).from,
            fingerprint: fingerprint(&message, &mut self.scratch),
            bytes: message.size() as u32,
            message,
            copies: 1,
        };
        if !self.slots.has_room() {
            self.widen_events();
        }
        let slot = self.slots.insert_message(payload);
        self.queue.push(at, self.slots.event(slot, to));
    }

    /// Records that the copy for `to` of what `slot` holds is lost.
    fn lose(&mut self, slot: u32, to: NodeId, why: LossCause) {
        if why != LossCause::NoSuchNode && self.is_silent(to) {
            return;
        }
        let to = if why == LossCause::NoSuchNode { to } else { self.twins.node(to) };
        let payload = self.slots.payload(slot);
        let (from, print) = (payload.from, payload.fingerprint);
        self.note(code::LOST, from, to, print);
        self.tally.lose(why);
        if self.observes_copies {
            let payload = self.slots.payload(slot);
            let event = Event::Lost { id: payload.id, from, to, message: &payload.message, why };
            let moment = self.moment(Cause::Nobody);
            let flow = self.observer.on_event(moment, &event);
            self.follow(flow);
        }
    }

    /// Delivers a copy at its receiver.
    #[inline]
    pub(super) fn arrive(&mut self, instance: NodeId, slot: u32) {
        let payload = self.slots.payload(slot);
        let (from, print) = (payload.from, payload.fingerprint);
        let condition = self.conditions[instance.index()];
        let to = self.twins.node(instance);
        if !condition.up {
            let crash = self.impairments[&instance].down_by[0];
            *self.tally.down.entry(crash).or_default() += 1;
            return self.lose_pending(slot, instance, LossCause::Down);
        }
        let id = payload.id;
        if condition.struck
            && let Some(crash) = self.deafened_by(instance, id)
        {
            *self.tally.down.entry(crash).or_default() += 1;
            return self.lose_pending(slot, instance, LossCause::Down);
        }
        // A copy passes only if no cut separates sender and receiver both when it leaves and when it arrives, and none
        // that takes what is on its way began in between.
        if !self.cuts.none()
            && let Some(cut) = self.cuts.catch(id, from, to)
        {
            *self.tally.cut.entry(cut).or_default() += 1;
            return self.lose_pending(slot, instance, LossCause::Partition);
        }
        if instance == to || !self.is_silent(instance) {
            self.note(code::DELIVERED, from, to, print);
            self.tally.delivered += 1;
            if self.observes_copies {
                let message = &self.slots.payload(slot).message;
                let event = Event::Delivered { id, from, to, message };
                let moment = self.moment(Cause::Nobody);
                let flow = self.observer.on_event(moment, &event);
                self.follow(flow);
            }
        }
        if condition.struck && self.stands_still(instance) {
            self.hold(instance, Held::Work(Work::Message { slot }));
        } else if condition.busy {
            self.devices[instance.index()].enqueue(Work::Message { slot });
        } else {
            self.serve(instance, Work::Message { slot });
        }
    }

    /// Returns the crash of `instance` that took message `number` off its way, if one did.
    #[cold]
    fn deafened_by(&self, instance: NodeId, number: u64) -> Option<u32> {
        let (crash, last) = self.impairments[&instance].deaf_to?;
        (number <= last).then_some(crash)
    }

    /// Drops a copy in flight.
    fn lose_pending(&mut self, slot: u32, to: NodeId, why: LossCause) {
        self.lose(slot, to, why);
        self.slots.release(slot);
    }
}
