//! Lies about the state: attacks 33 and 34. Castro and Liskov, TOCS 2002, sections 4.3 and 5.3, have quorums and
//! digests against them.

use super::super::{Checkpoint, Message, Operation, Pbft, Snapshot};
use super::coalition::{AttackContext, Insiders};
use std::rc::Rc;
use synod_common::coalition::{StickyDraws, Strategy};
use synod_sim::inject::{Action, Envelope};
use synod_sim::{Digest, NodeId};

/// Attack 33, on the agreement about states: the same lie from all insiders.
#[derive(Debug)]
pub(super) struct Lie;

impl Strategy<Pbft> for Lie {
    fn on_send(
        &mut self,
        ctx: &mut AttackContext<'_, '_>,
        envelope: &Envelope<'_, Message>,
    ) -> Action<Message> {
        let victims = ctx.coalition.victims(ctx.coalition.correct().len());
        match envelope.message {
            Message::Checkpoint(vote) if ctx.is_own(vote) && victims.contains(&envelope.to) => {
                let digest = Digest::of(&("a state that never was", vote.sequence));
                let body = Checkpoint { digest, ..(**vote).clone() };
                Action::Replace(Message::Checkpoint(ctx.reseal(vote, body)))
            }
            _ => Action::Pass,
        }
    }
}

/// Attack 34, on the agreement about states: the lie comes with the proof of the truth.
#[derive(Debug)]
pub(super) struct BadSnapshot {
    /// By copy.
    draws: StickyDraws<(NodeId, u64)>,
}

impl BadSnapshot {
    pub(super) fn new() -> BadSnapshot {
        BadSnapshot { draws: StickyDraws::new() }
    }
}

impl Strategy<Pbft> for BadSnapshot {
    fn on_send(
        &mut self,
        ctx: &mut AttackContext<'_, '_>,
        envelope: &Envelope<'_, Message>,
    ) -> Action<Message> {
        let Message::State(snapshot, proof) = envelope.message else { return Action::Pass };
        if !self.draws.draw(ctx.coalition, (envelope.from, envelope.number)) {
            return Action::Pass;
        }
        let mut lie = Snapshot::clone(snapshot);
        lie.ledger.enter(&Operation::new(u64::MAX, 0));
        Action::Replace(Message::State(Rc::new(lie), Rc::clone(proof)))
    }
}
