//! Attack 20, on agreement: equivocation, two proposals for one slot. The defence is in Castro and Liskov, OSDI 1999,
//! section 4.2.

use super::super::{
    Batch, Commit, Config, Message, Operation, Pbft, PrePrepare, Prepare, Request, Sequence, View,
};
use super::coalition::{AttackContext, Insiders};
use synod_common::coalition::Strategy;
use synod_sim::collections::SortedMap;
use synod_sim::inject::{Action, Envelope};
use synod_sim::{NodeId, Signed};

/// A proposal and its batch.
type Proposal = (Signed<PrePrepare>, Batch);

/// An insider that is primary sends the victims another batch than the other replicas, and towards the victims all
/// insiders vote for that batch in both phases. Towards the others they vote as their state machines do, for the
/// original batch.
#[derive(Debug)]
pub(super) struct Equivocation {
    /// The conflicting proposal for each view and slot; `None` where the insiders cannot make one.
    others: SortedMap<(View, Sequence), Option<Proposal>>,
}

impl Equivocation {
    pub(super) fn new() -> Equivocation {
        Equivocation { others: SortedMap::new() }
    }

    /// Sends `victim` every insider's votes for `proposal`.
    fn vote(ctx: &mut AttackContext<'_, '_>, proposal: &PrePrepare, victim: NodeId) {
        let PrePrepare { view, sequence, digest } = *proposal;
        for insider in ctx.coalition.insiders().to_vec() {
            if insider != ctx.coalition.config.primary(view) {
                let prepare = ctx.sign(Prepare { view, sequence, digest }, insider);
                ctx.send(insider, victim, Message::Prepare(prepare));
            }
            let commit = ctx.sign(Commit { view, sequence, digest }, insider);
            ctx.send(insider, victim, Message::Commit(commit));
        }
    }

    /// The conflicting proposal for a slot of a view, if there is one.
    pub(super) fn other(&self, view: View, sequence: Sequence) -> Option<&Signed<PrePrepare>> {
        self.others.get(&(view, sequence))?.as_ref().map(|(proposal, _)| proposal)
    }

    fn is_divided(&self, view: View, sequence: Sequence) -> bool {
        self.others.get(&(view, sequence)).is_some_and(Option::is_some)
    }
}

impl Strategy<Pbft> for Equivocation {
    fn on_send(
        &mut self,
        ctx: &mut AttackContext<'_, '_>,
        envelope: &Envelope<'_, Message>,
    ) -> Action<Message> {
        let half = ctx.coalition.correct().len().div_ceil(2);
        if !ctx.coalition.victims(half).contains(&envelope.to) {
            return Action::Pass;
        }
        match envelope.message {
            Message::PrePrepare(proposal, batch) if proposal.signer() == envelope.from => {
                let PrePrepare { view, sequence, .. } = **proposal;
                let other = self.others.entry((view, sequence)).or_insert_with(|| {
                    let batch = another(ctx, batch)?;
                    let body = PrePrepare { digest: batch.digest(), ..(**proposal).clone() };
                    Some((ctx.reseal(proposal, body), batch))
                });
                let Some((proposal, batch)) = other.clone() else { return Action::Pass };
                Self::vote(ctx, &proposal, envelope.to);
                Action::Replace(Message::PrePrepare(proposal, batch))
            }
            Message::Prepare(vote) if self.is_divided(vote.view, vote.sequence) => Action::Drop,
            Message::Commit(vote) if self.is_divided(vote.view, vote.sequence) => Action::Drop,
            _ => Action::Pass,
        }
    }
}

/// Returns another batch that backups would accept in place of `batch`, if the insiders can make one: the same requests
/// in reverse order, or a single one twice. In a session, whose only request must be signed by its initiator, the batch
/// has another value.
fn another(ctx: &AttackContext<'_, '_>, batch: &Batch) -> Option<Batch> {
    let requests = &batch.requests;
    if ctx.coalition.config.session().is_some() {
        let request = requests.first().filter(|request| ctx.is_own(request))?;
        let operation =
            Operation { value: other_value(&ctx.coalition.config, request)?, ..request.operation.clone() };
        let body = Request { operation, ..(**request).clone() };
        return Some(Batch::of([ctx.reseal(request, body)]));
    }
    let requests = match requests.len() {
        0 => return None,
        1 => [requests[0].clone(), requests[0].clone()].into(),
        _ => requests.iter().rev().cloned().collect(),
    };
    Some(Batch { tick: batch.tick, requests })
}

/// Returns another value that is valid in the session.
fn other_value(config: &Config, request: &Request) -> Option<u64> {
    let valid = &config.session()?.valid;
    [*valid.start(), *valid.end()].into_iter().find(|&value| value != request.operation.value)
}
