//! Child protocols: protocols that decide once and can run inside another.

use serde::Serialize;
use std::fmt::Debug;
use std::rc::Rc;
use synod_hierarchical::Hierarchical;
use synod_iterative::Iterative;
use synod_pbft::{Pbft, Workload};
use synod_sim::{Digest, Duration, GroundTruth, Oracle, Protocol, Time};
use synod_vote::UndecidedReason;
use synod_vote::weighted::{self, AbortReason, Outcome, Weighted};

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

synod_common::reasons! {
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

/// One decision: a session whose value is the proposal, and no other is valid.
impl Decide for Pbft {
    fn ending(claim: &synod_pbft::Observation) -> Option<Ending> {
        match claim {
            synod_pbft::Observation::Decided { request, .. } => Some(Ending::Decided(request.0)),
            synod_pbft::Observation::Aborted { .. } => Some(Ending::Undecided(Undecided::OutOfTime)),
            _ => None,
        }
    }

    fn starting(config: &synod_pbft::Config, _: Time, proposal: Option<u64>) -> synod_pbft::Config {
        let mut config = config.clone();
        let Workload::Session(session) = &mut config.workload else {
            panic!("a child of PBFT's makes one decision")
        };
        session.at = Duration::ZERO;
        if let Some(value) = proposal {
            session.operation.value = value;
            session.valid = value..=value;
        }
        config
    }

    fn members(config: &synod_pbft::Config) -> usize {
        config.nodes()
    }

    fn oracles(config: &Rc<synod_pbft::Config>, ground_truth: &GroundTruth) -> Vec<Box<dyn Oracle<Pbft>>> {
        synod_pbft::oracle::all(config, ground_truth)
    }
}

/// One session. What it is about is the context of the question, and its outcome one of the options; where the
/// question was settled before, everyone holds the settled option.
impl Decide for Weighted {
    fn ending(claim: &weighted::Observation) -> Option<Ending> {
        let weighted::Observation::Concluded { outcome, .. } = claim else { return None };
        Some(match outcome {
            Outcome::Decided(option) => Ending::Decided(*option),
            Outcome::Undecided(UndecidedReason::NoConsensus) => Ending::Undecided(Undecided::NoConsensus),
            Outcome::Undecided(UndecidedReason::InsufficientParticipation) => {
                Ending::Undecided(Undecided::InsufficientParticipation)
            }
            Outcome::Undecided(UndecidedReason::ThresholdInfeasible) => {
                Ending::Undecided(Undecided::ThresholdInfeasible)
            }
            Outcome::Aborted(AbortReason::Silence) => Ending::Undecided(Undecided::Silence),
            Outcome::Aborted(AbortReason::Restart) => Ending::Undecided(Undecided::CoordinatorRestarted),
        })
    }

    fn starting(config: &weighted::Config, now: Time, _: Option<u64>) -> weighted::Config {
        let schedule = weighted::Schedule { first: now.since(Time::ZERO), ..config.schedule };
        weighted::Config { schedule, ..config.clone() }
    }

    fn members(config: &weighted::Config) -> usize {
        config.voters()
    }

    fn oracles(config: &Rc<weighted::Config>, ground_truth: &GroundTruth) -> Vec<Box<dyn Oracle<Weighted>>> {
        weighted::oracle::all(config, ground_truth)
    }
}

/// One session. Its outcome is the digest of the value that was selected.
impl Decide for Iterative {
    fn ending(claim: &synod_iterative::Observation) -> Option<Ending> {
        use synod_iterative::{AbortReason, Outcome};
        let synod_iterative::Observation::Concluded { outcome, value, .. } = claim else { return None };
        Some(match outcome {
            Outcome::Decided(_) => Ending::Decided(word(&Digest::of(value))),
            Outcome::Aborted(AbortReason::Stagnation) => Ending::Undecided(Undecided::Stagnation),
            Outcome::Aborted(AbortReason::RoundsExhausted) => Ending::Undecided(Undecided::RoundsExhausted),
            Outcome::Aborted(AbortReason::Deadline) => Ending::Undecided(Undecided::OutOfTime),
            Outcome::Aborted(AbortReason::InsufficientParticipation) => {
                Ending::Undecided(Undecided::InsufficientParticipation)
            }
            Outcome::Aborted(AbortReason::Silence) => Ending::Undecided(Undecided::Silence),
            Outcome::Aborted(AbortReason::Restart) => Ending::Undecided(Undecided::CoordinatorRestarted),
        })
    }

    fn starting(config: &synod_iterative::Config, now: Time, _: Option<u64>) -> synod_iterative::Config {
        let schedule = synod_iterative::Schedule { first: now.since(Time::ZERO), ..config.schedule };
        synod_iterative::Config { schedule, ..config.clone() }
    }

    fn members(config: &synod_iterative::Config) -> usize {
        config.agents.len()
    }

    fn oracles(
        config: &Rc<synod_iterative::Config>,
        ground_truth: &GroundTruth,
    ) -> Vec<Box<dyn Oracle<Iterative>>> {
        synod_iterative::oracle::all(config, ground_truth)
    }
}

/// One session, whose outcome is one of the options.
impl Decide for Hierarchical {
    fn ending(claim: &synod_hierarchical::Observation) -> Option<Ending> {
        match claim {
            synod_hierarchical::Observation::FlatVote(claim) => Weighted::ending(claim),
            _ => None,
        }
    }

    fn starting(
        config: &synod_hierarchical::Config,
        now: Time,
        proposal: Option<u64>,
    ) -> synod_hierarchical::Config {
        let vote = Rc::new(Weighted::starting(&config.vote, now, proposal));
        synod_hierarchical::Config { vote, ..config.clone() }
    }

    fn members(config: &synod_hierarchical::Config) -> usize {
        config.vote.voters()
    }

    fn oracles(
        config: &Rc<synod_hierarchical::Config>,
        ground_truth: &GroundTruth,
    ) -> Vec<Box<dyn Oracle<Hierarchical>>> {
        synod_hierarchical::oracle::all(config, ground_truth)
    }
}

/// The first eight bytes of a digest, as a number.
pub(super) fn word(Digest(bytes): &Digest) -> u64 {
    u64::from_le_bytes(*bytes.first_chunk().expect("a digest has more than eight bytes"))
}
