//! P12: the time that a log tells is true.

use super::super::{Config, Observation, Pbft, Sequence};
use super::watermarks::Watermarks;
use std::collections::BTreeMap;
use std::rc::Rc;
use synod_sim::{Digest, Duration, Event, EventTime, GroundTruth, NodeId, Oracle, Time, Violation};

/// P12: where the service knows the time, the log's time is the same after a slot at all correct replicas and never
/// falls; and where all clocks are right, a tick that is ordered lies no further than `max_clock_skew` before the true
/// time at which a correct replica first accepted its proposal, nor after that at which one first executed it.
///
/// It knows no clock but the simulator's, and asks nobody what was checked.
#[derive(Debug)]
pub struct LogTime {
    ground_truth: Rc<GroundTruth>,
    skew: Duration,
    /// When a correct replica first accepted a batch for a slot.
    accepted: BTreeMap<(Sequence, Digest), Time>,
    /// The log's time after slots that tell it, and who first said so.
    told: BTreeMap<Sequence, (NodeId, Time)>,
    watermarks: Watermarks,
    checked: u64,
}

impl LogTime {
    pub(super) fn new(config: &Config, ground_truth: &Rc<GroundTruth>) -> LogTime {
        LogTime {
            skew: config.max_clock_skew,
            accepted: BTreeMap::new(),
            told: BTreeMap::new(),
            watermarks: Watermarks::new(config, ground_truth),
            ground_truth: Rc::clone(ground_truth),
            checked: 0,
        }
    }

    /// A slot was executed at `at` in which the time is told.
    fn on_tick(
        &mut self,
        at: Time,
        node: NodeId,
        slot: (Sequence, Digest),
        tick: Time,
    ) -> Result<(), Violation> {
        let Some(&first) = self.accepted.get(&slot) else { return Ok(()) };
        self.checked += 1;
        let (earliest, latest) = (first.since(Time::ZERO + self.skew), at + self.skew);
        if tick.since(Time::ZERO) >= earliest && tick <= latest {
            return Ok(());
        }
        let (sequence, skew) = (slot.0, self.skew);
        let message = format_args!(
            "slot {sequence} tells that it is {tick}; its proposal was first accepted at {first}, agent {node} executed it \
             at {at}, and clocks differ by {skew} at most"
        );
        Err(Violation::new([node], message).with("sequence", sequence))
    }

    fn on_time(&mut self, node: NodeId, sequence: Sequence, now: Time) -> Result<(), Violation> {
        let fell = |earlier: (Sequence, NodeId, Time), later: (Sequence, NodeId, Time)| {
            let message = format_args!(
                "the log's time falls: it is {} after slot {} at agent {}, and {} after slot {} at agent {}",
                earlier.2, earlier.0, earlier.1, later.2, later.0, later.1
            );
            Err(Violation::new([earlier.1, later.1], message).with("sequence", later.0))
        };
        if let Some((&before, &(by, then))) = self.told.range(..sequence).next_back()
            && then > now
        {
            return fell((before, by, then), (sequence, node, now));
        }
        if let Some((&after, &(by, then))) = self.told.range(sequence + 1..).next()
            && then < now
        {
            return fell((sequence, node, now), (after, by, then));
        }
        let first = *self.told.entry(sequence).or_insert((node, now));
        if first.1 == now {
            return Ok(());
        }
        let message = format_args!(
            "after slot {sequence} the log's time is {} at agent {}, and {now} at agent {node}",
            first.1, first.0
        );
        Err(Violation::new([first.0, node], message).with("sequence", sequence))
    }
}

impl Oracle<Pbft> for LogTime {
    fn name(&self) -> &'static str {
        "log_time"
    }

    fn claim(&self) -> &'static str {
        "P12: the log's time is one, never falls, and is near the true time"
    }

    fn on_event(&mut self, moment: EventTime, event: &Event<'_, Pbft>) -> Result<(), Violation> {
        if let Some(forgotten) = self.watermarks.rise(event) {
            self.accepted = self.accepted.split_off(&(forgotten + 1, Digest::ZERO));
            // The last before says how low the next may be.
            let last = self.told.range(..=forgotten).next_back().map(|(&sequence, _)| sequence);
            self.told = self.told.split_off(&last.unwrap_or_default());
        }
        let Some((node, claim)) = self.ground_truth.claim(event) else { return Ok(()) };
        match *claim {
            Observation::Accepted { sequence, digest, .. } if sequence > self.watermarks.forgotten() => {
                self.accepted.entry((sequence, digest)).or_insert(moment.at);
                Ok(())
            }
            Observation::Ticked { sequence, digest, tick, now } if sequence > self.watermarks.forgotten() => {
                if self.ground_truth.timely {
                    self.on_tick(moment.at, node, (sequence, digest), tick)?;
                }
                self.on_time(node, sequence, now)
            }
            _ => Ok(()),
        }
    }

    fn checked(&self) -> u64 {
        self.checked
    }
}

#[cfg(test)]
mod tests {
    use super::super::rig::{Rig, config, digest, ground_truth, ground_without};
    use super::*;

    fn rig(ground_truth: GroundTruth) -> Rig<LogTime> {
        let config = Config { max_clock_skew: Duration::from_micros(500), ..config(4) };
        Rig::new(LogTime::new(&config, &Rc::new(ground_truth)))
    }

    fn accepted(sequence: u64) -> Observation {
        Observation::Accepted { view: 0, sequence, digest: digest(1), low: 0 }
    }

    fn ticked(sequence: u64, tick: u64, now: u64) -> Observation {
        let (tick, now) = (Time::from_nanos(tick), Time::from_nanos(now));
        Observation::Ticked { sequence, digest: digest(1), tick, now }
    }

    #[test]
    fn the_time_is_one_and_never_falls() {
        let mut rig = rig(ground_truth(4));
        rig.observe(0, ticked(1, 10, 10)).expect("first");
        rig.observe(0, ticked(3, 30, 30)).expect("later");
        rig.observe(1, ticked(1, 10, 10)).expect("the same");
        rig.observe(1, ticked(2, 5, 10)).expect("a tick may fall");
        rig.observe(2, ticked(2, 5, 11)).expect_err("another time");
        rig.observe(1, ticked(4, 5, 29)).expect_err("it falls");
        rig.observe(1, ticked(2, 31, 31)).expect_err("it falls afterwards");
    }

    /// Events come a millisecond apart: the first is the proposal.
    #[test]
    fn ticks_are_near_the_true_time() {
        for (tick, is_near) in [(499_999, false), (500_000, true), (2_500_000, true), (2_500_001, false)] {
            let told = |timely| {
                let mut rig = rig(GroundTruth { timely, ..ground_truth(4) });
                rig.observe(0, accepted(1)).expect("proposed");
                rig.observe(0, ticked(1, tick, tick)).is_ok()
            };
            assert_eq!(told(true), is_near, "{tick}");
            assert!(told(false), "some clock may be wrong");
        }
    }

    #[test]
    fn what_a_faulty_replica_says_does_not_count() {
        let mut rig = rig(ground_without(4, 0));
        rig.observe(0, ticked(1, 10, 10)).expect("faulty");
        rig.observe(1, ticked(1, 10, 9)).expect("the first correct one");
    }
}
