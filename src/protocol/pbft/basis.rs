//! What replicas and clients go by: certificates and proofs, as they accept them.

use super::ledger::Sequence;
use super::message::{Checkpoint, Commit, NewView, ViewChange};
use serde::Serialize;
use std::rc::Rc;
use synod_sim::{Digest, NodeId, OperationId, Signed};

/// What others have signed, or said to a client, and the node goes by.
#[derive(Clone, Debug, Serialize)]
pub enum Basis {
    /// A view change, with its checkpoint and its prepared certificates.
    ViewChange(Signed<ViewChange>),
    /// A new view, with its view changes.
    NewView(Signed<NewView>),
    /// A proof that the state after a slot is stable.
    Stable {
        /// The slot.
        sequence: Sequence,
        /// The state's digest.
        digest: Digest,
        /// The proof.
        proof: Rc<[Signed<Checkpoint>]>,
    },
    /// A proof that a batch is committed in a slot.
    Committed {
        /// The slot.
        sequence: Sequence,
        /// The batch's digest.
        digest: Digest,
        /// The proof.
        proof: Rc<[Signed<Commit>]>,
    },
    /// Equal answers to a client.
    Answers {
        /// The client's request.
        request: OperationId,
        /// True if those who answer have ordered it.
        ordered: bool,
        /// Who answers.
        replicas: Vec<NodeId>,
    },
}
