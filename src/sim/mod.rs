//! The kernel: virtual time, the event queue, randomness, nodes, their processors and storage, and the digest.
//!
//! It knows no protocol, no file format and no probability law but the uniform and the exponential.

pub mod digest;
pub mod network;
pub mod queue;
pub mod random;
mod time;

pub use digest::{Digest, RunDigest};
pub use network::{Network, Recipients};
pub use random::{Purpose, Stream, Streams};
pub use time::{Duration, Time};

use serde::{Deserialize, Serialize};
use std::fmt;

/// A node's number: nodes are numbered from 0.
#[derive(Copy, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct NodeId(pub u32);

impl NodeId {
    /// The number as an index.
    #[inline]
    pub const fn index(self) -> usize {
        self.0 as usize
    }
}

impl fmt::Display for NodeId {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, out)
    }
}

impl fmt::Debug for NodeId {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "n{}", self.0)
    }
}
