//! `synod run`: one run.

use super::args::{Format, RunArgs};
use super::exit::{Exit, Failure};
use super::output;
use crate::campaign::{Outcome, Prepared, Registry, RunVerdict, SharedRecorder, Stopwatch};
use crate::report::{Next, Timeline, object, page};
use crate::scenario::{Document, ScenarioError};
use std::cell::RefCell;
use std::fs::File;
use std::io::BufWriter;
use std::path::Path;
use std::rc::Rc;

pub(super) fn run(registry: &Registry, arguments: &RunArgs) -> Result<Exit, Failure> {
    let mut overrides = arguments.overrides.set.clone();
    // As part of the scenario, so that a printed configuration has it.
    overrides.extend(arguments.seed.map(|seed| format!("seed={seed}")));
    let scenario = load(registry, &arguments.scenario, &overrides)?;
    let seed = scenario.seed();
    if arguments.print_config {
        output::print(&scenario.config()?)?;
        return Ok(Exit::Held);
    }
    let stopwatch = Stopwatch::start();
    let outcome = match (&arguments.trace, arguments.check_determinism) {
        (Some(file), _) => {
            refuse_same_file(&arguments.scenario, file)?;
            run_traced(&*scenario, seed, file)?
        }
        (None, false) => scenario.run(seed, None)?,
        (None, true) => match scenario.check_determinism(seed)? {
            Ok(outcome) => outcome,
            Err(difference) => {
                let message = format!("{}: error: {difference}", arguments.scenario.display());
                return Err(Failure::internal(message));
            }
        },
    };
    let host = stopwatch.stop();
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
    Ok(match outcome.verdict {
        RunVerdict::Pass => Exit::Held,
        RunVerdict::Fail => Exit::Broken,
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
    registry.prepare(document)
}

/// The scenario and its overrides as a shell reads them: without its overrides a run would be another.
pub(super) fn as_typed(scenario: &Path, overrides: &[String]) -> String {
    let mut words = vec![quoted(&scenario.display().to_string())];
    words.extend(overrides.iter().map(|assignment| format!("--set {}", quoted(assignment))));
    words.join(" ")
}

pub(super) fn quoted(word: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "_-./=:,%+@".contains(c);
    if !word.is_empty() && word.chars().all(is_plain) {
        return word.to_owned();
    }
    format!("'{}'", word.replace('\'', "'\\''"))
}

/// A trace must not take the place of what it is a trace of.
fn refuse_same_file(scenario: &Path, trace: &Path) -> Result<(), Failure> {
    match (scenario.canonicalize(), trace.canonicalize()) {
        (Ok(scenario), Ok(file)) if scenario == file => {
            Err(Failure::input(format_args!("{}: error: this is the scenario itself", trace.display())))
        }
        _ => Ok(()),
    }
}

fn run_traced(scenario: &dyn Prepared, seed: u64, path: &Path) -> Result<Outcome, Failure> {
    let refuse = |error| Failure::input(format_args!("{}: error: {error}", path.display()));
    let file = File::create(path).map_err(refuse)?;
    let timeline = Rc::new(RefCell::new(Timeline::new(BufWriter::new(file), scenario.agents())));
    let recorder: SharedRecorder = timeline.clone();
    let outcome = scenario.run(seed, Some(recorder))?;
    timeline.borrow_mut().finish().map_err(refuse)?;
    Ok(outcome)
}
