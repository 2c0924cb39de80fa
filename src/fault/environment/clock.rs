//! Clock faults: an agent's clock steps when the fault begins, runs too fast or too slow while it is active, and is
//! restored when it is over.

use crate::builder::FaultBuilder;
use crate::kinds;
use synod_sim::inject::{Intervention, InterventionTarget};
use synod_sim::{Clock, Time};

pub(super) fn install(fault: &kinds::Clock, builder: &mut FaultBuilder<'_>) {
    for node in builder.agents() {
        let own = builder.params.clocks.get(node.index()).copied().unwrap_or(Clock::TRUE);
        let target = InterventionTarget::Node(node);
        let id = builder.id();
        for (from, until) in builder.schedule.intervals(builder.params.horizon) {
            let clock = wrong(own, fault, from);
            builder.intervene(from, Intervention::Clock { node: target, clock, fault: Some(id) });
            if let Some(until) = until {
                builder.intervene(until, Intervention::Clock { node: target, clock: own, fault: None });
            }
        }
    }
}

const BILLION: i128 = 1_000_000_000;

/// Returns the agent's `own` clock as the fault, which begins at `from`, makes it: at that moment it is off by the
/// fault's step and no more, whatever its rate.
fn wrong(own: Clock, fault: &kinds::Clock, from: Time) -> Clock {
    let gain = i128::from(fault.fast.ppb()) - i128::from(fault.slow.ppb());
    let rate = (BILLION + i128::from(own.drift_ppb)) * (BILLION + gain) / BILLION;
    // A clock that hardly runs still runs.
    let drift = rate.max(1) - BILLION;
    let step = i128::from(fault.ahead.0.as_nanos()) - i128::from(fault.behind.0.as_nanos());
    let gained_so_far = i128::from(from.as_nanos()) * (drift - i128::from(own.drift_ppb)) / BILLION;
    let offset = i128::from(own.offset_ns) + step - gained_so_far;
    Clock {
        offset_ns: offset.clamp(i64::MIN.into(), i64::MAX.into()) as i64,
        drift_ppb: drift.min(i64::MAX.into()) as i64,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use synod_sim::Duration;

    fn fault(settings: &str) -> kinds::Clock {
        serde_json::from_str(settings).expect("a clock")
    }

    #[test]
    fn a_clock_steps_by_what_the_fault_says_and_drifts_from_there() {
        let own = Clock { offset_ns: 7, drift_ppb: 1_000 };
        let from = Time::ZERO + Duration::from_secs(100);
        let later = from + Duration::from_secs(10);
        let fast = wrong(own, &fault(r#"{"agents": [0], "fast": "10%", "ahead": "3ms"}"#), from);
        let step = |at: Time, clock: Clock| clock.read(at).as_nanos() as i64 - own.read(at).as_nanos() as i64;
        assert_eq!(step(from, fast), 3_000_000);
        assert!((step(later, fast) - 1_003_000_000).abs() <= 1_010, "{}", step(later, fast));
        let slow = wrong(own, &fault(r#"{"agents": [0], "slow": "50%", "behind": "1s"}"#), from);
        assert_eq!(step(from, slow), -1_000_000_000);
        assert!((step(later, slow) + 6_000_000_000).abs() <= 5_010, "{}", step(later, slow));
    }

    #[test]
    fn a_clock_runs_forwards_however_slow() {
        let own = Clock { offset_ns: 0, drift_ppb: -999_999_999 };
        let slow = wrong(own, &fault(r#"{"agents": [0], "slow": "99.9999999%"}"#), Time::ZERO);
        assert_eq!(slow.drift_ppb, -999_999_999);
    }
}
