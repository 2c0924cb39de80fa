//! `synod check`: are these scenarios sound?

use super::args::CheckArgs;
use super::exit::{Exit, Failure};
use super::{output, run};
use crate::campaign::Registry;

pub(super) fn check(registry: &Registry, arguments: &CheckArgs) -> Result<Exit, Failure> {
    let mut exit = Exit::Held;
    for path in &arguments.scenarios {
        match run::load(registry, path, &arguments.overrides.set) {
            Ok(scenario) => output::print_line(&format!("{}: sound: {}", path.display(), scenario.name()))?,
            Err(error) => {
                output::error(&error.into());
                exit = Exit::BadInput;
            }
        }
    }
    Ok(exit)
}
