//! What a new primary can do to its NEW-VIEW: attacks 26, 27 and 28. Castro and Liskov, OSDI 1999, section 4.4: backups
//! work the set O out for themselves, and time the new primary.

use super::super::{Message, NULL_BATCH, NewView, Pbft, PrePrepare, View};
use super::coalition::{AttackContext, Insiders};
use synod_common::coalition::{StickyDraws, Strategy};
use synod_sim::collections::SortedMap;
use synod_sim::inject::{Action, Envelope};
use synod_sim::{Digest, NodeId, Signed};

/// The NEW-VIEW of an insider, or one sent again, in `envelope`.
fn own_new_view<'a>(
    ctx: &AttackContext<'_, '_>,
    envelope: &Envelope<'a, Message>,
) -> Option<&'a Signed<NewView>> {
    match envelope.message {
        Message::NewView(new_view) if ctx.is_own(new_view) => Some(new_view),
        _ => None,
    }
}

/// Attack 26, on agreement: what was prepared, and may be committed, gives way to a null batch.
#[derive(Debug)]
pub(super) struct Wrong {
    /// One lie for all.
    sent: SortedMap<(View, NodeId), Signed<NewView>>,
}

impl Wrong {
    pub(super) fn new() -> Wrong {
        Wrong { sent: SortedMap::new() }
    }
}

/// `new_view` with the last of its proposals contrary to what its view changes oblige to.
fn wrong(ctx: &AttackContext<'_, '_>, new_view: &Signed<NewView>) -> Signed<NewView> {
    let (view, leader) = (new_view.view, new_view.signer());
    let mut proposals = new_view.proposals.clone();
    if proposals.is_empty() {
        let low = new_view.changes.iter().map(|change| change.low).max().unwrap_or(0);
        proposals.push(ctx.sign(PrePrepare { view, sequence: low + 1, digest: NULL_BATCH }, leader));
    } else {
        let right = proposals.len() - ctx.coalition.scaled(proposals.len() as u64).max(1) as usize;
        for proposal in &mut proposals[right..] {
            let digest = match proposal.digest {
                NULL_BATCH => Digest::of(&"nobody asked for this"),
                _ => NULL_BATCH,
            };
            *proposal = ctx.reseal(proposal, PrePrepare { digest, ..(**proposal).clone() });
        }
    }
    ctx.reseal(new_view, NewView { proposals, ..(**new_view).clone() })
}

impl Strategy<Pbft> for Wrong {
    fn on_send(
        &mut self,
        ctx: &mut AttackContext<'_, '_>,
        envelope: &Envelope<'_, Message>,
    ) -> Action<Message> {
        let Some(new_view) = own_new_view(ctx, envelope) else { return Action::Pass };
        let key = (new_view.view, new_view.signer());
        let sent = self.sent.entry(key).or_insert_with(|| wrong(ctx, new_view));
        Action::Replace(Message::NewView(sent.clone()))
    }
}

/// Attack 27, on liveness: the view that all wait for does not come.
#[derive(Debug)]
pub(super) struct Withheld {
    draws: StickyDraws<View>,
}

impl Withheld {
    pub(super) fn new() -> Withheld {
        Withheld { draws: StickyDraws::new() }
    }
}

impl Strategy<Pbft> for Withheld {
    fn on_send(
        &mut self,
        ctx: &mut AttackContext<'_, '_>,
        envelope: &Envelope<'_, Message>,
    ) -> Action<Message> {
        match own_new_view(ctx, envelope) {
            Some(new_view) if self.draws.draw(ctx.coalition, new_view.view) => Action::Drop,
            _ => Action::Pass,
        }
    }
}

/// Attack 28, on liveness: those who are left out wait on, while the others work.
#[derive(Debug)]
pub(super) struct ToSome;

impl Strategy<Pbft> for ToSome {
    fn on_send(
        &mut self,
        ctx: &mut AttackContext<'_, '_>,
        envelope: &Envelope<'_, Message>,
    ) -> Action<Message> {
        let left_out = ctx.coalition.victims(ctx.coalition.spare());
        match own_new_view(ctx, envelope) {
            Some(_) if left_out.contains(&envelope.to) => Action::Drop,
            _ => Action::Pass,
        }
    }
}
