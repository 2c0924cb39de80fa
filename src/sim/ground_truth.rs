//! What is true of a run whatever its nodes say: the premises of oracles.

use super::{Duration, Event, NodeId, Protocol, Time};

/// The ground truth of a run, as its plan and its network have it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GroundTruth {
    /// Which nodes are correct: they follow the protocol, and if they crash they come back with what they had
    /// synced. Nodes beyond the list are not.
    pub correct: Vec<bool>,
    /// Of whom progress is demanded in the end: correct nodes that no fault keeps broken for good, and where the
    /// scenario names a core of agents, the agents of the core alone. Nothing is demanded of nodes beyond the list.
    pub live_required: Vec<bool>,
    /// The ids of interventions that keep whoever leads when they happen broken for good: nothing is demanded of it
    /// from then on.
    pub permanent_leader_faults: Vec<u32>,
    /// Δ: once the system is stable, no message takes longer. `None` if there is no bound.
    pub delay_max: Option<Duration>,
    /// True if no message ever takes longer, and no correct node is ever slow or has a wrong clock.
    pub timely: bool,
    /// From then on nothing is lost or cut off and no correct node is down: the global stabilisation time. `None`
    /// if there is no such time.
    pub stable_from: Option<Time>,
    /// True if no message is ever lost or cut off.
    pub lossless: bool,
    /// True if the plan has no fault.
    pub fault_free: bool,
    /// When the run ends at the latest.
    pub horizon: Time,
}

impl GroundTruth {
    /// What is true of a run of `nodes` nodes in which nothing goes wrong and no message takes longer than `delay_max`.
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

    /// True if `node` is correct.
    pub fn is_correct(&self, node: NodeId) -> bool {
        self.correct.get(node.index()).copied().unwrap_or(false)
    }

    /// True if progress is demanded of `node`, unless a doom strikes it.
    pub fn requires_progress(&self, node: NodeId) -> bool {
        self.live_required.get(node.index()).copied().unwrap_or(false)
    }

    /// What a correct node claims by `event`, if it does. What a faulty one says is never held against anybody.
    pub fn claim<'a, P: Protocol>(&self, event: &Event<'a, P>) -> Option<(NodeId, &'a P::Observation)> {
        match *event {
            Event::Observed { node, observation } if self.is_correct(node) => Some((node, observation)),
            _ => None,
        }
    }

    /// Of how many of the first `nodes` nodes no progress is demanded, whoever a doom strikes.
    pub fn absent(&self, nodes: u32) -> u32 {
        (0..nodes).map(NodeId).filter(|&node| !self.requires_progress(node)).count() as u32
    }

    /// How many of the first `nodes` nodes are not correct.
    pub fn faulty(&self, nodes: u32) -> u32 {
        (0..nodes).map(NodeId).filter(|&node| !self.is_correct(node)).count() as u32
    }
}
