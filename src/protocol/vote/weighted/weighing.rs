//! Weights of a session from the voters' expertise.

use crate::bug::{Bug, Division, Rules, Strength};
use crate::cap::{self, Capped, Fit};
use crate::expertise::{self, Expertise, Memory, Scale};
use crate::weights::{Snapshot, WHOLE, apportion};
use serde::{Serialize, Serializer};
use synod_common::profile::Profile;
use synod_sim::Digest;

/// Weight of a vote where all are equal: large enough to be multiplied by a confidence.
pub const VOTE: u64 = 1_000_000;

/// Source of weights.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// One voter, one vote: each weighs [`VOTE`].
    Equal,
    /// They are given, relative to each other.
    Given,
    /// They are earned by resolved tasks.
    Earned {
        /// Mapping from competence to strength.
        scale: Scale,
        /// Decay of tasks.
        memory: Memory,
        /// True if sessions of the run are tasks as well, whose truth is known before the next one opens.
        learns: bool,
    },
}

impl Source {
    /// Returns true if weights change from session to session.
    pub fn learns(self) -> bool {
        matches!(self, Source::Earned { learns: true, .. })
    }
}

/// Weights of a session, with estimates and strengths.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Weighing {
    /// p̂ of each voter, in parts per billion; empty where weights are not earned.
    pub estimates: Vec<u64>,
    /// Strengths: the weights before the cap, up to a factor.
    pub strengths: Vec<u64>,
    /// The weights.
    pub snapshot: Snapshot,
    /// Fit of the cap, if there is one.
    pub fit: Option<Fit>,
}

impl Weighing {
    /// The weights by `source`, none above `cap_ppm` of all.
    pub fn new(
        source: Source,
        cap_ppm: Option<u32>,
        (agents, known): (&[Profile], &[Expertise]),
        bug: Option<Bug>,
    ) -> Weighing {
        let rules = Rules::of(bug);
        let mut estimates = Vec::new();
        let strengths: Vec<u64> = match source {
            Source::Equal => vec![1; agents.len()],
            Source::Given => agents.iter().map(|agent| agent.traits.weight).collect(),
            Source::Earned { scale, .. } => {
                estimates = known.iter().map(Expertise::estimate).collect();
                let strength = |&estimate: &u64| match rules.strength {
                    Strength::Continuous => scale.strength(estimate),
                    Strength::Jumping => expertise::jumping(estimate),
                };
                estimates.iter().map(strength).collect()
            }
        };
        let (weights, fit) = match (source, cap_ppm) {
            (Source::Equal, _) => (vec![VOTE; agents.len()], None),
            (_, None) if rules.division == Division::RoundedDown => (floored(&strengths), None),
            (_, None) => (apportion(&strengths, WHOLE), None),
            (_, Some(cap_ppm)) => {
                let Capped { weights, fit } = cap::water_fill(&strengths, cap_ppm);
                let weights = match rules.division {
                    Division::Whole => weights,
                    Division::CutOnce => apportion(&cut(&strengths, cap_ppm), WHOLE),
                    Division::CutEach => cut(&strengths, cap_ppm),
                    Division::RoundedDown => floored(&strengths),
                };
                (weights, Some(fit))
            }
        };
        let snapshot = Snapshot::new(weights);
        let whole = if source == Source::Equal { VOTE * agents.len() as u64 } else { WHOLE };
        let is_whole = snapshot.total() == whole && snapshot.weights().len() == agents.len();
        assert!(is_whole || rules.division != Division::Whole, "the weights of all voters make up the whole");
        Weighing { estimates, strengths, snapshot, fit }
    }

    /// Warning about the cap, if there is one.
    pub fn warning(&self) -> Option<Warning> {
        match self.fit? {
            Fit::Good => None,
            Fit::Tight => Some(Warning::CapTight),
            Fit::Relaxed => Some(Warning::CapRelaxed),
        }
    }
}

/// A warning about a session.
#[derive(Copy, Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub enum Warning {
    /// θ > (W − F) / W: if the faulty are silent, all others together do not reach the threshold.
    ThresholdInfeasible,
    /// The cap erases much of what voters differ by.
    CapTight,
    /// The voters are too few for the cap: all weigh the same.
    CapRelaxed,
}

/// The digest of the weights stands for them in the run's own digest.
impl Serialize for Weighing {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let digest: Digest = self.snapshot.digest();
        digest.serialize(serializer)
    }
}

/// A mutant's: every part rounded down.
fn floored(strengths: &[u64]) -> Vec<u64> {
    let sum: u128 = strengths.iter().copied().map(u128::from).sum();
    strengths.iter().map(|&strength| (u128::from(strength) * u128::from(WHOLE) / sum) as u64).collect()
}

/// A mutant's: every part cut at the cap by itself.
fn cut(strengths: &[u64], cap_ppm: u32) -> Vec<u64> {
    let most = cap::most(cap_ppm);
    apportion(strengths, WHOLE).into_iter().map(|weight| weight.min(most)).collect()
}
