//! The ground truth of a run under a plan: the assumptions of oracles.

use super::kinds::{Fault, StorageLoss};
use super::plan::Plan;
use super::schedule::FaultSchedule;
use std::collections::BTreeSet;
use synod_sim::{Duration, GroundTruth, NodeId, Time};

/// Network guarantees without faults.
#[derive(Copy, Clone, Debug)]
pub struct Baseline {
    /// Δ: upper bound on message delay; `None` if there is none.
    pub delay_max: Option<Duration>,
    /// True if the network is lossless.
    pub lossless: bool,
    /// Latest end of the run.
    pub horizon: Time,
}

/// The impact of a fault on guarantees while it is active.
struct Disturbance {
    /// Loses messages, or keeps correct agents down.
    loses: bool,
    /// Increases message delay by at most this.
    delays: Option<Duration>,
    /// Removes the upper bound on message delay.
    unbounds: bool,
    /// The bound does not return when the fault ends.
    lingers: bool,
}

impl Disturbance {
    /// No impact.
    const NONE: Disturbance = Disturbance { loses: false, delays: None, unbounds: false, lingers: false };

    /// Returns true if, ending at `until`, it delays some messages or nodes only for a time.
    fn delays_some(&self, until: Option<Time>) -> bool {
        self.unbounds || (self.delays.is_some() && until.is_some())
    }
}

impl Plan {
    /// Returns the ground truth of a run of `nodes` nodes under the plan, of which the first `agents` are agents.
    pub fn ground_truth(&self, agents: u32, nodes: usize, baseline: Baseline) -> GroundTruth {
        let corrupted = self.corrupted();
        let broken = self.broken_for_good();
        let is_outside = |agent: &NodeId| self.core.as_ref().is_some_and(|core| !core.contains(agent));
        let mut outcasts: BTreeSet<NodeId> = corrupted.union(&broken).copied().collect();
        outcasts.extend((0..agents).map(NodeId).filter(is_outside));
        let all = || (0..nodes as u32).map(NodeId);
        let mut ground_truth = GroundTruth {
            correct: all().map(|node| !corrupted.contains(&node)).collect(),
            live_required: all().map(|node| !outcasts.contains(&node)).collect(),
            permanent_leader_faults: self.permanent_leader_faults(),
            delay_max: baseline.delay_max,
            timely: true,
            stable_from: baseline.lossless.then_some(Time::ZERO),
            lossless: baseline.lossless,
            fault_free: self.faults.is_empty(),
            horizon: baseline.horizon,
        };
        for fault in &self.faults {
            let Some(disturbance) = fault.disturbance() else { continue };
            let FaultSchedule { from, until, .. } = FaultSchedule::of(fault);
            let touches = fault.touches_others_than(&outcasts);
            ground_truth.lossless &= !disturbance.loses || matches!(fault, Fault::Crash(_));
            ground_truth.timely &= !disturbance.delays_some(until) || !fault.touches_others_than(&corrupted);
            let ends = match until {
                // Faults of excluded agents do not affect the others.
                _ if !touches => Some(from),
                Some(until) => Some(fault.aftermath(until)),
                None if disturbance.loses => None,
                None => Some(from),
            };
            if touches && (disturbance.lingers || (disturbance.unbounds && until.is_none())) {
                ground_truth.delay_max = None;
            } else if let (None, Some(by)) = (until, disturbance.delays) {
                ground_truth.delay_max = ground_truth.delay_max.map(|bound| bound + by);
            }
            ground_truth.stable_from =
                ground_truth.stable_from.zip(ends).map(|(stable, end)| stable.max(end));
        }
        ground_truth
    }
}

impl Fault {
    /// Returns its impact on correct agents; `None` if it affects corrupted ones alone.
    fn disturbance(&self) -> Option<Disturbance> {
        let delays = |by| Disturbance { delays: Some(by), ..Disturbance::NONE };
        let unbounds = Disturbance { unbounds: true, ..Disturbance::NONE };
        Some(match self {
            // An agent that comes back without its storage was Byzantine all along.
            Fault::Crash(crash) if crash.storage == StorageLoss::Lost && self.is_byzantine() => return None,
            Fault::Twins(twins) if twins.apart => Disturbance { loses: true, ..Disturbance::NONE },
            fault if fault.is_byzantine() => return None,
            Fault::SlowLinks(slow) => delays(slow.by.resolved() + slow.jitter.0),
            Fault::Reorder(reorder) => delays(reorder.by.0),
            Fault::Duplicate(duplicate) => delays(duplicate.apart.0),
            // Timers armed under a slow clock outlast the fault, without a bound.
            Fault::Clock(clock) => Disturbance { lingers: clock.slow.ppb() > 0, ..unbounds },
            Fault::Slow(_) | Fault::Pause(_) => unbounds,
            _ => Disturbance { loses: true, ..Disturbance::NONE },
        })
    }

    /// Returns when the effects of a fault that ends at `until` are over.
    fn aftermath(&self, until: Time) -> Time {
        match self {
            Fault::SlowLinks(slow) => until + slow.by.resolved() + slow.jitter.0,
            Fault::Reorder(reorder) => until + reorder.by.0,
            Fault::Duplicate(duplicate) => until + duplicate.apart.0,
            // Work in progress still takes its extra time.
            Fault::Slow(slow) => until + slow.by.resolved(),
            Fault::Crash(crash) => {
                let agents = crash.agents.named().len().saturating_sub(1) as u64;
                until + self.spread().saturating_mul(agents)
            }
            _ => until,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ResolveContext;
    use std::collections::BTreeMap;
    use synod_sim::Streams;

    fn ms(millis: u64) -> Duration {
        Duration::from_millis(millis)
    }

    /// The truth of a run of four agents and a host under these faults, over a lossless network that delays by 10 ms at
    /// most.
    fn truth(faults: &str) -> GroundTruth {
        let resolve_context = ResolveContext {
            agents: 4,
            tolerated: 1,
            byzantine: 1,
            trusted: None,
            overlap: 2,
            timer: ms(100),
            regions: BTreeMap::new(),
            stabilize_at: None,
            core: crate::AgentSelector::Unspecified,
            streams: Streams::new(1),
        };
        let faults: Vec<Fault> = serde_json::from_str(faults).expect("faults");
        let baseline = Baseline {
            delay_max: Some(ms(10)),
            lossless: true,
            horizon: Time::ZERO + Duration::from_secs(60),
        };
        Plan::resolve(&faults, &resolve_context).ground_truth(4, 5, baseline)
    }

    #[test]
    fn each_fault_takes_from_a_run_what_it_takes_and_no_more() {
        // Faults; the bound on delays in ms; when all is calm in ms; whether nothing is lost; whether all is timely.
        let table = [
            ("[]", Some(10), Some(0), true, true),
            (
                r#"[{"slow_links": {"by": "5ms", "jitter": "2ms", "from": "1s"}}]"#,
                Some(17),
                Some(1_000),
                true,
                true,
            ),
            (
                r#"[{"slow_links": {"by": "5ms", "jitter": "2ms", "from": "1s", "until": "2s"}}]"#,
                Some(10),
                Some(2_007),
                true,
                false,
            ),
            (
                r#"[{"loss": {"chance": "1%", "from": "1s", "until": "2s"}}]"#,
                Some(10),
                Some(2_000),
                false,
                true,
            ),
            (r#"[{"loss": {"chance": "1%", "from": "1s"}}]"#, Some(10), None, false, true),
            (
                r#"[{"crash": {"agents": [1], "from": "1s", "until": "2s"}}]"#,
                Some(10),
                Some(2_000),
                true,
                true,
            ),
            (r#"[{"crash": {"agents": [1], "from": "1s"}}]"#, Some(10), Some(1_000), true, true),
            (r#"[{"silent": {"agents": [1]}}]"#, Some(10), Some(0), true, true),
            (r#"[{"clock": {"agents": [1], "slow": "1%", "until": "2s"}}]"#, None, Some(2_000), true, false),
            (
                r#"[{"clock": {"agents": [1], "fast": "1%", "until": "2s"}}]"#,
                Some(10),
                Some(2_000),
                true,
                false,
            ),
            (
                r#"[{"pause": {"agents": [1], "from": "1s", "until": "2s"}}]"#,
                Some(10),
                Some(2_000),
                true,
                false,
            ),
        ];
        for (faults, bound, calm, lossless, timely) in table {
            let truth = truth(faults);
            assert_eq!(truth.delay_max, bound.map(ms), "{faults}");
            assert_eq!(truth.stable_from, calm.map(|calm| Time::ZERO + ms(calm)), "{faults}");
            assert_eq!((truth.lossless, truth.timely), (lossless, timely), "{faults}");
            assert_eq!(truth.fault_free, faults == "[]");
        }
    }

    #[test]
    fn nothing_is_held_against_the_corrupted_nor_asked_of_the_broken() {
        let table = [
            (
                r#"[{"silent": {"agents": [1]}}]"#,
                [true, false, true, true, true],
                [true, false, true, true, true],
            ),
            (r#"[{"crash": {"agents": [2], "from": "1s"}}]"#, [true; 5], [true, true, false, true, true]),
            (r#"[{"crash": {"agents": [2], "from": "1s", "until": "2s"}}]"#, [true; 5], [true; 5]),
            (
                r#"[{"crash": {"agents": [3], "storage": "lost", "from": "1s", "until": "2s"}}]"#,
                [true, true, true, false, true],
                [true, true, true, false, true],
            ),
        ];
        for (faults, correct, live) in table {
            let truth = truth(faults);
            assert_eq!((&truth.correct[..], &truth.live_required[..]), (&correct[..], &live[..]), "{faults}");
        }
    }
}
