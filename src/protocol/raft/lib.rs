//! Raft: a majority of the members agrees on a log though the others crash and come back, and the network loses,
//! delays and reorders. The log orders the commands of any deterministic state machine, and clients record what they
//! see.
//!
//! Sources: D. Ongaro and J. Ousterhout, *In Search of an Understandable Consensus Algorithm*, USENIX ATC 2014; D.
//! Ongaro, *Consensus: Bridging Theory and Practice*, PhD thesis, Stanford 2014.
//!
//! The life of a command: a `client` sends it to whoever it takes for the leader (`replica`); the leader puts it into
//! its log and makes the others' logs like it (`replication`, `progress`); once a majority holds it, it is committed
//! and every replica executes it, once (`apply`, `snapshot`). A leader that falls silent is replaced (`election`)
//! or steps aside (`transfer`); reads need not pass through the log (`read`); snapshots let the log forget
//! (`compaction`); the leader tells a machine the time (`tick`); members change one set for another (`membership`, `reconfiguration`); and a replica that crashes
//! finds its promises in storage (`recovery`). Another protocol can host a replica (`hosting`).

mod apply;
mod bug;
mod client;
mod compaction;
mod config;
pub mod decide;
mod durable;
mod election;
mod entry;
#[cfg(feature = "harness")]
pub mod harness;
mod hosting;
mod log;
mod membership;
mod message;
mod observation;
pub mod oracle;
#[cfg(feature = "harness")]
mod planned;
mod progress;
mod protocol;
mod read;
mod reconfiguration;
mod recovery;
mod replica;
mod replication;
mod snapshot;
mod state;
mod tick;
mod transfer;

pub use bug::Bug;
pub use config::{Change, Clients, Config, Reads};
pub use durable::{Corruption, Record};
pub use entry::{ClientId, Entry, Index, Payload, Request, Term};
pub use membership::{Configuration, majority};
pub use message::{
    Answer, AppendEntries, AppendEntriesReply, Campaign, InstallSnapshot, Message, Outcome, Reply,
    RequestVote, Vote,
};
pub use observation::{Mark, Observation, Reason};
pub use snapshot::{Sessions, Snapshot};
pub use state::{Candidacy, ClientHost, Leadership, Raft, Replica, Role, Timer};
