//! Which seeds there are.

/// The greatest seed, 2^53 - 1: up to it every whole number is one that readers of JSON tell from its neighbours, though
/// many of them hold numbers as floating-point ones.
pub const SEED_MAX: u64 = (1 << 53) - 1;
