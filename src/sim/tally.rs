//! Counters kept by the kernel, which do not depend on what nodes claim.

use super::inject::Effects;
use super::message::Kind;
use super::network::LossCause;
use super::{Duration, NodeId};
use crate::collections::SortedMap;

/// Everything counted over a run.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// By kind of message, in the order of the protocol's kinds.
    pub kinds: Vec<KindTally>,
    /// Copies handed to a receiver.
    pub delivered: u64,
    /// Copies lost, by cause.
    pub lost: SortedMap<LossCause, u64>,
    /// Copies that the network made itself.
    pub duplicated: u64,
    /// Copies that arrived damaged.
    pub damaged: u64,
    /// Copies that each cut kept from arriving, by its id.
    pub cut: SortedMap<u32, u64>,
    /// Copies that found a node down, or that its crash took off their way, by the id of the crash.
    pub down: SortedMap<u32, u64>,
    /// Memories, waiting inputs, effects, timers and records that each crash destroyed, by its id.
    pub destroyed: SortedMap<u32, u64>,
    /// Inputs and effects that waited for a node to go on, by the id of the pause.
    pub held: SortedMap<u32, u64>,
    /// Messages and timers that nodes handled while slowed, by the id of each fault that slowed them.
    pub slowed: SortedMap<u32, u64>,
    /// Timers that nodes armed by a wrong clock, and handlers that read one, by the id of the fault that had set it.
    pub misled: SortedMap<u32, u64>,
    /// Who led when a fault on the current leader struck, by the id of its target.
    pub leaders: SortedMap<u32, Option<NodeId>>,
    /// Effects of each coalition of twins.
    pub twins: Vec<Effects>,
    /// Messages injected by faults.
    pub injected: u64,
    /// Timers that expired.
    pub timers: u64,
    /// Time that each node's processor was busy.
    pub busy: Vec<Duration>,
    /// Records that nodes persisted.
    pub persisted: u64,
    /// Syncs that nodes asked for.
    pub syncs: u64,
    /// The most bytes that one node's protocol held, where it was sampled.
    pub retained_bytes_max: usize,
    /// The most bytes that the kernel held, where it was sampled.
    pub kernel_bytes_max: usize,
}

/// The traffic of one kind of message.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub struct KindTally {
    /// The kind.
    pub kind: Kind,
    /// Copies sent for the first time.
    pub sent: u64,
    /// Copies sent again.
    pub resent: u64,
    /// Bytes of both.
    pub bytes: u64,
}

impl Tally {
    pub(super) fn new(kinds: &[Kind], nodes: usize) -> Tally {
        Tally {
            kinds: kinds.iter().map(|&kind| KindTally { kind, sent: 0, resent: 0, bytes: 0 }).collect(),
            busy: vec![Duration::ZERO; nodes],
            ..Tally::default()
        }
    }

    pub(super) fn lose(&mut self, why: LossCause) {
        *self.lost.entry(why).or_default() += 1;
    }

    /// Copies of protocol messages sent for the first time: what the message laws count.
    pub fn sent(&self) -> u64 {
        self.kinds.iter().filter(|tally| !tally.kind.upkeep).map(|tally| tally.sent).sum()
    }

    /// Copies sent for upkeep, resends included.
    pub fn upkeep(&self) -> u64 {
        self.kinds.iter().map(|tally| tally.resent + if tally.kind.upkeep { tally.sent } else { 0 }).sum()
    }

    /// Bytes sent in all.
    pub fn bytes(&self) -> u64 {
        self.kinds.iter().map(|tally| tally.bytes).sum()
    }

    /// Copies lost in all.
    pub fn lost_copies(&self) -> u64 {
        self.lost.values().sum()
    }

    /// Returns the busy time of one node's processor.
    pub fn busy(&self, node: NodeId) -> Duration {
        self.busy[node.index()]
    }
}
