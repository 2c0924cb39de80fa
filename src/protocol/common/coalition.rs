//! Insiders who act as one: what they share, and the seat of their scheme on their wires.

use rand::Rng;
use std::collections::BTreeMap;
use std::rc::Rc;
use synod_sim::fault::{Copy, Interceptor, SharedEffects, Verdict, Way, Wire};
use synod_sim::{Body, Duration, Insiders, NodeId, Protocol, Signed, Stream};

/// What insiders of a protocol do with what they send and hear.
pub trait Scheme<P: Protocol>: 'static {
    /// What becomes of a copy that an insider sends.
    fn speak(&mut self, hand: &mut Hand<'_, '_, P>, copy: &Copy<'_, P::Message>) -> Verdict<P::Message>;

    /// What becomes of a copy that a correct node sends to an insider. All of them know it from now on.
    ///
    /// Unless a scheme says otherwise, it passes.
    fn hear(&mut self, hand: &mut Hand<'_, '_, P>, copy: &Copy<'_, P::Message>) -> Verdict<P::Message> {
        let _ = (hand, copy);
        Verdict::Pass
    }
}

/// The insiders of a run.
pub struct Coalition<P: Protocol> {
    /// What every node is told.
    pub config: Rc<P::Config>,
    nodes: Vec<NodeId>,
    strength_ppm: u32,
    rng: Stream,
    effects: SharedEffects,
}

impl<P: Protocol> Coalition<P> {
    /// True if `node` is an insider.
    pub fn holds(&self, node: NodeId) -> bool {
        self.nodes.contains(&node)
    }

    /// The insiders.
    pub fn insiders(&self) -> &[NodeId] {
        &self.nodes
    }

    /// Those of the first `nodes` nodes that are none.
    pub fn correct_among(&self, nodes: u32) -> Vec<NodeId> {
        (0..nodes).map(NodeId).filter(|&node| !self.holds(node)).collect()
    }

    /// The strength's part of `whole`, rounded up.
    pub fn part(&self, whole: u64) -> u64 {
        (u128::from(whole) * u128::from(self.strength_ppm)).div_ceil(1_000_000) as u64
    }

    /// True as often as the strength says.
    pub fn strikes(&mut self) -> bool {
        self.rng.next_u64() % 1_000_000 < u64::from(self.strength_ppm)
    }
}

/// Draws about things that a coalition treats alike wherever they turn up.
#[derive(Debug)]
pub struct Lots<K>(BTreeMap<K, bool>);

impl<K> Default for Lots<K> {
    fn default() -> Lots<K> {
        Lots(BTreeMap::new())
    }
}

impl<K: Ord> Lots<K> {
    /// No draws yet.
    pub fn new() -> Lots<K> {
        Lots::default()
    }

    /// True if the lot of `key` falls on it: drawn when it is first asked for, as often as the strength says.
    pub fn strike<P: Protocol>(&mut self, coalition: &mut Coalition<P>, key: K) -> bool {
        *self.0.entry(key).or_insert_with(|| coalition.strikes())
    }
}

/// What a scheme can do at the moment.
pub struct Hand<'a, 'w, P: Protocol> {
    /// The insiders.
    pub coalition: &'a mut Coalition<P>,
    /// The wire that the copy is on.
    pub wire: &'a mut Wire<'w, P::Message>,
}

/// The scope of a protocol by itself.
const SCOPE: u64 = 0;

impl<P: Protocol> Hand<'_, '_, P> {
    /// `body` signed by an insider.
    pub fn sign<B: Body>(&self, body: B, signer: NodeId) -> Signed<B> {
        self.wire.forge.sign(body, signer, SCOPE)
    }

    /// `body` in the place of what the insider's `original` says.
    ///
    /// # Panics
    /// If no insider signed `original`.
    pub fn reseal<B: Body>(&self, original: &Signed<B>, body: B) -> Signed<B> {
        self.wire.forge.reseal(original, body).expect("an insider signed it")
    }

    /// True for what an insider itself has signed.
    pub fn is_own<B>(&self, signed: &Signed<B>) -> bool {
        self.coalition.holds(signed.signer())
    }

    /// Sends what is made up.
    pub fn send(&mut self, from: NodeId, to: NodeId, message: P::Message) {
        self.coalition.effects.borrow_mut().forged += 1;
        self.wire.inject(from, to, message, Duration::ZERO);
    }
}

/// A scheme on its insiders' wires.
pub struct Seat<P: Protocol, S> {
    coalition: Coalition<P>,
    scheme: S,
}

impl<P: Protocol, S: Scheme<P>> Seat<P, S> {
    /// `scheme` on the wires of these insiders.
    pub fn boxed(insiders: Insiders<P>, scheme: S) -> Box<dyn Interceptor<P::Message>> {
        let Insiders { config, nodes, strength_ppm, rng, effects } = insiders;
        Box::new(Seat { coalition: Coalition { config, nodes, strength_ppm, rng, effects }, scheme })
    }
}

impl<P: Protocol, S: Scheme<P>> Interceptor<P::Message> for Seat<P, S> {
    fn covers(&self, node: NodeId, _: Way) -> bool {
        self.coalition.holds(node)
    }

    fn on_copy(
        &mut self,
        wire: &mut Wire<'_, P::Message>,
        way: Way,
        copy: &Copy<'_, P::Message>,
    ) -> Verdict<P::Message> {
        let Seat { coalition, scheme } = self;
        let mut hand = Hand { coalition, wire };
        let verdict = match way {
            Way::Out => scheme.speak(&mut hand, copy),
            // What insiders tell each other was judged when it left.
            Way::In if hand.coalition.holds(copy.from) => Verdict::Pass,
            Way::In => scheme.hear(&mut hand, copy),
        };
        let mut effects = self.coalition.effects.borrow_mut();
        match verdict {
            Verdict::Withhold => effects.dropped += 1,
            Verdict::Delay(_) => effects.delayed += 1,
            Verdict::Replace(_) => effects.altered += 1,
            _ => {}
        }
        verdict
    }
}

/// Declares a protocol's attacks: `ATTACKS`, and `mount`, which makes the interceptor of one. Whoever uses it brings a
/// `Seat` along.
#[macro_export]
macro_rules! attacks {
    ($protocol:ty; $($name:literal $scheme:expr, $about:literal, $strength:literal;)*) => {
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
        ) -> Box<dyn synod_sim::fault::Interceptor<<$protocol as synod_sim::Protocol>::Message>> {
            match name {
                $($name => Seat::boxed(insiders, $scheme),)*
                _ => panic!("this protocol knows no attack {name:?}"),
            }
        }
    };
}
