//! Storage of pending events: an event is a receiver and a place, packed; what is at the place holds the rest.
//!
//! Messages have a slab of their own: they are larger than whatever else is pending.

use super::NodeId;
use super::inject::Intervention;
use super::node::Told;
use super::observer::Cause;
use super::protocol::{Effect, Protocol};
use super::queue::{Entry, EventRef, Narrow};
use super::slab::Slab;

/// What an event refers to, unless it is a message.
#[derive(Debug)]
pub(super) enum Slot<P: Protocol> {
    /// An armed timer, live only while its generation is the node's latest for that name.
    Timer {
        timer: P::Timer,
        generation: u64,
    },
    /// Effects that wait for the end of a service or of a sync.
    Release {
        incarnation: u32,
        effects: Vec<Effect<P>>,
        /// The handler that made them.
        cause: Cause,
    },
    /// A sync that nothing waits for is done.
    Synced {
        incarnation: u32,
        told: Box<Told>,
    },
    /// The processor becomes free.
    ServiceEnd {
        incarnation: u32,
    },
    /// Every node starts.
    Start {
        nodes: u32,
    },
    Intervention(Box<Intervention>),
}

/// A message, once for all copies that are still to be handled.
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

/// Where a slot or a message is: twice its number in its slab, plus one for a slot.
pub(super) type Place = u32;

/// All that is pending in a run, and the packing of an event.
#[derive(Debug)]
pub(super) struct Slots<P: Protocol> {
    payloads: Slab<Payload<P::Message>>,
    others: Slab<Slot<P>>,
    /// The size on the wire of all payloads, in bytes.
    payload_bytes: usize,
    receiver_bits: u32,
    /// The most of either kind that an event can name.
    most: usize,
}

/// Receivers of at most so many bits leave 24 bits of a narrow reference for places.
const NARROW_RECEIVER_BITS: u32 = Narrow::EVENT_BITS - 24;
const WIDE_RECEIVER_BITS: u32 = 32;
/// The most of either kind that a place can name.
const PLACES: usize = 1 << 31;

impl<P: Protocol> Slots<P> {
    pub(super) fn new(nodes: usize) -> Slots<P> {
        let receiver_bits = usize::BITS - nodes.saturating_sub(1).leading_zeros();
        let most = PLACES.min(1 << (Narrow::EVENT_BITS - receiver_bits - 1));
        let (payloads, others) = (Slab::new(), Slab::new());
        let mut slots = Slots { payloads, others, payload_bytes: 0, receiver_bits, most };
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

    /// Returns true if there is a place for one more of either kind.
    #[inline]
    pub(super) fn has_room(&self) -> bool {
        self.payloads.has_room(self.most) && self.others.has_room(self.most)
    }

    /// Makes events wide; returns what becomes of those that there are.
    pub(super) fn widen(&mut self) -> impl Fn(EventRef) -> EventRef + use<P> {
        let bits = std::mem::replace(&mut self.receiver_bits, WIDE_RECEIVER_BITS);
        self.most = PLACES;
        move |event| event >> bits << WIDE_RECEIVER_BITS | event & ((1 << bits) - 1)
    }

    /// # Panics
    /// If there is no room.
    #[inline]
    pub(super) fn insert(&mut self, slot: Slot<P>) -> Place {
        assert!(self.others.has_room(self.most), "events can name {} slots", self.most);
        self.others.insert(slot) << 1 | 1
    }

    /// # Panics
    /// If there is no room.
    #[inline]
    pub(super) fn insert_message(&mut self, payload: Payload<P::Message>) -> Place {
        assert!(self.payloads.has_room(self.most), "events can name {} messages", self.most);
        self.payload_bytes += payload.bytes as usize;
        self.payloads.insert(payload) << 1
    }

    /// Returns true if there is a message at `place`.
    #[inline]
    pub(super) fn is_message(place: Place) -> bool {
        place & 1 == 0
    }

    /// Takes out what is at `place`, which is no message.
    pub(super) fn remove(&mut self, place: Place) -> Slot<P> {
        assert!(!Self::is_message(place), "a message goes with its last copy");
        self.others.remove(place >> 1)
    }

    #[inline]
    pub(super) fn payload(&self, place: Place) -> &Payload<P::Message> {
        assert!(Self::is_message(place), "the place of a delivery holds a message");
        self.payloads.get(place >> 1)
    }

    #[inline]
    fn payload_mut(&mut self, place: Place) -> &mut Payload<P::Message> {
        assert!(Self::is_message(place), "the place of a delivery holds a message");
        self.payloads.get_mut(place >> 1)
    }

    /// One copy of the payload is done with; after the last the payload goes.
    #[inline]
    pub(super) fn release(&mut self, place: Place) {
        let payload = self.payload_mut(place);
        payload.copies -= 1;
        if payload.copies == 0 {
            self.payload_bytes -= payload.bytes as usize;
            self.payloads.free(place >> 1);
        }
    }

    /// One event of a slot that many share has happened: the common start of all nodes.
    pub(super) fn take(&mut self, place: Place) -> Slot<P> {
        if let Slot::Start { nodes } = self.others.get_mut(place >> 1)
            && *nodes > 1
        {
            *nodes -= 1;
            return Slot::Start { nodes: *nodes };
        }
        self.remove(place)
    }

    #[inline]
    pub(super) fn add_copies(&mut self, place: Place, copies: u32) {
        self.payload_mut(place).copies += copies;
    }

    #[inline]
    pub(super) fn event(&self, place: Place, receiver: NodeId) -> EventRef {
        (place as u64) << self.receiver_bits | receiver.0 as u64
    }

    #[inline]
    pub(super) fn parse(&self, event: EventRef) -> (Place, NodeId) {
        ((event >> self.receiver_bits) as u32, NodeId((event & ((1 << self.receiver_bits) - 1)) as u32))
    }

    pub(super) fn retained_bytes(&self) -> usize {
        self.payloads.retained_bytes() + self.others.retained_bytes() + self.payload_bytes
    }

    pub(super) fn live(&self) -> usize {
        self.payloads.live() + self.others.live()
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
        assert_eq!(slots.most, 1 << 23);
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
