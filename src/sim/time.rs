//! Virtual time: whole nanoseconds since the start of a run. No float ever holds a time.

use serde::{Deserialize, Serialize};
use std::fmt;
use std::ops::{Add, AddAssign, Sub};

/// An instant of virtual time, in nanoseconds since the start of the run.
#[derive(Copy, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename = "synod::Time")]
pub struct Time(u64);

/// A span of virtual time, in nanoseconds.
#[derive(Copy, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename = "synod::Duration")]
pub struct Duration(u64);

impl Time {
    /// The start of every run.
    pub const ZERO: Time = Time(0);
    /// The end of representable time, some 584 years on.
    pub const MAX: Time = Time(u64::MAX);

    /// Returns the instant `nanos` nanoseconds after the start.
    pub const fn from_nanos(nanos: u64) -> Time {
        Time(nanos)
    }

    /// Nanoseconds since the start.
    pub const fn as_nanos(self) -> u64 {
        self.0
    }

    /// Returns the span from `earlier` to here; zero if `earlier` is later.
    pub const fn since(self, earlier: Time) -> Duration {
        Duration(self.0.saturating_sub(earlier.0))
    }
}

impl Duration {
    /// No time at all.
    pub const ZERO: Duration = Duration(0);
    /// The longest span.
    pub const MAX: Duration = Duration(u64::MAX);

    /// Returns a span of `nanos` nanoseconds.
    pub const fn from_nanos(nanos: u64) -> Duration {
        Duration(nanos)
    }

    /// Returns a span of `micros` microseconds, saturating.
    pub const fn from_micros(micros: u64) -> Duration {
        Duration(micros.saturating_mul(1_000))
    }

    /// Returns a span of `millis` milliseconds, saturating.
    pub const fn from_millis(millis: u64) -> Duration {
        Duration(millis.saturating_mul(1_000_000))
    }

    /// Returns a span of `secs` seconds, saturating.
    pub const fn from_secs(secs: u64) -> Duration {
        Duration(secs.saturating_mul(1_000_000_000))
    }

    /// Returns the span in nanoseconds.
    pub const fn as_nanos(self) -> u64 {
        self.0
    }

    /// `self` × `factor`, saturating.
    pub const fn saturating_mul(self, factor: u64) -> Duration {
        Duration(self.0.saturating_mul(factor))
    }

    /// Returns the multiple of `step` that is nearest; of two that are equally near the longer one. Whatever people read
    /// is rounded by this.
    pub const fn rounded(self, step: Duration) -> Duration {
        Duration(self.0.saturating_add(step.0 / 2) / step.0 * step.0)
    }

    /// True for a span of no length.
    pub const fn is_zero(self) -> bool {
        self.0 == 0
    }
}

// Time saturates: what would happen after 584 years never happens, and no horizon reaches it.
impl Add<Duration> for Time {
    type Output = Time;
    fn add(self, span: Duration) -> Time {
        Time(self.0.saturating_add(span.0))
    }
}

impl AddAssign<Duration> for Time {
    fn add_assign(&mut self, span: Duration) {
        *self = *self + span;
    }
}

impl Add for Duration {
    type Output = Duration;
    fn add(self, other: Duration) -> Duration {
        Duration(self.0.saturating_add(other.0))
    }
}

impl AddAssign for Duration {
    fn add_assign(&mut self, other: Duration) {
        *self = *self + other;
    }
}

impl Sub for Duration {
    type Output = Duration;
    fn sub(self, other: Duration) -> Duration {
        Duration(self.0.saturating_sub(other.0))
    }
}

impl fmt::Display for Duration {
    /// Writes the largest unit that leaves a short number, rounded to three places behind the point: `250ns`, `1.5ms`,
    /// `12.25s`.
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        /// Units with their names and the steps to which they are rounded, in nanoseconds.
        const UNITS: [(u64, &str, u64); 3] = [(1, "ns", 1), (1_000, "us", 1), (1_000_000, "ms", 1_000)];
        // What is rounded up to a larger unit is told in that.
        let fits = |&&(unit, _, step): &&(u64, &str, u64)| {
            self.rounded(Duration(step)).0 < unit.saturating_mul(1_000)
        };
        let (unit, name, step) = UNITS.iter().find(fits).copied().unwrap_or((1_000_000_000, "s", 1_000_000));
        let rounded = self.rounded(Duration(step)).0;
        let (whole, rest) = (rounded / unit, rounded % unit);
        if rest == 0 {
            return out.pad(&format!("{whole}{name}"));
        }
        let digits = format!("{rest:0width$}", width = unit.ilog10() as usize);
        out.pad(&format!("{whole}.{}{name}", digits.trim_end_matches('0')))
    }
}

impl fmt::Display for Time {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&Duration(self.0), out)
    }
}

impl fmt::Debug for Time {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "t={self}")
    }
}

impl fmt::Debug for Duration {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{self}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_print_in_the_unit_that_people_read() {
        for (nanos, text) in [
            (0, "0ns"),
            (999, "999ns"),
            (1_500, "1.5us"),
            (20_000_000, "20ms"),
            (12_250_000_000, "12.25s"),
            (1_000_000_001, "1s"),
            (2_591_507_755, "2.592s"),
            (109_868_499, "109.868ms"),
            (109_868_500, "109.869ms"),
            (999_999, "999.999us"),
            (999_999_499, "999.999ms"),
            (999_999_500, "1s"),
            (u64::MAX, "18446744073.709s"),
        ] {
            assert_eq!(Duration::from_nanos(nanos).to_string(), text);
        }
    }

    #[test]
    fn time_saturates_instead_of_wrapping() {
        assert_eq!(Time::MAX + Duration::from_secs(1), Time::MAX);
        assert_eq!(Time::ZERO.since(Time::MAX), Duration::ZERO);
    }
}
