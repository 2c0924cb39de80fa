//! Votes inside other protocols: one session. What it is about is the context of the question, and its outcome one of
//! the options; where the question was settled before, everyone holds the settled option.

use super::abort::{AbortProof, Possible};
use super::{AbortReason, Config, Observation, Outcome, Schedule, Weighted, oracle};
use crate::UndecidedReason;
use std::rc::Rc;
use synod_common::decide::{Abortable, Decide, Ending, InitHistory, Undecided};
use synod_sim::{Context, GroundTruth, NodeId, Oracle, Time};

impl Decide for Weighted {
    fn ending(claim: &Observation) -> Option<Ending> {
        let Observation::Concluded { outcome, .. } = claim else { return None };
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

    fn starting(config: &Config, now: Time, _: Option<u64>) -> Config {
        let schedule = Schedule { first: now.since(Time::ZERO), ..config.schedule };
        Config { schedule, ..config.clone() }
    }

    fn members(config: &Config) -> usize {
        config.voters()
    }

    fn oracles(config: &Rc<Config>, ground_truth: &GroundTruth) -> Vec<Box<dyn Oracle<Weighted>>> {
        oracle::all(config, ground_truth)
    }
}

impl Abortable for Weighted {
    type AbortProof = AbortProof;

    fn abort_proof(&self) -> AbortProof {
        Weighted::abort_proof(self)
    }

    fn is_proven(
        _: &Config,
        ctx: &mut Context<'_, Weighted>,
        witness: NodeId,
        abort_proof: &AbortProof,
    ) -> bool {
        abort_proof.is_proven(witness, ctx)
    }

    fn init_history(config: &Config, proofs: &[(NodeId, Option<&AbortProof>)]) -> InitHistory {
        let silent = AbortProof::default();
        let proofs = proofs.iter().map(|(witness, proof)| (*witness, proof.unwrap_or(&silent)));
        match AbortProof::possible(config, proofs) {
            Possible::Nothing => InitHistory::Free,
            Possible::Only(option) => InitHistory::Value(option),
            Possible::Several => InitHistory::Unclear,
        }
    }

    fn with_init_value(config: &Config, value: u64) -> Config {
        Config::with_init_value(config, value)
    }

    fn size(abort_proof: &AbortProof) -> usize {
        abort_proof.size()
    }
}
