//! Durable state: votes, certificates, view and stable checkpoint.

use super::ledger::Snapshot;
use super::message::{Batch, Checkpoint, Commit, NewView, PrePrepare, Prepare, Prepared, ViewChange};
use serde::Serialize;
use std::rc::Rc;
use synod_sim::Signed;

/// A record of the log that a replica writes.
#[derive(Clone, Debug, Serialize)]
pub enum Record {
    /// The NEW-VIEW of the replica's view.
    Entered(Signed<NewView>),
    /// Its VIEW-CHANGE, once sent.
    Changing(Signed<ViewChange>),
    /// A proposal that it made or accepted, with its batch where it has it.
    PrePrepare(Signed<PrePrepare>, Option<Batch>),
    /// A prepare that it sent.
    Prepare(Signed<Prepare>),
    /// A commit that it sent.
    Commit(Signed<Commit>),
    /// A prepared certificate that it holds.
    Certificate(Rc<Prepared>),
    /// A state that it reached at a checkpoint, or took over.
    Snapshot(Rc<Snapshot>),
    /// Its low watermark, with a quorum of checkpoints.
    Stable(Rc<[Signed<Checkpoint>]>),
}
