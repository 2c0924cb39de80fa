//! Synod: a deterministic discrete-event simulator and test harness for multi-agent coordination protocols.
//!
//! A run is a pure function of (scenario, seed, version). The floors, from the bottom, each of which looks only down:
//!
//! * [`sim`]: the kernel; [`units`]: quantities with units;
//! * [`net`]: what carries messages; [`fault`]: what goes wrong;
//! * [`protocol`]: the state machines; [`oracle`]: who judges them;
//! * [`scenario`]: from YAML to a checked scenario;
//! * [`campaign`]: runs; [`report`]: results for people and programs; [`cli`]: the command line.
//!
//! To put a protocol of your own under the harness, implement [`sim::Protocol`] and [`scenario::Harness`], and hand
//! it to [`cli::main_with`]. `examples/` has one.

pub mod campaign;
pub mod cli;
pub mod fault;
pub mod net;
pub mod oracle;
pub mod protocol;
pub mod report;
pub mod scenario;
pub mod sim;
pub mod units;

#[cfg(doctest)]
mod book;
