//! What goes wrong in a run: fault plans.
//!
//! A plan is plain data, resolved before a run starts. The kernel and the network carry it out; this floor knows
//! `sim` alone.

mod plan;

pub use plan::{Fault, FaultId, Plan, What};
