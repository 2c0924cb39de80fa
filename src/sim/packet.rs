//! Messages that are bytes: what a library or a program puts on the wire.

use super::message::{Kind, Message};
use serde::{Serialize, Serializer};
use std::fmt;
use std::marker::PhantomData;
use std::rc::Rc;

/// The kinds of a protocol's packets, for counting.
pub trait PacketKinds: 'static {
    /// All of them.
    const KINDS: &'static [Kind];
}

/// One kind for all.
impl PacketKinds for () {
    const KINDS: &'static [Kind] = &[Kind::protocol("packet")];
}

/// A message of bytes, of one of the kinds that `K` lists. Copies share the bytes.
///
/// ```
/// use synod_sim::{Message, Packet};
///
/// let packet: Packet = Packet::new(0, b"ping".as_slice());
/// assert_eq!((packet.kind(), packet.size(), packet.bytes()), (0, 4, b"ping".as_slice()));
/// ```
pub struct Packet<K = ()> {
    kind: u16,
    bytes: Rc<[u8]>,
    kinds: PhantomData<fn() -> K>,
}

impl<K: PacketKinds> Packet<K> {
    /// Creates a packet of the kind at `kind` in [`PacketKinds::KINDS`].
    ///
    /// # Panics
    /// If there is no such kind.
    pub fn new(kind: usize, bytes: impl Into<Rc<[u8]>>) -> Packet<K> {
        assert!(kind < K::KINDS.len(), "a packet is of a kind that is listed");
        Packet { kind: kind as u16, bytes: bytes.into(), kinds: PhantomData }
    }

    /// Returns its bytes.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }
}

impl<K> Clone for Packet<K> {
    fn clone(&self) -> Packet<K> {
        Packet { kind: self.kind, bytes: Rc::clone(&self.bytes), kinds: PhantomData }
    }
}

impl<K: PacketKinds> fmt::Debug for Packet<K> {
    /// The kind, and the bytes as text where they are text.
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{} \"{}\"", K::KINDS[self.kind as usize].name, self.bytes.escape_ascii())
    }
}

/// As the kind's index and the bytes; for people, the bytes as text.
impl<K: PacketKinds> Serialize for Packet<K> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if serializer.is_human_readable() {
            return serializer.collect_str(&self.bytes.escape_ascii());
        }
        (self.kind, BytesOf(&self.bytes)).serialize(serializer)
    }
}

struct BytesOf<'a>(&'a [u8]);

impl Serialize for BytesOf<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_bytes(self.0)
    }
}

impl<K: PacketKinds> Message for Packet<K> {
    const KINDS: &'static [Kind] = K::KINDS;

    fn kind(&self) -> usize {
        self.kind as usize
    }

    /// The number of bytes.
    fn size(&self) -> usize {
        self.bytes.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Digest;
    use serde_json::json;

    enum Probes {}

    impl PacketKinds for Probes {
        const KINDS: &'static [Kind] = &[Kind::protocol("ping"), Kind::upkeep("gossip")];
    }

    #[test]
    fn kind_and_bytes_are_what_a_packet_is() {
        let ping = Packet::<Probes>::new(0, b"x\n".as_slice());
        let gossip = Packet::<Probes>::new(1, b"x\n".as_slice());
        assert_eq!(format!("{ping:?}"), "ping \"x\\n\"");
        assert_ne!(Digest::of(&ping), Digest::of(&gossip));
        assert_eq!(serde_json::to_value(&gossip).expect("it has a JSON form"), json!("x\\n"));
        assert_eq!((ping.size(), gossip.kind()), (2, 1));
    }

    #[test]
    #[should_panic(expected = "listed")]
    fn there_are_no_other_kinds() {
        Packet::<Probes>::new(2, [0u8; 0].as_slice());
    }
}
