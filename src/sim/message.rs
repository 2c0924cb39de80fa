//! Messages between nodes.

use super::NodeId;
use super::auth::Forge;
use super::digest::encoded_len;
use serde::Serialize;
use std::fmt::Debug;

/// A protocol's message.
///
/// Its [`Serialize`] form is its canonical encoding: the digest of the run covers it, and its length is the
/// message's default size.
pub trait Message: Clone + Debug + Serialize + 'static {
    /// All kinds of message; those of other protocols' messages, which this one wraps, apart: see
    /// [`Protocol::kinds`](super::Protocol::kinds).
    const KINDS: &'static [Kind] = &[Kind::protocol("message")];

    /// Returns the index of this message's kind among those of the run.
    fn kind(&self) -> usize {
        0
    }

    /// Returns this message's kind.
    fn declared_kind(&self) -> Kind {
        Self::KINDS[self.kind()]
    }

    /// Returns the message's size on the wire, in bytes.
    fn size(&self) -> usize {
        encoded_len(self)
    }

    /// Returns the message as it arrives when the network has damaged it; `None` if the damage is plain to see and the
    /// frame is discarded.
    fn damaged(&self) -> Option<Self> {
        None
    }

    /// Returns the message as a Byzantine sender alters it; `None` if it cannot be altered in this way.
    fn altered(&self, alteration: Alteration, forge: &Forge<'_>) -> Option<Self> {
        let _ = (alteration, forge);
        None
    }
}

/// How a Byzantine node alters a message of its own.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub enum Alteration {
    /// A header field, such as view, sequence or round, changed by one; `draw` decides which field.
    Header {
        /// Randomness that decides field and sign.
        draw: u64,
    },
    /// The contents, replaced by others derived from `draw`.
    Contents {
        /// Randomness that decides the contents.
        draw: u64,
    },
    /// The claimed sender: impersonates another node, whose key the adversary does not hold.
    Name(NodeId),
}

/// A kind of message, for counting.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub struct Kind {
    /// The protocol's name for it.
    pub name: &'static str,
    /// True for maintenance traffic, such as status, checkpoints and heartbeats, which message laws leave out.
    pub upkeep: bool,
}

impl Kind {
    /// Creates a kind that message laws count.
    pub const fn protocol(name: &'static str) -> Kind {
        Kind { name, upkeep: false }
    }

    /// Creates a kind that message laws leave out.
    pub const fn upkeep(name: &'static str) -> Kind {
        Kind { name, upkeep: true }
    }
}

impl Message for () {}
impl Message for u64 {}
impl Message for &'static str {}
