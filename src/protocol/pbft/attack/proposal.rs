//! What a primary can do to its proposals, apart from contradicting them: attacks 21, 22, 23 and 29.

use super::super::{Batch, Commit, Message, Pbft, PrePrepare, Prepare, Sequence};
use super::coalition::{AttackContext, Coalition, Insiders};
use synod_common::coalition::Strategy;
use synod_sim::inject::{Action, Envelope};
use synod_sim::{Body, Duration, Signed, Time};

/// Returns true for a proposal, or a proposal sent again, by the insider that signed it.
fn is_proposal(envelope: &Envelope<'_, Message>) -> bool {
    matches!(envelope.message, Message::PrePrepare(proposal, _) if proposal.signer() == envelope.from)
}

/// Attack 21, on liveness: whoever is never proposed to depends on the others and on state transfer.
#[derive(Debug)]
pub(super) struct ToFew;

impl Strategy<Pbft> for ToFew {
    fn on_send(
        &mut self,
        ctx: &mut AttackContext<'_, '_>,
        envelope: &Envelope<'_, Message>,
    ) -> Action<Message> {
        let left_out = ctx.coalition.victims(ctx.coalition.spare());
        if is_proposal(envelope) && left_out.contains(&envelope.to) { Action::Drop } else { Action::Pass }
    }
}

/// Attack 29, on throughput: Aardvark (A. Clement et al., *Making Byzantine Fault Tolerant Systems Tolerate Byzantine
/// Faults*, NSDI 2009) shows that a primary just faster than the timeout takes most of it away.
#[derive(Debug)]
pub(super) struct Slow;

impl Strategy<Pbft> for Slow {
    fn on_send(
        &mut self,
        ctx: &mut AttackContext<'_, '_>,
        envelope: &Envelope<'_, Message>,
    ) -> Action<Message> {
        let late = ctx.coalition.scaled(ctx.coalition.config.timeout.as_nanos());
        if is_proposal(envelope) && late > 0 {
            Action::Delay(Duration::from_nanos(late))
        } else {
            Action::Pass
        }
    }
}

/// On the log's time: leases end early, or never. Backups have their own clocks against it.
///
/// Its own state machine knows the true proposal alone, so it stops at the first slot; the others go on without it.
#[derive(Debug)]
pub(super) struct FalseTime {
    /// True if it is always later than the truth.
    pub(super) is_ahead: bool,
}

impl Strategy<Pbft> for FalseTime {
    fn on_send(
        &mut self,
        ctx: &mut AttackContext<'_, '_>,
        envelope: &Envelope<'_, Message>,
    ) -> Action<Message> {
        let config = &ctx.coalition.config;
        let error = Duration::from_nanos(ctx.coalition.scaled(20 * config.max_clock_skew.as_nanos()));
        let Message::PrePrepare(proposal, batch) = envelope.message else { return Action::Pass };
        let Some(truth) = batch.tick.filter(|_| ctx.is_own(proposal)) else { return Action::Pass };
        let tick = if self.is_ahead { truth + error } else { Time::ZERO + truth.since(Time::ZERO + error) };
        let batch = Batch { tick: Some(tick), requests: batch.requests.clone() };
        let body = PrePrepare { digest: batch.digest(), ..(**proposal).clone() };
        Action::Replace(Message::PrePrepare(ctx.reseal(proposal, body), batch))
    }
}

/// Attack 22, on the bound of the log, and attack 23, on liveness: slots that come too early. Castro and Liskov, OSDI
/// 1999, section 4.2, have the watermarks for the one, and null batches for the other.
#[derive(Debug)]
pub(super) struct Jump {
    beyond: bool,
}

impl Jump {
    pub(super) fn beyond_the_window() -> Jump {
        Jump { beyond: true }
    }

    pub(super) fn within_the_window() -> Jump {
        Jump { beyond: false }
    }

    /// How many slots are skipped.
    fn distance(&self, coalition: &Coalition) -> Sequence {
        let config = &coalition.config;
        if self.beyond {
            config.window() + coalition.scaled(config.window())
        } else {
            coalition.scaled(config.checkpoint_interval)
        }
    }
}

/// `vote` for a later slot.
fn moved<B: Body + Slotted>(
    ctx: &AttackContext<'_, '_>,
    vote: &Signed<B>,
    by: Sequence,
) -> Option<Signed<B>> {
    ctx.is_own(vote).then(|| ctx.reseal(vote, vote.later(by)))
}

trait Slotted {
    fn later(&self, by: Sequence) -> Self;
}

impl Slotted for Prepare {
    fn later(&self, by: Sequence) -> Prepare {
        Prepare { sequence: self.sequence.saturating_add(by), ..self.clone() }
    }
}

impl Slotted for Commit {
    fn later(&self, by: Sequence) -> Commit {
        Commit { sequence: self.sequence.saturating_add(by), ..self.clone() }
    }
}

impl Strategy<Pbft> for Jump {
    fn on_send(
        &mut self,
        ctx: &mut AttackContext<'_, '_>,
        envelope: &Envelope<'_, Message>,
    ) -> Action<Message> {
        let by = self.distance(ctx.coalition);
        let moved = match envelope.message {
            Message::PrePrepare(proposal, batch) if ctx.is_own(proposal) => {
                let sequence = proposal.sequence.saturating_add(by);
                let body = PrePrepare { sequence, ..(**proposal).clone() };
                Some(Message::PrePrepare(ctx.reseal(proposal, body), batch.clone()))
            }
            // Votes follow the proposals, unless it is the log that is to overflow.
            Message::Prepare(vote) if self.beyond => moved(ctx, vote, by).map(Message::Prepare),
            Message::Commit(vote) if self.beyond => moved(ctx, vote, by).map(Message::Commit),
            _ => None,
        };
        moved.filter(|_| by > 0).map_or(Action::Pass, Action::Replace)
    }
}
