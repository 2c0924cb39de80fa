//! The kernel: order, processors, crashes, cuts, bounds, and that a run is a function of its seed.

mod cpu_queue;
mod crash;
mod determinism;
mod event_queue;
mod limits;
mod nondeterminism;
mod ordering;
mod partition;
