//! Messages, timers, records, observations and abort proofs without their types.

use crate::decide::deciding::Ending;
use serde::{Serialize, Serializer};
use std::any::Any;
use std::cmp::Ordering;
use std::fmt::{self, Debug};
use std::rc::Rc;
use synod_sim::auth::Forge;
use synod_sim::inject::Alteration;
use synod_sim::{CoverageMark, Kind, Message, Milestone, NodeId, Observation, Settled, Value, encode};

/// A value whose type is only known to the protocol that it belongs to.
trait ErasedValue: Any + Debug {
    fn encoding(&self) -> Vec<u8>;
    fn tree(&self) -> Value;
}

impl<T: Debug + Serialize + 'static> ErasedValue for T {
    fn encoding(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(128);
        encode(self, &mut bytes);
        bytes
    }

    fn tree(&self) -> Value {
        Value::of(self).unwrap_or_else(|error| Value::Text(error.to_string()))
    }
}

/// Serializes a value as its own type would: for people by its tree, else by its encoding.
fn serialize<S: Serializer>(value: &dyn ErasedValue, serializer: S) -> Result<S::Ok, S::Error> {
    if serializer.is_human_readable() {
        value.tree().serialize(serializer)
    } else {
        serializer.serialize_bytes(&value.encoding())
    }
}

/// Gives a type without a type its own `Debug` and `Serialize` form, without a name around it.
macro_rules! reads_as_its_value {
    ($($erased:ident: $value:tt;)*) => {$(
        impl Debug for $erased {
            fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.$value.fmt(out)
            }
        }

        impl Serialize for $erased {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serialize(&*self.$value, serializer)
            }
        }
    )*};
}

reads_as_its_value! {
    DeciderMessage: message;
    DeciderTimer: 0;
    DeciderRecord: 0;
    DeciderObservation: claim;
    DeciderAbortProof: proof;
}

/// A message.
#[derive(Clone)]
pub struct DeciderMessage {
    /// Index of its protocol's first kind among those of the run.
    first_kind: usize,
    message: Rc<dyn ErasedMessage>,
}

trait ErasedMessage: ErasedValue {
    fn kind(&self) -> usize;
    fn declared_kind(&self) -> Kind;
    fn size(&self) -> usize;
    fn damaged(&self) -> Option<Rc<dyn ErasedMessage>>;
    fn altered(&self, alteration: Alteration, forge: &Forge<'_>) -> Option<Rc<dyn ErasedMessage>>;
}

impl<M: Message> ErasedMessage for M {
    fn kind(&self) -> usize {
        Message::kind(self)
    }

    fn declared_kind(&self) -> Kind {
        Message::declared_kind(self)
    }

    fn size(&self) -> usize {
        Message::size(self)
    }

    fn damaged(&self) -> Option<Rc<dyn ErasedMessage>> {
        Some(Rc::new(Message::damaged(self)?))
    }

    fn altered(&self, alteration: Alteration, forge: &Forge<'_>) -> Option<Rc<dyn ErasedMessage>> {
        Some(Rc::new(Message::altered(self, alteration, forge)?))
    }
}

impl DeciderMessage {
    pub(super) fn new<M: Message>(first_kind: usize, message: M) -> DeciderMessage {
        DeciderMessage { first_kind, message: Rc::new(message) }
    }

    /// The message, if it is an `M`.
    pub fn get<M: Message>(&self) -> Option<&M> {
        (&*self.message as &dyn Any).downcast_ref()
    }
}

impl Message for DeciderMessage {
    const KINDS: &'static [Kind] = &[];

    fn kind(&self) -> usize {
        self.first_kind + self.message.kind()
    }

    fn declared_kind(&self) -> Kind {
        self.message.declared_kind()
    }

    fn size(&self) -> usize {
        self.message.size()
    }

    fn damaged(&self) -> Option<DeciderMessage> {
        Some(DeciderMessage { message: self.message.damaged()?, ..*self })
    }

    fn altered(&self, alteration: Alteration, forge: &Forge<'_>) -> Option<DeciderMessage> {
        Some(DeciderMessage { message: self.message.altered(alteration, forge)?, ..*self })
    }
}

/// A timer's name. Those of one protocol have an order.
#[derive(Clone)]
pub struct DeciderTimer(Rc<dyn ErasedTimer>);

trait ErasedTimer: ErasedValue {
    fn order(&self, other: &DeciderTimer) -> Ordering;
}

impl<T: Ord + Debug + Serialize + 'static> ErasedTimer for T {
    fn order(&self, other: &DeciderTimer) -> Ordering {
        self.cmp(other.get().expect("the timers of a node are its protocol's"))
    }
}

impl DeciderTimer {
    pub(super) fn new<T: Ord + Debug + Serialize + 'static>(timer: T) -> DeciderTimer {
        DeciderTimer(Rc::new(timer))
    }

    /// The timer's name, if it is a `T`.
    pub fn get<T: 'static>(&self) -> Option<&T> {
        (&*self.0 as &dyn Any).downcast_ref()
    }
}

impl PartialEq for DeciderTimer {
    fn eq(&self, other: &DeciderTimer) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for DeciderTimer {}

impl PartialOrd for DeciderTimer {
    fn partial_cmp(&self, other: &DeciderTimer) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for DeciderTimer {
    fn cmp(&self, other: &DeciderTimer) -> Ordering {
        self.0.order(other)
    }
}

/// A durable record.
#[derive(Clone)]
pub struct DeciderRecord(Rc<dyn ErasedValue>);

impl DeciderRecord {
    pub(super) fn new<R: Debug + Serialize + 'static>(record: R) -> DeciderRecord {
        DeciderRecord(Rc::new(record))
    }

    /// The record, if it is an `R`.
    pub fn get<R: 'static>(&self) -> Option<&R> {
        (&*self.0 as &dyn Any).downcast_ref()
    }
}

/// What a node claims.
pub struct DeciderObservation {
    pub(super) ending: Option<Ending>,
    claim: Box<dyn ErasedObservation>,
}

trait ErasedObservation: ErasedValue {
    fn milestone(&self) -> Option<Milestone>;
    fn settles(&self) -> Option<Settled>;
    fn peak(&self) -> Option<(&'static str, u64)>;
    fn accuses(&self) -> Option<NodeId>;
    fn suspects(&self) -> bool;
    fn mark(&self) -> Option<&'static CoverageMark>;
}

impl<O: Observation> ErasedObservation for O {
    fn milestone(&self) -> Option<Milestone> {
        Observation::milestone(self)
    }

    fn settles(&self) -> Option<Settled> {
        Observation::settles(self)
    }

    fn peak(&self) -> Option<(&'static str, u64)> {
        Observation::peak(self)
    }

    fn accuses(&self) -> Option<NodeId> {
        Observation::accuses(self)
    }

    fn suspects(&self) -> bool {
        Observation::suspects(self)
    }

    fn mark(&self) -> Option<&'static CoverageMark> {
        Observation::mark(self)
    }
}

impl DeciderObservation {
    /// What a node claims, which may be that it has ended.
    pub(super) fn new<O: Observation>(claim: O, ending: Option<Ending>) -> DeciderObservation {
        DeciderObservation { ending, claim: Box::new(claim) }
    }

    /// The claim, if it is an `O`.
    pub fn get<O: Observation>(&self) -> Option<&O> {
        (&*self.claim as &dyn Any).downcast_ref()
    }
}

impl Observation for DeciderObservation {
    fn milestone(&self) -> Option<Milestone> {
        self.claim.milestone()
    }

    fn settles(&self) -> Option<Settled> {
        self.claim.settles()
    }

    fn peak(&self) -> Option<(&'static str, u64)> {
        self.claim.peak()
    }

    fn accuses(&self) -> Option<NodeId> {
        self.claim.accuses()
    }

    fn suspects(&self) -> bool {
        self.claim.suspects()
    }

    fn mark(&self) -> Option<&'static CoverageMark> {
        self.claim.mark()
    }
}

/// A node's abort history, with its proof.
#[derive(Clone)]
pub struct DeciderAbortProof {
    /// Size on the wire, in bytes.
    pub(super) size: usize,
    proof: Rc<dyn ErasedValue>,
}

impl DeciderAbortProof {
    pub(super) fn new<T: Debug + Serialize + 'static>(proof: T, size: usize) -> DeciderAbortProof {
        DeciderAbortProof { size, proof: Rc::new(proof) }
    }

    /// The abort history, if it is a `T`.
    pub fn get<T: 'static>(&self) -> Option<&T> {
        (&*self.proof as &dyn Any).downcast_ref()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_without_its_type_reads_as_with_it() {
        let message = DeciderMessage::new(3, 300u64);
        assert_eq!((Message::kind(&message), Message::size(&message)), (3, 2));
        assert_eq!(message.get::<u64>(), Some(&300));
        assert_eq!(message.get::<&str>(), None);
        assert_eq!(Value::of(&message), Value::of(&300u64));
        assert_eq!(format!("{message:?}"), "300");
        let mut bytes = Vec::new();
        encode(&message, &mut bytes);
        assert_eq!(bytes, [2, 0b1010_1100, 0b10], "its length, and what it is encoded to");
        let named = DeciderRecord::new(Some(NodeId(4)));
        assert_eq!(Value::of(&named), Value::of(&NodeId(4)), "a node stays a node");
    }

    #[test]
    fn timers_without_their_type_have_their_order() {
        let [early, late] = [(1u8, "b"), (2, "a")].map(DeciderTimer::new);
        assert!(early < late && early == DeciderTimer::new((1u8, "b")));
        assert_eq!(late.get::<(u8, &str)>(), Some(&(2, "a")));
    }

    #[test]
    #[should_panic(expected = "its protocol's")]
    fn timers_of_two_protocols_are_not_compared() {
        let _ = DeciderTimer::new(1u8) < DeciderTimer::new("b");
    }
}
