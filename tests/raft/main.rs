//! Raft in the kernel.

mod elections;
mod scenarios;
