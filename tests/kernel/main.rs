//! The kernel: order, processors, crashes, cuts, bounds, determinism.

mod background_sync;
mod cpu_queue;
mod crash;
mod determinism;
mod event_queue;
mod in_flight;
mod laws;
mod limits;
mod nobody;
mod nondeterminism;
mod ordering;
mod panics;
mod partition;
mod pause;
mod randomness;
mod uplink;
mod wide;
