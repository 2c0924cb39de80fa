//! Aborting a session that has not decided: the abort history is what may yet be decided in it.
//!
//! As in a view change: what is committed at a correct replica is prepared at q − f correct ones, any n − f replicas
//! that leave meet them in one, and the certificate of the highest view is that of the value.

use super::config::Config;
use super::ledger::Sequence;
use super::message::{Batch, Prepared};
use super::state::Pbft;
use serde::Serialize;
use std::rc::Rc;
use synod_sim::{Context, Signed};

/// The abort history of a replica: its prepared certificate of the highest view in the session's slot, and the batch,
/// if the replica has it.
#[derive(Clone, Debug, Default, Serialize)]
pub struct AbortProof(Option<(Rc<Prepared>, Option<Batch>)>);

/// A session's only slot.
const SLOT: Sequence = 1;

impl Pbft {
    /// The abort history of this replica.
    ///
    /// # Panics
    /// If it is a host of clients, or runs a log.
    pub fn abort_proof(&self) -> AbortProof {
        let Pbft::Replica(replica) = self else { panic!("clients have nothing to leave") };
        AbortProof(replica.prepared_in(SLOT))
    }
}

impl AbortProof {
    /// Returns true if it proves what it states.
    pub fn is_proven(&self, config: &Config, ctx: &mut Context<'_, Pbft>) -> bool {
        let Some((certificate, batch)) = &self.0 else { return true };
        certificate.pre_prepare.sequence == SLOT
            && certificate.is_complete(config.quorum)
            && ctx.verify(&certificate.pre_prepare)
            && certificate.prepares.iter().all(|vote| ctx.verify(vote))
            && batch.as_ref().is_none_or(|batch| batch.digest() == certificate.pre_prepare.digest)
    }

    /// What may have been decided, from the abort histories of n − f replicas: nothing, one value, or one that none of
    /// them knows.
    pub fn outcome<'a>(proofs: impl Iterator<Item = &'a AbortProof>) -> Option<Option<u64>> {
        let held: Vec<_> = proofs.filter_map(|abort_proof| abort_proof.0.as_ref()).collect();
        let (highest, _) = held.iter().max_by_key(|(certificate, _)| certificate.pre_prepare.view)?;
        let digest = highest.pre_prepare.digest;
        let of_it = held.iter().filter(|(certificate, _)| certificate.pre_prepare.digest == digest);
        let value = |batch: &Batch| batch.0.first().map(|request: &Signed<_>| request.operation.value);
        Some(of_it.filter_map(|(_, batch)| batch.as_ref()).find_map(value))
    }

    /// Its size on the wire, in bytes.
    pub fn size(&self) -> usize {
        self.0
            .as_ref()
            .map_or(1, |(certificate, batch)| 1 + certificate.size() + batch.as_ref().map_or(0, Batch::size))
    }
}
