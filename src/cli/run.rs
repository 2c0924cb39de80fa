//! `synod run`: one run.

use super::args::{Format, Reading, RunArgs};
use super::exit::{Exit, Failure};
use super::output;
use super::output_file::output_files;
use super::recording::Recording;
use std::path::Path;
use synod_campaign::Stopwatch;
use synod_harness::ScenarioError;
use synod_harness::{Prepared, Registry};
pub(super) use synod_report::quoted;
use synod_report::{Next, as_typed, object, page, run_metrics};
use synod_scenario::Document;
use synod_scenario::to_yaml;
use synod_sim::Ending;

pub(super) fn run(registry: &Registry, arguments: &RunArgs) -> Result<Exit, Failure> {
    let mut overrides = arguments.overrides.set.clone();
    // As part of the scenario, so that a printed configuration has it.
    overrides.extend(arguments.seed.map(|seed| format!("seed={seed}")));
    let scenario = load(registry, &arguments.scenario, &overrides, arguments.reading)?;
    let seed = scenario.seed();
    if arguments.print_config {
        output::print(&to_yaml(&scenario.config())?)?;
        return Ok(Exit::Held);
    }
    let itself = [(arguments.scenario.as_path(), "the scenario itself")];
    let [metrics] = output_files([("--metrics", &arguments.metrics)], &itself)?;
    let recording = Recording::open(&arguments.recordings, &arguments.scenario, &*scenario)?;
    let stopwatch = Stopwatch::start();
    let outcome = if arguments.check_determinism {
        match scenario.check_determinism(seed)? {
            Ok(outcome) => outcome,
            Err(difference) => {
                let message = format!("{}: error: {difference}", arguments.scenario.display());
                return Err(Failure::internal(message));
            }
        }
    } else {
        scenario.run(seed, recording.recorder())?
    };
    let host = stopwatch.stop();
    let written = recording.finish()?;
    if let Some(target) = metrics {
        target.write(run_metrics(&outcome).as_bytes())?;
    }
    match arguments.printing.format {
        Format::Json => output::json(&object(&outcome, &host))?,
        Format::Human => {
            let next = Next {
                program: &output::program(),
                scenario: &typed(&arguments.scenario, &arguments.overrides.set, arguments.reading),
                about: scenario.about(),
                was_repeated: arguments.check_determinism,
            };
            output::page(&(page(&outcome, &host, &next) + &written.lines()))?;
        }
    }
    Ok(match (outcome.end.ending, outcome.verdict) {
        // It says nothing of the protocol: the machine, or the scenario's own limit, is too small for it.
        (Ending::Memory(_), _) => Exit::BadInput,
        (_, verdict) => verdict.into(),
    })
}

/// Returns the scenario with all that it is read with, as a shell reads them.
pub(super) fn typed(scenario: &Path, overrides: &[String], reading: Reading) -> String {
    let allowing = if reading.allow_outside { " --allow-outside" } else { "" };
    format!("{}{allowing}", as_typed(scenario, overrides))
}

/// Reads a scenario with overrides laid over it.
pub(super) fn load(
    registry: &Registry,
    path: &Path,
    overrides: &[String],
    reading: Reading,
) -> Result<Box<dyn Prepared>, ScenarioError> {
    let mut document = Document::load_with(path, reading.access())?;
    for assignment in overrides {
        document.set(assignment)?;
    }
    document.prepare(registry)
}
