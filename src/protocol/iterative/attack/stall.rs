//! Attacks 51 and 52: sessions that are not to converge.

use super::super::{Iterative, Message, Proposal, Review, Value, WHOLE};
use std::rc::Rc;
use synod_common::coalition::{AttackContext, Strategy};
use synod_sim::Signed;
use synod_sim::inject::{Action, Envelope};

/// What insiders of a refinement can do.
pub(super) trait Fabricate {
    /// `proposal` of another value.
    fn propose(&self, proposal: &Signed<Proposal>, value: Value) -> Action<Message>;

    /// `review` with another score.
    fn review(&self, review: &Signed<Review>, score_ppm: u32) -> Action<Message>;

    /// One of the two extreme values: the last one or the first.
    fn extreme(&self, last: bool) -> Value;
}

impl Fabricate for AttackContext<'_, '_, Iterative> {
    fn propose(&self, proposal: &Signed<Proposal>, value: Value) -> Action<Message> {
        let body = Proposal { value: Rc::new(value), confidence_ppm: WHOLE, ..(**proposal).clone() };
        Action::Replace(Message::Proposal(self.reseal(proposal, body)))
    }

    fn review(&self, review: &Signed<Review>, score_ppm: u32) -> Action<Message> {
        let body = Review { score_ppm, ..(**review).clone() };
        Action::Replace(Message::Review(self.reseal(review, body)))
    }

    fn extreme(&self, last: bool) -> Value {
        let domain = &self.coalition.config.domain;
        domain.value(if last { domain.options() - 1 } else { 0 })
    }
}

/// On liveness: proposals far from everything keep dispersion up, and reviews that damn everything keep approval down.
/// Half of the pairs, and the honest reviewers, are enough without them.
#[derive(Debug)]
pub(super) struct Stall;

impl Strategy<Iterative> for Stall {
    fn on_send(
        &mut self,
        ctx: &mut AttackContext<'_, '_, Iterative>,
        envelope: &Envelope<'_, Message>,
    ) -> Action<Message> {
        match envelope.message {
            Message::Proposal(proposal) if ctx.coalition.should_act() => {
                let domain = &ctx.coalition.config.domain;
                let far = |last| domain.distance(&proposal.value, &ctx.extreme(last));
                let value = ctx.extreme(far(true) >= far(false));
                ctx.propose(proposal, value)
            }
            Message::Review(review) if ctx.coalition.should_act() => ctx.review(review, 0),
            _ => Action::Pass,
        }
    }
}

/// On liveness: the insiders' word turns with every round, so that the selection would turn with it.
#[derive(Debug)]
pub(super) struct Oscillate;

impl Strategy<Iterative> for Oscillate {
    fn on_send(
        &mut self,
        ctx: &mut AttackContext<'_, '_, Iterative>,
        envelope: &Envelope<'_, Message>,
    ) -> Action<Message> {
        match envelope.message {
            Message::Proposal(proposal) if ctx.coalition.should_act() => {
                ctx.propose(proposal, ctx.extreme(proposal.round.is_multiple_of(2)))
            }
            Message::Review(review) if ctx.coalition.should_act() => {
                let is_praise = review.round.is_multiple_of(2) == ctx.coalition.contains(review.proposer);
                ctx.review(review, if is_praise { WHOLE } else { 0 })
            }
            _ => Action::Pass,
        }
    }
}
