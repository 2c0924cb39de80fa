//! Votes, refinement and compositions: scenarios, mutants, theoretical laws.

mod composed;
mod composition;
mod juries;
mod recovery_within;
mod refinement;
mod uplinks;
mod votes;
