//! PBFT inside other protocols: one session, whose value is the proposal, and no other is valid.

use super::abort::AbortProof;
use super::config::{Config, Workload};
use super::observation::Observation;
use super::state::Pbft;
use std::rc::Rc;
use synod_common::decide::{Abortable, Decide, Ending, InitHistory, Undecided};
use synod_sim::{Context, Duration, GroundTruth, NodeId, Oracle, Time};

impl Decide for Pbft {
    fn ending(claim: &Observation) -> Option<Ending> {
        match claim {
            Observation::Decided { request, .. } => Some(Ending::Decided(request.0)),
            Observation::Aborted { .. } => Some(Ending::Undecided(Undecided::OutOfTime)),
            _ => None,
        }
    }

    fn starting(config: &Config, _: Time, proposal: Option<u64>) -> Config {
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

    fn members(config: &Config) -> usize {
        config.nodes()
    }

    fn oracles(config: &Rc<Config>, ground_truth: &GroundTruth) -> Vec<Box<dyn Oracle<Pbft>>> {
        super::oracle::all(config, ground_truth)
    }
}

impl Abortable for Pbft {
    type AbortProof = AbortProof;

    fn abort_proof(&self) -> AbortProof {
        Pbft::abort_proof(self)
    }

    fn is_proven(config: &Config, ctx: &mut Context<'_, Pbft>, _: NodeId, abort_proof: &AbortProof) -> bool {
        abort_proof.is_proven(config, ctx)
    }

    fn init_history(_: &Config, proofs: &[(NodeId, Option<&AbortProof>)]) -> InitHistory {
        match AbortProof::outcome(proofs.iter().filter_map(|(_, proof)| *proof)) {
            None => InitHistory::Free,
            Some(Some(value)) => InitHistory::Value(value),
            Some(None) => InitHistory::Unclear,
        }
    }

    fn with_init_value(config: &Config, value: u64) -> Config {
        Pbft::starting(config, Time::ZERO, Some(value))
    }

    fn size(abort_proof: &AbortProof) -> usize {
        abort_proof.size()
    }
}
