//! What a replica must remember after a crash: its votes, its certificates, its view, its stable checkpoint.

use super::ledger::Snapshot;
use super::message::{Batch, Checkpoint, Commit, NewView, PrePrepare, Prepare, Prepared, ViewChange};
use serde::Serialize;
use std::rc::Rc;
use synod_sim::Signed;

/// A record of the log that a replica writes.
#[derive(Clone, Debug, Serialize)]
pub enum Record {
    /// The replica works in the view that this started, which others may yet have to hear of.
    Entered(Signed<NewView>),
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
