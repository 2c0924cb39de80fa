//! Decisions within fault windows, by side of a partition, and each side's recovery time.

use super::measure::Measure;
use super::metric::{self, Metrics};
use synod_sim::collections::TreeSet;
use synod_sim::{Duration, Milestone, NodeId, OperationId, Time};

/// The intervals of a fault, and the sides into which it partitions the nodes.
#[derive(Clone, Debug)]
pub struct FaultWindows {
    /// The fault's name.
    pub name: String,
    /// Its intervals; the end is exclusive.
    pub intervals: Vec<(Time, Option<Time>)>,
    /// The side of each node; nodes beyond the list are on none.
    pub sides: Vec<Option<u32>>,
    /// Number of sides.
    pub count: u32,
}

/// Counts the operations that were submitted and decided within one and the same window of a fault: what came about in
/// spite of it. After each window, sees how long every side takes to decide again.
#[derive(Debug, Default)]
pub struct FaultWindowStats {
    tracked: Vec<TrackedFault>,
}

#[derive(Debug)]
struct TrackedFault {
    intervals: FaultWindows,
    /// The place of the window in which something was decided last.
    interval: usize,
    /// For every side, and after the last one for all nodes, the operations decided in that window.
    decided: Vec<TreeSet<OperationId>>,
    /// Number of operations decided in earlier windows.
    before: Vec<u64>,
    /// By side, the number of windows that it has recovered from, and the longest recovery.
    recovered: Vec<(usize, Duration)>,
}

impl FaultWindowStats {
    /// Watches these faults.
    pub fn new(faults: Vec<FaultWindows>) -> FaultWindowStats {
        let track = |intervals: FaultWindows| {
            let sides = intervals.count as usize;
            TrackedFault {
                interval: 0,
                decided: vec![TreeSet::new(); sides + 1],
                before: vec![0; sides + 1],
                recovered: vec![(0, Duration::ZERO); sides],
                intervals,
            }
        };
        FaultWindowStats { tracked: faults.into_iter().map(track).collect() }
    }

    /// Returns true if no fault is watched.
    pub fn is_empty(&self) -> bool {
        self.tracked.is_empty()
    }

    /// Records a milestone that a correct node passed at `at`, with when its operation was submitted, if it is under
    /// way.
    pub fn note(&mut self, at: Time, node: NodeId, milestone: Milestone, submitted: Option<Time>) {
        if let Milestone::Decided(..) | Milestone::Served(_) | Milestone::CaughtUp(_) = milestone {
            self.tracked.iter_mut().for_each(|tracked| tracked.recover(at, node));
        }
        if let (Milestone::Decided(id, _) | Milestone::Served(id), Some(submitted)) = (milestone, submitted) {
            self.tracked.iter_mut().for_each(|tracked| tracked.decide((submitted, at), node, id));
        }
    }

    /// Records, for every fault, the operations decided during it, by side, and the longest time that a side took to
    /// decide again afterwards; labels are named after the fault.
    pub fn enter(&self, metrics: &mut Metrics) {
        for tracked in &self.tracked {
            let TrackedFault { intervals, decided, before, .. } = tracked;
            for (side, (operations, before)) in decided.iter().zip(before).enumerate() {
                let count = Measure::Count(before + operations.len() as u64);
                let window = if side as u32 == intervals.count {
                    intervals.name.clone()
                } else {
                    format!("{}.side{side}", intervals.name)
                };
                metrics.enter_for(&metric::DECISIONS_WITHIN, &window, count);
            }
            if let Some(longest) = tracked.recovery() {
                metrics.enter_for(&metric::RECOVERY, &intervals.name, Measure::Count(longest.as_nanos()));
            }
        }
    }
}

impl TrackedFault {
    /// `node` decided an operation, which was submitted and decided at these times.
    fn decide(&mut self, (submitted, at): (Time, Time), node: NodeId, id: OperationId) {
        let Some(interval) = self.intervals.holding(submitted, at) else { return };
        if interval != self.interval {
            // What was submitted during another window cannot be decided within this one.
            for (decided, before) in self.decided.iter_mut().zip(&mut self.before) {
                *before += decided.len() as u64;
                decided.clear();
            }
            self.interval = interval;
        }
        self.decided[self.intervals.count as usize].insert(id);
        if let Some(side) = self.intervals.sides.get(node.index()).copied().flatten() {
            self.decided[side as usize].insert(id);
        }
    }

    /// `node` decided something, or took over what others had decided.
    fn recover(&mut self, at: Time, node: NodeId) {
        let Some(side) = self.intervals.sides.get(node.index()).copied().flatten() else { return };
        let intervals = &self.intervals.intervals;
        let begun = intervals.partition_point(|&(begin, _)| begin <= at);
        let Some((_, Some(end))) = begun.checked_sub(1).map(|last| intervals[last]) else { return };
        let (recovered, longest) = &mut self.recovered[side as usize];
        if at >= end && *recovered < begun {
            *recovered = begun;
            *longest = (*longest).max(at.since(end));
        }
    }

    /// Returns the longest that any side took after any window; none if some side did not recover from the last one.
    fn recovery(&self) -> Option<Duration> {
        let ended = self.intervals.intervals.iter().filter(|(_, end)| end.is_some()).count();
        let whole = ended > 0 && self.recovered.iter().all(|&(recovered, _)| recovered == ended);
        self.recovered.iter().map(|&(_, longest)| longest).max().filter(|_| whole)
    }
}

impl FaultWindows {
    /// Returns the place of the window that holds both times.
    fn holding(&self, earlier: Time, later: Time) -> Option<usize> {
        let place = self.intervals.partition_point(|&(begin, _)| begin <= earlier).checked_sub(1)?;
        self.intervals[place].1.is_none_or(|end| later < end).then_some(place)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_began_and_ended_within_a_spell_counts() {
        let at = Time::from_nanos;
        let intervals = FaultWindows {
            name: "cut".into(),
            intervals: vec![(at(10), Some(at(20))), (at(30), None)],
            sides: vec![Some(0), Some(1)],
            count: 2,
        };
        let mut windows = FaultWindowStats::new(vec![intervals]);
        let operation = |id| OperationId(id);
        for (id, submitted, decided, node) in
            [(1, 5, 12, 0), (2, 10, 19, 0), (3, 12, 20, 0), (4, 15, 35, 1), (5, 31, 99, 1), (6, 11, 12, 7)]
        {
            windows.note(
                at(decided),
                NodeId(node),
                Milestone::Decided(operation(id), id),
                Some(at(submitted)),
            );
        }
        let mut metrics = Metrics::new();
        windows.enter(&mut metrics);
        let entered: Vec<_> = metrics.iter().map(|one| (one.name, one.value.value())).collect();
        assert_eq!(
            entered,
            [
                ("decisions.within.cut", 3.0),
                ("decisions.within.cut.side0", 1.0),
                ("decisions.within.cut.side1", 1.0),
            ]
        );
    }

    #[test]
    fn recovery_lasts_until_every_side_has_decided_after_the_last_spell() {
        let at = Time::from_nanos;
        let intervals = FaultWindows {
            name: "cut".into(),
            intervals: vec![(at(10), Some(at(20))), (at(30), Some(at(40)))],
            sides: vec![Some(0), Some(1)],
            count: 2,
        };
        let mut windows = FaultWindowStats::new(vec![intervals]);
        let mut decide = |time, node| {
            windows.note(at(time), NodeId(node), Milestone::Decided(OperationId(time), time), None);
            let mut metrics = Metrics::new();
            windows.enter(&mut metrics);
            metrics.get("recovery.cut_ns")
        };
        for (time, node) in [(5, 0), (15, 0), (21, 0), (27, 1), (28, 1), (35, 0), (42, 0)] {
            assert_eq!(decide(time, node), None, "one side has not come out of the second spell at {time}");
        }
        assert_eq!(decide(43, 1), Some(Measure::Count(7)), "after the first spell side 1 took longer");
    }
}
