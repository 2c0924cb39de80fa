//! Fault detection: which corrupted agents were proven faulty, after how long, and false accusations.
//!
//! Only proof counts. Suspicions, of silence and delay, are counted apart and held against nobody.

use super::measure::Measure;
use super::metric::{self, Metrics};
use serde::Serialize;
use synod_sim::collections::TreeMap;
use synod_sim::{Duration, NodeId, Observation, Time};

/// Tracks proofs of misbehaviour.
#[derive(Clone, Debug, Default)]
pub struct Detection {
    /// Who is correct, by node.
    correct: Vec<bool>,
    /// The corrupted agents, and since when each is.
    corrupted: TreeMap<NodeId, Time>,
    /// The first proof against each.
    proofs: TreeMap<NodeId, Proof>,
    /// Proofs shown against correct agents.
    accusations: u64,
    suspicions: u64,
    /// The first decision by all that came after the first proof.
    recovered: Option<Time>,
}

/// Proof against an agent.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Proof {
    /// Against whom.
    pub agent: NodeId,
    /// Who had it first.
    pub by: NodeId,
    /// When.
    #[serde(rename = "at_ns")]
    pub at: Time,
    /// How long the agent had been corrupted by then.
    #[serde(rename = "after_ns")]
    pub after: Duration,
}

/// The fault detection results of a run.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct DetectionReport {
    /// The corrupted agents.
    pub corrupted: Vec<NodeId>,
    /// The first proof against each of those that were found out.
    pub proven: Vec<Proof>,
    /// How many accusations of correct agents there were; none, if the protocol is right.
    #[serde(rename = "false")]
    pub accusations: u64,
    /// How often a correct agent suspected somebody, or gave a leader up, without proof.
    pub suspicions: u64,
    /// From the first proof to the first decision after it that all who have to have taken; `None` if there was no
    /// proof, or nothing was left to decide.
    #[serde(rename = "recovery_ns")]
    pub recovery: Option<Duration>,
}

impl Detection {
    /// Creates a run in which those of `correct` are correct, and `corrupted` are corrupted since then. Clients and
    /// other nodes beyond the agents count as correct witnesses if `correct` says so.
    pub fn new(correct: Vec<bool>, corrupted: TreeMap<NodeId, Time>) -> Detection {
        Detection { correct, corrupted, ..Detection::default() }
    }

    fn is_correct(&self, node: NodeId) -> bool {
        self.correct.get(node.index()).copied().unwrap_or(false)
    }

    /// Records what `node` claims.
    pub fn note(&mut self, at: Time, node: NodeId, claim: &impl Observation) {
        if !self.is_correct(node) {
            return;
        }
        self.suspicions += u64::from(claim.suspects());
        let Some(agent) = claim.accuses() else { return };
        if self.is_correct(agent) {
            self.accusations += 1;
            return;
        }
        let since = self.corrupted.get(&agent).copied().unwrap_or(Time::ZERO);
        self.proofs.entry(agent).or_insert(Proof { agent, by: node, at, after: at.since(since) });
    }

    /// Records that all who have to have decided something.
    pub fn note_decision(&mut self, at: Time) {
        if self.recovered.is_none() && !self.proofs.is_empty() {
            self.recovered = Some(at);
        }
    }

    /// Returns what was found out.
    pub fn report(&self) -> DetectionReport {
        let mut proven: Vec<Proof> = self.proofs.values().copied().collect();
        proven.sort_by_key(|proof| (proof.at, proof.agent));
        let first = proven.first().map(|proof| proof.at);
        DetectionReport {
            corrupted: self.corrupted.keys().copied().collect(),
            recovery: self.recovered.zip(first).map(|(recovered, first)| recovered.since(first)),
            proven,
            accusations: self.accusations,
            suspicions: self.suspicions,
        }
    }
}

impl DetectionReport {
    /// Enters its figures: how many agents were proven faulty, how long that took on average, false accusations,
    /// suspicions, and the time to recover.
    pub fn enter(&self, metrics: &mut Metrics) {
        let mut count = |metric, value| metrics.enter(metric, Measure::Count(value));
        count(&metric::PROVEN_FAULTY, self.proven.len() as u64);
        count(&metric::FALSE_ACCUSATIONS, self.accusations);
        count(&metric::SUSPICIONS, self.suspicions);
        if !self.proven.is_empty() {
            let total: u128 = self.proven.iter().map(|proof| u128::from(proof.after.as_nanos())).sum();
            count(&metric::DETECTION_TIME, (total / self.proven.len() as u128) as u64);
        }
        if let Some(recovery) = self.recovery {
            count(&metric::DETECTION_RECOVERY, recovery.as_nanos());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, Serialize)]
    enum Claim {
        Proof(NodeId),
        Suspicion,
    }

    impl Observation for Claim {
        fn accuses(&self) -> Option<NodeId> {
            match self {
                Claim::Proof(node) => Some(*node),
                Claim::Suspicion => None,
            }
        }
        fn suspects(&self) -> bool {
            matches!(self, Claim::Suspicion)
        }
    }

    fn at(nanos: u64) -> Time {
        Time::from_nanos(nanos)
    }

    #[test]
    fn the_first_proof_of_a_correct_agent_counts() {
        let corrupted = TreeMap::from([(NodeId(2), at(5)), (NodeId(3), at(5))]);
        let mut detection = Detection::new(vec![true, true, false, false], corrupted);
        detection.note_decision(at(1));
        detection.note(at(10), NodeId(3), &Claim::Proof(NodeId(2)));
        detection.note(at(15), NodeId(1), &Claim::Suspicion);
        detection.note(at(20), NodeId(1), &Claim::Proof(NodeId(2)));
        detection.note(at(30), NodeId(0), &Claim::Proof(NodeId(2)));
        detection.note_decision(at(50));
        detection.note_decision(at(60));
        let report = detection.report();
        assert_eq!(report.corrupted, [NodeId(2), NodeId(3)]);
        let proof = Proof { agent: NodeId(2), by: NodeId(1), at: at(20), after: Duration::from_nanos(15) };
        assert_eq!(report.proven, [proof]);
        assert_eq!((report.accusations, report.suspicions), (0, 1));
        assert_eq!(report.recovery, Some(Duration::from_nanos(30)));
        let mut metrics = Metrics::new();
        report.enter(&mut metrics);
        assert_eq!(metrics["detection.time_ns"], Measure::Count(15));
    }

    #[test]
    fn accusations_of_the_innocent_are_counted_apart() {
        let mut detection = Detection::new(vec![true, true], TreeMap::new());
        detection.note(at(1), NodeId(0), &Claim::Proof(NodeId(1)));
        let report = detection.report();
        assert_eq!((report.accusations, report.proven.len(), report.recovery), (1, 0, None));
    }
}
