//! `synod completions`: a completion script.

use super::args::{CompletionsArgs, Synod};
use super::exit::{Exit, Failure};
use super::output;
use clap::CommandFactory;

pub(super) fn completions(arguments: &CompletionsArgs) -> Result<Exit, Failure> {
    let mut script = Vec::new();
    clap_complete::generate(arguments.shell, &mut Synod::command(), "synod", &mut script);
    output::print(&String::from_utf8_lossy(&script))?;
    Ok(Exit::Held)
}
