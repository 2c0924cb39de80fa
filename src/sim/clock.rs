//! A node's own clock, which may be off and may drift.

use super::{Duration, Time};

/// How a node's clock errs: it shows `offset` more than true time at the start and gains `drift_ppb` nanoseconds a
/// second.
#[derive(Copy, Clone, Debug, Default, PartialEq, Eq)]
pub struct Clock {
    /// What the clock shows beyond true time at the start of the run, in nanoseconds.
    pub offset_ns: i64,
    /// How much too fast it runs, in parts per billion; above −10⁹.
    pub drift_ppb: i64,
}

const BILLION: i128 = 1_000_000_000;

impl Clock {
    /// A clock that is right.
    pub const TRUE: Clock = Clock { offset_ns: 0, drift_ppb: 0 };

    /// What the clock shows at true time `at`; never before zero.
    #[inline]
    pub fn read(&self, at: Time) -> Time {
        if *self == Clock::TRUE {
            return at;
        }
        let at = at.as_nanos() as i128;
        let shown = at + self.offset_ns as i128 + at * self.drift_ppb as i128 / BILLION;
        Time::from_nanos(shown.clamp(0, u64::MAX as i128) as u64)
    }

    /// How long the clock really takes to show `span` more.
    ///
    /// # Panics
    /// If the clock stands still or runs backwards.
    #[inline]
    pub fn true_span(&self, span: Duration) -> Duration {
        if self.drift_ppb == 0 {
            return span;
        }
        let rate = BILLION + self.drift_ppb as i128;
        assert!(rate > 0, "a clock runs forwards");
        let nanos = span.as_nanos() as i128 * BILLION / rate;
        Duration::from_nanos(nanos.min(u64::MAX as i128) as u64)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fast_clock_shows_more_and_waits_less() {
        let clock = Clock { offset_ns: 500, drift_ppb: 1_000_000 };
        assert_eq!(clock.read(Time::from_nanos(1_000_000)), Time::from_nanos(1_001_500));
        assert_eq!(clock.true_span(Duration::from_nanos(1_001_000)), Duration::from_nanos(1_000_000));
        assert_eq!(Clock { offset_ns: -5, drift_ppb: 0 }.read(Time::ZERO), Time::ZERO);
    }
}
