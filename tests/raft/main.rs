//! Raft through the kernel.

mod elections;
mod scenarios;
