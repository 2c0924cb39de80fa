//! The log's time, for a machine that knows one: what the leader's clock showed when it proposed a tick.
//!
//! A leader that appends a command appends a tick before it, if the last is old; and it appends one when its clock
//! reaches the machine's deadline, though nobody asks for anything. It knows every tick of its log, so that none falls.

use super::entry::Payload;
use super::state::{Ctx, Replica, Role, Timer};
use synod_log::ticks;
use synod_sim::Time;

impl Replica {
    /// Returns the latest tick of the log.
    pub(super) fn last_tick(&self) -> Time {
        let tick = |payload: &Payload| if let Payload::Tick(time) = payload { Some(*time) } else { None };
        let pending = self.log.after(self.applied).filter_map(|(_, entry)| tick(&entry.payload));
        pending.last().unwrap_or(self.machine.now())
    }

    /// Appends a tick as leader, before a command, if the last one is old.
    pub(super) fn tick_before_command(&mut self, ctx: &mut Ctx<'_>) {
        let (Some(lag), Role::Leader(lead)) = (self.lag, &self.role) else { return };
        if let Some(now) = ticks::before_command(lead.last_tick, ctx.now(), lag) {
            self.append_tick(ctx, now);
        }
    }

    /// Sets the leader's timer for the machine's deadline, unless a tick that reaches it is in the log.
    pub(super) fn await_deadline(&mut self, ctx: &mut Ctx<'_>) {
        let (Some(_), Role::Leader(lead)) = (self.lag, &mut self.role) else { return };
        let due = self.machine.deadline().filter(|&due| due > lead.last_tick);
        if due == lead.tick_due {
            return;
        }
        lead.tick_due = due;
        match due {
            Some(due) => ctx.set_timer(Timer::Tick, due.since(ctx.now())),
            None => ctx.cancel_timer(Timer::Tick),
        }
    }

    pub(super) fn on_tick_timer(&mut self, ctx: &mut Ctx<'_>) {
        let Role::Leader(lead) = &mut self.role else { return };
        // While leadership is handed over the log stays as it is.
        let Some(due) = lead.tick_due.take().filter(|_| lead.transfer.is_none()) else { return };
        if ctx.now() < due {
            // The clock was set back.
            return self.await_deadline(ctx);
        }
        self.append_tick(ctx, ctx.now());
        self.replicate(ctx);
        self.advance_commit(ctx);
    }

    fn append_tick(&mut self, ctx: &mut Ctx<'_>, now: Time) {
        let Role::Leader(lead) = &mut self.role else { return };
        assert!(now > lead.last_tick, "the log's time does not fall");
        lead.last_tick = now;
        self.append(ctx, Payload::Tick(now));
    }
}
