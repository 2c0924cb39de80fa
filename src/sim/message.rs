//! What nodes say to each other.

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
    /// The kinds of message that there are.
    const KINDS: &'static [Kind] = &[Kind::protocol("message")];

    /// The index of this message's kind in [`Message::KINDS`].
    fn kind(&self) -> usize {
        0
    }

    /// The message's size on the wire, in bytes.
    fn size(&self) -> usize {
        encoded_len(self)
    }

    /// The message as it arrives when the network has damaged it; `None` if the damage is plain to see and the
    /// frame is discarded.
    fn damaged(&self) -> Option<Self> {
        None
    }

    /// The message as a faulty sender rewrites it; `None` if it cannot be rewritten so.
    fn altered(&self, alteration: Alteration, forge: &Forge<'_>) -> Option<Self> {
        let _ = (alteration, forge);
        None
    }
}

/// How a faulty node rewrites a message of its own.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub enum Alteration {
    /// One number of its header, such as view, sequence or round, moved by one: which number, drawn from `draw`.
    Header {
        /// What decides which number, and which way.
        draw: u64,
    },
    /// Contents replaced by others, made from `draw`.
    Contents {
        /// What decides the contents.
        draw: u64,
    },
    /// The same content in the name of another node, whose key the adversary does not hold.
    Name(NodeId),
}

/// A kind of message, for counting.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub struct Kind {
    /// The protocol's name for it.
    pub name: &'static str,
    /// True for what keeps the system going rather than deciding: status, checkpoints, heartbeats. The laws that
    /// count messages leave it out.
    pub upkeep: bool,
}

impl Kind {
    /// A kind that the message laws count.
    pub const fn protocol(name: &'static str) -> Kind {
        Kind { name, upkeep: false }
    }

    /// A kind that they do not.
    pub const fn upkeep(name: &'static str) -> Kind {
        Kind { name, upkeep: true }
    }
}

impl Message for () {}
impl Message for u64 {}
impl Message for &'static str {}
