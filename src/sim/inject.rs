//! Where a fault plan takes hold of a run: interventions at set times, interceptors on the nodes' wires, and the
//! keys that an adversary holds.

use super::auth::Forge;
use super::clock::Clock;
use super::message::Message;
use super::partition::Cut;
use super::random::Draws;
use super::storage::Damage;
use super::{Duration, NodeId, Time};
use rand::Rng;
use serde::Serialize;
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

pub use super::message::Alteration;

/// Something that happens to the system at a set time.
#[derive(Clone, Debug)]
pub enum Intervention {
    /// A node stops at once: its volatile state, timers, waiting messages and unreleased effects are gone. One that is
    /// down already also waits for this crash to be over.
    Crash {
        /// The id that ends it, and under which its effect is counted.
        id: u32,
        /// Which.
        node: InterventionTarget,
        /// What becomes of its storage.
        damage: Damage,
    },
    /// A crash is over: unless another keeps it down, the node is built anew from its durable records.
    Restart {
        /// The crash's id.
        id: u32,
        /// Which.
        node: InterventionTarget,
    },
    /// A cut begins.
    Cut {
        /// The id that heals it.
        id: u32,
        /// Who is cut off from whom.
        cut: Cut,
    },
    /// A node is cut off from all others.
    Isolate {
        /// The id that heals the cut.
        id: u32,
        /// Which.
        node: InterventionTarget,
    },
    /// A cut ends.
    Heal {
        /// Its id.
        id: u32,
    },
    /// From now on a node's processor takes this much longer for everything that it handles, besides what others make
    /// it take.
    Slow {
        /// The id that ends it, and under which its effect is counted.
        id: u32,
        /// Which.
        node: InterventionTarget,
        /// How much longer; zero ends it.
        by: Duration,
    },
    /// From now on a node's clock shows this; it may step, and timers that are armed keep their true time.
    Clock {
        /// Which.
        node: InterventionTarget,
        /// How it errs.
        clock: Clock,
        /// The id under which the effect is counted, if that is a fault's doing.
        fault: Option<u32>,
    },
}

/// Whom an intervention strikes.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub enum InterventionTarget {
    /// This node.
    Node(NodeId),
    /// Whoever leads when an intervention under this id first happens; later ones strike the same node. Nobody, if
    /// nobody leads.
    Leader(u32),
}

impl From<NodeId> for InterventionTarget {
    fn from(node: NodeId) -> InterventionTarget {
        InterventionTarget::Node(node)
    }
}

/// Which way a copy goes, seen from a node with an interceptor on its wire.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub enum Direction {
    /// The node sends it.
    Outbound,
    /// The node is to receive it.
    Inbound,
}

/// One copy of a message, when it leaves its sender.
#[derive(Debug)]
pub struct Envelope<'a, M> {
    /// Its sender.
    pub from: NodeId,
    /// Its receiver.
    pub to: NodeId,
    /// The sender's message number: with sender and receiver it names the copy, and keys draws about it.
    pub number: u64,
    /// What it says.
    pub message: &'a M,
}

/// What an interceptor does to one copy.
#[derive(Clone, Debug)]
pub enum Action<M> {
    /// Nothing.
    Pass,
    /// It never arrives.
    Drop,
    /// It arrives this much later.
    Delay(Duration),
    /// It arrives at once.
    DeliverNow,
    /// This arrives in its place.
    Replace(M),
    /// It arrives damaged, or if the damage is plain to see not at all.
    Damage,
    /// So many more copies arrive, each `apart` after the one before.
    Duplicate {
        /// How many more.
        copies: u32,
        /// The time between two.
        apart: Duration,
    },
}

/// A fault on the wires of some nodes.
///
/// It is asked about every copy that they send or are to receive and that neither chance nor a cut has lost, at the
/// moment at which the copy leaves its sender: an adversary is rushing, and knows what its nodes will be told before
/// it speaks. Interceptors are asked in order, each about what the ones before it made of the copy.
pub trait Interceptor<M: Message> {
    /// True if it ever concerns what `node` sends, or what it is to receive.
    fn covers(&self, node: NodeId, direction: Direction) -> bool;

    /// From when on, and until when if ever, it has to be asked at all: always, unless it says otherwise.
    fn active_between(&self) -> (Time, Option<Time>) {
        (Time::ZERO, None)
    }

    /// The verdict on a copy that a node which it covers sends or is to receive.
    fn intercept(
        &mut self,
        context: &mut AdversaryContext<'_, M>,
        direction: Direction,
        envelope: &Envelope<'_, M>,
    ) -> Action<M>;
}

/// What an interceptor can see and do besides judging a copy.
pub struct AdversaryContext<'a, M> {
    /// The true time.
    pub now: Time,
    /// The keys of the nodes that the adversary holds.
    pub forge: Forge<'a>,
    pub(super) detected: &'a BTreeMap<NodeId, Time>,
    pub(super) leader: &'a dyn Fn() -> Option<(u64, NodeId)>,
    pub(super) injected: &'a mut Vec<Injection<M>>,
    pub(super) numbers: Draws,
}

/// A message that a fault makes up.
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
    /// The highest epoch (view, term, round) that a node which is up and correct is in, and who leads it.
    pub fn leader(&self) -> Option<(u64, NodeId)> {
        (self.leader)()
    }

    /// Nodes against which a correct node has claimed proof of misbehaviour, each with the time of the first claim.
    pub fn detected(&self) -> &BTreeMap<NodeId, Time> {
        self.detected
    }

    /// How many messages have been made up so far at the sight of this copy's message.
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

/// Nodes that lead several lives under one identity each: instances of the state machine, of which each hears and
/// addresses one side of the system (S. Bano et al., *Twins: BFT Systems Made Robust*, OPODIS 2021).
///
/// Life k of every colluder belongs to side k, so the coalition shows side k one consistent history. Life 0 is the
/// node as it would be alone; other lives are told what [`Protocol::twin`](super::Protocol::twin) makes of the configuration. Outside of its
/// spells life 0 speaks alone, and all lives hear everything.
#[derive(Clone, Debug)]
pub struct Coalition {
    /// Who colludes.
    pub nodes: Vec<NodeId>,
    /// How many lives each leads: 2 to 64.
    pub instances: u32,
    /// The sides that each node is on, a bit each; nodes beyond the list are on all sides. Those of colluders mean
    /// nothing.
    pub sides: Vec<u64>,
    /// True if those on different sides do not hear each other either while the lives are apart: the adversary has
    /// the network as well.
    pub apart: bool,
    /// The spells during which the lives part, in order, each with its end if it has one.
    pub intervals: Vec<(Time, Option<Time>)>,
}

/// What a fault did, shared between the kernel, which counts, and the report.
#[derive(Copy, Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Effects {
    /// Copies that it kept from arriving.
    pub dropped: u64,
    /// Copies that it held back.
    pub delayed: u64,
    /// Copies that it changed.
    pub altered: u64,
    /// Messages that it sent besides those of its nodes: made up, or old ones again.
    pub forged: u64,
    /// Copies that it repeated.
    pub duplicated: u64,
}

impl Effects {
    /// Everything that it did, in number.
    pub fn total(&self) -> u64 {
        self.dropped + self.delayed + self.altered + self.forged + self.duplicated
    }
}

impl std::ops::AddAssign for Effects {
    fn add_assign(&mut self, more: Effects) {
        self.dropped += more.dropped;
        self.delayed += more.delayed;
        self.altered += more.altered;
        self.forged += more.forged;
        self.duplicated += more.duplicated;
    }
}

/// A counter that a fault and its report share.
pub type SharedEffects = Rc<RefCell<Effects>>;
