//! Coalitions of insiders: what they share, and the interceptor that runs their strategy.

use rand::Rng;
use std::rc::Rc;
use synod_sim::collections::SortedMap;
use synod_sim::inject::{Action, AdversaryContext, Direction, Envelope, Interceptor, SharedEffects};
use synod_sim::{Body, Duration, Insiders, NodeId, Protocol, Signed, Stream};

/// A strategy of insiders: what they do with the messages that they send and receive.
pub trait Strategy<P: Protocol>: 'static {
    /// Decides about a message that an insider sends.
    fn on_send(
        &mut self,
        ctx: &mut AttackContext<'_, '_, P>,
        envelope: &Envelope<'_, P::Message>,
    ) -> Action<P::Message>;

    /// Decides about a message that a correct node sends to an insider; all insiders know it from now on.
    ///
    /// Unless a scheme says otherwise, it passes.
    fn on_receive(
        &mut self,
        ctx: &mut AttackContext<'_, '_, P>,
        envelope: &Envelope<'_, P::Message>,
    ) -> Action<P::Message> {
        let _ = (ctx, envelope);
        Action::Pass
    }
}

/// The insiders of a run.
pub struct Coalition<P: Protocol> {
    /// Configuration, the same for every node.
    pub config: Rc<P::Config>,
    nodes: Vec<NodeId>,
    strength_ppm: u32,
    rng: Stream,
    effects: SharedEffects,
}

impl<P: Protocol> Coalition<P> {
    /// Returns true if `node` is an insider.
    pub fn contains(&self, node: NodeId) -> bool {
        self.nodes.contains(&node)
    }

    /// The insiders.
    pub fn insiders(&self) -> &[NodeId] {
        &self.nodes
    }

    /// Those of the first `nodes` nodes that are none.
    pub fn correct_among(&self, nodes: u32) -> Vec<NodeId> {
        (0..nodes).map(NodeId).filter(|&node| !self.contains(node)).collect()
    }

    /// `whole` times the attack's strength, rounded up.
    pub fn scaled(&self, whole: u64) -> u64 {
        (u128::from(whole) * u128::from(self.strength_ppm)).div_ceil(1_000_000) as u64
    }

    /// Draws whether to act, with the attack's strength as probability.
    pub fn should_act(&mut self) -> bool {
        self.rng.next_u64() % 1_000_000 < u64::from(self.strength_ppm)
    }
}

/// Draws about things that a coalition treats alike wherever they turn up.
#[derive(Debug)]
pub struct StickyDraws<K>(SortedMap<K, bool>);

impl<K> Default for StickyDraws<K> {
    fn default() -> StickyDraws<K> {
        StickyDraws(SortedMap::new())
    }
}

impl<K: Ord> StickyDraws<K> {
    /// No draws yet.
    pub fn new() -> StickyDraws<K> {
        StickyDraws::default()
    }

    /// Returns true if the lot of `key` falls on it: drawn when it is first asked for, as often as the strength says.
    pub fn draw<P: Protocol>(&mut self, coalition: &mut Coalition<P>, key: K) -> bool {
        *self.0.entry(key).or_insert_with(|| coalition.should_act())
    }
}

/// What a strategy can access and do at one event.
pub struct AttackContext<'a, 'w, P: Protocol> {
    /// The insiders.
    pub coalition: &'a mut Coalition<P>,
    /// The wire that the copy is on.
    pub wire: &'a mut AdversaryContext<'w, P::Message>,
}

/// The signature scope of a protocol that runs by itself.
const SCOPE: u64 = 0;

impl<P: Protocol> AttackContext<'_, '_, P> {
    /// `body` signed by an insider.
    pub fn sign<B: Body>(&self, body: B, signer: NodeId) -> Signed<B> {
        self.wire.forge.sign(body, signer, SCOPE)
    }

    /// `body` in place of the insider's `original`, signed again.
    ///
    /// # Panics
    /// If no insider signed `original`.
    pub fn reseal<B: Body>(&self, original: &Signed<B>, body: B) -> Signed<B> {
        self.wire.forge.reseal(original, body).expect("an insider signed it")
    }

    /// Returns true if an insider has signed it.
    pub fn is_own<B>(&self, signed: &Signed<B>) -> bool {
        self.coalition.contains(signed.signer())
    }

    /// Injects a forged message.
    pub fn send(&mut self, from: NodeId, to: NodeId, message: P::Message) {
        self.coalition.effects.borrow_mut().forged += 1;
        self.wire.inject(from, to, message, Duration::ZERO);
    }
}

/// Runs a strategy on the messages from and to its insiders.
pub struct AttackInterceptor<P: Protocol> {
    coalition: Coalition<P>,
    strategy: Box<dyn Strategy<P>>,
}

impl<P: Protocol> AttackInterceptor<P> {
    /// `strategy` on the wires of these insiders.
    pub fn new(insiders: Insiders<P>, strategy: Box<dyn Strategy<P>>) -> AttackInterceptor<P> {
        let Insiders { config, nodes, strength_ppm, rng, effects } = insiders;
        AttackInterceptor { coalition: Coalition { config, nodes, strength_ppm, rng, effects }, strategy }
    }
}

impl<P: Protocol> Interceptor<P::Message> for AttackInterceptor<P> {
    fn covers(&self, node: NodeId, _: Direction) -> bool {
        self.coalition.contains(node)
    }

    fn intercept(
        &mut self,
        wire: &mut AdversaryContext<'_, P::Message>,
        way: Direction,
        envelope: &Envelope<'_, P::Message>,
    ) -> Action<P::Message> {
        let AttackInterceptor { coalition, strategy } = self;
        let mut ctx = AttackContext { coalition, wire };
        let verdict = match way {
            Direction::Outbound => strategy.on_send(&mut ctx, envelope),
            // What insiders tell each other was judged when it left.
            Direction::Inbound if ctx.coalition.contains(envelope.from) => Action::Pass,
            Direction::Inbound => strategy.on_receive(&mut ctx, envelope),
        };
        let mut effects = self.coalition.effects.borrow_mut();
        match verdict {
            Action::Drop => effects.dropped += 1,
            Action::Delay(_) | Action::DeliverNow => effects.delayed += 1,
            Action::Replace(_) | Action::Damage => effects.altered += 1,
            Action::Duplicate { copies, .. } => effects.duplicated += u64::from(copies),
            Action::Pass => {}
        }
        verdict
    }
}

/// Declares a protocol's attacks: `ATTACKS`, and `mount`, which builds the interceptor of one. An `AttackInterceptor`
/// has to be in scope.
#[macro_export]
macro_rules! attacks {
    ($protocol:ty; $($name:literal $strategy:expr, $about:literal, $strength:literal;)*) => {
        /// The attacks, by their numbers in the catalogue as far as they have one.
        pub(crate) const ATTACKS: &[synod_sim::Attack] =
            &[$(synod_sim::Attack { name: $name, about: $about, strength: $strength }),*];

        /// The interceptor of the attack `name`.
        ///
        /// # Panics
        /// If there is no such attack.
        pub(crate) fn mount(
            name: &str,
            insiders: synod_sim::Insiders<$protocol>,
        ) -> Box<dyn synod_sim::inject::Interceptor<<$protocol as synod_sim::Protocol>::Message>> {
            let strategy: Box<dyn $crate::coalition::Strategy<$protocol>> = match name {
                $($name => Box::new($strategy),)*
                _ => panic!("this protocol knows no attack {name:?}"),
            };
            Box::new(AttackInterceptor::new(insiders, strategy))
        }
    };
}
