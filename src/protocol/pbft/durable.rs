//! What a replica must remember after a crash: its votes, its certificates, its view, its stable checkpoint.

use super::ledger::Snapshot;
use super::message::{Batch, Checkpoint, Commit, PrePrepare, Prepare, Prepared, View, ViewChange};
use crate::sim::Signed;
use serde::Serialize;
use std::rc::Rc;

/// A record of the log that a replica writes.
#[derive(Clone, Debug, Serialize)]
pub enum Record {
    /// The replica works in this view.
    Entered(View),
    /// It wants this view, and said so.
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
