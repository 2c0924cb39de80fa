//! Faults: their effects on messages and on correct agents, fault models, swarms, two phases.

mod byzantine_wire;
mod coalitions;
mod conflicts;
mod draw;
mod environment;
mod idle;
mod models;
mod pauses;
mod swarm;
mod two_phases;
