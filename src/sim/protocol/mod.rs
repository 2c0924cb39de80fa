//! What a protocol is: a state machine without I/O, and the types that it speaks in.

mod context;

pub use context::{Context, Effect, Lens, Members, Sink};
pub(super) use context::{HandlerEnv, NodeState};

use super::NodeId;
use super::inject::{Interceptor, SharedEffects};
use super::message::Message;
use super::observation::Observation;
use super::random::Stream;
use serde::Serialize;
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
    fn attack(name: &str, insiders: Insiders<Self>) -> Box<dyn Interceptor<Self::Message>> {
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
