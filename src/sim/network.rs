//! The kernel's interface to a network: when, and whether, each copy of a message arrives.

use super::{Duration, NodeId, Time};
use std::ops::Range;
use std::rc::Rc;

/// The recipients of a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Recipients {
    /// One node, which may be the sender itself.
    One(NodeId),
    /// Every node whose number lies in the range, but for the sender.
    Peers(Range<u32>),
    /// The nodes listed, in this order.
    List(Rc<[NodeId]>),
}

impl Recipients {
    /// Calls `each` with every recipient of a message from `from`, in order.
    #[inline]
    pub fn for_each(&self, from: NodeId, mut each: impl FnMut(NodeId)) {
        match self {
            Recipients::One(to) => each(*to),
            Recipients::Peers(range) => range.clone().map(NodeId).filter(|&to| to != from).for_each(each),
            Recipients::List(list) => list.iter().copied().for_each(each),
        }
    }

    /// Returns how many copies a message from `from` makes.
    pub fn count(&self, from: NodeId) -> usize {
        match self {
            Recipients::One(_) => 1,
            Recipients::Peers(range) => range.len() - usize::from(range.contains(&from.0)),
            Recipients::List(list) => list.len(),
        }
    }

    /// Returns true if all are nodes of a run of `nodes` nodes.
    #[inline]
    pub fn are_below(&self, nodes: u32) -> bool {
        match self {
            Recipients::One(to) => to.0 < nodes,
            Recipients::Peers(range) => range.end <= nodes,
            Recipients::List(list) => list.iter().all(|to| to.0 < nodes),
        }
    }

    /// Returns the recipients of a message from `from` in two parts: nodes of a run of `nodes` nodes, and others.
    pub fn split_at(&self, from: NodeId, nodes: u32) -> (Vec<NodeId>, Vec<NodeId>) {
        let mut all = Vec::new();
        self.for_each(from, |to| all.push(to));
        all.into_iter().partition(|to| to.0 < nodes)
    }

    /// Returns true if `node` is among the recipients of a message from `from`.
    pub fn contains(&self, from: NodeId, node: NodeId) -> bool {
        match self {
            Recipients::One(to) => *to == node,
            Recipients::Peers(range) => node != from && range.contains(&node.0),
            Recipients::List(list) => list.contains(&node),
        }
    }
}

/// A message handed to the network.
#[derive(Clone, Debug)]
pub struct Transmission<'a> {
    /// The sender.
    pub from: NodeId,
    /// The receivers.
    pub to: &'a Recipients,
    /// When it leaves the sender.
    pub at: Time,
    /// Its size on the wire, in bytes.
    pub bytes: usize,
    /// The sender's message number: with sender and receiver it names a copy, and keys its draws.
    pub number: u64,
}

/// The fate of one copy, with its receiver.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub struct Arrival {
    /// The receiver.
    pub to: NodeId,
    /// Its fate.
    pub fate: Fate,
}

/// The fate of one copy of a message.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub enum Fate {
    /// Arrives then.
    Intact(Time),
    /// Arrives then, corrupted.
    Damaged(Time),
    /// Arrives then, as a duplicate made by the network.
    Duplicate(Time),
    /// The copy is dropped.
    Lost(LossCause),
}

/// Why a copy was lost.
#[derive(Copy, Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum LossCause {
    /// The network dropped it by chance.
    Chance,
    /// It is larger than the network carries.
    TooLarge,
    /// A partition separates sender and receiver.
    Partition,
    /// A fault withheld it.
    Withheld,
    /// It was damaged beyond recognition and discarded.
    Damaged,
    /// The receiver was down.
    Down,
    /// There is no such receiver.
    NoSuchNode,
}

/// A network: decides the fate of every copy of every message.
///
/// `route` is called once a message, with all its receivers, and must answer from its own state and from draws keyed
/// by the shipment alone, so that what happens to one copy never changes another's draws.
///
/// ```
/// use synod_sim::network::{Arrival, Fate, Network, Transmission};
/// use synod_sim::{Duration, NodeId, Recipients, Time};
///
/// /// A ring: a message takes a millisecond for each step to the right.
/// struct Ring(u32);
///
/// impl Network for Ring {
///     fn route(&mut self, transmission: &Transmission<'_>, arrivals: &mut Vec<Arrival>) {
///         let Transmission { from, to, at, .. } = *transmission;
///         to.for_each(from, |to| {
///             let steps = (to.0 + self.0 - from.0) % self.0;
///             arrivals.push(Arrival { to, fate: Fate::Intact(at + Duration::from_millis(steps.into())) });
///         });
///     }
/// }
///
/// let to = Recipients::One(NodeId(1));
/// let transmission = Transmission { from: NodeId(3), to: &to, at: Time::ZERO, bytes: 8, number: 0 };
/// let mut arrivals = Vec::new();
/// Ring(5).route(&transmission, &mut arrivals);
/// assert_eq!(arrivals, [Arrival { to: NodeId(1), fate: Fate::Intact(Time::from_nanos(3_000_000)) }]);
/// ```
pub trait Network {
    /// Appends to `arrivals`, in the order of the recipients, at least one fate for every copy of `transmission`.
    fn route(&mut self, transmission: &Transmission<'_>, arrivals: &mut Vec<Arrival>);

    /// Returns when everything that `node` has sent by `now` has left it; `now` where nothing queues.
    fn uplink_free_at(&self, node: NodeId, now: Time) -> Time {
        let _ = node;
        now
    }

    /// Returns how long a copy of so many `bytes` takes to leave `from` for `to`; no time where nothing queues.
    fn transmission_time(&self, from: NodeId, to: NodeId, bytes: usize) -> Duration {
        let _ = (from, to, bytes);
        Duration::ZERO
    }
}

/// A network with one delay for every message, and no faults.
#[derive(Copy, Clone, Debug)]
pub struct ConstantDelay(pub Duration);

impl Network for ConstantDelay {
    fn route(&mut self, transmission: &Transmission<'_>, arrivals: &mut Vec<Arrival>) {
        let at = transmission.at + self.0;
        transmission
            .to
            .for_each(transmission.from, |to| arrivals.push(Arrival { to, fate: Fate::Intact(at) }));
    }
}
