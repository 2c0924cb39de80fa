//! The protocols: state machines that depend on the kernel's contexts alone.

pub mod adaptive;
mod bugs;
mod coalition;
pub mod compose;
pub mod distributed;
mod fixed;
pub mod hierarchical;
pub mod iterative;
pub mod kv;
pub mod opinion;
pub mod pbft;
pub mod profile;
pub mod raft;
pub mod schedule;
pub mod simple;
#[cfg(test)]
mod rig;
pub mod vote;
pub mod weighted;
pub mod workload;
