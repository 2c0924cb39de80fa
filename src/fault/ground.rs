//! What is true of a run under a plan, whatever its nodes say: the premises of oracles.

use super::kinds::{Fault, StorageLoss};
use super::plan::Plan;
use super::window::Window;
use crate::sim::{Duration, Ground, NodeId, Time};

/// What holds of the run apart from its faults.
#[derive(Copy, Clone, Debug)]
pub struct Calm {
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
}

impl Plan {
    /// The ground truth of a run of `nodes` nodes under the plan.
    pub fn ground(&self, nodes: usize, calm: Calm) -> Ground {
        let corrupted = self.corrupted();
        let broken = self.broken_for_good();
        let mut delay_max = calm.delay_max;
        let mut stable_from = calm.lossless.then_some(Time::ZERO);
        let mut lossless = calm.lossless;
        for fault in &self.faults {
            let Some(disturbance) = fault.disturbance() else { continue };
            let agents = fault.agents().named();
            let strikes_outcasts = !agents.is_empty()
                && agents.iter().all(|agent| corrupted.contains(agent) || broken.contains(agent));
            let Window { from, until, .. } = Window::of(fault);
            lossless &= !disturbance.loses || matches!(fault, Fault::Crash(_));
            let ends = match until {
                Some(until) => Some(fault.aftermath(until)),
                // What strikes only those that count against f, or that are out of the run, leaves the rest stable.
                None if strikes_outcasts => Some(from),
                None if disturbance.unbounds => {
                    delay_max = None;
                    Some(from)
                }
                None if disturbance.loses => None,
                None => {
                    delay_max = delay_max.map(|bound| bound + disturbance.delays.unwrap_or(Duration::ZERO));
                    Some(from)
                }
            };
            stable_from = stable_from.zip(ends).map(|(stable, end)| stable.max(end));
        }
        Ground {
            correct: (0..nodes as u32).map(|node| !corrupted.contains(&NodeId(node))).collect(),
            delay_max,
            stable_from,
            lossless,
            fault_free: self.faults.is_empty(),
            horizon: calm.horizon,
        }
    }
}

impl Fault {
    /// What it does to correct agents; `None` if it touches corrupted ones alone.
    fn disturbance(&self) -> Option<Disturbance> {
        let loses = Disturbance { loses: true, delays: None, unbounds: false };
        let delays = |by| Disturbance { loses: false, delays: Some(by), unbounds: false };
        let unbounds = Disturbance { loses: false, delays: None, unbounds: true };
        Some(match self {
            // An agent that comes back without its storage was Byzantine all along.
            Fault::Crash(crash) if crash.storage == StorageLoss::Lost && self.is_byzantine() => return None,
            fault if fault.is_byzantine() => return None,
            Fault::SlowLinks(slow) => delays(slow.by.resolved() + slow.jitter.0),
            Fault::Reorder(reorder) => delays(reorder.by.0),
            Fault::Duplicate(duplicate) => delays(duplicate.apart.0),
            Fault::Slow(_) | Fault::Clock(_) => unbounds,
            _ => loses,
        })
    }

    /// When what it did before `until` is over.
    fn aftermath(&self, until: Time) -> Time {
        match self {
            Fault::SlowLinks(slow) => until + slow.by.resolved() + slow.jitter.0,
            Fault::Reorder(reorder) => until + reorder.by.0,
            Fault::Duplicate(duplicate) => until + duplicate.apart.0,
            Fault::Crash(crash) => {
                let agents = crash.agents.named().len().saturating_sub(1) as u64;
                until + crash.stagger.0.saturating_mul(agents)
            }
            _ => until,
        }
    }
}
