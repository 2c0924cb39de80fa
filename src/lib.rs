//! Synod: a deterministic discrete-event simulator and test harness for multi-agent coordination protocols.

pub mod net;
pub mod sim;
pub mod units;
