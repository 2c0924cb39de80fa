//! `synod sweep`: many seeds.

use super::args::{Format, SweepArgs, SweepTables};
use super::common::{again, catch_interrupts, of_campaign, plain, progress, refuse, settle, watch};
use super::exit::{self, Exit, Failure};
use super::output_file::{OutputFile, output_files};
use super::{output, run};
use std::fmt;
use std::fs;
use std::path::Path;
use std::sync::atomic::AtomicBool;
use synod_campaign::{Point, SweepError, SweepPlan, SweepResult, grid, sweep};
use synod_harness::Registry;
use synod_harness::metric;
use synod_report::{SweepTitle, sweep_csv, sweep_junit, sweep_metrics, sweep_object, sweep_page};
use synod_scenario::Document;

pub(super) fn sweep_file(registry: &Registry, arguments: &SweepArgs) -> Result<Exit, Failure> {
    let mut document = Document::load_with(&arguments.scenario, arguments.reading.access())?;
    arguments.overrides.set.iter().try_for_each(|assignment| document.set(assignment))?;
    let points =
        grid(registry, &document, &arguments.grid.axes, &arguments.seeds, arguments.grid.max_points)?;
    let scenario = points[0].scenario.name();
    let folder = arguments.output.clone().unwrap_or_else(|| Path::new("synod-sweep").join(plain(scenario)));
    let targets = all_targets(arguments, &folder)?;
    let stop = catch_interrupts()?;
    settle(&stop, make(arguments, &points, &folder, targets, &stop))
}

/// Makes the runs, with a bar on a terminal, and reports.
fn make(
    arguments: &SweepArgs,
    points: &[Point],
    folder: &Path,
    targets: [Option<OutputFile>; 3],
    stop: &AtomicBool,
) -> Result<Exit, Failure> {
    let bar = progress(arguments.seeds.count().saturating_mul(points.len() as u64))?;
    let plan = SweepPlan {
        points,
        jobs: arguments.jobs.into(),
        max_failures: if arguments.fail_fast { Some(1) } else { arguments.max_failures },
        kept: arguments.repros,
        folder,
        resume: arguments.resume,
    };
    let swept = sweep(&plan, &mut watch(&bar), stop);
    bar.finish_and_clear();
    let swept = swept.map_err(|error| failure(error, points, arguments))?;

    report(points, &swept, folder, targets, arguments.printing.format)?;
    if !swept.complete {
        output::note(&format!("interrupted; go on with:\n{}", again()));
    }
    Ok(if swept.complete { swept.verdict().into() } else { Exit::Interrupted })
}

/// Prints what `points` came to, whose repro files are in `folder`, and writes tables, a report of tests and metrics.
pub(super) fn report(
    points: &[Point],
    swept: &SweepResult,
    folder: &Path,
    [csv, junit, metrics]: [Option<OutputFile>; 3],
    format: Format,
) -> Result<String, Failure> {
    let labels: Vec<&str> = points.iter().map(|point| point.label.as_str()).collect();
    let first = swept.total.failures.first();
    let first = first.map(|one| run::quoted(&folder.join(&one.repro).display().to_string()));
    let title = SweepTitle {
        scenario: points[0].scenario.name(),
        about: points[0].scenario.about(),
        points: &labels,
        metrics: &metric::distinct(points.iter().flat_map(|point| point.scenario.metrics())),
        seeds: &points[0].seeds.to_string(),
        folder: &folder.display().to_string(),
        first: first.as_deref(),
        program: &output::program(),
    };
    let unwritten = |error: &dyn fmt::Display| Failure::internal(format_args!("error: {error}"));
    if let Some(target) = csv {
        target.write(&sweep_csv(&title, swept).map_err(|error| unwritten(&error))?)?;
    }
    if let Some(target) = junit {
        target.write(sweep_junit(&title, swept).map_err(|error| unwritten(&error))?.as_bytes())?;
    }
    if let Some(target) = metrics {
        target.write(sweep_metrics(&title, swept).as_bytes())?;
    }
    let object = sweep_object(&title, swept);
    match format {
        Format::Json => output::json(&object)?,
        Format::Human => output::page(&sweep_page(&title, swept))?,
    }
    Ok(object)
}

/// Where tables, reports and metrics go. What can be known before the sweep not to work out is refused here.
fn all_targets(arguments: &SweepArgs, folder: &Path) -> Result<[Option<OutputFile>; 3], Failure> {
    // They may be meant to lie in the output folder.
    fs::create_dir_all(folder).map_err(|error| refuse(folder, &error))?;
    let [checkpoint, lock] = ["checkpoint.json", ".lock"].map(|name| folder.join(name));
    let others = [
        (arguments.scenario.as_path(), "the scenario itself"),
        (&checkpoint, "the sweep's checkpoint"),
        (&lock, "the lock of the output folder"),
    ];
    targets(&arguments.tables, &others)
}

/// The files that tables, a report of tests and metrics go to: none of those that `others` name, each with what it is.
pub(super) fn targets(
    tables: &SweepTables,
    others: &[(&Path, &str)],
) -> Result<[Option<OutputFile>; 3], Failure> {
    output_files([("--csv", &tables.csv), ("--junit", &tables.junit), ("--metrics", &tables.metrics)], others)
}

/// Returns the failure of a sweep that could not go on.
fn failure(error: SweepError, points: &[Point], arguments: &SweepArgs) -> Failure {
    match error {
        SweepError::Panicked { point, seed } => {
            // Once more on this thread, for what it says and where.
            let cause = exit::caught(|| points[point].scenario.run(seed, None).map(drop));
            let cause = cause.err().unwrap_or_else(|| "it does not when run again".to_owned());
            let mut overrides = arguments.overrides.set.clone();
            overrides.extend(points[point].assignments().map(str::to_owned));
            let alone = run::typed(&arguments.scenario, &overrides, arguments.reading);
            exit::bug(&format!(
                "seed {seed}: {cause}\n = help: alone it runs by {} run {alone} --seed {seed}",
                output::program()
            ))
        }
        error => of_campaign(error),
    }
}
