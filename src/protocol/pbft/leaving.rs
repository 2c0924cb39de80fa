//! How a replica leaves a session that has not decided: with what may yet be decided in it.
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

/// What a replica that leaves has prepared in the session's slot: its certificate of the highest view, and the batch, if
/// the replica has it.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Testimony(Option<(Rc<Prepared>, Option<Batch>)>);

/// A session's only slot.
const SLOT: Sequence = 1;

impl Pbft {
    /// What this replica has to say when it leaves.
    ///
    /// # Panics
    /// If it is a host of clients, or runs a log.
    pub fn testimony(&self) -> Testimony {
        let Pbft::Replica(replica) = self else { panic!("clients have nothing to leave") };
        Testimony(replica.prepared_in(SLOT))
    }
}

impl Testimony {
    /// True if it proves what it says.
    pub fn is_proven(&self, config: &Config, ctx: &mut Context<'_, Pbft>) -> bool {
        let Some((certificate, batch)) = &self.0 else { return true };
        certificate.pre_prepare.sequence == SLOT
            && certificate.is_complete(config.quorum)
            && ctx.verify(&certificate.pre_prepare)
            && certificate.prepares.iter().all(|vote| ctx.verify(vote))
            && batch.as_ref().is_none_or(|batch| batch.digest() == certificate.pre_prepare.digest)
    }

    /// What may have been decided, as n − f replicas that have left have it: nothing, one value, or one that none of
    /// them can name.
    pub fn outcome<'a>(testimonies: impl Iterator<Item = &'a Testimony>) -> Option<Option<u64>> {
        let held: Vec<_> = testimonies.filter_map(|testimony| testimony.0.as_ref()).collect();
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
