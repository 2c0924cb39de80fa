//! The test kit for protocols and their oracles.

pub mod stage;
