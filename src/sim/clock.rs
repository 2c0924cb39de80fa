//! A node's local clock: offset and drift from true time.

use super::{Duration, Time};

/// A clock's error: it is `offset_ns` ahead of true time at the start and gains `drift_ppb` nanoseconds a second.
#[derive(Copy, Clone, Debug, Default, PartialEq, Eq)]
pub struct Clock {
    /// Offset from true time at the start of the run, in nanoseconds.
    pub offset_ns: i64,
    /// Drift rate, in parts per billion; above −10⁹.
    pub drift_ppb: i64,
}

const BILLION: i128 = 1_000_000_000;

impl Clock {
    /// A clock without error.
    pub const TRUE: Clock = Clock { offset_ns: 0, drift_ppb: 0 };

    /// Returns what the clock shows at true time `at`; never before zero.
    #[inline]
    pub fn read(&self, at: Time) -> Time {
        if *self == Clock::TRUE {
            return at;
        }
        Time::from_nanos(self.shown(at).clamp(0, u64::MAX as i128) as u64)
    }

    /// Returns the true time at which the clock shows `span` more than at `now`: not a nanosecond less, or whoever
    /// waits for a time by its own clock would find that it has not come yet, and wait for nothing, again and again.
    ///
    /// # Panics
    /// If the clock stands still or runs backwards.
    #[inline]
    pub fn later(&self, now: Time, span: Duration) -> Time {
        if self.drift_ppb == 0 {
            return now + span;
        }
        let rate = BILLION + self.drift_ppb as i128;
        assert!(rate > 0, "a clock runs forwards");
        let wanted = self.shown(now) + span.as_nanos() as i128;
        let nanos = span.as_nanos() as i128 * BILLION / rate;
        let mut at = now + Duration::from_nanos(nanos.min(u64::MAX as i128) as u64);
        // What division drops is made up for: less than two nanoseconds of the clock.
        while self.shown(at) < wanted && at < Time::MAX {
            at += Duration::from_nanos(1);
        }
        at
    }

    /// Returns what the clock shows, before zero too.
    fn shown(&self, at: Time) -> i128 {
        let at = at.as_nanos() as i128;
        at + self.offset_ns as i128 + at * self.drift_ppb as i128 / BILLION
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fast_clock_shows_more_and_waits_less() {
        let clock = Clock { offset_ns: 500, drift_ppb: 1_000_000 };
        assert_eq!(clock.read(Time::from_nanos(1_000_000)), Time::from_nanos(1_001_500));
        assert_eq!(clock.later(Time::ZERO, Duration::from_nanos(1_001_000)), Time::from_nanos(1_000_000));
        assert_eq!(Clock { offset_ns: -5, drift_ppb: 0 }.read(Time::ZERO), Time::ZERO);
    }

    #[test]
    fn who_waits_for_a_time_by_its_own_clock_finds_that_it_has_come() {
        for drift_ppb in [-900_000_000, -333_333_333, -1, 1, 7_000_001, 500_000_000] {
            let clock = Clock { offset_ns: -3, drift_ppb };
            for now in [1_000, 999_999_937, 86_400_000_000_011].map(Time::from_nanos) {
                for span in [1, 2, 999, 300_000_007].map(Duration::from_nanos) {
                    let at = clock.later(now, span);
                    let shown = clock.read(at).since(clock.read(now)).as_nanos();
                    let span = span.as_nanos();
                    assert!(at > now && (span..span + 3).contains(&shown), "{clock:?}: {shown} for {span}");
                }
            }
        }
    }
}
