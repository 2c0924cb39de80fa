//! Aborting a session that has not decided. Abort histories prove which value may already have been decided in it.
//!
//! The argument is that of a view change. A value that has committed at a correct replica is prepared at q − f correct
//! ones. Any n − f replicas that abort include one of these, and the prepared certificate of the highest view among
//! theirs is for that value.

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

/// The only slot of a session.
const SLOT: Sequence = 1;

impl Pbft {
    /// Returns the abort history of this replica.
    ///
    /// # Panics
    /// If this node is a client host, or if the configuration is a log instead of a session.
    pub fn abort_proof(&self) -> AbortProof {
        let Pbft::Replica(replica) = self else { panic!("a client host has no abort history") };
        AbortProof(replica.prepared_in(SLOT))
    }
}

impl AbortProof {
    /// Returns true if the certificate is complete, validly signed and for the session's slot, and if the batch matches
    /// its digest. An empty history is always valid.
    pub fn is_proven(&self, config: &Config, ctx: &mut Context<'_, Pbft>) -> bool {
        let Some((certificate, batch)) = &self.0 else { return true };
        certificate.pre_prepare.sequence == SLOT
            && certificate.is_complete(config.quorum)
            && ctx.verify(&certificate.pre_prepare)
            && certificate.prepares.iter().all(|vote| ctx.verify(vote))
            && batch.as_ref().is_none_or(|batch| batch.digest() == certificate.pre_prepare.digest)
    }

    /// Returns what may have been decided, given the abort histories of n − f replicas: `None` if nothing,
    /// `Some(Some(value))` if that value, `Some(None)` if a value whose batch none of these replicas has.
    pub fn outcome<'a>(proofs: impl Iterator<Item = &'a AbortProof>) -> Option<Option<u64>> {
        let prepared: Vec<_> = proofs.filter_map(|abort_proof| abort_proof.0.as_ref()).collect();
        let (highest, _) = prepared.iter().max_by_key(|(certificate, _)| certificate.pre_prepare.view)?;
        let digest = highest.pre_prepare.digest;
        let matching = prepared.iter().filter(|(certificate, _)| certificate.pre_prepare.digest == digest);
        let value = |batch: &Batch| batch.requests.first().map(|request: &Signed<_>| request.operation.value);
        Some(matching.filter_map(|(_, batch)| batch.as_ref()).find_map(value))
    }

    /// Returns the size on the wire, in bytes.
    pub fn size(&self) -> usize {
        self.0
            .as_ref()
            .map_or(1, |(certificate, batch)| 1 + certificate.size() + batch.as_ref().map_or(0, Batch::size))
    }
}
