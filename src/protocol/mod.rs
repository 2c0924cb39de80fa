//! The protocols: state machines that know the kernel's contexts and nothing else of the world.

pub mod adaptive;
mod bugs;
pub mod compose;
pub mod kv;
pub mod opinion;
pub mod pbft;
pub mod profile;
pub mod raft;
pub mod simple;
pub mod vote;
pub mod weighted;
pub mod workload;
