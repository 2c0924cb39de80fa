//! What protocols share, none of which is a protocol itself: clients and what they ask, the opinions and abilities of
//! agents, schedules of sessions, insiders who act as one, declarations of known bugs, and what it takes to run inside
//! another.

pub mod bugs;
pub mod coalition;
pub mod decide;
pub mod fixed;
pub mod kv;
pub mod opinion;
pub mod profile;
mod reason;
pub mod schedule;
pub mod workload;
