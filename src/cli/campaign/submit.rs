//! `synod campaign submit`: to a cluster.

use crate::args::SlurmArgs;
use crate::exit::{Exit, Failure};
use synod_harness::Registry;

pub(super) fn slurm(registry: &Registry, arguments: &SlurmArgs) -> Result<Exit, Failure> {
    let _ = (registry, arguments);
    Err(Failure::input("not yet"))
}
