//! Synod: a deterministic discrete-event simulator and test harness for multi-agent coordination protocols.
//!
//! A run is a pure function of (scenario, seed, version). The floors, from the bottom, each of which looks only down:
//!
//! * [`stats`]: distributions and intervals; [`sim`]: the kernel; [`units`]: quantities with units;
//! * [`net`]: what carries messages; [`fault`]: what goes wrong; [`oracle`]: who judges;
//! * [`harness`]: what a protocol implements to be run, and one run of it; [`testing`]: the test kit;
//! * [`protocol`]: the state machines;
//! * [`scenario`]: from YAML to a checked scenario;
//! * [`campaign`]: many runs; [`report`]: results for people and programs; [`cli`]: the command line.
//!
//! To put a protocol of your own under the harness, implement [`sim::Protocol`] and [`harness::Harness`], and hand
//! it to [`cli::main_with`]. `examples/` has one.

#[cfg(feature = "cli")]
pub use synod_campaign as campaign;
#[cfg(feature = "cli")]
pub use synod_cli as cli;
pub use synod_fault as fault;
pub use synod_harness as harness;
pub use synod_net as net;
pub use synod_oracle as oracle;
#[cfg(feature = "cli")]
pub use synod_report as report;
#[cfg(feature = "cli")]
pub use synod_scenario as scenario;
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
