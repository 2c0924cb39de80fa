//! The oracles find bugs: for every known bug there is a scenario in which the oracle named for it catches the mutant,
//! and in which the true protocol passes them all.

mod hunts;
mod pbft;
mod raft;
mod services;
