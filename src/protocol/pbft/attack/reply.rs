//! Attack 35, on what clients believe: f insiders agree on a wrong result, one voice too few.

use super::super::{ClientId, Message, Outcome, Pbft, Reply, Request};
use super::coalition::AttackContext;
use std::collections::BTreeMap;
use synod_common::coalition::{StickyDraws, Strategy};
use synod_log::Command;
use synod_sim::Signed;
use synod_sim::inject::{Action, Envelope};

/// The result of a request that is struck is off by one, whoever of the insiders tells it.
#[derive(Debug)]
pub(super) struct Lying {
    draws: StickyDraws<(ClientId, u64)>,
    /// The latest command of each client that an insider has heard, with the request's timestamp.
    commands: BTreeMap<ClientId, (u64, Command)>,
}

impl Lying {
    pub(super) fn new() -> Lying {
        Lying { draws: StickyDraws::new(), commands: BTreeMap::new() }
    }

    fn hear(&mut self, request: &Signed<Request>) {
        if let Some(command) = &request.operation.command {
            self.commands.insert(request.client, (request.timestamp, command.clone()));
        }
    }

    /// One operation more, of a service that nobody has asked anything before.
    fn lie(&self, ctx: &AttackContext<'_, '_>, reply: &Reply) -> Outcome {
        let Outcome { height, previous, output } = &reply.outcome;
        let command = self.commands.get(&reply.client).filter(|(of, _)| *of == reply.timestamp);
        let output = match (ctx.coalition.config.machine(), command) {
            (Some(machine), Some((_, command))) => Some(machine.start().apply(command)),
            _ => output.clone(),
        };
        Outcome { height: height + 1, previous: *previous, output }
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
                let body = Reply { outcome: self.lie(ctx, reply), ..(**reply).clone() };
                Action::Replace(Message::Reply(ctx.reseal(reply, body)))
            }
            _ => Action::Pass,
        }
    }

    fn on_receive(
        &mut self,
        _: &mut AttackContext<'_, '_>,
        envelope: &Envelope<'_, Message>,
    ) -> Action<Message> {
        match envelope.message {
            Message::Request(request) => self.hear(request),
            Message::PrePrepare(_, batch) => batch.requests.iter().for_each(|request| self.hear(request)),
            _ => {}
        }
        Action::Pass
    }
}
