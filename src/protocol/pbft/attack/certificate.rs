//! Lies about what was prepared: attacks 24 and 25. Castro and Liskov, OSDI 1999, section 4.4: certificates prove
//! themselves, and a quorum of view changes holds a correct one.

use super::super::{Message, NULL_BATCH, Pbft, PrePrepare, Prepare, Prepared, Sequence, View, ViewChange};
use super::coalition::{AttackContext, Insiders};
use std::rc::Rc;
use synod_common::coalition::{StickyDraws, Strategy};
use synod_sim::collections::{SortedMap, SortedSet};
use synod_sim::inject::{Action, Envelope};
use synod_sim::{NodeId, Signed};

/// Attack 24, on agreement: a certificate of a high view for a batch that was never prepared would win over the true
/// one. Insiders put it into their view changes, and give a view up by themselves to bring it in.
#[derive(Debug)]
pub(super) struct Forged {
    draws: StickyDraws<(NodeId, View)>,
    /// What was proposed last for each slot.
    proposals: SortedMap<Sequence, Signed<PrePrepare>>,
    /// One prepare for each.
    votes: SortedMap<Sequence, Vec<Signed<Prepare>>>,
    /// One lie for all.
    sent: SortedMap<(NodeId, View), Signed<ViewChange>>,
    /// The views that insiders have given up by themselves.
    left: SortedSet<(NodeId, View)>,
}

impl Forged {
    pub(super) fn new() -> Forged {
        Forged {
            draws: StickyDraws::new(),
            proposals: SortedMap::new(),
            votes: SortedMap::new(),
            sent: SortedMap::new(),
            left: SortedSet::new(),
        }
    }

    fn remember(&mut self, message: &Message) {
        match message {
            Message::PrePrepare(proposal, _) => {
                let held = self.proposals.entry(proposal.sequence).or_insert_with(|| proposal.clone());
                if held.view < proposal.view {
                    *held = proposal.clone();
                }
            }
            Message::Prepare(vote) => {
                let held = self.votes.entry(vote.sequence).or_default();
                if held.first().is_some_and(|other| other.view < vote.view) {
                    held.clear();
                }
                if held.iter().all(|other| other.signer() != vote.signer()) {
                    held.push(vote.clone());
                }
            }
            _ => {}
        }
    }

    /// A certificate that `liar` has no right to, of a view before `view` and for a slot above `low`.
    fn certificate(&self, ctx: &AttackContext<'_, '_>, liar: NodeId, view: View, low: Sequence) -> Prepared {
        let config = &ctx.coalition.config;
        let real = self.proposals.range(low + 1..).find(|(_, proposal)| proposal.view < view);
        let of = real.map_or(view - 1, |(_, proposal)| proposal.view);
        let sequence = real.map_or(low + 1, |(&sequence, _)| sequence);
        let primary = config.primary(of);
        let pre_prepare = match real {
            Some((_, proposal)) if !ctx.coalition.contains(primary) => proposal.clone(),
            // What an insider may propose, it may propose again: nothing, where something was.
            _ => {
                let signer = if ctx.coalition.contains(primary) { primary } else { liar };
                ctx.sign(PrePrepare { view: of, sequence, digest: NULL_BATCH }, signer)
            }
        };
        let vote = Prepare { view: of, sequence, digest: pre_prepare.digest };
        let own = ctx.sign(vote, liar);
        let needed = config.quorum.strong() as usize - 1;
        let prepares = match view % 3 {
            // One too few.
            0 => {
                let real = self.votes.get(&sequence).into_iter().flatten();
                let real = real.filter(|vote| vote.view == of && vote.digest == pre_prepare.digest);
                real.filter(|vote| vote.signer() != liar).take(needed - 1).cloned().collect()
            }
            // One, so often.
            1 => vec![own; needed],
            // Its own, in others' names.
            _ => {
                let backups = (0..config.quorum.n).map(NodeId).filter(|&node| node != primary);
                let backups = backups.take(needed);
                backups.map(|backup| ctx.wire.forge.impersonate(&own, backup)).collect()
            }
        };
        Prepared { pre_prepare, prepares }
    }

    /// `change` by an insider with such a certificate among its own.
    fn forged(
        &mut self,
        ctx: &AttackContext<'_, '_>,
        liar: NodeId,
        change: &ViewChange,
    ) -> Signed<ViewChange> {
        let key = (liar, change.view);
        if let Some(sent) = self.sent.get(&key) {
            return sent.clone();
        }
        let lie = Rc::new(self.certificate(ctx, liar, change.view, change.low));
        let mut prepared = change.prepared.clone();
        prepared.retain(|other| other.pre_prepare.sequence != lie.pre_prepare.sequence);
        let place = prepared.partition_point(|other| other.pre_prepare.sequence < lie.pre_prepare.sequence);
        prepared.insert(place, lie);
        let sent = ctx.sign(ViewChange { prepared, ..change.clone() }, liar);
        self.sent.insert(key, sent.clone());
        sent
    }

    /// The insider gives `view` up without a reason.
    fn leave(&mut self, ctx: &mut AttackContext<'_, '_>, liar: NodeId, view: View) {
        if !self.left.insert((liar, view)) || !self.draws.draw(ctx.coalition, (liar, view + 1)) {
            return;
        }
        let empty = ViewChange { view: view + 1, low: 0, stable: Vec::new(), prepared: Vec::new() };
        let change = self.forged(ctx, liar, &empty);
        for victim in ctx.coalition.correct() {
            ctx.send(liar, victim, Message::ViewChange(change.clone()));
        }
    }
}

impl Strategy<Pbft> for Forged {
    fn on_send(
        &mut self,
        ctx: &mut AttackContext<'_, '_>,
        envelope: &Envelope<'_, Message>,
    ) -> Action<Message> {
        self.remember(envelope.message);
        match envelope.message {
            Message::ViewChange(change)
                if ctx.is_own(change) && self.draws.draw(ctx.coalition, (change.signer(), change.view)) =>
            {
                Action::Replace(Message::ViewChange(self.forged(ctx, change.signer(), change)))
            }
            Message::Commit(vote) if ctx.is_own(vote) => {
                self.leave(ctx, vote.signer(), vote.view);
                Action::Pass
            }
            _ => Action::Pass,
        }
    }

    fn on_receive(
        &mut self,
        _: &mut AttackContext<'_, '_>,
        envelope: &Envelope<'_, Message>,
    ) -> Action<Message> {
        self.remember(envelope.message);
        Action::Pass
    }
}

/// Attack 25, on agreement: what only they and a few others know to be prepared might be forgotten.
#[derive(Debug)]
pub(super) struct Omitted;

impl Strategy<Pbft> for Omitted {
    fn on_send(
        &mut self,
        ctx: &mut AttackContext<'_, '_>,
        envelope: &Envelope<'_, Message>,
    ) -> Action<Message> {
        match envelope.message {
            Message::ViewChange(change) if ctx.is_own(change) && !change.prepared.is_empty() => {
                let mut prepared = change.prepared.clone();
                prepared.truncate(prepared.len() - ctx.coalition.scaled(prepared.len() as u64) as usize);
                let body = ViewChange { prepared, ..(**change).clone() };
                Action::Replace(Message::ViewChange(ctx.reseal(change, body)))
            }
            _ => Action::Pass,
        }
    }
}
