//! What a primary can do to the order of requests: attacks 30 and 31. It works at its own door: what the primary takes
//! in late, or never, it proposes late, or never.

use super::super::{ClientId, Message, Pbft, Workload};
use super::coalition::{Coalition, AttackContext};
use synod_common::coalition::Strategy;
use synod_sim::Duration;
use synod_sim::fault::{Copy, Verdict};

/// Attack 30, on fairness (Y. Amir et al., *Prime: Byzantine Replication under Attack*, TDSC 2011): some clients'
/// requests are never proposed, nor passed on.
#[derive(Debug)]
pub(super) struct Censorship;

impl Censorship {
    fn judge(coalition: &Coalition, message: &Message) -> Verdict<Message> {
        let Message::Request(request) = message else { return Verdict::Pass };
        let is_censored = match &coalition.config.workload {
            Workload::Session(session) => !coalition.contains(session.initiator) && coalition.scaled(1) > 0,
            Workload::Log(clients) => {
                u64::from(request.client.0) < coalition.scaled(u64::from(clients.clients))
            }
        };
        if is_censored { Verdict::Withhold } else { Verdict::Pass }
    }
}

impl Strategy<Pbft> for Censorship {
    fn on_send(&mut self, ctx: &mut AttackContext<'_, '_>, copy: &Copy<'_, Message>) -> Verdict<Message> {
        Censorship::judge(ctx.coalition, copy.message)
    }

    fn on_receive(&mut self, ctx: &mut AttackContext<'_, '_>, copy: &Copy<'_, Message>) -> Verdict<Message> {
        Censorship::judge(ctx.coalition, copy.message)
    }
}

/// Attack 31, on fairness (M. Kelkar et al., *Themis*, CCS 2023): one client's requests overtake the others'.
///
/// A primary cannot make requests up in clients' names, but it decides in which order it takes them in.
#[derive(Debug)]
pub(super) struct FrontRunning;

const FAVOURITE: ClientId = ClientId(0);

impl Strategy<Pbft> for FrontRunning {
    fn on_send(&mut self, _: &mut AttackContext<'_, '_>, _: &Copy<'_, Message>) -> Verdict<Message> {
        Verdict::Pass
    }

    fn on_receive(&mut self, ctx: &mut AttackContext<'_, '_>, copy: &Copy<'_, Message>) -> Verdict<Message> {
        let leads = ctx.wire.leader().is_some_and(|(_, leader)| leader == copy.to);
        let late = ctx.coalition.scaled(ctx.coalition.config.timeout.as_nanos() / 2);
        match copy.message {
            Message::Request(request) if leads && request.client != FAVOURITE && late > 0 => {
                Verdict::Delay(Duration::from_nanos(late))
            }
            _ => Verdict::Pass,
        }
    }
}
