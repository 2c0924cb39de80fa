//! `synod shrink`: the least that still fails.

use super::args::{Format, ShrinkArgs};
use super::exit::{Exit, Failure, INTERRUPTED};
use super::{output, run};
use indicatif::{ProgressBar, ProgressStyle};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::process;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use synod_campaign::{Draft, ShrinkError, ShrinkProgress, shrink};
use synod_harness::Registry;
use synod_report::{shrunk_object, shrunk_page};
use synod_sim::units::plural;

pub(super) fn shrink_file(registry: &Registry, arguments: &ShrinkArgs) -> Result<Exit, Failure> {
    let input = &arguments.file;
    let scenario = run::load(registry, input, &[], arguments.reading)?;
    let output = arguments.output.clone().unwrap_or_else(|| beside(input));
    refuse_early(input, &output)?;
    Draft::tidy(output.parent().unwrap_or(Path::new(".")));
    let interrupted = Arc::new(AtomicBool::new(false));
    let flag = Arc::clone(&interrupted);
    let interrupt = move || {
        // The first time the search ends with what it has, after its present candidate; the second time at once.
        if flag.swap(true, Ordering::Relaxed) {
            process::exit(INTERRUPTED);
        }
    };
    ctrlc::set_handler(interrupt)
        .map_err(|error| Failure::internal(format_args!("error: no signal can be caught: {error}")))?;
    // On a terminal only: it hides itself anywhere else.
    let bar = ProgressBar::new_spinner().with_style(
        ProgressStyle::with_template("{spinner} {elapsed} {msg}")
            .map_err(|error| Failure::internal(format_args!("error: {error}")))?,
    );
    let mut on_progress = |ShrinkProgress { about, tried, kept, faults }: ShrinkProgress| {
        bar.set_message(format!(
            "{tried} tried, {kept} kept, {} left; now: {about}",
            plural(faults as u64, "fault")
        ));
        bar.tick();
        if interrupted.load(Ordering::Relaxed) { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    };
    let shrunk = shrink(registry, &*scenario, &mut on_progress);
    bar.finish_and_clear();
    let shrunk = shrunk.map_err(|error| match error {
        ShrinkError::Scenario(error) => error.into(),
        error => Failure::input(format_args!("{}: error: {error}", input.display())),
    })?;
    let written = shrunk.repro.write(&output);
    written.map_err(|error| Failure::unwritable(output.display(), &error, &error))?;
    let name = output.display().to_string();
    match arguments.printing.format {
        Format::Json => output::json(&shrunk_object(&shrunk, &name))?,
        Format::Human => output::page(&shrunk_page(&shrunk, &output::program(), &run::quoted(&name)))?,
    }
    Ok(if shrunk.complete { Exit::Held } else { Exit::Interrupted })
}

/// `<name>.shrunk.yaml` in the folder of the input.
fn beside(input: &Path) -> PathBuf {
    let name = input.file_stem().unwrap_or_default().to_string_lossy();
    input.with_file_name(format!("{name}.shrunk.yaml"))
}

/// What can be known before the search not to work out.
fn refuse_early(input: &Path, output: &Path) -> Result<(), Failure> {
    let refuse = |why: &str| Err(Failure::input(format_args!("{}: error: {why}", output.display())));
    let folder = output.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    if !folder.is_dir() {
        return refuse("there is no such folder");
    }
    match (input.canonicalize(), output.canonicalize()) {
        (Ok(input), Ok(output)) if input == output => refuse("this is the file to shrink"),
        _ if output.is_dir() => refuse("is a directory, not a file"),
        _ => Ok(()),
    }
}
