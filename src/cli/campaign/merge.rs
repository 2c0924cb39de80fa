//! `synod campaign merge`: the results of all shards, as one process would have come to them.

use super::source::{self, Found};
use super::{open, unmerged};
use crate::args::{Format, MergeArgs, SweepTables};
use crate::common::{of_campaign, write};
use crate::exit::{Exit, Failure};
use crate::{output, sweep};
use std::fmt;
use std::path::Path;
use synod_campaign::{BenchResult, Catalogue, Matrix, Merged, Point, Readiness, Stopwatch, merge};
use synod_harness::Registry;
use synod_report::{
    ReportFile, bench_files, bench_object, bench_page, readiness_object, readiness_page, validation_files,
};
use synod_sim::units::plural;

pub(super) fn merge_all(registry: &Registry, arguments: &MergeArgs) -> Result<Exit, Failure> {
    let folder = open(&arguments.folder)?;
    folder.check_build().map_err(of_campaign)?;
    let points = folder.plan().points(registry)?;
    let found = source::find_again(registry, &folder)?;
    if !matches!(found, Found::Sweep(_)) {
        refuse_tables(&arguments.tables)?;
    }
    let watch = Stopwatch::start();
    let merged = merge(&folder, &points).map_err(|error| unmerged(error, &arguments.folder))?;
    if arguments.printing.format == Format::Human {
        output::note(&told(&merged));
    }
    let target = folder.merged();
    merged.write_repros(&target).map_err(of_campaign)?;
    let format = arguments.printing.format;
    match found {
        Found::Sweep(points) => sweep_report(arguments, &points, &merged, &target),
        Found::Suite(matrix) => suite_report(&matrix, merged, &target, &watch, format),
        Found::Catalogue(catalogue) => catalogue_report(registry, &catalogue, merged, &target, format),
    }
}

/// Returns what was put together.
fn told(merged: &Merged) -> String {
    let twice = match merged.repeated {
        0 => String::new(),
        blocks => format!(", {} in more than one of them", plural(blocks, "block")),
    };
    format!("{} merged{twice}", plural(merged.results, "result"))
}

fn refuse_tables(tables: &SweepTables) -> Result<(), Failure> {
    if tables.csv.is_some() || tables.junit.is_some() || tables.metrics.is_some() {
        let why = "are written of sweeps; a suite and a catalogue have a report in the campaign's folder";
        return Err(Failure::input(format_args!("--csv, --junit and --metrics: error: they {why}")));
    }
    Ok(())
}

fn sweep_report(
    arguments: &MergeArgs,
    points: &[Point],
    merged: &Merged,
    target: &Path,
) -> Result<Exit, Failure> {
    let targets = sweep::targets(&arguments.tables, &[])?;
    let object = sweep::report(points, &merged.swept, target, targets, arguments.printing.format)?;
    write(target, &ReportFile { path: "sweep.json".into(), content: (object + "\n").into_bytes() })?;
    Ok(merged.swept.verdict().into())
}

fn suite_report(
    matrix: &Matrix,
    merged: Merged,
    target: &Path,
    watch: &Stopwatch,
    format: Format,
) -> Result<Exit, Failure> {
    let benched = BenchResult::of(matrix, merged.swept, watch).map_err(of_campaign)?;
    let files = bench_files(&benched, None).map_err(|error| unwritten(&error))?;
    files.iter().try_for_each(|file| write(target, file))?;
    match format {
        Format::Json => output::json(&bench_object(&benched.results, None))?,
        Format::Human => output::page(&bench_page(&benched.results, true, &target.display().to_string()))?,
    }
    Ok(benched.results.verdict().into())
}

fn catalogue_report(
    registry: &Registry,
    catalogue: &Catalogue,
    merged: Merged,
    target: &Path,
    format: Format,
) -> Result<Exit, Failure> {
    let readiness = Readiness::merged(registry, catalogue, merged.swept);
    let files = validation_files(&readiness).map_err(|error| unwritten(&error))?;
    files.iter().try_for_each(|file| write(target, file))?;
    match format {
        Format::Json => output::json(&readiness_object(&readiness))?,
        Format::Human => output::page(&readiness_page(&readiness, &target.display().to_string()))?,
    }
    Ok(readiness.outcome().into())
}

fn unwritten(error: &dyn fmt::Display) -> Failure {
    Failure::internal(format_args!("error: {error}"))
}
