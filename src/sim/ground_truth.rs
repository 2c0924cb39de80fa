//! Ground truth of a run, independent of what its nodes claim: the assumptions of oracles.

use super::{Duration, Event, NodeId, Protocol, Time};

/// The ground truth of a run, as fault plan and network determine it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GroundTruth {
    /// By node, whether it is correct: it follows the protocol, and recovers from crashes with everything it had
    /// synced. Nodes beyond the list are not.
    pub correct: Vec<bool>,
    /// By node, whether liveness requires its progress: correct nodes that no fault breaks permanently, and where the
    /// scenario names a core of agents, the agents of the core alone. Nothing is required of nodes beyond the list.
    pub live_required: Vec<bool>,
    /// Ids of interventions that break the current leader permanently: nothing is required of it from then on.
    pub permanent_leader_faults: Vec<u32>,
    /// Δ: bound on message delay once the system is stable; `None` if there is none.
    pub delay_max: Option<Duration>,
    /// True if the bound holds from the start, and no correct node is ever slow or has a wrong clock.
    pub timely: bool,
    /// Global stabilisation time (GST): from then on nothing is lost or partitioned and no correct node is down. `None`
    /// if there is no such time.
    pub stable_from: Option<Time>,
    /// True if no message is ever lost or cut off.
    pub lossless: bool,
    /// True if the plan has no faults.
    pub fault_free: bool,
    /// Latest end of the run.
    pub horizon: Time,
}

impl GroundTruth {
    /// Returns the ground truth of a fault-free run of `nodes` nodes whose message delay is bounded by `delay_max`.
    pub fn undisturbed(nodes: usize, delay_max: Duration, horizon: Time) -> GroundTruth {
        GroundTruth {
            correct: vec![true; nodes],
            live_required: vec![true; nodes],
            permanent_leader_faults: Vec::new(),
            delay_max: Some(delay_max),
            timely: true,
            stable_from: Some(Time::ZERO),
            lossless: true,
            fault_free: true,
            horizon,
        }
    }

    /// Returns true if `node` is correct.
    pub fn is_correct(&self, node: NodeId) -> bool {
        self.correct.get(node.index()).copied().unwrap_or(false)
    }

    /// Returns true if progress is required of `node`, unless a permanent leader fault strikes it.
    pub fn requires_progress(&self, node: NodeId) -> bool {
        self.live_required.get(node.index()).copied().unwrap_or(false)
    }

    /// Returns the observation of a correct node in `event`, if there is one. Observations of faulty nodes count for
    /// nothing.
    pub fn claim<'a, P: Protocol>(&self, event: &Event<'a, P>) -> Option<(NodeId, &'a P::Observation)> {
        match *event {
            Event::Observed { node, observation } if self.is_correct(node) => Some((node, observation)),
            _ => None,
        }
    }

    /// Returns the number of the first `nodes` nodes of which no progress is required, not counting permanent leader
    /// faults.
    pub fn absent(&self, nodes: u32) -> u32 {
        (0..nodes).map(NodeId).filter(|&node| !self.requires_progress(node)).count() as u32
    }

    /// Returns how many of the first `nodes` nodes are not correct.
    pub fn faulty(&self, nodes: u32) -> u32 {
        (0..nodes).map(NodeId).filter(|&node| !self.is_correct(node)).count() as u32
    }
}
