//! Attack 35, on what clients believe: f insiders agree on a wrong result, one voice too few.

use super::super::{ClientId, Message, Operation, Outcome, Pbft, ReadReply, Reply};
use super::coalition::AttackContext;
use std::collections::BTreeMap;
use synod_common::coalition::{StickyDraws, Strategy};
use synod_log::{Command, Output};
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

    fn hear(&mut self, client: ClientId, timestamp: u64, operation: &Operation) {
        if let Some(command) = &operation.command {
            self.commands.insert(client, (timestamp, command.clone()));
        }
    }

    /// What a service that nobody has asked anything before would say.
    fn answer(&self, ctx: &AttackContext<'_, '_>, client: ClientId, timestamp: u64) -> Option<Output> {
        let (_, command) = self.commands.get(&client).filter(|(of, _)| *of == timestamp)?;
        Some(ctx.coalition.config.machine()?.start().apply(command))
    }

    /// One operation more, of a service that nobody has asked anything before.
    fn lie(&self, ctx: &AttackContext<'_, '_>, reply: &Reply) -> Outcome {
        let Outcome { height, previous, output } = &reply.outcome;
        let output = self.answer(ctx, reply.client, reply.timestamp).or_else(|| output.clone());
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
            Message::ReadReply(reply)
                if ctx.is_own(reply) && self.draws.draw(ctx.coalition, (reply.client, reply.timestamp)) =>
            {
                match self.answer(ctx, reply.client, reply.timestamp) {
                    Some(output) => {
                        let body = ReadReply { output, ..(**reply).clone() };
                        Action::Replace(Message::ReadReply(ctx.reseal(reply, body)))
                    }
                    None => Action::Pass,
                }
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
            Message::Request(request) => self.hear(request.client, request.timestamp, &request.operation),
            Message::Read(read) => self.hear(read.client, read.timestamp, &read.operation),
            Message::PrePrepare(_, batch) => {
                for request in batch.requests.iter() {
                    self.hear(request.client, request.timestamp, &request.operation);
                }
            }
            _ => {}
        }
        Action::Pass
    }
}
