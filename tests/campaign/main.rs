//! Campaigns in shards, as a user runs them.

mod engines;
mod folder;
mod refusals;
mod same;
mod signals;
mod slurm;
