//! Synod: a deterministic discrete-event simulator and test harness for multi-agent coordination protocols.

pub mod fault;
pub mod net;
pub mod oracle;
pub mod protocol;
pub mod scenario;
pub mod sim;
pub mod units;
