//! The time by the log: when a leader proposes a tick, and when another replica takes one.

use synod_sim::{Duration, Time};

/// The rules of ticks for one machine. A log orders a tick like a command, and no client can ask for one.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub struct LogClock {
    /// By how much the log's time may lag behind the leader's clock when a command is applied.
    lag: Duration,
}

impl LogClock {
    /// Returns the rules for a machine whose time may lag by `lag`: [`Machine::clock`](crate::Machine::clock).
    pub fn new(lag: Duration) -> LogClock {
        LogClock { lag }
    }

    /// Returns the tick to order before a command that the leader proposes at `now`, by its own clock, after the tick
    /// `last` was proposed; `None` if that one is young enough. A leader whose clock is behind waits for it: time by
    /// the log does not fall.
    pub fn before_command(self, last: Time, now: Time) -> Option<Time> {
        (now > last && now.since(last) >= self.lag).then_some(now)
    }

    /// Returns how long the leader waits, from `now` on, until it proposes a tick for the machine's `deadline` though
    /// nobody asks for anything.
    pub fn until(self, deadline: Time, now: Time) -> Duration {
        deadline.since(now)
    }

    /// Returns true if a replica that trusts nobody votes for a `tick`: time has not fallen since `last`, the tick
    /// ordered before, and the tick is within `skew` of this replica's own clock, which reads `now`. Else the leader
    /// lies, or this replica's clock is wrong.
    pub fn admits(self, tick: Time, last: Time, now: Time, skew: Duration) -> bool {
        tick >= last && tick.since(now) <= skew && now.since(tick) <= skew
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(nanos: u64) -> Time {
        Time::from_nanos(nanos)
    }

    #[test]
    fn a_leader_ticks_when_the_last_tick_is_old_and_never_backwards() {
        let clock = LogClock::new(Duration::from_nanos(10));
        assert_eq!(clock.before_command(at(100), at(109)), None);
        assert_eq!(clock.before_command(at(100), at(110)), Some(at(110)));
        assert_eq!(clock.before_command(at(100), at(50)), None);
        assert_eq!(
            LogClock::new(Duration::ZERO).before_command(at(100), at(100)),
            None,
            "it is told already"
        );
        assert_eq!(clock.until(at(100), at(30)), Duration::from_nanos(70));
        assert_eq!(clock.until(at(100), at(130)), Duration::ZERO);
    }

    #[test]
    fn a_tick_is_near_ones_own_clock_and_not_before_the_last() {
        let clock = LogClock::new(Duration::ZERO);
        let admits = |tick, last, now| clock.admits(at(tick), at(last), at(now), Duration::from_nanos(5));
        assert!(admits(100, 100, 100) && admits(105, 0, 100) && admits(95, 0, 100));
        assert!(!admits(106, 0, 100) && !admits(94, 0, 100) && !admits(99, 100, 100));
    }
}
