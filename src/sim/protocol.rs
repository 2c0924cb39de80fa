//! What a protocol is: a state machine without I/O, and the types that it speaks in.

use super::auth::Forge;
use super::digest::encoded_len;
use super::fault::{Alteration, Interceptor, SharedEffects};
use super::mark::CoverageMark;
use super::random::Stream;
use super::{Context, NodeId};
use serde::Serialize;
use std::fmt::Debug;
use std::rc::Rc;

/// A protocol: the state machine that every node of a run is an instance of.
///
/// A handler sees its own state, the input and a [`Context`]; what it wants done it leaves in the context as data,
/// and the kernel applies it after the handler. It cannot reach another node, the network or a wall clock.
///
/// ```
/// use synod_sim::{Context, NodeId, Protocol, Durable, Silent};
/// use std::rc::Rc;
///
/// /// Node 0 greets everyone; whoever is greeted says so.
/// struct Greeter;
///
/// impl Protocol for Greeter {
///     type Config = ();
///     type Message = &'static str;
///     type Timer = ();
///     type Record = ();
///     type Observation = Silent;
///
///     fn new(_: &Rc<()>, _: NodeId, _: usize, _: Durable<'_, ()>) -> Greeter {
///         Greeter
///     }
///     fn on_start(&mut self, ctx: &mut Context<'_, Self>) {
///         if ctx.me() == NodeId(0) {
///             ctx.broadcast("hello");
///         }
///     }
///     fn on_message(&mut self, _: &mut Context<'_, Self>, _: NodeId, _: &&'static str) {}
///     fn on_timer(&mut self, _: &mut Context<'_, Self>, _: ()) {}
/// }
/// ```
pub trait Protocol: Sized + 'static {
    /// What every node is told at its birth; shared and immutable.
    type Config;
    /// What nodes send each other.
    type Message: Message;
    /// Names a timer. A node has at most one armed timer of each name.
    type Timer: Copy + Ord + Debug + Serialize + 'static;
    /// What a node writes to its storage.
    type Record: Clone + Debug + Serialize + 'static;
    /// What a node claims to the world outside the protocol: that it decided, entered a view, executed a request.
    type Observation: Observation;

    /// A node as it is at the start of the run or after a crash: built from nothing but what is durable.
    fn new(config: &Rc<Self::Config>, me: NodeId, nodes: usize, durable: Durable<'_, Self::Record>) -> Self;

    /// Called once after [`Protocol::new`], also after a restart.
    fn on_start(&mut self, ctx: &mut Context<'_, Self>);

    /// Handles a message. `from` is the channel's sender, which the network vouches for; authorship of what the
    /// message contains is proven by signatures alone.
    fn on_message(&mut self, ctx: &mut Context<'_, Self>, from: NodeId, message: &Self::Message);

    /// Handles the expiry of an armed timer, which is then no longer armed.
    fn on_timer(&mut self, ctx: &mut Context<'_, Self>, timer: Self::Timer);

    /// What the node knows, for people who look into a run; `None` if the protocol does not show it.
    fn state(&self) -> Option<&dyn Debug> {
        None
    }

    /// The epoch (view, term, round) that the node is in, and who leads it, as far as it knows.
    fn leader(&self) -> Option<(u64, NodeId)> {
        None
    }

    /// What the given further life, from 1, of a node that leads a double life is told in place of `config`: enough
    /// to make it say something else. It must keep to what the node could sign.
    fn twin(config: &Rc<Self::Config>, life: u32) -> Rc<Self::Config> {
        let _ = life;
        Rc::clone(config)
    }

    /// What only an insider of this protocol can do.
    const ATTACKS: &'static [Attack] = &[];

    /// The insiders' side of one of [`Protocol::ATTACKS`].
    ///
    /// # Panics
    /// If there is no such attack.
    fn attack(name: &str, insiders: Insiders<Self>) -> Box<dyn Interceptor<Self>> {
        let _ = insiders;
        panic!("this protocol knows no attack {name:?}")
    }

    /// The modelled size in bytes of what the node holds, for the metric `state.retained_bytes_max`.
    fn retained_bytes(&self) -> usize {
        0
    }
}

/// What survived a crash: the records that the node wrote, in order; empty at the start of a run.
#[derive(Copy, Clone, Debug)]
pub struct Durable<'a, R> {
    /// The records, oldest first.
    pub records: &'a [R],
    /// True if the last write before the crash was torn: it failed its checksum and is not among the records.
    pub torn: bool,
}

impl<R> Durable<'_, R> {
    /// Nothing written yet.
    pub const NOTHING: Self = Durable { records: &[], torn: false };
}

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

/// An attack that only an insider of a protocol can mount.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub struct Attack {
    /// Its name in fault models.
    pub name: &'static str,
    /// What it does, in one sentence.
    pub about: &'static str,
    /// What its strength means.
    pub strength: &'static str,
}

/// Who mounts an attack, and how.
pub struct Insiders<P: Protocol> {
    /// What every node is told.
    pub config: Rc<P::Config>,
    /// Who they are.
    pub nodes: Vec<NodeId>,
    /// How strong the attack is, in parts per million of its most.
    pub strength_ppm: u32,
    /// The attack's own draws.
    pub rng: Stream,
    /// Where it counts what it does.
    pub effects: SharedEffects,
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

/// What a node claims. The kernel records it; oracles judge it.
pub trait Observation: Debug + Serialize + 'static {
    /// What it means for the figures that every protocol is measured by.
    fn milestone(&self) -> Option<Milestone> {
        None
    }

    /// A figure of the protocol's own and its value now, of which a run reports the highest: the view reached, the
    /// term, the round.
    fn peak(&self) -> Option<(&'static str, u64)> {
        None
    }

    /// The node that the claim proves faulty, if it holds such a proof: two signed contents for one slot, an invalid
    /// signed message. Silence and delay prove nothing.
    fn accuses(&self) -> Option<NodeId> {
        None
    }

    /// True if it voices a suspicion, such as giving a leader up: of silence or delay, which prove nothing.
    fn suspects(&self) -> bool {
        false
    }

    /// The coverage mark that it hits: something that should sometimes happen, such as a view change.
    fn mark(&self) -> Option<&'static CoverageMark> {
        None
    }
}

/// A step in the life of an operation, which is whatever a run is asked to get done: a decision, a request.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub enum Milestone {
    /// The operation was handed in; its latency counts from here.
    Submitted(OperationId),
    /// A replica decided it, at this place in its order of decisions, from 1; all places are 1 where there is no
    /// order.
    Decided(OperationId, u64),
    /// A replica answered it from its own state: nobody else has to decide it.
    Served(OperationId),
    /// A replica took over a state that holds everything decided up to this place.
    CaughtUp(u64),
    /// Whoever handed it in knows its outcome.
    Completed(OperationId),
    /// The observer gave it up without an outcome. If that is whoever handed it in, nobody waits for it any more.
    Abandoned(OperationId),
}

impl Milestone {
    /// The operation that passed it, where it is one.
    pub fn operation(self) -> Option<OperationId> {
        match self {
            Milestone::Submitted(id)
            | Milestone::Decided(id, _)
            | Milestone::Served(id)
            | Milestone::Completed(id)
            | Milestone::Abandoned(id) => Some(id),
            Milestone::CaughtUp(_) => None,
        }
    }
}

/// Names an operation within a run.
#[derive(Copy, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize)]
pub struct OperationId(pub u64);

/// The observation of a protocol that claims nothing.
#[derive(Copy, Clone, Debug, Serialize)]
pub enum Silent {}

impl Observation for Silent {}

impl Observation for () {}

/// A message body that can be signed.
///
/// A signature covers the kind, the scope (the session) and the canonical encoding of the body, so that neither a
/// body of another kind nor one of another session can pass for it.
pub trait Body: Debug + Serialize + 'static {
    /// Tells bodies of one encoding apart.
    const KIND: &'static str;

    /// The body's size on the wire, in bytes.
    fn size(&self) -> usize {
        encoded_len(self)
    }
}
