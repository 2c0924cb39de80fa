//! The post: a message on its way from its sender, copy by copy, to each receiver's door.

use super::{Simulation, Work};
use crate::sim::code;
use crate::sim::digest::fingerprint;
use crate::sim::fault::Verdict;
use crate::sim::network::{Arrival, Fate, Loss, Recipients, Shipment};
use crate::sim::protocol::{Message, Protocol};
use crate::sim::slots::{Payload, Slot};
use crate::sim::watch::{Event, Moment, Watch};
use crate::sim::{NodeId, Time};

impl<P: Protocol, W: Watch<P>> Simulation<P, W> {
    /// A message leaves its sender: the network and the faults decide what becomes of each copy.
    pub(super) fn send(&mut self, from: NodeId, to: Recipients, message: P::Message, resend: bool) {
        let number = &mut self.numbers[from.index()];
        *number += 1;
        let number = *number;
        let intercepted = self.conditions[from.index()].intercepted;
        let bytes = message.size();
        let print = fingerprint(&message, &mut self.scratch);
        self.note(code::SENT, from, from, print);
        let mut arrivals = std::mem::take(&mut self.arrivals);
        arrivals.clear();
        self.network.route(&Shipment { from, to: &to, at: self.now(), bytes, number }, &mut arrivals);
        let mut copies = to.count(from) as u64;
        // Stored before its fate is known: if no copy lives, the slot is given back at once.
        self.sends += 1;
        let id = self.sends;
        let payload = Payload { message, id, from, fingerprint: print, bytes: bytes as u32, copies: 1 };
        let slot = self.slots.insert(Slot::Message(payload));
        let withheld = if intercepted { self.intercept(slot, &mut arrivals) } else { 0 };
        copies -= withheld as u64;
        let kind = &mut self.tally.kinds[self.slots.payload(slot).message.kind()];
        *(if resend { &mut kind.resent } else { &mut kind.sent }) += copies;
        kind.bytes += copies * bytes as u64;
        let message = &self.slots.payload(slot).message;
        let event = Event::Sent { id, from, to: &to, message, resend, withheld };
        let flow = self.watch.on_event(Moment { at: self.now(), event: self.events }, &event);
        self.follow(flow);
        if self.cuts.none() && !intercepted {
            self.dispatch_freely(slot, &arrivals);
        } else {
            for arrival in &arrivals {
                match self.cuts.between(from, arrival.to) {
                    Some(cut) if !matches!(arrival.fate, Fate::Lost(_)) => {
                        *self.tally.cut.entry(cut).or_default() += 1;
                        self.lose(slot, arrival.to, Loss::Partition);
                    }
                    _ => self.dispatch(slot, arrival),
                }
            }
        }
        self.slots.release(slot);
        self.arrivals = arrivals;
    }

    /// The common case: no cut and no interceptor stands between sender and receivers.
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
                    None => self.lose(slot, arrival.to, Loss::Damaged),
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
        let slot = self.slots.insert(Slot::Message(payload));
        self.queue.push(at, self.slots.event(slot, to));
    }

    /// Takes note that the copy for `to` of what `slot` holds never arrives.
    fn lose(&mut self, slot: u32, to: NodeId, why: Loss) {
        let payload = self.slots.payload(slot);
        let (from, print) = (payload.from, payload.fingerprint);
        self.note(code::LOST, from, to, print);
        self.tally.lose(why);
        if self.watches_copies {
            let payload = self.slots.payload(slot);
            let event = Event::Lost { id: payload.id, from, to, message: &payload.message, why };
            let flow = self.watch.on_event(Moment { at: self.now(), event: self.events }, &event);
            self.follow(flow);
        }
    }

    /// Asks the interceptors about every copy; returns how many they withheld.
    fn intercept(&mut self, slot: u32, arrivals: &mut Vec<Arrival>) -> u32 {
        let from = self.slots.payload(slot).from;
        let mut withheld = 0;
        let mut place = 0;
        while place < arrivals.len() {
            let Arrival { to, fate } = arrivals[place];
            let verdict = {
                let message = &self.slots.payload(slot).message;
                let asked = self.interceptors.iter_mut().filter(|interceptor| interceptor.covers(from));
                asked
                    .map(|interceptor| interceptor.outbound(self.desk.now, from, to, message))
                    .find(|verdict| !matches!(verdict, Verdict::Pass))
            };
            match (verdict, fate) {
                (None | Some(Verdict::Pass), _) => {}
                (Some(Verdict::Withhold), _) => {
                    // A duplicate is the network's, not a copy that the sender made.
                    withheld += u32::from(!matches!(fate, Fate::Duplicate(_)));
                    arrivals[place].fate = Fate::Lost(Loss::Withheld);
                }
                (Some(Verdict::Delay(span)), Fate::Intact(at)) => {
                    arrivals[place].fate = Fate::Intact(at + span);
                }
                (Some(Verdict::Delay(span)), Fate::Duplicate(at)) => {
                    arrivals[place].fate = Fate::Duplicate(at + span);
                }
                // A copy that a cut keeps back is lost under either content.
                (Some(Verdict::Replace(message)), Fate::Intact(at) | Fate::Duplicate(at))
                    if self.cuts.between(from, to).is_none() =>
                {
                    self.dispatch_instead(slot, to, at, message);
                    arrivals.remove(place);
                    continue;
                }
                (Some(Verdict::Delay(_) | Verdict::Replace(_)), _) => {}
            }
            place += 1;
        }
        withheld
    }

    /// A copy has come to its receiver's door.
    #[inline]
    pub(super) fn arrive(&mut self, to: NodeId, slot: u32) {
        let payload = self.slots.payload(slot);
        let (from, print) = (payload.from, payload.fingerprint);
        let condition = self.conditions[to.index()];
        if !condition.up {
            *self.tally.down.entry(to).or_default() += 1;
            return self.lose_pending(slot, to, Loss::Down);
        }
        // A copy crosses a cut only if the way is open both when it leaves and when it arrives.
        if !self.cuts.none()
            && let Some(cut) = self.cuts.between(from, to)
        {
            *self.tally.cut.entry(cut).or_default() += 1;
            return self.lose_pending(slot, to, Loss::Partition);
        }
        self.note(code::DELIVERED, from, to, print);
        self.tally.delivered += 1;
        if self.watches_copies {
            let payload = self.slots.payload(slot);
            let event = Event::Delivered { id: payload.id, from, to, message: &payload.message };
            let flow = self.watch.on_event(Moment { at: self.now(), event: self.events }, &event);
            self.follow(flow);
        }
        if condition.busy {
            self.nodes[to.index()].inbox.push_back(Work::Message { slot });
        } else {
            self.serve(to, Work::Message { slot });
        }
    }

    /// A copy that was on its way is lost.
    fn lose_pending(&mut self, slot: u32, to: NodeId, why: Loss) {
        self.lose(slot, to, why);
        self.slots.release(slot);
    }
}
