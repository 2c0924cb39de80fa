//! The kernel: virtual time, the event queue, randomness, nodes, their processors and storage, and the digest.
//!
//! It knows no protocol, no file format and no probability law but the uniform and the exponential.

mod alarms;
pub mod auth;
mod clock;
pub mod code;
pub mod collections;
pub mod digest;
mod ground_truth;
pub mod inject;
mod interleaving;
mod kernel;
mod limits;
mod mark;
mod message;
pub mod network;
mod node;
mod observation;
mod observer;
mod packet;
mod partition;
mod protocol;
pub mod queue;
pub mod random;
mod slab;
mod slots;
pub mod sort;
mod storage;
mod tally;
mod time;
pub mod units;
mod value;
mod violation;

pub use alarms::{AlarmId, Alarms};
pub use auth::{Authentication, Body, CryptoCost, Signed};
pub use clock::Clock;
pub use digest::{Digest, RunDigest, encode};
pub use ground_truth::GroundTruth;
pub use interleaving::{Interleaving, Interval};
pub use kernel::{Setup, Simulation};
pub use limits::{CpuCost, End, Ending, Limits};
pub use mark::CoverageMark;
pub use message::{Kind, Message};
pub use network::{Network, Recipients};
pub use observation::{Milestone, NoObservation, Observation, OperationId, Settled, SettledValue};
pub use observer::{Cause, Event, EventTime, Flow, Observer, Oracle};
pub use packet::{Packet, PacketKinds};
pub use partition::Cut;
pub use protocol::{Attack, Context, Durable, Effect, Insiders, Lens, Members, Protocol, Sink};
pub use random::{Purpose, Stream, Streams};
pub use storage::Damage;
pub use tally::{KindTally, Tally};
pub use time::{Duration, Time};
pub use value::{Value, ValueError};
pub use violation::{Evidence, Violation};

use serde::{Deserialize, Serialize};
use std::fmt;

/// The version of Synod, which every crate of it shares.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");

/// A node's number: nodes are numbered from 0.
#[derive(Copy, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename = "synod::NodeId")]
pub struct NodeId(pub u32);

impl NodeId {
    /// No node of any run: a message to it is lost.
    pub const NOBODY: NodeId = NodeId(u32::MAX);

    /// Returns the number as an index.
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
