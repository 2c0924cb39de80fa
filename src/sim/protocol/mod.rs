//! The protocol interface: a state machine without I/O, with its message, timer, record and observation types.

mod context;

pub use context::{Context, Effect, Lens, Members, Sink};
pub(super) use context::{HandlerEnv, NodeState};

use super::NodeId;
use super::inject::{Interceptor, SharedEffects};
use super::message::{Kind, Message};
use super::observation::Observation;
use super::random::Stream;
use serde::Serialize;
use std::borrow::Cow;
use std::fmt::Debug;
use std::rc::Rc;

/// A protocol: the state machine that every node of a run is an instance of.
///
/// A handler sees its own state, the input and a [`Context`]; what it wants done it leaves in the context as data,
/// and the kernel applies it after the handler. It cannot reach another node, the network or a wall clock.
///
/// ```
/// use synod_sim::{Context, NodeId, Protocol, Durable, NoObservation};
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
///     type Observation = NoObservation;
///
///     fn new(_: &Rc<()>, _: NodeId, _: usize, _: u64, _: Durable<'_, ()>) -> Greeter {
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
    /// Configuration, the same for every node; shared and immutable.
    type Config;
    /// The messages that nodes exchange.
    type Message: Message;
    /// Names a timer. A node has at most one armed timer of each name. Names are for people and for the protocol: the
    /// digest of the run does not depend on them. [`Alarms`](crate::Alarms) makes names for timers that are values.
    type Timer: Clone + Ord + Debug + Serialize + 'static;
    /// The records that a node persists.
    type Record: Clone + Debug + Serialize + 'static;
    /// Observations: what a node claims to the outside world, such as having decided, entered a view, executed a
    /// request.
    type Observation: Observation;

    /// Creates a node at the start of the run or after a crash, from durable state alone. `seed` is another for every
    /// node, twin and restart, and no other draw depends on it.
    fn new(
        config: &Rc<Self::Config>,
        me: NodeId,
        nodes: usize,
        seed: u64,
        durable: Durable<'_, Self::Record>,
    ) -> Self;

    /// Called once after [`Protocol::new`], also after a restart.
    fn on_start(&mut self, ctx: &mut Context<'_, Self>);

    /// Handles a message. `from` is the channel's sender, which the network vouches for; authorship of what the
    /// message contains is proven by signatures alone.
    fn on_message(&mut self, ctx: &mut Context<'_, Self>, from: NodeId, message: &Self::Message);

    /// Handles the expiry of an armed timer, which is then no longer armed.
    fn on_timer(&mut self, ctx: &mut Context<'_, Self>, timer: Self::Timer);

    /// Handles the completion of the sync that [`Context::sync_then`] began under `token`.
    fn on_synced(&mut self, ctx: &mut Context<'_, Self>, token: u64) {
        let _ = (ctx, token);
    }

    /// Returns the node's state for inspection; `None` if the protocol does not expose it.
    fn state(&self) -> Option<&dyn Debug> {
        None
    }

    /// Returns the epoch (view, term, round) that the node is in, and its leader, as far as the node knows.
    fn leader(&self) -> Option<(u64, NodeId)> {
        None
    }

    /// Returns the configuration of a twin (the `index`-th further instance, from 1): one that makes it propose
    /// something else. It must keep to what the node could sign.
    fn twin(config: &Rc<Self::Config>, life: u32) -> Rc<Self::Config> {
        let _ = life;
        Rc::clone(config)
    }

    /// Returns the kinds of message of a run, by their indices: those of the message type, unless the configuration
    /// decides which other protocols' messages are among them.
    fn kinds(config: &Self::Config) -> Cow<'static, [Kind]> {
        let _ = config;
        Cow::Borrowed(Self::Message::KINDS)
    }

    /// Protocol-specific attacks of insiders.
    const ATTACKS: &'static [Attack] = &[];

    /// Returns the interceptor that mounts one of [`Protocol::ATTACKS`].
    ///
    /// # Panics
    /// If there is no such attack.
    fn attack(name: &str, insiders: Insiders<Self>) -> Box<dyn Interceptor<Self::Message>> {
        let _ = insiders;
        panic!("this protocol knows no attack {name:?}")
    }

    /// Returns the modelled size in bytes of what the node holds, for the metric `state.retained_bytes_max`.
    fn retained_bytes(&self) -> usize {
        0
    }
}

/// Durable state after a crash: the records that the node wrote, in order; empty at the start of a run.
#[derive(Copy, Clone, Debug)]
pub struct Durable<'a, R> {
    /// The records, oldest first.
    pub records: &'a [R],
    /// True if the last write before the crash was torn: it failed its checksum and is not among the records.
    pub torn: bool,
}

impl<R> Durable<'_, R> {
    /// An empty log.
    pub const NOTHING: Self = Durable { records: &[], torn: false };
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

/// Parameters of an attack.
pub struct Insiders<P: Protocol> {
    /// Configuration, the same for every node.
    pub config: Rc<P::Config>,
    /// The insiders.
    pub nodes: Vec<NodeId>,
    /// Strength of the attack, in parts per million of its maximum.
    pub strength_ppm: u32,
    /// The attack's random stream.
    pub rng: Stream,
    /// Counts the attack's effects.
    pub effects: SharedEffects,
}
