//! Attack 54: a little to one side, again and again.

use super::super::{Domain, Estimate, Iterative, Message, Round, SessionId, Value, WHOLE};
use super::stall::Fabricate;
use std::rc::Rc;
use synod_common::coalition::{AttackContext, Strategy};
use synod_sim::inject::{Action, Envelope};

/// On the honest hull: no single step is out of tolerance. Reviews without the highest and lowest keep the insiders'
/// proposals from being selected for the insiders' praise; numbers that are not among the honest ones are dropped.
#[derive(Debug, Default)]
pub(super) struct Drift {
    /// What was selected last.
    selected: Option<(SessionId, Rc<Value>)>,
    /// The honest numbers of the last round that is known, from the lowest to the highest.
    numbers: Option<((SessionId, Round), (i64, i64))>,
}

impl Drift {
    /// The number for those on one side or the other: `part` of the honest range beyond its end.
    fn number(&self, ctx: &AttackContext<'_, '_, Iterative>, above: bool) -> Option<i64> {
        let (_, (low, high)) = self.numbers?;
        let Domain::Number { low: first, high: last, .. } = *ctx.coalition.config.domain else {
            return None;
        };
        let beyond = ctx.coalition.scaled(low.abs_diff(high));
        Some(if above {
            high.saturating_add_unsigned(beyond).min(last)
        } else {
            low.saturating_sub_unsigned(beyond).max(first)
        })
    }
}

impl Strategy<Iterative> for Drift {
    fn on_send(
        &mut self,
        ctx: &mut AttackContext<'_, '_, Iterative>,
        envelope: &Envelope<'_, Message>,
    ) -> Action<Message> {
        match envelope.message {
            Message::Proposal(proposal) => match &self.selected {
                Some((session, selected)) if *session == proposal.session => {
                    let config = &ctx.coalition.config;
                    let tolerated = u64::from(config.thresholds.dispersion_ppm);
                    let step = ctx.coalition.scaled(tolerated) as u32;
                    ctx.propose(proposal, config.domain.pulled(selected, &ctx.extreme(true), step))
                }
                _ => Action::Pass,
            },
            Message::Review(review) => {
                let is_ours = ctx.coalition.contains(review.proposer);
                ctx.review(review, if is_ours { WHOLE } else { 0 })
            }
            Message::Estimate(estimate) => {
                let above = envelope.to.index() >= ctx.coalition.config.agents.len() / 2;
                match self.number(ctx, above) {
                    Some(number) => Action::Replace(Message::Estimate(Estimate { number, ..*estimate })),
                    None => Action::Pass,
                }
            }
            _ => Action::Pass,
        }
    }

    fn on_receive(
        &mut self,
        _: &mut AttackContext<'_, '_, Iterative>,
        envelope: &Envelope<'_, Message>,
    ) -> Action<Message> {
        match envelope.message {
            Message::Call(call) => {
                self.selected = call.selected.as_ref().map(|selected| (call.session, Rc::clone(selected)));
            }
            &Message::Estimate(Estimate { session, round, number }) => {
                let now = (session, round);
                self.numbers = Some(match self.numbers {
                    Some((known, (low, high))) if known == now => (now, (low.min(number), high.max(number))),
                    Some((known, range)) if known > now => (known, range),
                    _ => (now, (number, number)),
                });
            }
            _ => {}
        }
        Action::Pass
    }
}
