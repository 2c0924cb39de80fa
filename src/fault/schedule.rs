//! When a fault is active.

use super::kinds::{DutyCycle, Fault};
use synod_sim::Time;

/// The schedule of a fault: from its beginning to its end, continuously or with a duty cycle.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub struct FaultSchedule {
    /// When it begins.
    pub from: Time,
    /// When it is over, if ever.
    pub until: Option<Time>,
    /// How it comes and goes in between.
    pub duty: Option<DutyCycle>,
}

impl FaultSchedule {
    /// Returns the window of `fault`.
    pub fn of(fault: &Fault) -> FaultSchedule {
        let from = Time::ZERO + fault.from().0;
        FaultSchedule { from, until: fault.until().map(|until| Time::ZERO + until.0), duty: fault.duty() }
    }

    /// Returns true if the fault is on at `at`.
    pub fn is_on(&self, at: Time) -> bool {
        if at < self.from || self.until.is_some_and(|until| at >= until) {
            return false;
        }
        self.duty.is_none_or(|DutyCycle { on, off }| {
            let period = on.0.as_nanos() + off.0.as_nanos();
            at.since(self.from).as_nanos() % period < on.0.as_nanos()
        })
    }

    /// Returns the intervals during which the fault is active, each with its end if it has one before `horizon`.
    pub fn intervals(&self, horizon: Time) -> Vec<(Time, Option<Time>)> {
        let end = |time: Time| Some(time).filter(|&time| time <= horizon);
        let Some(DutyCycle { on, off }) = self.duty else {
            return vec![(self.from, self.until.and_then(end))];
        };
        let last = self.until.unwrap_or(Time::MAX).min(horizon);
        let mut intervals = Vec::new();
        let mut begin = self.from;
        while begin < last {
            let over = (begin + on.0).min(self.until.unwrap_or(Time::MAX));
            intervals.push((begin, end(over)));
            begin = begin + on.0 + off.0;
        }
        intervals
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use synod_sim::Duration;
    use synod_sim::units::Span;

    fn at(nanos: u64) -> Time {
        Time::from_nanos(nanos)
    }

    #[test]
    fn a_fault_on_duty_comes_and_goes_within_its_window() {
        let span = |nanos| Span(Duration::from_nanos(nanos));
        let schedule = FaultSchedule {
            from: at(10),
            until: Some(at(25)),
            duty: Some(DutyCycle { on: span(4), off: span(6) }),
        };
        let on: Vec<u64> = (0..40).filter(|&nanos| schedule.is_on(at(nanos))).collect();
        assert_eq!(on, [10, 11, 12, 13, 20, 21, 22, 23]);
        assert_eq!(schedule.intervals(at(99)), [(at(10), Some(at(14))), (at(20), Some(at(24)))]);
        assert_eq!(schedule.intervals(at(22)), [(at(10), Some(at(14))), (at(20), None)]);
        let cut_off = FaultSchedule { until: Some(at(12)), ..schedule };
        assert_eq!(cut_off.intervals(at(99)), [(at(10), Some(at(12)))]);
        let steady = FaultSchedule { until: None, duty: None, ..schedule };
        assert_eq!(steady.intervals(at(99)), [(at(10), None)]);
    }
}
