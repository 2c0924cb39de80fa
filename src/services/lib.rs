//! Services that logs replicate: locks with leases and fencing tokens, counters with bounds, queues with
//! acknowledgements.
//!
//! Each is a [`synod_log::Service`], with three things besides:
//!
//! * a **client**, which asks as clients do: it holds a lock and comes back too late, it consumes and forgets to
//!   acknowledge;
//! * an **oracle** that never calls the service's code: it judges what clients were told by what the service promises. To
//!   compare a run with the machine itself, as the oracle of linearizability does, proves the log alone;
//! * **bugs**, one at a time, with the feature `mutants`: in what a command does, in ticks, in snapshots. Its own oracle
//!   catches each.
//!
//! [`ServiceParams`] makes machine and clients of what a scenario says, [`oracle()`] the oracle. The key-value store is `synod_common::kv`.
//!
//! ```
//! use synod_log::Command;
//! use synod_services::lock::{self, LockId, Locks, Output, Owner, Token};
//! use synod_services::ServiceParams;
//! use synod_sim::{Duration, Time};
//!
//! let params = ServiceParams::Lock(Default::default());
//! let mut replica = params.machine().start();
//! let lease = Duration::from_secs(2);
//! let acquire = |owner| lock::Command::Acquire { lock: LockId(0), owner: Owner(owner), lease };
//! let mut ask = |command| {
//!     replica.apply(&Command::of::<Locks>(&command)).decode::<Locks>().expect("it is a command")
//! };
//! let granted = |token, until| Output::Granted { token: Token(token), until: Time::ZERO + until };
//! assert_eq!(ask(acquire(7)), granted(1, lease));
//! assert!(matches!(ask(acquire(8)), Output::Held { owner: Owner(7), .. }));
//! ```

pub mod counter;
mod draw;
mod judge;
pub mod lock;
mod oracle;
mod params;
pub mod queue;
mod refusal;

pub use judge::{Histories, Judge, Operation};
pub use oracle::{ORACLES, oracle};
pub use params::ServiceParams;
pub use refusal::Refusal;
