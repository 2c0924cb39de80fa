//! `synod validate`: a whole catalogue, and whether it is ready.

use super::args::{Format, ValidateArgs};
use super::common::{ReportExtent, catch_interrupts, claim, failure, progress, settle, watch, write};
use super::exit::{Exit, Failure};
use super::output;
use super::output_file::OutputFile;
use std::path::Path;
use std::sync::atomic::AtomicBool;
use synod_campaign::{Catalogue, ScenarioResult, SeedChoice, SweepProgress, ValidatePlan, validate};
use synod_harness::Registry;
use synod_report::{point_line, readiness_object, readiness_page, validation_files, validation_junit};

pub(super) fn validate_catalogue(registry: &Registry, arguments: &ValidateArgs) -> Result<Exit, Failure> {
    let seed_choice = if arguments.quick { SeedChoice::Quick } else { SeedChoice::Full };
    let catalogue = Catalogue::find(
        registry,
        &arguments.paths,
        arguments.seeds.as_ref(),
        &seed_choice,
        arguments.reading.access(),
    );
    let mut catalogue = catalogue.map_err(Failure::input)?;
    if let Some(filter) = &arguments.filter {
        let refuse = |error| Failure::input(format_args!("--filter {filter}: error: {error}"));
        catalogue.filter(filter).map_err(refuse)?;
    }
    if catalogue.points.is_empty() {
        return Err(Failure::nothing("error: no scenario is there to run"));
    }
    let extent = ReportExtent {
        quick: arguments.quick,
        seeds: arguments.seeds.is_some(),
        filter: arguments.filter.is_some(),
    };
    let folder = arguments.output.clone().unwrap_or_else(|| extent.folder(&catalogue.name));
    claim(&folder, "readiness.json", &["readiness.json", "junit.xml", "index.html", "summary.md"])?;
    let junit = arguments.junit.as_ref().map(|path| OutputFile::new(path, &[])).transpose()?;
    let stop = catch_interrupts()?;
    settle(&stop, make(registry, arguments, &catalogue, &folder, junit.as_ref(), &stop))
}

/// Makes the runs, telling of each point that has ended, and reports.
fn make(
    registry: &Registry,
    arguments: &ValidateArgs,
    catalogue: &Catalogue,
    folder: &Path,
    junit: Option<&OutputFile>,
    stop: &AtomicBool,
) -> Result<Exit, Failure> {
    let bar = progress(catalogue.runs())?;
    let is_for_people = matches!(arguments.printing.format, Format::Human);
    let mut watch = watch(&bar);
    let mut unprinted = Ok(());
    let mut tell = |progress: SweepProgress<'_>, ended: &[ScenarioResult]| {
        watch(progress);
        let lines: String = ended.iter().map(point_line).collect();
        if is_for_people && !lines.is_empty() && unprinted.is_ok() {
            unprinted = bar.suspend(|| output::page(&lines));
        }
    };
    let plan = ValidatePlan { registry, catalogue, jobs: arguments.jobs.into() };
    let validated = validate(&plan, &mut tell, stop);
    bar.finish_and_clear();
    let readiness = validated.map_err(|error| failure(error, &catalogue.points))?;
    unprinted?;

    let unwritten = |error| Failure::internal(format_args!("error: {error}"));
    if readiness.complete {
        let files = validation_files(&readiness).map_err(unwritten)?;
        files.iter().try_for_each(|file| write(folder, file))?;
        if let Some(target) = junit {
            target.write(validation_junit(&readiness).map_err(unwritten)?.as_bytes())?;
        }
    }
    match arguments.printing.format {
        Format::Json => output::json(&readiness_object(&readiness))?,
        Format::Human => output::page(&readiness_page(&readiness, &folder.display().to_string()))?,
    }
    Ok(if readiness.complete { readiness.outcome().into() } else { Exit::Interrupted })
}
