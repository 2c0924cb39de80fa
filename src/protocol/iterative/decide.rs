//! Refinement inside other protocols: one session, whose outcome is the digest of the value that was selected.

use crate::config::Config;
use crate::{AbortReason, Iterative, Observation, Outcome, Schedule};
use std::rc::Rc;
use synod_common::decide::{Decide, Ending, Undecided, word};
use synod_sim::{Digest, GroundTruth, Oracle, Time};

impl Decide for Iterative {
    fn ending(claim: &Observation) -> Option<Ending> {
        let Observation::Concluded { outcome, value, .. } = claim else { return None };
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

    fn starting(config: &Config, now: Time, _: Option<u64>) -> Config {
        let schedule = Schedule { first: now.since(Time::ZERO), ..config.schedule };
        Config { schedule, ..config.clone() }
    }

    fn members(config: &Config) -> usize {
        config.agents.len()
    }

    fn oracles(config: &Rc<Config>, ground_truth: &GroundTruth) -> Vec<Box<dyn Oracle<Iterative>>> {
        crate::oracle::all(config, ground_truth)
    }
}
