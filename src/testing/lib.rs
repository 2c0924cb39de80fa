//! The test kit for protocols, oracles, networks and faults.
//!
//! * [`TestRun`] builds a small run (nodes, network, faults, seed, protocol) and returns an [`Outcome`]: digest,
//!   counts, violations;
//! * [`on_copies`] makes an interceptor of a closure, [`network_fn`] a network;
//! * [`stage`] has one node of a protocol among puppets: message in, effects out;
//! * [`script`] has nodes that follow a test's script, and a log of what they did;
//! * [`OracleRig`] shows an oracle a synthetic history, event by event;
//! * [`history`] generates linearizable histories of clients, for the linearizability oracle and your own models;
//! * [`assert_mean`] and [`assert_share`] compare random samples, within a stated number of standard errors; [`survey`]
//!   runs many seeds.
//!
//! ```
//! use synod_sim::Ending;
//! use synod_testing::script::{Actor, Input};
//! use synod_testing::{TestRun, at, ms};
//!
//! // Node 0 greets everyone; node 2 is down until 5 ms.
//! let run = TestRun::<Actor>::scripted(3, |_, ctx, input| {
//!     if let (Input::Start, 0) = (input, ctx.me().0) {
//!         ctx.broadcast(7);
//!     }
//! });
//! let outcome = run.delays(ms(1), ms(3)).seed(42).crash(2, at(0), at(5)).run();
//! assert_eq!(outcome.end.ending, Ending::Quiescent);
//! assert_eq!((outcome.end.tally.delivered, outcome.end.tally.lost_copies()), (1, 1));
//! ```

mod assert;
pub mod history;
mod intercept;
mod outcome;
mod rig;
mod run;
pub mod script;
pub mod stage;
#[cfg(test)]
mod tests;

pub use assert::{assert_mean, assert_share};
pub use intercept::{network_fn, on_copies, on_copies_of};
pub use outcome::{Outcome, seeds, survey};
pub use rig::{OracleResult, OracleRig, digest, ground_truth, ground_without};
pub use run::{TestRun, Watched};

use synod_sim::{Duration, Time};

/// Returns a duration of so many milliseconds.
pub const fn ms(millis: u64) -> Duration {
    Duration::from_millis(millis)
}

/// Returns the time so many milliseconds after the start of a run.
pub const fn at(millis: u64) -> Time {
    Time::from_nanos(millis * 1_000_000)
}
