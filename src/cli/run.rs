//! `synod run`: one run.

use super::args::{Format, RunArgs};
use super::exit::{Exit, Failure};
use super::output;
use super::output_file::output_files;
use super::recording::Recording;
use std::path::Path;
use synod_campaign::Stopwatch;
use synod_harness::ScenarioError;
use synod_harness::{Prepared, Registry};
use synod_report::{Next, object, page, run_metrics};
pub(super) use synod_report::{as_typed, quoted};
use synod_scenario::Document;
use synod_scenario::to_yaml;
use synod_sim::Ending;

pub(super) fn run(registry: &Registry, arguments: &RunArgs) -> Result<Exit, Failure> {
    let mut overrides = arguments.overrides.set.clone();
    // As part of the scenario, so that a printed configuration has it.
    overrides.extend(arguments.seed.map(|seed| format!("seed={seed}")));
    let scenario = load(registry, &arguments.scenario, &overrides)?;
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
    recording.finish()?;
    if let Some(target) = metrics {
        target.write(run_metrics(&outcome).as_bytes())?;
    }
    match arguments.printing.format {
        Format::Json => output::print_line(&object(&outcome, &host))?,
        Format::Human => {
            let next = Next {
                program: &output::program(),
                scenario: &as_typed(&arguments.scenario, &arguments.overrides.set),
                about: scenario.about(),
                was_repeated: arguments.check_determinism,
            };
            output::print(&page(&outcome, &host, &next))?;
        }
    }
    Ok(match (outcome.end.ending, outcome.verdict) {
        // It says nothing of the protocol: the machine, or the scenario's own limit, is too small for it.
        (Ending::Memory(_), _) => Exit::BadInput,
        (_, verdict) => verdict.into(),
    })
}

/// Reads a scenario with overrides laid over it.
pub(super) fn load(
    registry: &Registry,
    path: &Path,
    overrides: &[String],
) -> Result<Box<dyn Prepared>, ScenarioError> {
    let mut document = Document::load(path)?;
    for assignment in overrides {
        document.set(assignment)?;
    }
    document.prepare(registry)
}
