//! What it takes to decide inside another protocol.

use serde::Serialize;
use std::fmt::Debug;
use std::rc::Rc;
use synod_sim::{Digest, GroundTruth, Oracle, Protocol, Time};

/// A protocol whose members make one decision.
pub trait Decide: Protocol + Debug {
    /// The ending that an observation reports, if it does: the member has finished.
    fn ending(claim: &Self::Observation) -> Option<Ending>;

    /// Configuration of a child that starts at `now`, by its member's clock, to decide about `proposal`, or about what
    /// `config` says if that is `None`.
    fn starting(config: &Self::Config, now: Time, proposal: Option<u64>) -> Self::Config;

    /// Number of nodes.
    fn members(config: &Self::Config) -> usize;

    /// Its oracles.
    fn oracles(config: &Rc<Self::Config>, ground_truth: &GroundTruth) -> Vec<Box<dyn Oracle<Self>>>;
}

/// Ending of a child at one member.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Serialize)]
pub enum Ending {
    /// With this decision.
    Decided(u64),
    /// Without one, and why.
    Undecided(Undecided),
}

crate::reasons! {
    /// Why there is no decision.
    pub enum Undecided {
        /// No option reached the threshold.
        NoConsensus = "no_consensus",
        /// Too few took part.
        InsufficientParticipation = "insufficient_participation",
        /// The threshold was out of reach.
        ThresholdInfeasible = "threshold_infeasible",
        /// The member heard nothing.
        Silence = "silence",
        /// The coordinator restarted.
        CoordinatorRestarted = "coordinator_restarted",
        /// It got no better.
        Stagnation = "stagnation",
        /// All rounds were over.
        RoundsExhausted = "rounds_exhausted",
        /// The time was up.
        OutOfTime = "out_of_time",
    }
}

impl Ending {
    /// Returns true if the member has merely not heard in time: others may know more.
    pub fn is_unheard(&self) -> bool {
        matches!(self, Ending::Undecided(Undecided::Silence | Undecided::OutOfTime))
    }
}

/// The first eight bytes of a digest, as a number: the decision about a value that is none.
pub fn word(Digest(bytes): &Digest) -> u64 {
    u64::from_le_bytes(*bytes.first_chunk().expect("a digest has more than eight bytes"))
}
