//! What a primary can do to the order of requests: attacks 30 and 31. It works at its own door: what the primary takes
//! in late, or never, it proposes late, or never.

use super::super::{ClientId, Message, Pbft, Workload};
use super::coalition::{AttackContext, Coalition};
use synod_common::coalition::Strategy;
use synod_sim::Duration;
use synod_sim::inject::{Action, Envelope};

/// Attack 30, on fairness (Y. Amir et al., *Prime: Byzantine Replication under Attack*, TDSC 2011): some clients'
/// requests are never proposed, nor passed on.
#[derive(Debug)]
pub(super) struct Censorship;

impl Censorship {
    fn judge(coalition: &Coalition, message: &Message) -> Action<Message> {
        let Message::Request(request) = message else { return Action::Pass };
        let is_censored = match &coalition.config.workload {
            Workload::Session(session) => !coalition.contains(session.initiator) && coalition.scaled(1) > 0,
            Workload::Log(clients) => {
                u64::from(request.client.0) < coalition.scaled(u64::from(clients.clients))
            }
            Workload::Hosted(_) => {
                u64::from(request.client.0) < coalition.scaled(u64::from(coalition.config.quorum.n))
            }
        };
        if is_censored { Action::Drop } else { Action::Pass }
    }
}

impl Strategy<Pbft> for Censorship {
    fn on_send(
        &mut self,
        ctx: &mut AttackContext<'_, '_>,
        envelope: &Envelope<'_, Message>,
    ) -> Action<Message> {
        Censorship::judge(ctx.coalition, envelope.message)
    }

    fn on_receive(
        &mut self,
        ctx: &mut AttackContext<'_, '_>,
        envelope: &Envelope<'_, Message>,
    ) -> Action<Message> {
        Censorship::judge(ctx.coalition, envelope.message)
    }
}

/// Attack 31, on fairness (M. Kelkar et al., *Themis*, CCS 2023): one client's requests overtake the others'.
///
/// A primary cannot make requests up in clients' names, but it decides in which order it takes them in.
#[derive(Debug)]
pub(super) struct FrontRunning;

const FAVOURITE: ClientId = ClientId(0);

impl Strategy<Pbft> for FrontRunning {
    fn on_send(&mut self, _: &mut AttackContext<'_, '_>, _: &Envelope<'_, Message>) -> Action<Message> {
        Action::Pass
    }

    fn on_receive(
        &mut self,
        ctx: &mut AttackContext<'_, '_>,
        envelope: &Envelope<'_, Message>,
    ) -> Action<Message> {
        let leads = ctx.wire.leader().is_some_and(|(_, leader)| leader == envelope.to);
        let late = ctx.coalition.scaled(ctx.coalition.config.timeout.as_nanos() / 2);
        match envelope.message {
            Message::Request(request) if leads && request.client != FAVOURITE && late > 0 => {
                Action::Delay(Duration::from_nanos(late))
            }
            _ => Action::Pass,
        }
    }
}
