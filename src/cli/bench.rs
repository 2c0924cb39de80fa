//! `synod bench`: a suite of points, and their report.

use super::args::{BenchArgs, Format};
use super::common::{
    ReportExtent, again, catch_interrupts, claim, failure, progress, refuse, settle, watch, write,
};
use super::exit::{Exit, Failure};
use super::output;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;
use synod_campaign::{
    Baseline, BenchPlan, BenchResult, Comparison, Draft, Matrix, SeedChoice, bench, matrix,
};
use synod_harness::{Registry, RunVerdict};
use synod_report::{bench_files, bench_object, bench_page, changes_page};
use synod_scenario::Document;

/// The folder within the output in which runs are kept while they are made, and those that failed.
const RUNS: &str = "runs";

pub(super) fn bench_suite(registry: &Registry, arguments: &BenchArgs) -> Result<Exit, Failure> {
    let document = Document::load_with(&arguments.suite, arguments.reading.access())?;
    let seed_choice = match (&arguments.seeds, arguments.quick) {
        (Some(seeds), _) => SeedChoice::Seeds(seeds.clone()),
        (None, true) => SeedChoice::Quick,
        (None, false) => SeedChoice::Full,
    };
    let mut matrix = matrix(registry, &document, &seed_choice)?;
    if let Some(filter) = &arguments.filter {
        let refuse = |error| Failure::input(format_args!("--filter {filter}: error: {error}"));
        matrix.filter(filter).map_err(refuse)?;
        if matrix.points.is_empty() {
            return Err(Failure::nothing(format_args!(
                "--filter {filter}: error: no point of {} is like that",
                arguments.suite.display()
            )));
        }
    }
    let extent = ReportExtent {
        quick: arguments.quick,
        seeds: arguments.seeds.is_some(),
        filter: arguments.filter.is_some(),
    };
    let folder = arguments.output.clone().unwrap_or_else(|| extent.folder(&matrix.name));
    claim(
        &folder,
        "results.json",
        &["results.csv", "results.json", "machine.json", "summary.md", "index.html"],
    )?;
    // Before the work, for it may be the report that is about to be replaced.
    let baseline = arguments.baseline.as_deref().map(Baseline::load).transpose().map_err(Failure::input)?;
    let stop = catch_interrupts()?;
    settle(&stop, report(arguments, &matrix, &folder, baseline.as_ref(), &stop))
}

/// Makes the runs, and reports on them.
fn report(
    arguments: &BenchArgs,
    matrix: &Matrix,
    folder: &Path,
    baseline: Option<&Baseline>,
    stop: &AtomicBool,
) -> Result<Exit, Failure> {
    let benched = make(arguments, matrix, folder, stop)?;
    let results = &benched.results;
    let shown = folder.display().to_string();
    let comparison = baseline.filter(|_| benched.complete).map(|baseline| {
        let noise = arguments.noise.fraction();
        Comparison::of(results, &benched.machine, baseline, noise)
    });
    if benched.complete {
        let changes = baseline.zip(comparison.as_ref());
        let files = bench_files(&benched, changes)
            .map_err(|error| Failure::internal(format_args!("error: {error}")))?;
        files.iter().try_for_each(|file| write(folder, file))?;
        tidy(folder);
        // A folder of the user's own choice has no neighbours of ours.
        if arguments.output.is_none() {
            point_latest(folder)?;
        }
    }
    match arguments.printing.format {
        Format::Json => output::json(&bench_object(results, comparison.as_ref()))?,
        Format::Human => {
            let changes = comparison.as_ref().map_or_else(String::new, changes_page);
            output::page(&format!("{}{changes}", bench_page(results, benched.complete, &shown)))?;
        }
    }
    if !benched.complete {
        output::note(&format!("interrupted; go on with:\n{}", again()));
        return Ok(Exit::Interrupted);
    }
    Ok(match (results.verdict(), comparison) {
        (RunVerdict::Fail, _) => Exit::Failed,
        (_, Some(comparison)) if !comparison.passed() => Exit::Failed,
        (_, Some(comparison)) if comparison.compared == 0 => {
            let message = "error: nothing was compared: the baseline has no point with these seeds";
            return Err(Failure::nothing(format_args!(
                "--baseline {}: {message}",
                shown_baseline(arguments)
            )));
        }
        (verdict, _) => verdict.into(),
    })
}

/// Returns the folder of the baseline as the user typed it.
fn shown_baseline(arguments: &BenchArgs) -> String {
    arguments.baseline.as_ref().map_or_else(String::new, |folder| folder.display().to_string())
}

/// Makes the runs, with a bar on a terminal.
fn make(
    arguments: &BenchArgs,
    matrix: &Matrix,
    folder: &Path,
    stop: &AtomicBool,
) -> Result<BenchResult, Failure> {
    let bar = progress(matrix.points.iter().map(|point| point.seeds.count()).sum())?;
    let plan = BenchPlan {
        matrix,
        jobs: arguments.jobs.into(),
        folder: &folder.join(RUNS),
        resume: arguments.resume,
    };
    let benched = bench(&plan, &mut watch(&bar), stop);
    bar.finish_and_clear();
    benched.map_err(|error| failure(error, &matrix.points))
}

/// Takes away what only a benchmark under way needs; runs that failed stay.
fn tidy(folder: &Path) {
    let runs = folder.join(RUNS);
    for name in ["checkpoint.json", ".lock"] {
        // If it is still there, the next benchmark says so.
        let _ = fs::remove_file(runs.join(name));
    }
    // Fails where failed runs are kept in it.
    let _ = fs::remove_dir(runs);
}

/// Lets `latest`, beside the report's folder, point to it.
fn point_latest(folder: &Path) -> Result<(), Failure> {
    let folder: PathBuf = folder.canonicalize().map_err(|error| refuse(folder, &error))?;
    let (Some(name), Some(beside)) = (folder.file_name(), folder.parent()) else { return Ok(()) };
    let latest = beside.join("latest");
    if latest.symlink_metadata().is_ok_and(|data| !data.is_symlink()) {
        return Ok(());
    }
    #[cfg(unix)]
    {
        Draft::link(Path::new(name), &latest).map_err(|error| refuse(&latest, &error))?;
    }
    Ok(())
}
