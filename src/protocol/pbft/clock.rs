//! The log's time, for a service that knows it: what a primary proposes with a batch, and what a backup votes for.
//!
//! The time is the latest tick that the log has ordered; no replica's clock reaches the service. Before a backup prepares
//! it checks the primary's word by its own clock, so f + 1 correct replicas vouch for what is committed. What a new view
//! proposes again has been checked before.

use super::ledger::Sequence;
use super::message::Batch;
use super::state::{Ctx, Mode, Replica, Timer};
use synod_log::ticks;
use synod_sim::Time;

/// What a backup thinks of the time that a proposal tells.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub(super) enum Tick {
    /// It may well be so.
    Plausible,
    /// It is too old. A long delay, or this replica's own clock, may be to blame: it gets no vote, but the primary stays
    /// if enough others vote for it in time.
    Late,
    /// It lies in the future, or before what was ordered earlier. No delay explains that.
    Impossible,
}

/// The ticks before a slot, as far as a replica knows them.
struct Before {
    /// The latest.
    last: Time,
    /// True if it knows them all.
    is_complete: bool,
}

impl Replica {
    /// The time to propose with the next batch, if any; `None` while this replica, which leads, has yet to learn what
    /// time the slots before it tell.
    pub(super) fn next_tick(&self, now: Time) -> Option<Option<Time>> {
        let Some(lag) = self.config.clock() else { return Some(None) };
        let before = self.ticks_before(self.next_sequence);
        let is_due = self.deadline().is_some_and(|deadline| before.last < deadline && deadline <= now);
        let tick = if is_due { Some(now) } else { ticks::before_command(before.last, now, lag) };
        before.is_complete.then_some(tick)
    }

    /// Returns true if the service has a deadline that this replica's clock has reached and no proposal has told of.
    pub(super) fn is_tick_due(&self, now: Time) -> bool {
        let Some(deadline) = self.deadline() else { return false };
        deadline <= now && self.ticks_before(self.next_sequence).last < deadline
    }

    /// As primary, waits until its clock reaches the service's next deadline.
    pub(super) fn await_deadline(&self, ctx: &mut Ctx<'_>) {
        if let Some(deadline) = self.deadline()
            && self.is_primary()
            && self.mode == Mode::Normal
            && deadline > ctx.now()
        {
            ctx.set_timer(Timer::Tick, deadline.since(ctx.now()));
        }
    }

    fn deadline(&self) -> Option<Time> {
        self.config.clock()?;
        self.application.machine()?.deadline()
    }

    /// Judges the time that `batch` tells, proposed for slot `sequence` of the present view. A primary that does not tell
    /// the time says that it is still what it was.
    pub(super) fn judge_tick(&self, now: Time, sequence: Sequence, batch: &Batch) -> Tick {
        let Some(lag) = self.config.clock().filter(|_| self.config.rules().checks_ticks) else {
            return Tick::Plausible;
        };
        // What is ordered already, others have judged.
        if sequence <= self.last_executed {
            return Tick::Plausible;
        }
        let (before, skew) = (self.ticks_before(sequence), self.config.max_clock_skew);
        let Some(tick) = batch.tick else {
            let is_recent = now.since(before.last) <= lag + skew;
            return if is_recent || !before.is_complete { Tick::Plausible } else { Tick::Late };
        };
        let is_ordered = tick >= before.last && self.tick_after(sequence).is_none_or(|after| tick <= after);
        if is_ordered && ticks::is_admissible(tick, before.last, now, skew) {
            Tick::Plausible
        } else if is_ordered && tick <= now {
            Tick::Late
        } else {
            Tick::Impossible
        }
    }

    /// The ticks before slot `sequence`, in the present view.
    fn ticks_before(&self, sequence: Sequence) -> Before {
        let executed = self.application.machine().map_or(Time::ZERO, |machine| machine.now());
        let mut before = Before { last: executed, is_complete: self.last_executed >= self.low };
        for earlier in self.last_executed.max(self.low) + 1..sequence {
            match self.proposed(earlier) {
                Some(batch) => before.last = before.last.max(batch.tick.unwrap_or_default()),
                None => before.is_complete = false,
            }
        }
        before
    }

    /// The earliest of the ticks after slot `sequence` that this replica knows, in the present view.
    fn tick_after(&self, sequence: Sequence) -> Option<Time> {
        (sequence + 1..=self.log.highest()).filter_map(|later| self.proposed(later)?.tick).min()
    }

    /// The batch that an open slot is committed to, or that the present view proposes for it.
    fn proposed(&self, sequence: Sequence) -> Option<Batch> {
        let slot = self.log.get(sequence)?;
        let proposal = slot.get_round(self.view).and_then(|round| round.pre_prepare.as_ref());
        let digest = slot.committed.map(|(_, digest)| digest).or(proposal.map(|proposal| proposal.digest))?;
        self.log.batch(digest)
    }
}
