//! Votes, refinement and compositions: what they show, what their oracles catch, what theory says of them.

mod composed;
mod composition;
mod juries;
mod recovery_within;
mod refinement;
mod votes;
