//! Practical Byzantine Fault Tolerance: n ≥ 3f + 1 replicas agree on a log, or on one decision, though f of them do
//! what they like and the network loses, delays and reorders.
//!
//! Sources: M. Castro and B. Liskov, *Practical Byzantine Fault Tolerance*, OSDI 1999; the same with proactive
//! recovery, TOCS 20(4), 2002; M. Castro, PhD thesis, MIT 2001. Quorums are ⌊(n+f)/2⌋ + 1, right for every n, where
//! the papers' 2f + 1 is right at n = 3f + 1 alone.
//!
//! The life of a request: a client signs it and sends it to the primary (`client`); the primary gives its batch a slot
//! (`request`, `proposal`) and backups vote in two rounds (`voting`); committed slots execute in order (`execution`),
//! and every so often a checkpoint lets the log forget (`checkpoint`); a primary that does not deliver is replaced
//! (`view_change`); what the network lost is sent again on request (`status`); what proves a replica faulty is shown
//! (`evidence`); and a replica that crashes finds its promises in storage (`recovery`).

pub mod abort;
mod attack;
mod basis;
mod bug;
mod checkpoint;
mod client;
mod clock;
mod config;
mod decide;
mod durable;
mod evidence;
mod execution;
#[cfg(feature = "harness")]
pub mod harness;
mod hosted;
mod ledger;
mod log;
mod message;
mod observation;
pub mod oracle;
mod pending;
mod proposal;
mod protocol;
mod quorum;
mod read;
mod recovery;
mod replica;
mod request;
mod state;
mod status;
mod view_change;
mod votes;
mod voting;
mod wire;

pub use basis::Basis;
pub use bug::Bug;
pub use config::{Clients, Config, Reads, Service, Session, Workload};
pub use durable::Record;
pub use ledger::{ClientId, ClientTable, Ledger, Operation, Outcome, Sequence, Snapshot};
pub use message::{
    Batch, Checkpoint, Commit, Fetch, FetchBatch, Message, MissingParts, NULL_BATCH, NewView, PrePrepare,
    Prepare, Prepared, Read, ReadReply, Reply, Request, Status, View, ViewChange,
};
pub use observation::{Mark, Observation, PhaseVote, Reason};
pub use quorum::{Quorum, TooManyFaults};
pub use state::{ClientHost, Mode, Pbft, Replica, Timer};
pub use synod_common::workload::Arrival;
