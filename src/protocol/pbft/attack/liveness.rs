//! What insiders can do without leading: commits withheld, and view-change spam.

use super::super::{Message, Pbft, View, ViewChange};
use super::coalition::{AttackContext, Insiders};
use synod_common::coalition::{StickyDraws, Strategy};
use synod_sim::NodeId;
use synod_sim::collections::SortedMap;
use synod_sim::inject::{Action, Envelope};

/// Attack 18 of the catalogue, as insiders do it, on liveness, and on agreement where a view change forgets what few
/// have committed: the victims hear neither the insiders' commits nor their proofs of what is committed.
#[derive(Debug)]
pub(super) struct Withheld;

impl Strategy<Pbft> for Withheld {
    fn on_send(
        &mut self,
        ctx: &mut AttackContext<'_, '_>,
        envelope: &Envelope<'_, Message>,
    ) -> Action<Message> {
        let victims = ctx.coalition.victims(ctx.coalition.correct().len());
        match envelope.message {
            Message::Commit(_) | Message::Committed(..) if victims.contains(&envelope.to) => Action::Drop,
            _ => Action::Pass,
        }
    }
}

/// Attack 15 of the catalogue, as insiders do it, on liveness and bounded state: valid votes for ever later views. f
/// voices must not move anybody, nor fill anybody's memory.
#[derive(Debug)]
pub(super) struct ViewChanges {
    /// The view that each insider asked for last.
    asked: SortedMap<NodeId, View>,
    /// By copy.
    draws: StickyDraws<(NodeId, NodeId, u64)>,
}

impl ViewChanges {
    pub(super) fn new() -> ViewChanges {
        ViewChanges { asked: SortedMap::new(), draws: StickyDraws::new() }
    }
}

impl Strategy<Pbft> for ViewChanges {
    fn on_send(
        &mut self,
        ctx: &mut AttackContext<'_, '_>,
        envelope: &Envelope<'_, Message>,
    ) -> Action<Message> {
        let is_replica = envelope.to.0 < ctx.coalition.config.quorum.n;
        if is_replica
            && !ctx.coalition.contains(envelope.to)
            && self.draws.draw(ctx.coalition, (envelope.from, envelope.to, envelope.number))
        {
            let view = self.asked.entry(envelope.from).or_default();
            *view = ctx.wire.leader().map_or(*view, |(view_now, _)| view_now.max(*view)) + 1;
            // It proves nothing and claims nothing, so it is valid.
            let body = ViewChange { view: *view, low: 0, stable: Vec::new(), prepared: Vec::new() };
            let change = ctx.sign(body, envelope.from);
            ctx.send(envelope.from, envelope.to, Message::ViewChange(change));
        }
        Action::Pass
    }
}
