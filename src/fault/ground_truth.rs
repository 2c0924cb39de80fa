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
