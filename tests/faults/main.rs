//! Faults: their effects on messages and on correct agents, fault models, swarms, two phases.

mod byzantine_wire;
mod coalitions;
mod environment;
mod models;
mod swarm;
mod two_phases;
