//! Synod: a deterministic discrete-event simulator and test harness for multi-agent coordination protocols.
//!
//! A run is a pure function of (scenario, seed, version). The floors, from the bottom, each of which looks only down:
//!
//! * [`stats`]: distributions and intervals; [`sim`]: the kernel; [`units`]: quantities with units;
//! * [`log`]: what a service is, and the logs that replicate them; [`services`]: locks, counters, queues;
//! * [`net`]: what carries messages; [`fault`]: what goes wrong; [`oracle`]: who judges;
//! * [`harness`]: what a protocol implements to be run, and one run of it; [`testing`]: the test kit;
//! * [`protocol`]: the state machines;
//! * [`scenario`]: from YAML to a checked scenario;
//! * [`campaign`]: many runs; [`report`]: results for people and programs; [`cli`]: the command line.
//!
//! # A protocol of your own
//!
//! A protocol is a state machine. What a handler wants done (send, set a timer, persist, claim) it leaves in its
//! [`Context`](sim::Context), and the kernel does it. Nodes that crash lose everything but their durable records.
//!
//! ```
//! use serde::Serialize;
//! use std::rc::Rc;
//! use synod::sim::{Context, Durable, Milestone, NodeId, Observation, OperationId, Protocol};
//! use synod::testing::{TestRun, at, ms};
//!
//! /// Node 0 has a number; whoever hears it for the first time tells everyone, and decides on it.
//! struct Flood {
//!     number: u64,
//!     decided: bool,
//! }
//!
//! /// What a node claims: figures and oracles live on claims.
//! #[derive(Debug, Serialize)]
//! struct Decided(u64);
//!
//! impl Observation for Decided {
//!     fn milestone(&self) -> Option<Milestone> {
//!         Some(Milestone::Decided(OperationId(0), 1))
//!     }
//! }
//!
//! impl Flood {
//!     fn decide(&mut self, ctx: &mut Context<'_, Self>, number: u64) {
//!         if !self.decided {
//!             self.decided = true;
//!             ctx.broadcast(number);
//!             ctx.observe(Decided(number));
//!         }
//!     }
//! }
//!
//! impl Protocol for Flood {
//!     type Config = u64;
//!     type Message = u64;
//!     type Timer = ();
//!     type Record = ();
//!     type Observation = Decided;
//!
//!     fn new(number: &Rc<u64>, _: NodeId, _: usize, _: u64, _: Durable<'_, ()>) -> Flood {
//!         Flood { number: **number, decided: false }
//!     }
//!     fn on_start(&mut self, ctx: &mut Context<'_, Self>) {
//!         if ctx.me() == NodeId(0) {
//!             self.decide(ctx, self.number);
//!         }
//!     }
//!     fn on_message(&mut self, ctx: &mut Context<'_, Self>, _: NodeId, number: &u64) {
//!         self.decide(ctx, *number);
//!     }
//!     fn on_timer(&mut self, _: &mut Context<'_, Self>, _: ()) {}
//! }
//!
//! // Five nodes, delays of 1 to 9 ms, and node 2 is down for the first 3 ms.
//! let run = || TestRun::<Flood>::new(7, 5).delays(ms(1), ms(9)).seed(42).crash(2, at(0), at(3)).run();
//! let outcome = run();
//! assert_eq!(outcome.decided().count(), 5);
//! // A run is a pure function of its seed.
//! assert_eq!(outcome.digest(), run().digest());
//! ```
//!
//! To give it scenario files, faults, sweeps, shrinking and reports, implement [`harness::Harness`], register it with
//! [`standard`]`().with::<YourHarness>()`, and hand the registry to [`cli::main_with`]. `examples/one_third_rule.rs` is a
//! whole protocol with oracle, metrics and scenario; the book (`docs/`) explains it step by step.

#[cfg(feature = "cli")]
pub use synod_campaign as campaign;
#[cfg(feature = "cli")]
pub use synod_cli as cli;
#[cfg(feature = "economics")]
pub use synod_economics as economics;
pub use synod_fault as fault;
pub use synod_harness as harness;
pub use synod_log as log;
pub use synod_net as net;
pub use synod_oracle as oracle;
#[cfg(feature = "cli")]
pub use synod_report as report;
#[cfg(feature = "cli")]
pub use synod_scenario as scenario;
pub use synod_services as services;
pub use synod_sim as sim;
pub use synod_sim::units;
pub use synod_stats as stats;
pub use synod_testing as testing;

#[cfg(doctest)]
mod book;
mod registry;

pub use registry::standard;

/// The protocols: state machines that know the kernel's contexts and nothing else of the world.
pub mod protocol {
    #[cfg(feature = "adaptive")]
    pub use synod_adaptive as adaptive;
    #[cfg(feature = "auction")]
    pub use synod_auction as auction;
    pub use synod_common as common;
    #[cfg(feature = "compose")]
    pub use synod_compose as compose;
    #[cfg(feature = "distributed")]
    pub use synod_distributed as distributed;
    #[cfg(feature = "hierarchical")]
    pub use synod_hierarchical as hierarchical;
    #[cfg(feature = "iterative")]
    pub use synod_iterative as iterative;
    #[cfg(feature = "pbft")]
    pub use synod_pbft as pbft;
    #[cfg(feature = "raft")]
    pub use synod_raft as raft;
    #[cfg(feature = "vote")]
    pub use synod_vote as vote;
}
