//! Insiders who act as one: what they share, and the seat of their scheme on their wires.

use super::super::{Config, Message, Vote, Weighted};
use crate::sim::fault::{Copy, Interceptor, SharedEffects, Verdict, Way, Wire};
use crate::sim::{Body, Duration, Insiders, NodeId, Signed, Stream};
use rand::Rng;
use std::rc::Rc;

/// What insiders do with what they send and hear.
pub(super) trait Scheme: 'static {
    /// What becomes of a copy that an insider sends.
    fn speak(&mut self, hand: &mut Hand<'_, '_>, copy: &Copy<'_, Message>) -> Verdict<Message>;

    /// Takes note of a copy that a correct node sends to an insider.
    fn hear(&mut self, hand: &mut Hand<'_, '_>, copy: &Copy<'_, Message>) {
        let _ = (hand, copy);
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
    pub(super) fn insiders(&self) -> &[NodeId] {
        &self.nodes
    }

    /// The voters that are none.
    pub(super) fn correct(&self) -> Vec<NodeId> {
        (0..self.config.voters() as u32).map(NodeId).filter(|&node| !self.holds(node)).collect()
    }

    /// The strength's part of `whole`, rounded up.
    pub(super) fn part(&self, whole: u64) -> u64 {
        (u128::from(whole) * u128::from(self.strength_ppm)).div_ceil(1_000_000) as u64
    }

    /// True as often as the strength says.
    pub(super) fn strikes(&mut self) -> bool {
        self.rng.next_u64() % 1_000_000 < u64::from(self.strength_ppm)
    }

    /// An option that is not the truth of `session`: the same for all insiders.
    pub(super) fn lie(&self, session: u64) -> u64 {
        let truth = self.config.polls.get(session as usize).map_or(0, |poll| poll.truth);
        (truth + 1) % self.config.options
    }
}

/// What a scheme can do at the moment.
pub(super) struct Hand<'a, 'w> {
    pub(super) coalition: &'a mut Coalition,
    pub(super) wire: &'a mut Wire<'w, Weighted>,
}

/// The scope of a vote by itself.
const SCOPE: u64 = 0;

impl Hand<'_, '_> {
    /// `body` signed by an insider.
    pub(super) fn sign<B: Body>(&self, body: B, signer: NodeId) -> Signed<B> {
        self.wire.forge.sign(body, signer, SCOPE)
    }

    /// `vote` with other contents, as its signer's.
    pub(super) fn recast(&self, vote: &Signed<Vote>, body: Vote) -> Message {
        Message::Vote(self.wire.forge.reseal(vote, body).expect("an insider signed it"))
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
    pub(super) fn boxed(insiders: Insiders<Weighted>, scheme: S) -> Box<dyn Interceptor<Weighted>> {
        let Insiders { config, nodes, strength_ppm, rng, effects } = insiders;
        Box::new(Seat { coalition: Coalition { config, nodes, strength_ppm, rng, effects }, scheme })
    }
}

impl<S: Scheme> Interceptor<Weighted> for Seat<S> {
    fn covers(&self, node: NodeId, _: Way) -> bool {
        self.coalition.holds(node)
    }

    fn on_copy(
        &mut self,
        wire: &mut Wire<'_, Weighted>,
        way: Way,
        copy: &Copy<'_, Message>,
    ) -> Verdict<Message> {
        let Seat { coalition, scheme } = self;
        if way == Way::Out && matches!(copy.message, Message::Ask(..)) {
            // Whoever asks repeats its vote, the one that its own state machine has cast.
            return Verdict::Withhold;
        }
        let mut hand = Hand { coalition, wire };
        let verdict = match way {
            Way::Out => scheme.speak(&mut hand, copy),
            Way::In => {
                if !hand.coalition.holds(copy.from) {
                    scheme.hear(&mut hand, copy);
                }
                Verdict::Pass
            }
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
