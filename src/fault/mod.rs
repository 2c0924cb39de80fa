//! What goes wrong in a run: the plan, as plain data, and how it takes hold of the kernel.
//!
//! A plan is resolved before the run starts. Each fault has an id that its random streams are keyed by, so that
//! removing one fault from a plan shifts no other's.

mod arm;
mod plan;
mod silent;

pub use arm::{Armed, FaultReport, Record};
pub use plan::{Fault, FaultId, Plan, What};
