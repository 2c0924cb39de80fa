//! The protocols: state machines that know the kernel's contexts and nothing else of the world.

pub mod kv;
pub mod pbft;
pub mod raft;
pub mod workload;
