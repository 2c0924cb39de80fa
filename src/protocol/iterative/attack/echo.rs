//! Attack 55: agreement for its own sake.

use super::super::{Iterative, Message, SessionId, Value, WHOLE};
use super::stall::Fabricate;
use std::rc::Rc;
use synod_common::coalition::{AttackContext, Strategy};
use synod_sim::inject::{Action, Envelope};

/// On validity: insiders make sessions converge on whatever was selected first, good or not. Praise that all proposals
/// get alike decides between none of them, and the highest reviews do not count.
#[derive(Debug, Default)]
pub(super) struct Echo {
    /// What was selected last.
    selected: Option<(SessionId, Rc<Value>)>,
}

impl Strategy<Iterative> for Echo {
    fn on_send(
        &mut self,
        ctx: &mut AttackContext<'_, '_, Iterative>,
        envelope: &Envelope<'_, Message>,
    ) -> Action<Message> {
        match envelope.message {
            Message::Proposal(proposal) => match &self.selected {
                Some((session, value)) if *session == proposal.session && ctx.coalition.should_act() => {
                    ctx.propose(proposal, Value::clone(value))
                }
                _ => Action::Pass,
            },
            Message::Review(review) if ctx.coalition.should_act() => ctx.review(review, WHOLE),
            _ => Action::Pass,
        }
    }

    fn on_receive(
        &mut self,
        _: &mut AttackContext<'_, '_, Iterative>,
        envelope: &Envelope<'_, Message>,
    ) -> Action<Message> {
        if let Message::Call(call) = envelope.message
            && let Some(selected) = &call.selected
        {
            self.selected = Some((call.session, Rc::clone(selected)));
        }
        Action::Pass
    }
}
