//! Insiders who act as one: what they share, and the seat of their scheme on their wires.

use super::super::{Config, Message, Pbft};
use rand::Rng;
use std::collections::BTreeMap;
use std::rc::Rc;
use synod_sim::fault::{Copy, Interceptor, SharedEffects, Verdict, Way, Wire};
use synod_sim::{Body, Duration, Insiders, NodeId, Signed, Stream};

/// What insiders do with what they send and hear.
pub(super) trait Scheme: 'static {
    /// What becomes of a copy that an insider sends.
    fn speak(&mut self, hand: &mut Hand<'_, '_>, copy: &Copy<'_, Message>) -> Verdict<Message>;

    /// What becomes of a copy that a correct node sends to an insider. All of them know it from now on.
    fn hear(&mut self, hand: &mut Hand<'_, '_>, copy: &Copy<'_, Message>) -> Verdict<Message> {
        let _ = (hand, copy);
        Verdict::Pass
    }
}

/// The insiders of a run.
pub(super) struct Coalition {
    pub(super) config: Rc<Config>,
    nodes: Vec<NodeId>,
    strength_ppm: u32,
    rng: Stream,
    effects: SharedEffects,
}

impl Coalition {
    /// True if `node` is an insider.
    pub(super) fn holds(&self, node: NodeId) -> bool {
        self.nodes.contains(&node)
    }

    /// The insiders.
    pub(super) fn insiders(&self) -> Vec<NodeId> {
        self.nodes.clone()
    }

    /// The replicas that are none.
    pub(super) fn correct(&self) -> Vec<NodeId> {
        (0..self.config.quorum.n).map(NodeId).filter(|&node| !self.holds(node)).collect()
    }

    /// The strength's part of `whole`, rounded up.
    pub(super) fn part(&self, whole: u64) -> u64 {
        (u128::from(whole) * u128::from(self.strength_ppm)).div_ceil(1_000_000) as u64
    }

    /// The strength's part of `most` correct replicas: the last ones.
    pub(super) fn victims(&self, most: usize) -> Vec<NodeId> {
        let correct = self.correct();
        let count = self.part(most as u64) as usize;
        correct[correct.len().saturating_sub(count)..].to_vec()
    }

    /// How many replicas the others can go on without: n − q.
    pub(super) fn spare(&self) -> usize {
        (self.config.quorum.n - self.config.quorum.strong()) as usize
    }

    /// True as often as the strength says.
    fn strikes(&mut self) -> bool {
        self.rng.next_u64() % 1_000_000 < u64::from(self.strength_ppm)
    }
}

/// Draws about things that the coalition treats alike wherever they turn up.
#[derive(Debug)]
pub(super) struct Lots<K>(BTreeMap<K, bool>);

impl<K: Ord> Lots<K> {
    pub(super) fn new() -> Lots<K> {
        Lots(BTreeMap::new())
    }

    /// True if the lot of `key`, drawn as the strength says, falls on it.
    pub(super) fn strike(&mut self, coalition: &mut Coalition, key: K) -> bool {
        *self.0.entry(key).or_insert_with(|| coalition.strikes())
    }
}

/// What a scheme can do at the moment.
pub(super) struct Hand<'a, 'w> {
    pub(super) coalition: &'a mut Coalition,
    pub(super) wire: &'a mut Wire<'w, Pbft>,
}

/// The scope of a run of PBFT by itself.
const SCOPE: u64 = 0;

impl Hand<'_, '_> {
    /// `body` signed by an insider.
    pub(super) fn sign<B: Body>(&self, body: B, signer: NodeId) -> Signed<B> {
        self.wire.forge.sign(body, signer, SCOPE)
    }

    /// `body` in the place of what the insider's `original` says.
    pub(super) fn reseal<B: Body>(&self, original: &Signed<B>, body: B) -> Signed<B> {
        self.wire.forge.reseal(original, body).expect("an insider signed it")
    }

    /// True for what an insider itself has signed.
    pub(super) fn is_own<B>(&self, signed: &Signed<B>) -> bool {
        self.coalition.holds(signed.signer())
    }

    /// Sends what is made up.
    pub(super) fn send(&mut self, from: NodeId, to: NodeId, message: Message) {
        self.coalition.effects.borrow_mut().forged += 1;
        self.wire.inject(from, to, message, Duration::ZERO);
    }
}

/// A scheme on its insiders' wires.
pub(super) struct Seat<S> {
    coalition: Coalition,
    scheme: S,
}

impl<S: Scheme> Seat<S> {
    pub(super) fn boxed(insiders: Insiders<Pbft>, scheme: S) -> Box<dyn Interceptor<Pbft>> {
        let Insiders { config, nodes, strength_ppm, rng, effects } = insiders;
        Box::new(Seat { coalition: Coalition { config, nodes, strength_ppm, rng, effects }, scheme })
    }
}

impl<S: Scheme> Interceptor<Pbft> for Seat<S> {
    fn covers(&self, node: NodeId, _: Way) -> bool {
        self.coalition.holds(node)
    }

    fn on_copy(&mut self, wire: &mut Wire<'_, Pbft>, way: Way, copy: &Copy<'_, Message>) -> Verdict<Message> {
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
