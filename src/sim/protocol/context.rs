//! The handler's interface to the kernel: handlers emit effects, as data, which the kernel applies.
//!
//! A protocol can run another inside itself: [`Context::narrow`] gives the child a context whose effects a [`Lens`]
//! maps into the parent's types, one virtual call an effect at any depth.

use super::Protocol;
use crate::auth::{Body, CryptoCost, Identity, Keyring, Seal, Signed, Tag};
use crate::clock::Clock;
use crate::digest::fingerprint;
use crate::message::Message;
use crate::network::{Network, Recipients};
use crate::random::Stream;
use crate::{Duration, NodeId, Time};
use std::cell::Cell;

/// An effect that a handler emits.
#[derive(Debug)]
pub enum Effect<P: Protocol> {
    /// Send a message.
    Send {
        /// The recipients.
        to: Recipients,
        /// The subject.
        message: P::Message,
        /// True for a retransmission, which is counted as upkeep.
        resend: bool,
    },
    /// Arm a timer, in place of one of the same name.
    SetTimer {
        /// The name.
        timer: P::Timer,
        /// When it expires, by the node's own clock.
        after: Duration,
    },
    /// Disarm a timer.
    CancelTimer {
        /// The name.
        timer: P::Timer,
    },
    /// Append a record to the log of `scope`.
    Persist {
        /// The scope that owns the log.
        scope: u64,
        /// The record.
        record: P::Record,
    },
    /// Truncate the log of `scope`, atomically with the next sync.
    Truncate {
        /// The scope that owns the log.
        scope: u64,
    },
    /// Make persisted records durable; later effects wait until it is done.
    Sync,
    /// Make durable what was persisted so far; later effects do not wait, and the node is told.
    SyncThen {
        /// What it is told.
        token: u64,
    },
    /// Emit an observation.
    Observe(P::Observation),
    /// Show observers what the node goes by.
    Show(P::Observation),
}

impl<P: Protocol> Effect<P> {
    /// Returns true for effects that arm or cancel a timer.
    pub(crate) fn is_of_timers(&self) -> bool {
        matches!(self, Effect::SetTimer { .. } | Effect::CancelTimer { .. })
    }
}

/// Receives effects: the kernel, or a lens in front of it.
pub trait Sink<P: Protocol> {
    /// Takes one effect.
    fn push(&mut self, effect: Effect<P>);
}

/// The sink of a context: the kernel's is a list, and needs no virtual call.
enum SinkRef<'a, P: Protocol> {
    Kernel(&'a mut Vec<Effect<P>>),
    Lens(&'a mut dyn Sink<P>),
}

impl<P: Protocol> Sink<P> for SinkRef<'_, P> {
    #[inline]
    fn push(&mut self, effect: Effect<P>) {
        match self {
            SinkRef::Kernel(outbox) => outbox.push(effect),
            SinkRef::Lens(sink) => sink.push(effect),
        }
    }
}

/// Kernel-side state of a node that handlers access through their context.
#[derive(Debug)]
pub(crate) struct NodeState {
    pub(crate) clock: Clock,
    pub(crate) rng: Stream,
}

/// Kernel state that the running handler can use.
pub(crate) struct HandlerEnv {
    pub(crate) nodes: u32,
    /// Virtual time, without clock error.
    pub(crate) now: Time,
    pub(crate) keyring: Keyring,
    pub(crate) crypto: CryptoCost,
    pub(crate) network: Box<dyn Network>,
    /// Processor time that the handler has charged so far.
    pub(crate) charged: Duration,
    /// True if somebody looks on.
    watched: bool,
    /// True once a handler has read its node's clock.
    pub(crate) clock_read: Cell<bool>,
    scratch: Vec<u8>,
}

impl HandlerEnv {
    pub(crate) fn new(
        nodes: usize,
        keyring: Keyring,
        crypto: CryptoCost,
        network: Box<dyn Network>,
        watched: bool,
    ) -> HandlerEnv {
        let (nodes, now, charged) = (nodes as u32, Time::ZERO, Duration::ZERO);
        let clock_read = Cell::new(false);
        HandlerEnv { nodes, now, keyring, crypto, network, charged, watched, clock_read, scratch: Vec::new() }
    }
}

/// Everything that a handler can see and do outside of its own state.
pub struct Context<'a, P: Protocol> {
    env: &'a mut HandlerEnv,
    own: &'a mut NodeState,
    sink: SinkRef<'a, P>,
    /// The node's number in the run; `me` is its number in this protocol.
    signer: NodeId,
    me: NodeId,
    nodes: u32,
    scope: u64,
    id_map: &'a IdMap<'a>,
}

/// Maps a protocol instance's node numbers to nodes of the run.
#[derive(Copy, Clone)]
enum IdMap<'a> {
    /// The identity.
    Run,
    /// Indices into a list of the parent protocol's nodes.
    Listed { members: &'a [NodeId], around: &'a IdMap<'a> },
}

impl IdMap<'_> {
    /// Returns the node of the run that is `node` here, if there is one.
    #[inline]
    fn key(&self, node: NodeId) -> Option<NodeId> {
        match self {
            IdMap::Run => Some(node),
            IdMap::Listed { members, around } => around.key(*members.get(node.index())?),
        }
    }
}

impl<'a, P: Protocol> Context<'a, P> {
    #[inline]
    pub(crate) fn new(
        env: &'a mut HandlerEnv,
        own: &'a mut NodeState,
        outbox: &'a mut Vec<Effect<P>>,
        me: NodeId,
    ) -> Context<'a, P> {
        let nodes = env.nodes;
        Context {
            env,
            own,
            sink: SinkRef::Kernel(outbox),
            signer: me,
            me,
            nodes,
            scope: 0,
            id_map: &IdMap::Run,
        }
    }

    /// Returns this node.
    #[inline]
    pub fn me(&self) -> NodeId {
        self.me
    }

    /// Returns the number of nodes.
    #[inline]
    pub fn nodes(&self) -> usize {
        self.nodes as usize
    }

    /// Returns the time by this node's own clock, which may be wrong, when the handler was called.
    #[inline]
    pub fn now(&self) -> Time {
        self.env.clock_read.set(true);
        self.own.clock.read(self.env.now)
    }

    /// This node's own random stream.
    #[inline]
    pub fn rng(&mut self) -> &mut Stream {
        &mut self.own.rng
    }

    /// Returns a random stream of its own for `purpose`: a function of the run's seed, this node and its incarnation, the
    /// protocol instance and `purpose`, whatever was drawn before. It can be kept, or given to a library.
    pub fn fork(&mut self, purpose: u64) -> Stream {
        let purpose = fingerprint(&(self.scope, purpose), &mut self.env.scratch);
        self.own.rng.fork(purpose)
    }

    /// Returns when what this node has handed to the network so far will have left it, by the node's own clock: now,
    /// unless copies queue for bandwidth. What the running handler sends is not yet counted.
    pub fn uplink_free_at(&self) -> Time {
        self.env.clock_read.set(true);
        self.own.clock.read(self.env.network.uplink_free_at(self.signer, self.env.now))
    }

    /// Returns the scope that signatures and storage of this protocol instance are bound to: 0 for the outermost.
    pub fn scope(&self) -> u64 {
        self.scope
    }

    /// Sends `message` to one node.
    #[inline]
    pub fn send(&mut self, to: NodeId, message: P::Message) {
        self.multicast(Recipients::One(to), message);
    }

    /// Sends `message` to every other node.
    #[inline]
    pub fn broadcast(&mut self, message: P::Message) {
        self.multicast(Recipients::Peers(0..self.nodes), message);
    }

    /// Sends `message` to `to`. The payload is stored once, however many receive it.
    #[inline]
    pub fn multicast(&mut self, to: Recipients, message: P::Message) {
        self.sink.push(Effect::Send { to, message, resend: false });
    }

    /// Returns how long a copy of `message` to `to` keeps this node's uplink busy; no time where nothing queues.
    pub fn transmission_time(&self, to: NodeId, message: &P::Message) -> Duration {
        let to = self.id_map.key(to).unwrap_or(NodeId::NOBODY);
        self.env.network.transmission_time(self.signer, to, message.size())
    }

    /// Retransmits `message` unless something that this node sent before this handler still waits in its uplink: it may
    /// be this very message, and could not have arrived yet. Who has to hear it asks again, or is asked again.
    pub fn repeat(&mut self, to: Recipients, message: P::Message) {
        if self.env.network.uplink_free_at(self.signer, self.env.now) <= self.env.now {
            self.resend(to, message);
        }
    }

    /// Retransmits `message`: counted as upkeep, not as a protocol message.
    pub fn resend(&mut self, to: Recipients, message: P::Message) {
        self.sink.push(Effect::Send { to, message, resend: true });
    }

    /// Arms `timer` to expire `after` from the end of this handler, by this node's clock, in place of one of the
    /// same name.
    pub fn set_timer(&mut self, timer: P::Timer, after: Duration) {
        self.sink.push(Effect::SetTimer { timer, after });
    }

    /// Disarms `timer`; it does not expire, even if its time has come.
    pub fn cancel_timer(&mut self, timer: P::Timer) {
        self.sink.push(Effect::CancelTimer { timer });
    }

    /// Appends `record` to this node's storage. It survives a crash for sure only after a [`Context::sync`].
    pub fn persist(&mut self, record: P::Record) {
        self.sink.push(Effect::Persist { scope: self.scope, record });
    }

    /// Makes durable what was persisted. Effects after it wait until it is done, all but timers: what a message
    /// promises is durable.
    pub fn sync(&mut self) {
        self.sink.push(Effect::Sync);
    }

    /// Makes durable, in the background, what was persisted so far. Nothing waits for it; when it is done,
    /// [`Protocol::on_synced`] is called with `token`, unless the node has crashed by then.
    pub fn sync_then(&mut self, token: u64) {
        self.sink.push(Effect::SyncThen { token });
    }

    /// Truncates this instance's log, atomically with the next [`Context::sync`]: persist in between what is still
    /// needed. A crash before that sync leaves the old records intact.
    pub fn truncate(&mut self) {
        self.sink.push(Effect::Truncate { scope: self.scope });
    }

    /// Emits an observation: what the node claims to the outside world.
    pub fn observe(&mut self, observation: P::Observation) {
        self.sink.push(Effect::Observe(observation));
    }

    /// Shows observers what this node goes by, such as a certificate that it accepts: at once, and beside the run. It
    /// is in no digest, and is not even made where nobody looks on.
    #[inline]
    pub fn show(&mut self, make: impl FnOnce() -> P::Observation) {
        if self.env.watched {
            self.sink.push(Effect::Show(make()));
        }
    }

    /// Keeps this node's processor busy for `span` longer.
    pub fn charge(&mut self, span: Duration) {
        self.env.charged += span;
    }

    /// Signs `body` as this node, for anyone to check, third parties too.
    pub fn sign<B: Body>(&mut self, body: B) -> Signed<B> {
        self.env.charged += self.env.crypto.sign;
        let identity = Identity { name: self.me, key: self.signer };
        self.env.keyring.sign(body, identity, self.scope, &mut self.env.scratch)
    }

    /// Signs `body` as this node, for its receivers alone to check: cheaper than [`Context::sign`] where
    /// authentication is by authenticators, the same everywhere else.
    pub fn authenticate<B: Body>(&mut self, body: B) -> Signed<B> {
        self.env.charged += match self.env.keyring.tags_per_authenticator() {
            Some(tags) => self.env.crypto.mac.saturating_mul(tags),
            None => self.env.crypto.sign,
        };
        let identity = Identity { name: self.me, key: self.signer };
        self.env.keyring.authenticate(body, identity, self.scope, &mut self.env.scratch)
    }

    /// Returns true if `signed` was made by its signer in this scope, as far as this node can tell.
    pub fn verify<B>(&mut self, signed: &Signed<B>) -> bool {
        self.verify_seal(signed.seal())
    }

    fn verify_seal(&mut self, seal: &Seal) -> bool {
        self.env.charged += match seal.tag() {
            Tag::Authenticator(_) => self.env.crypto.mac,
            _ => self.env.crypto.verify,
        };
        let key = self.id_map.key(seal.signer());
        self.env.keyring.verify(seal, key, self.signer, self.scope)
    }

    /// Runs a child protocol's handler inside this one: `run` gets a context whose effects `lens` maps into this
    /// protocol's types.
    ///
    /// `session` binds the child's signatures and storage to one instance. The child's nodes are `members`, which
    /// it sees numbered from 0 in that order, as senders, receivers and signers.
    ///
    /// # Panics
    /// If this node is not among the members.
    pub fn narrow<C: Protocol, L: Lens<C, P>, R>(
        &mut self,
        session: u64,
        members: Members<'_>,
        lens: &mut L,
        run: impl FnOnce(&mut Context<'_, C>) -> R,
    ) -> R {
        let scope = fingerprint(&(self.scope, session), &mut self.env.scratch);
        let (me, nodes) = match members {
            Members::All => (self.me, self.nodes),
            Members::Some(list) => {
                let place = list.iter().position(|&node| node == self.me);
                (
                    NodeId(place.expect("a node runs the protocols that it is a member of") as u32),
                    list.len() as u32,
                )
            }
        };
        let listed = match members {
            Members::All => *self.id_map,
            Members::Some(members) => IdMap::Listed { members, around: self.id_map },
        };
        let mut sink = Narrowed { lens, sink: &mut self.sink, members, me: self.me };
        run(&mut Context {
            env: &mut *self.env,
            own: &mut *self.own,
            sink: SinkRef::Lens(&mut sink),
            signer: self.signer,
            me,
            nodes,
            scope,
            id_map: &listed,
        })
    }
}

/// The parent's nodes that are members of a child protocol.
#[derive(Copy, Clone, Debug)]
pub enum Members<'a> {
    /// All, under the same numbers.
    All,
    /// These: the child's node i is the parent's node `list[i]`.
    Some(&'a [NodeId]),
}

/// Maps a child protocol's effects to its parent's.
pub trait Lens<C: Protocol, P: Protocol> {
    /// Wraps a message.
    fn message(&mut self, message: C::Message) -> P::Message;
    /// Wraps a timer's name; different names must stay different.
    fn timer(&mut self, timer: C::Timer) -> P::Timer;
    /// Wraps a record.
    fn record(&mut self, record: C::Record) -> P::Record;
    /// Maps an observation of the child to one of the parent, if it has one.
    fn observation(&mut self, observation: C::Observation) -> Option<P::Observation>;
    /// Maps the token of a child's sync to one of the parent's, by which it finds the child again.
    fn token(&mut self, token: u64) -> u64 {
        token
    }
}

struct Narrowed<'a, P: Protocol, L> {
    lens: &'a mut L,
    sink: &'a mut dyn Sink<P>,
    members: Members<'a>,
    /// This node's number in the parent.
    me: NodeId,
}

impl<P: Protocol, L> Narrowed<'_, P, L> {
    fn outward(&self, to: Recipients) -> Recipients {
        let Members::Some(list) = self.members else { return to };
        let outer = |node: NodeId| list.get(node.index()).copied().unwrap_or(NodeId::NOBODY);
        match to {
            Recipients::One(node) => Recipients::One(outer(node)),
            Recipients::Peers(range) => {
                Recipients::List(range.map(NodeId).map(outer).filter(|&node| node != self.me).collect())
            }
            Recipients::List(nodes) => Recipients::List(nodes.iter().copied().map(outer).collect()),
        }
    }
}

impl<C: Protocol, P: Protocol, L: Lens<C, P>> Sink<C> for Narrowed<'_, P, L> {
    fn push(&mut self, effect: Effect<C>) {
        let effect = match effect {
            Effect::Send { to, message, resend } => {
                Effect::Send { to: self.outward(to), message: self.lens.message(message), resend }
            }
            Effect::SetTimer { timer, after } => Effect::SetTimer { timer: self.lens.timer(timer), after },
            Effect::CancelTimer { timer } => Effect::CancelTimer { timer: self.lens.timer(timer) },
            Effect::Persist { scope, record } => Effect::Persist { scope, record: self.lens.record(record) },
            Effect::Truncate { scope } => Effect::Truncate { scope },
            Effect::Sync => Effect::Sync,
            Effect::SyncThen { token } => Effect::SyncThen { token: self.lens.token(token) },
            Effect::Observe(observation) => match self.lens.observation(observation) {
                Some(observation) => Effect::Observe(observation),
                None => return,
            },
            Effect::Show(observation) => match self.lens.observation(observation) {
                Some(observation) => Effect::Show(observation),
                None => return,
            },
        };
        self.sink.push(effect);
    }
}
