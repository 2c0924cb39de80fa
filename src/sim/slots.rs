//! Storage of pending events: an event is a receiver and a slot, packed; the slot holds the rest.

use super::NodeId;
use super::inject::Intervention;
use super::protocol::{Effect, Protocol};
use super::queue::{Entry, EventRef, Narrow};

/// What an event refers to.
#[derive(Debug)]
pub(super) enum Slot<P: Protocol> {
    Free {
        next: u32,
    },
    /// A message, once for all copies that are still to be handled.
    Message(Payload<P::Message>),
    /// An armed timer, live only while its generation is the node's latest for that name.
    Timer {
        timer: P::Timer,
        generation: u64,
    },
    /// Effects that wait for the end of a service or of a sync.
    Release {
        incarnation: u32,
        effects: Vec<Effect<P>>,
    },
    /// A sync that nothing waits for is done.
    Synced {
        incarnation: u32,
        token: u64,
        /// It covers what was written before.
        position: u64,
    },
    /// The processor becomes free.
    ServiceEnd {
        incarnation: u32,
    },
    /// Every node starts.
    Start {
        nodes: u32,
    },
    Intervention(Intervention),
}

#[derive(Debug)]
pub(super) struct Payload<M> {
    pub(super) message: M,
    /// The message's number within the run.
    pub(super) id: u64,
    pub(super) from: NodeId,
    pub(super) fingerprint: u64,
    pub(super) bytes: u32,
    pub(super) copies: u32,
}

/// All slots of a run, and the packing of an event.
#[derive(Debug)]
pub(super) struct Slots<P: Protocol> {
    slots: Vec<Slot<P>>,
    free: u32,
    live: usize,
    /// The size on the wire of all payloads, in bytes.
    payload_bytes: usize,
    receiver_bits: u32,
    /// The most slots that an event can name.
    most: usize,
}

const NONE: u32 = u32::MAX;

/// Receivers of at most so many bits leave 24 bits of a narrow reference for slots.
const NARROW_RECEIVER_BITS: u32 = Narrow::EVENT_BITS - 24;
const WIDE_RECEIVER_BITS: u32 = 32;

impl<P: Protocol> Slots<P> {
    pub(super) fn new(nodes: usize) -> Slots<P> {
        let receiver_bits = usize::BITS - nodes.saturating_sub(1).leading_zeros();
        let most = 1 << (Narrow::EVENT_BITS - receiver_bits).min(31);
        let mut slots =
            Slots { slots: Vec::new(), free: NONE, live: 0, payload_bytes: 0, receiver_bits, most };
        if receiver_bits > NARROW_RECEIVER_BITS {
            // Nothing is pending yet.
            let _ = slots.widen();
        }
        slots
    }

    /// Returns true if events need wide references.
    pub(super) fn is_wide(&self) -> bool {
        self.receiver_bits == WIDE_RECEIVER_BITS
    }

    /// Returns true if there is a slot for one more.
    #[inline]
    pub(super) fn has_room(&self) -> bool {
        self.free != NONE || self.slots.len() < self.most
    }

    /// Makes events wide; returns what becomes of those that there are.
    pub(super) fn widen(&mut self) -> impl Fn(EventRef) -> EventRef + use<P> {
        let bits = std::mem::replace(&mut self.receiver_bits, WIDE_RECEIVER_BITS);
        self.most = NONE as usize;
        move |event| event >> bits << WIDE_RECEIVER_BITS | event & ((1 << bits) - 1)
    }

    /// # Panics
    /// If there is no room.
    pub(super) fn insert(&mut self, slot: Slot<P>) -> u32 {
        self.live += 1;
        if let Slot::Message(payload) = &slot {
            self.payload_bytes += payload.bytes as usize;
        }
        if self.free == NONE {
            let place = self.slots.len();
            assert!(place < self.most, "events can name {} slots", self.most);
            self.slots.push(slot);
            return place as u32;
        }
        let place = self.free;
        let Slot::Free { next } = std::mem::replace(&mut self.slots[place as usize], slot) else {
            unreachable!("the free list holds free slots")
        };
        self.free = next;
        place
    }

    /// As [`Slots::insert`], and written where it stays: this is what every message passes.
    ///
    /// # Panics
    /// If there is no room.
    #[inline]
    pub(super) fn insert_message(&mut self, payload: Payload<P::Message>) -> u32 {
        if self.free == NONE {
            return self.insert(Slot::Message(payload));
        }
        self.live += 1;
        self.payload_bytes += payload.bytes as usize;
        let place = self.free;
        let slot = &mut self.slots[place as usize];
        let Slot::Free { next } = *slot else { unreachable!("the free list holds free slots") };
        self.free = next;
        *slot = Slot::Message(payload);
        place
    }

    pub(super) fn remove(&mut self, place: u32) -> Slot<P> {
        self.live -= 1;
        let slot = std::mem::replace(&mut self.slots[place as usize], Slot::Free { next: self.free });
        assert!(!matches!(slot, Slot::Free { .. }), "a slot is released once");
        if let Slot::Message(payload) = &slot {
            self.payload_bytes -= payload.bytes as usize;
        }
        self.free = place;
        slot
    }

    #[inline]
    pub(super) fn get(&self, place: u32) -> &Slot<P> {
        &self.slots[place as usize]
    }

    #[inline]
    pub(super) fn payload(&self, place: u32) -> &Payload<P::Message> {
        match self.get(place) {
            Slot::Message(payload) => payload,
            _ => unreachable!("the slot of a delivery holds a payload"),
        }
    }

    /// One copy of the payload is done with; after the last the payload goes.
    #[inline]
    pub(super) fn release(&mut self, place: u32) {
        let Slot::Message(payload) = &mut self.slots[place as usize] else {
            unreachable!("the slot of a delivery holds a payload")
        };
        payload.copies -= 1;
        if payload.copies == 0 {
            self.live -= 1;
            self.payload_bytes -= payload.bytes as usize;
            self.slots[place as usize] = Slot::Free { next: self.free };
            self.free = place;
        }
    }

    /// One node of the common start has started.
    pub(super) fn started(&mut self, place: u32) {
        let Slot::Start { nodes } = &mut self.slots[place as usize] else {
            unreachable!("the slot of a start counts starts")
        };
        *nodes -= 1;
        if *nodes == 0 {
            self.remove(place);
        }
    }

    #[inline]
    pub(super) fn add_copies(&mut self, place: u32, copies: u32) {
        let Slot::Message(payload) = &mut self.slots[place as usize] else {
            unreachable!("the slot of a delivery holds a payload")
        };
        payload.copies += copies;
    }

    #[inline]
    pub(super) fn event(&self, place: u32, receiver: NodeId) -> EventRef {
        (place as u64) << self.receiver_bits | receiver.0 as u64
    }

    #[inline]
    pub(super) fn parse(&self, event: EventRef) -> (u32, NodeId) {
        ((event >> self.receiver_bits) as u32, NodeId((event & ((1 << self.receiver_bits) - 1)) as u32))
    }

    pub(super) fn retained_bytes(&self) -> usize {
        self.slots.capacity() * size_of::<Slot<P>>() + self.payload_bytes
    }

    pub(super) fn live(&self) -> usize {
        self.live
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Context, Durable, NoObservation};
    use std::rc::Rc;

    struct Idle;

    impl Protocol for Idle {
        type Config = ();
        type Message = ();
        type Timer = ();
        type Record = ();
        type Observation = NoObservation;

        fn new(_: &Rc<()>, _: NodeId, _: usize, _: u64, _: Durable<'_, ()>) -> Idle {
            Idle
        }
        fn on_start(&mut self, _: &mut Context<'_, Idle>) {}
        fn on_message(&mut self, _: &mut Context<'_, Idle>, _: NodeId, _: &()) {}
        fn on_timer(&mut self, _: &mut Context<'_, Idle>, _: ()) {}
    }

    #[test]
    fn an_event_names_the_same_after_it_was_widened() {
        for nodes in [1, 2, 5, 1 << 16, 1 << 24] {
            let mut slots = Slots::<Idle>::new(nodes);
            assert_eq!(slots.is_wide(), nodes > 1 << 16);
            let receiver = NodeId(nodes as u32 - 1);
            let event = slots.event(77, receiver);
            assert_eq!(slots.parse(event), (77, receiver));
            let widened = slots.widen();
            assert_eq!(slots.parse(widened(event)), (77, receiver), "{nodes} nodes");
            let last = slots.event((1 << 24) - 1, receiver);
            assert_eq!(slots.parse(last), ((1 << 24) - 1, receiver));
        }
    }

    #[test]
    fn narrow_events_name_so_many_slots_and_no_more() {
        let mut slots = Slots::<Idle>::new(1 << 16);
        assert_eq!(slots.most, 1 << 24);
        slots.most = 2;
        let start = || Slot::<Idle>::Start { nodes: 1 };
        let first = slots.insert(start());
        slots.insert(start());
        assert!(!slots.has_room());
        slots.remove(first);
        assert!(slots.has_room(), "a slot that was given back is used again");
        slots.insert(start());
        let _ = slots.widen();
        assert!(slots.has_room());
    }
}
