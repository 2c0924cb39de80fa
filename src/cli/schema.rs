//! `synod schema`: the JSON Schema of scenario files, of suites of benchmarks, of fault models, and of a run's events.

use super::args::{DraftName, SchemaArgs};
use super::exit::{Exit, Failure};
use super::output;
use synod_campaign::suite_schema;
use synod_harness::Draft;
use synod_harness::Registry;
use synod_report::event_schema;
use synod_scenario::model_schema;

pub(super) fn schema(registry: &Registry, arguments: &SchemaArgs) -> Result<Exit, Failure> {
    let draft = match arguments.draft {
        DraftName::Draft07 => Draft::Draft07,
        DraftName::Draft2020 => Draft::Draft2020,
    };
    let schema = match arguments {
        SchemaArgs { suite: true, .. } => suite_schema(draft),
        SchemaArgs { model: true, .. } => model_schema(draft).to_value(),
        SchemaArgs { events: true, .. } => event_schema(draft),
        _ => registry.schema(draft),
    };
    output::json(&format!("{schema:#}"))?;
    Ok(Exit::Held)
}
