//! The time by the log: when a leader proposes a tick, and when another replica takes one.
//!
//! A log orders a tick like a command, and no client can ask for one. Besides the ticks before commands, a leader
//! proposes one when its clock reaches [`StateMachine::deadline`](crate::StateMachine::deadline).

use synod_sim::{Duration, Time};

/// Returns the tick to order before a command that the leader proposes at `now`, by its own clock, where `last` is the
/// latest tick that it has proposed or holds, and the log's time may lag by `lag`; `None` if that one is young enough.
///
/// A leader whose clock is behind its predecessor's proposes none until it has caught up: the log's time does not fall.
pub fn before_command(last: Time, now: Time, lag: Duration) -> Option<Time> {
    (now > last && now.since(last) >= lag).then_some(now)
}

/// Returns true if a replica that trusts nobody votes for a `tick`: time has not fallen since `last`, the tick ordered
/// before, and the tick is within `skew` of the replica's own clock, which reads `now`. Else the leader lies, or this
/// replica's clock is wrong.
pub fn is_admissible(tick: Time, last: Time, now: Time, skew: Duration) -> bool {
    tick >= last && tick.since(now) <= skew && now.since(tick) <= skew
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(nanos: u64) -> Time {
        Time::from_nanos(nanos)
    }

    #[test]
    fn a_leader_ticks_when_the_last_tick_is_old_and_never_backwards() {
        let before = |last, now, lag| before_command(at(last), at(now), Duration::from_nanos(lag));
        assert_eq!(before(100, 109, 10), None);
        assert_eq!(before(100, 110, 10), Some(at(110)));
        assert_eq!(before(100, 50, 10), None);
        assert_eq!(before(100, 100, 0), None, "it is told already");
    }

    #[test]
    fn a_tick_is_near_ones_own_clock_and_not_before_the_last() {
        let admits = |tick, last, now| is_admissible(at(tick), at(last), at(now), Duration::from_nanos(5));
        assert!(admits(100, 100, 100) && admits(105, 0, 100) && admits(95, 0, 100));
        assert!(!admits(106, 0, 100) && !admits(94, 0, 100) && !admits(99, 100, 100));
    }
}
