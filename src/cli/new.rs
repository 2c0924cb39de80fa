//! `synod new`: a scenario to start from.

use super::args::NewArgs;
use super::exit::{Exit, Failure};
use super::output;
use std::fs::OpenOptions;
use std::io::{self, Write};
use synod_harness::Registry;
use synod_scenario::Document;

pub(super) fn new(registry: &Registry, arguments: &NewArgs) -> Result<Exit, Failure> {
    let path = &arguments.file;
    let refuse = |error: io::Error| Failure::unwritable(path.display(), &error, &error);
    let name = path.file_stem().map_or_else(|| "scenario".into(), |stem| stem.to_string_lossy().into_owned());
    let text = TEMPLATE
        .replace("NAME", &serde_json::Value::from(name).to_string())
        .replace("AGENTS", &arguments.agents.to_string());
    // Nothing is written that would not run.
    Document::parse(&path.display().to_string(), &text)?.prepare(registry)?;
    let mut file = OpenOptions::new().write(true).create_new(true).open(path).map_err(refuse)?;
    file.write_all(text.as_bytes()).map_err(refuse)?;
    output::page_line(&format!("{0} written; next: {1} run {0}", path.display(), output::program()))?;
    Ok(Exit::Held)
}

const TEMPLATE: &str = include_str!("template.yaml");
