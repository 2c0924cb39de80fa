//! Schedules of sessions, which open one after another at times known to all nodes.

use synod_sim::{Duration, Time};

/// A session's number, from 0.
pub type SessionId = u64;

/// When sessions open.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub struct Schedule {
    /// How many there are.
    pub sessions: u64,
    /// When the first opens.
    pub first: Duration,
    /// The time from one to the next.
    pub every: Duration,
}

/// The sessions that a node has not opened yet.
#[derive(Debug)]
pub struct Agenda {
    schedule: Schedule,
    next: SessionId,
}

/// The next item of an agenda.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub enum Item {
    /// This session opens now, or should have before.
    Opens(SessionId),
    /// The next session opens after this time.
    In(Duration),
    /// No session is left.
    Nothing,
}

impl Schedule {
    /// Opening time of `session`.
    pub fn opens(&self, session: SessionId) -> Time {
        Time::ZERO + self.first + self.every.saturating_mul(session)
    }

    /// All of its sessions, still to be opened.
    pub fn agenda(&self) -> Agenda {
        Agenda { schedule: *self, next: 0 }
    }
}

impl Agenda {
    /// Takes the next session off, if its time has come by `now`.
    pub fn take(&mut self, now: Time) -> Item {
        if self.next == self.schedule.sessions {
            return Item::Nothing;
        }
        let opens = self.schedule.opens(self.next);
        if opens > now {
            return Item::In(opens.since(now));
        }
        self.next += 1;
        Item::Opens(self.next - 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sessions_are_taken_when_they_are_due() {
        let second = Duration::from_secs(1);
        let schedule = Schedule { sessions: 2, first: second, every: second.saturating_mul(3) };
        let mut agenda = schedule.agenda();
        assert_eq!(agenda.take(Time::ZERO), Item::In(second));
        let after_four = Time::ZERO + second.saturating_mul(4);
        assert_eq!([0; 3].map(|_| agenda.take(after_four)), [Item::Opens(0), Item::Opens(1), Item::Nothing]);
    }
}
