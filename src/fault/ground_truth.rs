//! What is true of a run under a plan, whatever its nodes say: the premises of oracles.

use super::kinds::{Fault, StorageLoss};
use super::plan::Plan;
use super::schedule::FaultSchedule;
use std::collections::BTreeSet;
use synod_sim::{Duration, GroundTruth, NodeId, Time};

/// What holds of the run apart from its faults.
#[derive(Copy, Clone, Debug)]
pub struct Baseline {
    /// Δ: no message takes longer; `None` if there is no bound.
    pub delay_max: Option<Duration>,
    /// True if the network loses nothing.
    pub lossless: bool,
    /// When the run ends at the latest.
    pub horizon: Time,
}

/// What a fault does to a run while it is on.
struct Disturbance {
    /// It loses messages, or keeps correct agents down.
    loses: bool,
    /// It makes messages later, by at most this.
    delays: Option<Duration>,
    /// It takes any bound away that delays had.
    unbounds: bool,
    /// It does so for longer than it is on.
    lingers: bool,
}

impl Disturbance {
    /// Nothing yet.
    const NONE: Disturbance = Disturbance { loses: false, delays: None, unbounds: false, lingers: false };

    /// True if, ending at `until`, it makes some messages later than others, or a node late.
    fn delays_some(&self, until: Option<Time>) -> bool {
        self.unbounds || (self.delays.is_some() && until.is_some())
    }
}

impl Plan {
    /// The ground truth of a run of `nodes` nodes under the plan, of which the first `agents` are agents.
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
                // What strikes only those that are out of the run leaves the rest as it is.
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
    /// What it does to correct agents; `None` if it touches corrupted ones alone.
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
            // Timers that a slow clock armed outlast it by nobody knows how much.
            Fault::Clock(clock) => Disturbance { lingers: clock.slow.ppb() > 0, ..unbounds },
            Fault::Slow(_) => unbounds,
            _ => Disturbance { loses: true, ..Disturbance::NONE },
        })
    }

    /// When what it did before `until` is over.
    fn aftermath(&self, until: Time) -> Time {
        match self {
            Fault::SlowLinks(slow) => until + slow.by.resolved() + slow.jitter.0,
            Fault::Reorder(reorder) => until + reorder.by.0,
            Fault::Duplicate(duplicate) => until + duplicate.apart.0,
            // What it is handling then still takes its time.
            Fault::Slow(slow) => until + slow.by.resolved(),
            Fault::Crash(crash) => {
                let agents = crash.agents.named().len().saturating_sub(1) as u64;
                until + self.spread().saturating_mul(agents)
            }
            _ => until,
        }
    }
}
