//! Locks with leases and fencing tokens.
//!
//! Who acquires a free lock holds it for a *lease*, a span of the log's time, and can renew that or release the lock
//! early. A lease ends in the log, by a tick, never by a replica's clock. With each grant comes a *token*, higher than
//! every token that this lock has ever given, also across releases, snapshots and restarts: whatever the lock protects
//! refuses a token once it has seen a higher one, so a holder that has slept through the end of its lease does no harm.
//! A lock that is held is refused; nobody queues, and clients ask again.
//!
//! **What a client may believe.** A lease begins when the log's time is `now`, which lags behind the leader's clock by
//! [`Service::CLOCK`](synod_log::Service::CLOCK) at most. With true clocks a holder may trust its lease for so much
//! less than its span, counted from when it asked; with others it has the token alone.
//!
//! Sources: C. Gray and D. Cheriton, *Leases: an efficient fault-tolerant mechanism for distributed file cache
//! consistency*, SOSP 1989; M. Burrows, *The Chubby lock service for loosely-coupled distributed systems*, OSDI 2006
//! (sequencers); M. Kleppmann, *How to do distributed locking*, 2016 (fencing).

mod bug;
mod client;
mod command;
mod machine;
mod oracle;
mod params;

pub use bug::Bug;
pub use client::LockClient;
pub use command::{Command, LockId, Output, Owner, Token};
pub use machine::Locks;
pub use oracle::LockJudge;
pub use params::LockParams;
