//! `synod validate`: a whole catalogue, and whether it is ready.

use super::args::{Format, ValidateArgs};
use super::campaign::{catch_interrupts, failure, plain, progress, watch, write};
use super::exit::{Exit, Failure};
use super::output;
use super::output_file::OutputFile;
use std::path::Path;
use synod_campaign::{
    Catalogue, ReadinessVerdict, ScenarioResult, SeedChoice, SweepProgress, ValidatePlan, validate,
};
use synod_harness::Registry;
use synod_report::{point_line, readiness_object, readiness_page, validation_files, validation_junit};

pub(super) fn validate_catalogue(registry: &Registry, arguments: &ValidateArgs) -> Result<Exit, Failure> {
    let seed_choice = if arguments.quick { SeedChoice::Quick } else { SeedChoice::Full };
    let catalogue = Catalogue::find(registry, &arguments.paths, arguments.seeds.as_ref(), &seed_choice);
    let mut catalogue = catalogue.map_err(Failure::input)?;
    if let Some(filter) = &arguments.filter {
        let refuse = |error| Failure::input(format_args!("--filter {filter}: error: {error}"));
        catalogue.filter(filter).map_err(refuse)?;
    }
    if catalogue.points.is_empty() {
        return Err(Failure::nothing("error: no scenario is there to run"));
    }
    let folder =
        arguments.output.clone().unwrap_or_else(|| Path::new("reports").join(plain(&catalogue.name)));
    let junit = arguments.junit.as_ref().map(|path| OutputFile::new(path, &[])).transpose()?;
    let stop = catch_interrupts()?;
    let bar = progress(catalogue.runs())?;
    let is_for_people = matches!(arguments.printing.format, Format::Human);
    let mut watch = watch(&bar);
    let mut unprinted = Ok(());
    let mut tell = |progress: SweepProgress<'_>, ended: &[ScenarioResult]| {
        watch(progress);
        let lines: String = ended.iter().map(point_line).collect();
        if is_for_people && !lines.is_empty() && unprinted.is_ok() {
            unprinted = bar.suspend(|| output::print(&lines));
        }
    };
    let plan = ValidatePlan { registry, catalogue: &catalogue, jobs: arguments.jobs.into() };
    let validated = validate(&plan, &mut tell, &stop);
    bar.finish_and_clear();
    unprinted?;
    let readiness = validated.map_err(|error| failure(error, &catalogue.points))?;

    let unwritten = |error| Failure::internal(format_args!("error: {error}"));
    if readiness.complete {
        let files = validation_files(&readiness).map_err(unwritten)?;
        files.iter().try_for_each(|file| write(&folder, file))?;
        if let Some(target) = junit {
            target.write(validation_junit(&readiness).map_err(unwritten)?.as_bytes())?;
        }
    }
    match arguments.printing.format {
        Format::Json => output::print(&readiness_object(&readiness))?,
        Format::Human => output::print(&readiness_page(&readiness, &folder.display().to_string()))?,
    }
    Ok(match (readiness.complete, readiness.passed && readiness.verdict != ReadinessVerdict::NotReady) {
        (false, _) => Exit::Interrupted,
        (true, true) => Exit::Held,
        (true, false) => Exit::Broken,
    })
}
