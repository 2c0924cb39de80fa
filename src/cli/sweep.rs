//! `synod sweep`: many seeds.

use super::args::{Format, SweepArgs};
use super::exit::{self, Exit, Failure, INTERRUPTED};
use super::target::Target;
use super::{output, run};
use crate::campaign::{Headway, Point, Registry, SweepError, SweepPlan, grid, sweep};
use crate::report::{SweepTitle, sweep_csv, sweep_junit, sweep_object, sweep_page};
use crate::scenario::Document;
use indicatif::{ProgressBar, ProgressState, ProgressStyle};
use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};
use std::process;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

pub(super) fn sweep_file(registry: &Registry, arguments: &SweepArgs) -> Result<Exit, Failure> {
    let mut document = Document::load(&arguments.scenario)?;
    arguments.overrides.set.iter().try_for_each(|assignment| document.set(assignment))?;
    let points = grid(registry, &document, &arguments.grid)?;
    let scenario = points[0].scenario.name();
    let folder = arguments.output.clone().unwrap_or_else(|| Path::new("synod-sweep").join(plain(scenario)));
    let targets = Targets::new(arguments, &folder)?;
    let stop = catch_interrupts()?;
    let seeds = &arguments.seeds.0;
    let bar = progress((seeds.end - seeds.start).saturating_mul(points.len() as u64))?;
    let mut has_begun = false;
    let mut onlooker = |Headway { runs, failed }: Headway| {
        bar.set_position(runs);
        bar.set_message(failed.to_string());
        // Runs from before a sweep was resumed say nothing about how fast it is.
        if !has_begun {
            bar.reset_eta();
            has_begun = true;
        }
    };
    let plan = SweepPlan {
        points: &points,
        seeds: arguments.seeds.clone(),
        jobs: arguments.jobs.into(),
        max_failures: if arguments.fail_fast { Some(1) } else { arguments.max_failures },
        kept: arguments.repros,
        folder: &folder,
        resume: arguments.resume,
    };
    let swept = sweep(&plan, &mut onlooker, &stop);
    bar.finish_and_clear();
    let swept = swept.map_err(|error| failure(error, &points, arguments))?;

    let labels: Vec<&str> = points.iter().map(|point| point.label.as_str()).collect();
    let first = swept.total.failures.first();
    let first = first.map(|one| run::quoted(&folder.join(&one.repro).display().to_string()));
    let title = SweepTitle {
        scenario,
        about: points[0].scenario.about(),
        points: &labels,
        seeds: &format!("{}..{}", seeds.start, seeds.end),
        folder: &folder.display().to_string(),
        first: first.as_deref(),
        program: &output::program(),
    };
    let unwritten = |error: &dyn fmt::Display| Failure::internal(format_args!("error: {error}"));
    if let Some(target) = &targets.csv {
        target.write(&sweep_csv(&title, &swept).map_err(|error| unwritten(&error))?)?;
    }
    if let Some(target) = &targets.junit {
        target.write(sweep_junit(&title, &swept).map_err(|error| unwritten(&error))?.as_bytes())?;
    }
    match arguments.printing.format {
        Format::Json => output::print_line(&sweep_object(&title, &swept))?,
        Format::Human => output::print(&sweep_page(&title, &swept))?,
    }
    if !swept.complete {
        output::note(&format!("interrupted; go on with:\n{}", again()));
    }
    Ok(match (swept.complete, swept.passed()) {
        (false, _) => Exit::Interrupted,
        (true, true) => Exit::Held,
        (true, false) => Exit::Broken,
    })
}

/// Where tables and reports go.
struct Targets {
    csv: Option<Target>,
    junit: Option<Target>,
}

impl Targets {
    /// What can be known before the sweep not to work out is refused here.
    fn new(arguments: &SweepArgs, folder: &Path) -> Result<Targets, Failure> {
        let refuse =
            |error| Failure::input(format_args!("{}: error: cannot write here: {error}", folder.display()));
        // They may be meant to lie in the output folder.
        fs::create_dir_all(folder).map_err(refuse)?;
        let [checkpoint, lock] = ["checkpoint.json", ".lock"].map(|name| folder.join(name));
        let others = [
            (arguments.scenario.as_path(), "the scenario itself"),
            (&checkpoint, "the sweep's checkpoint"),
            (&lock, "the lock of the output folder"),
        ];
        let target = |path: &PathBuf| Target::new(path, &others);
        let csv = arguments.csv.as_ref().map(target).transpose()?;
        let junit = arguments.junit.as_ref().map(target).transpose()?;
        if let (Some(csv), Some(junit), Some(typed)) = (&csv, &junit, &arguments.junit)
            && csv.path() == junit.path()
        {
            return Err(Failure::input(format_args!(
                "{}: error: --csv and --junit name the same file",
                typed.display()
            )));
        }
        Ok(Targets { csv, junit })
    }
}

/// A flag that an interrupt raises. The first one lets the sweep keep what it has done; the second ends it at once.
fn catch_interrupts() -> Result<Arc<AtomicBool>, Failure> {
    let stop = Arc::new(AtomicBool::new(false));
    let flag = Arc::clone(&stop);
    let interrupt = move || {
        if flag.swap(true, Ordering::Relaxed) {
            process::exit(INTERRUPTED);
        }
    };
    ctrlc::set_handler(interrupt)
        .map_err(|error| Failure::internal(format_args!("error: no signal can be caught: {error}")))?;
    Ok(stop)
}

/// A bar for so many runs. On a terminal only: it hides itself anywhere else.
fn progress(runs: u64) -> Result<ProgressBar, Failure> {
    let style = "{bar:30} {human_pos} of {human_len} runs, {rate}, {msg} failed, {eta} left";
    let style = ProgressStyle::with_template(style)
        .map_err(|error| Failure::internal(format_args!("error: {error}")))?;
    let rate = |state: &ProgressState, out: &mut dyn fmt::Write| {
        // A bar that cannot be drawn is no reason to end.
        let _ = write!(out, "{:.0} a second", state.per_sec());
    };
    Ok(ProgressBar::new(runs).with_message("0").with_style(style.with_key("rate", rate)))
}

/// The failure of a sweep that could not go on.
fn failure(error: SweepError, points: &[Point], arguments: &SweepArgs) -> Failure {
    match error {
        SweepError::Panicked { point, seed } => {
            // Once more on this thread, for what it says and where.
            let cause = exit::caught(|| points[point].scenario.run(seed, None).map(drop));
            let cause = cause.err().unwrap_or_else(|| "it does not when run again".to_owned());
            let mut overrides = arguments.overrides.set.clone();
            overrides.extend(points[point].assignments().map(str::to_owned));
            let alone = run::as_typed(&arguments.scenario, &overrides);
            exit::bug(&format!(
                "seed {seed}: {cause}\n = help: alone it runs by {} run {alone} --seed {seed}",
                output::program()
            ))
        }
        error @ SweepError::Threads(_) => Failure::internal(error),
        error => Failure::input(error),
    }
}

/// The command as it was typed, with `--resume`.
fn again() -> String {
    let words = std::env::args().skip(1).filter(|word| word != "--resume").map(|word| run::quoted(&word));
    format!("{} {} --resume", output::program(), words.collect::<Vec<_>>().join(" "))
}

/// A name as a folder: what has a meaning in paths does not belong there.
fn plain(name: &str) -> PathBuf {
    let safe = |c: char| if c.is_alphanumeric() || "-_".contains(c) { c } else { '-' };
    name.chars().map(safe).collect::<String>().into()
}
