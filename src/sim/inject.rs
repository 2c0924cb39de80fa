//! Fault injection points of the kernel: interventions at set times, message interceptors, and the keys that an
//! adversary holds.

use super::auth::Forge;
use super::clock::Clock;
use super::message::Message;
use super::partition::Cut;
use super::random::Draws;
use super::storage::Damage;
use super::{Duration, NodeId, Time};
use crate::collections::TreeMap;
use rand::Rng;
use serde::{Deserialize, Serialize};
use std::cell::RefCell;
use std::rc::Rc;

pub use super::message::Alteration;

/// Sorts interventions by time. Those at one time stay in order.
pub(super) fn sort(interventions: &mut [(Time, Intervention)]) {
    interventions.sort_by_key(|&(at, _)| at);
}

/// A scheduled change to the system.
#[derive(Clone, Debug)]
pub enum Intervention {
    /// A node stops at once: its volatile state, timers, waiting messages and unreleased effects are gone. A node that
    /// is down already also waits for this crash to end.
    Crash {
        /// Id that ends it, and under which its effects are counted.
        id: u32,
        /// The one concerned.
        node: InterventionTarget,
        /// Damage to its storage.
        damage: Damage,
        /// What becomes of copies that are on their way to it.
        in_flight: InFlight,
    },
    /// A crash is over: unless another keeps it down, the node is built anew from its durable records.
    Restart {
        /// The crash's id.
        id: u32,
        /// The one concerned.
        node: InterventionTarget,
    },
    /// A node stands still: no handler and no timer of it runs, and what is due at it waits in order. Its clock goes on,
    /// and so does its storage device.
    Pause {
        /// Id that ends it, and under which its effects are counted.
        id: u32,
        /// The one concerned.
        node: InterventionTarget,
    },
    /// A pause is over: unless another lasts, what waits is handled now.
    Resume {
        /// The pause's id.
        id: u32,
        /// The one concerned.
        node: InterventionTarget,
    },
    /// A cut begins.
    Cut {
        /// The id that heals it.
        id: u32,
        /// The cut: who cannot reach whom.
        cut: Cut,
        /// What becomes of copies that are on their way between those whom it separates.
        in_flight: InFlight,
    },
    /// A node is cut off from all others.
    Isolate {
        /// The id that heals the cut.
        id: u32,
        /// The one concerned.
        node: InterventionTarget,
        /// What becomes of copies that are on their way from or to it.
        in_flight: InFlight,
    },
    /// A cut ends.
    Heal {
        /// Its id.
        id: u32,
    },
    /// From now on a node takes this much longer for everything that it handles, in addition to other slowdowns.
    Slow {
        /// Id that ends it, and under which its effects are counted.
        id: u32,
        /// The one concerned.
        node: InterventionTarget,
        /// Added handling time; zero ends the slowdown.
        by: Duration,
    },
    /// From now on a node has this clock. It may step; timers that are armed keep their true expiry time.
    Clock {
        /// The one concerned.
        node: InterventionTarget,
        /// The new clock.
        clock: Clock,
        /// Id under which effects are counted, if a fault sets the clock.
        fault: Option<u32>,
    },
}

/// What becomes of copies that were sent before a cut begins, or before their receiver goes down, and are still on their
/// way then.
#[derive(Copy, Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum InFlight {
    /// They arrive, unless the fault still lasts when they are due.
    #[default]
    Deliver,
    /// They are lost, even if the fault is over when they are due.
    Drop,
}

impl InFlight {
    /// Returns true if they arrive.
    pub fn is_delivered(&self) -> bool {
        *self == InFlight::Deliver
    }
}

/// The target of an intervention.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub enum InterventionTarget {
    /// Returns this node.
    Node(NodeId),
    /// The leader at the time of the first intervention with this id; later ones target the same node. Nobody, if there
    /// is no leader.
    Leader(u32),
}

impl From<NodeId> for InterventionTarget {
    fn from(node: NodeId) -> InterventionTarget {
        InterventionTarget::Node(node)
    }
}

/// Direction of a copy, as seen from the node whose traffic is intercepted.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub enum Direction {
    /// Sent by the node.
    Outbound,
    /// Addressed to the node.
    Inbound,
}

/// One copy of a message, at the time at which it leaves its sender.
#[derive(Debug)]
pub struct Envelope<'a, M> {
    /// Its sender.
    pub from: NodeId,
    /// Its receiver.
    pub to: NodeId,
    /// Per-sender message number: with sender and receiver it identifies the copy and keys its random draws.
    pub number: u64,
    /// The message.
    pub message: &'a M,
}

/// What an interceptor does with one copy.
#[derive(Clone, Debug)]
pub enum Action<M> {
    /// No action.
    Pass,
    /// The copy is dropped.
    Drop,
    /// The copy is delayed by this much.
    Delay(Duration),
    /// The copy is delivered at once, without network delay.
    DeliverNow,
    /// This message is delivered instead.
    Replace(M),
    /// The copy is corrupted; it is dropped if the corruption is detectable.
    Damage,
    /// Further copies are delivered, each `apart` after the one before.
    Duplicate {
        /// Number of additional copies.
        copies: u32,
        /// Time between two of them.
        apart: Duration,
    },
}

/// Intercepts the messages of some nodes.
///
/// It is asked about every copy that they send or are to receive and that neither the network nor a partition has
/// dropped, at the time at which the copy leaves its sender: the adversary is rushing, and sees what its nodes will
/// receive before they send. Interceptors are asked in order, each about what its predecessors made of the copy.
///
/// ```
/// use synod_sim::inject::{Action, AdversaryContext, Direction, Envelope, Interceptor};
/// use synod_sim::{Message, NodeId};
///
/// /// Selective omission: `liar` keeps everything from `victim`.
/// struct Omission {
///     liar: NodeId,
///     victim: NodeId,
/// }
///
/// impl<M: Message> Interceptor<M> for Omission {
///     fn covers(&self, node: NodeId, direction: Direction) -> bool {
///         node == self.liar && direction == Direction::Outbound
///     }
///     fn intercept(
///         &mut self,
///         _: &mut AdversaryContext<'_, M>,
///         _: Direction,
///         envelope: &Envelope<'_, M>,
///     ) -> Action<M> {
///         if envelope.to == self.victim { Action::Drop } else { Action::Pass }
///     }
/// }
/// ```
pub trait Interceptor<M: Message> {
    /// Returns true if it may act on what `node` sends, or on what it is to receive.
    fn covers(&self, node: NodeId, direction: Direction) -> bool;

    /// Returns the interval during which it has to be asked; the whole run by default.
    fn active_between(&self) -> (Time, Option<Time>) {
        (Time::ZERO, None)
    }

    /// Decides what happens to a copy that a covered node sends or is to receive.
    fn intercept(
        &mut self,
        context: &mut AdversaryContext<'_, M>,
        direction: Direction,
        envelope: &Envelope<'_, M>,
    ) -> Action<M>;
}

/// What an adversary can see and do at a copy, apart from deciding about it.
pub struct AdversaryContext<'a, M> {
    /// Virtual time, without clock error.
    pub now: Time,
    /// The keys of the nodes that the adversary holds.
    pub forge: Forge<'a>,
    pub(super) detected: &'a TreeMap<NodeId, Time>,
    pub(super) leader: &'a dyn Fn() -> Option<(u64, NodeId)>,
    pub(super) injected: &'a mut Vec<Injection<M>>,
    pub(super) numbers: Draws,
}

/// A message that an adversary injects.
#[derive(Debug)]
pub(super) struct Injection<M> {
    pub(super) from: NodeId,
    pub(super) to: NodeId,
    pub(super) message: M,
    pub(super) after: Duration,
    /// The number that keys draws about it: a pure function of the copy at the sight of which it was made up, and high
    /// above those of what nodes send, so that it shifts no draw about anything else.
    pub(super) number: u64,
}

impl<M: Message> AdversaryContext<'_, M> {
    /// Returns the highest epoch (view, term, round) among correct nodes that are up, and its leader.
    pub fn leader(&self) -> Option<(u64, NodeId)> {
        (self.leader)()
    }

    /// Returns the nodes of which a correct node has claimed proof of misbehaviour, with the time of the first claim.
    pub fn detected(&self) -> &TreeMap<NodeId, Time> {
        self.detected
    }

    /// Returns the number of messages injected so far on account of this copy's message.
    pub fn injected(&self) -> usize {
        self.injected.len()
    }

    /// Sends `message` to `to` as coming from `from`, `after` from now. It crosses the network like any other; no
    /// interceptor is asked about it.
    ///
    /// # Panics
    /// If the adversary does not hold `from`.
    pub fn inject(&mut self, from: NodeId, to: NodeId, message: M, after: Duration) {
        assert!(self.forge.holds(from), "the network vouches for senders: {from:?} is not the adversary's");
        let number = 1 << 63 | self.numbers.next_u64();
        self.injected.push(Injection { from, to, message, after, number });
    }
}

/// Twins: nodes with several instances of the state machine under one identity each, where every instance talks to one
/// side of the system (S. Bano et al., *Twins: BFT Systems Made Robust*, OPODIS 2021).
///
/// Twin k of every colluder belongs to side k, so the coalition shows side k one consistent history. Twin 0 is the node
/// as it would be alone; other twins get the configuration that [`Protocol::twin`](super::Protocol::twin) returns.
/// Outside of its windows twin 0 sends alone, and all twins receive everything.
#[derive(Clone, Debug)]
pub struct Coalition {
    /// The members.
    pub nodes: Vec<NodeId>,
    /// Instances per member: 2 to 64.
    pub instances: u32,
    /// Bit set of the sides that each node is on; nodes beyond the list are on all sides. Entries of members are
    /// ignored.
    pub sides: Vec<u64>,
    /// True if the sides cannot reach each other either during the intervals: the adversary controls the network, too.
    pub apart: bool,
    /// The intervals during which the instances are split, in order, each with its end if it has one.
    pub intervals: Vec<(Time, Option<Time>)>,
}

/// Effects of a fault, counted by the kernel and read by the report.
#[derive(Copy, Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Effects {
    /// Copies dropped.
    pub dropped: u64,
    /// Copies that arrive, or inputs that are handled, at another time: mostly later.
    pub delayed: u64,
    /// Copies altered.
    pub altered: u64,
    /// Messages forged: injected, or replayed.
    pub forged: u64,
    /// Copies duplicated.
    pub duplicated: u64,
    /// What crashes destroyed: the memory of a node, inputs that waited for its processor, effects that were still to
    /// appear, armed timers, records that were not durable.
    pub destroyed: u64,
}

impl Effects {
    /// Returns the sum of all counts: 0 only if the run is the same without the fault.
    pub fn total(&self) -> u64 {
        let Effects { dropped, delayed, altered, forged, duplicated, destroyed } = self;
        dropped + delayed + altered + forged + duplicated + destroyed
    }
}

impl std::ops::AddAssign for Effects {
    fn add_assign(&mut self, more: Effects) {
        self.dropped += more.dropped;
        self.delayed += more.delayed;
        self.altered += more.altered;
        self.forged += more.forged;
        self.duplicated += more.duplicated;
        self.destroyed += more.destroyed;
    }
}

/// Effects shared between a fault and its report.
pub type SharedEffects = Rc<RefCell<Effects>>;
