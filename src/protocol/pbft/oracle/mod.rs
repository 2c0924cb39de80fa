//! PBFT's oracles.

use super::{Config, Pbft};
use crate::sim::{Ground, Oracle};
use std::rc::Rc;

/// The names of the oracles.
pub const NAMES: &[&str] = &[];

/// All of them.
pub fn all(_: &Rc<Config>, _: &Ground) -> Vec<Box<dyn Oracle<Pbft>>> {
    Vec::new()
}
