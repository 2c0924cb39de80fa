//! View-change spam (attack 15 of the catalogue, as insiders do it): valid votes for ever later views.

use super::super::{Message, Pbft, View, ViewChange};
use super::coalition::Hand;
use std::collections::BTreeMap;
use synod_common::coalition::{Lots, Scheme};
use synod_sim::NodeId;
use synod_sim::fault::{Copy, Verdict};

/// On liveness and bounded state: f voices must not move anybody, nor fill anybody's memory.
#[derive(Debug)]
pub(super) struct ViewChanges {
    /// The view that each insider asked for last.
    asked: BTreeMap<NodeId, View>,
    /// By copy.
    lots: Lots<(NodeId, NodeId, u64)>,
}

impl ViewChanges {
    pub(super) fn new() -> ViewChanges {
        ViewChanges { asked: BTreeMap::new(), lots: Lots::new() }
    }
}

impl Scheme<Pbft> for ViewChanges {
    fn speak(&mut self, hand: &mut Hand<'_, '_>, copy: &Copy<'_, Message>) -> Verdict<Message> {
        let is_replica = copy.to.0 < hand.coalition.config.quorum.n;
        if is_replica
            && !hand.coalition.holds(copy.to)
            && self.lots.strike(hand.coalition, (copy.from, copy.to, copy.number))
        {
            let view = self.asked.entry(copy.from).or_default();
            *view = hand.wire.leader().map_or(*view, |(view_now, _)| view_now.max(*view)) + 1;
            // It proves nothing and claims nothing, so it is valid.
            let body = ViewChange { view: *view, low: 0, stable: Vec::new(), prepared: Vec::new() };
            let change = hand.sign(body, copy.from);
            hand.send(copy.from, copy.to, Message::ViewChange(change));
        }
        Verdict::Pass
    }
}
