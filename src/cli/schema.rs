//! `synod schema`: the JSON Schema of scenario files.

use super::args::{DraftName, SchemaArgs};
use super::exit::{Exit, Failure};
use super::output;
use crate::campaign::Registry;
use crate::scenario::Draft;

pub(super) fn schema(registry: &Registry, arguments: &SchemaArgs) -> Result<Exit, Failure> {
    let draft = match arguments.draft {
        DraftName::Draft07 => Draft::Draft07,
        DraftName::Draft2020 => Draft::Draft2020,
    };
    output::print_line(&format!("{:#}", registry.schema(draft)))?;
    Ok(Exit::Held)
}
