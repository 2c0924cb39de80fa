//! The kernel: order, processors, crashes, cuts, bounds, determinism.

mod cpu_queue;
mod crash;
mod determinism;
mod event_queue;
mod limits;
mod nondeterminism;
mod ordering;
mod partition;
