//! Attack 35, on what clients believe: f insiders agree on a wrong result, one voice too few.

use super::super::{ClientId, Message, Outcome, Pbft, Reply};
use super::coalition::AttackContext;
use synod_common::coalition::{StickyDraws, Strategy};
use synod_common::kv::{Output, Value};
use synod_sim::inject::{Action, Envelope};

/// The result of a request that is struck is off by one, whoever of the insiders tells it.
#[derive(Debug)]
pub(super) struct Lying {
    draws: StickyDraws<(ClientId, u64)>,
}

impl Lying {
    pub(super) fn new() -> Lying {
        Lying { draws: StickyDraws::new() }
    }
}

impl Strategy<Pbft> for Lying {
    fn on_send(
        &mut self,
        ctx: &mut AttackContext<'_, '_>,
        envelope: &Envelope<'_, Message>,
    ) -> Action<Message> {
        match envelope.message {
            Message::Reply(reply)
                if ctx.is_own(reply) && self.draws.draw(ctx.coalition, (reply.client, reply.timestamp)) =>
            {
                let body = Reply { outcome: lie(&reply.outcome), ..(**reply).clone() };
                Action::Replace(Message::Reply(ctx.reseal(reply, body)))
            }
            _ => Action::Pass,
        }
    }
}

/// One operation more, of a store where nothing was written and swaps went the other way.
fn lie(truth: &Outcome) -> Outcome {
    let output = truth.output.as_ref().map(|output| match output {
        Output::Value(_) => Output::Value(Value::default()),
        Output::Swapped(swapped) => Output::Swapped(!swapped),
        Output::Written => Output::Written,
    });
    Outcome { height: truth.height + 1, previous: truth.previous, output }
}
