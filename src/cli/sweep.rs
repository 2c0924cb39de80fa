//! `synod sweep`: many seeds.

use super::args::{Format, SweepArgs};
use super::exit::{Exit, Failure};
use super::{output, run};
use crate::campaign::{Headway, Registry, SweepPlan, grid, sweep};
use crate::report::{SweepTitle, sweep_csv, sweep_junit, sweep_object, sweep_page};
use crate::scenario::Document;
use indicatif::{ProgressBar, ProgressStyle};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

pub(super) fn sweep_file(registry: &Registry, arguments: &SweepArgs) -> Result<Exit, Failure> {
    let mut document = Document::load(&arguments.scenario)?;
    arguments.set.iter().try_for_each(|assignment| document.set(assignment))?;
    let points = grid(registry, &document, &arguments.grid)?;
    let scenario = points[0].scenario.name();
    let folder = arguments.output.clone().unwrap_or_else(|| Path::new("synod-sweep").join(plain(scenario)));
    let stop = Arc::new(AtomicBool::new(false));
    let flag = Arc::clone(&stop);
    ctrlc::set_handler(move || flag.store(true, Ordering::Relaxed))
        .map_err(|error| Failure::internal(format_args!("error: no signal can be caught: {error}")))?;
    let seeds = &arguments.seeds.0;
    let all = (seeds.end - seeds.start).saturating_mul(points.len() as u64);
    let style = "{bar:30} {human_pos} of {human_len} runs, {per_sec}, {msg} failed, {eta} left";
    // On a terminal only: it hides itself anywhere else.
    let bar = ProgressBar::new(all).with_message("0").with_style(
        ProgressStyle::with_template(style)
            .map_err(|error| Failure::internal(format_args!("error: {error}")))?,
    );
    let mut onlooker = |Headway { runs, failed }: Headway| {
        bar.set_position(runs);
        bar.set_message(failed.to_string());
    };
    let plan = SweepPlan {
        points: &points,
        seeds: arguments.seeds.clone(),
        jobs: arguments.jobs,
        max_failures: if arguments.fail_fast { Some(1) } else { arguments.max_failures },
        kept: arguments.repros,
        folder: &folder,
        resume: arguments.resume,
    };
    let swept = sweep(&plan, &mut onlooker, &stop);
    bar.finish_and_clear();
    let swept = swept.map_err(Failure::input)?;

    let labels: Vec<&str> = points.iter().map(|point| point.label.as_str()).collect();
    let title = SweepTitle {
        scenario,
        points: &labels,
        seeds: &format!("{}..{}", seeds.start, seeds.end),
        folder: &run::quoted(&folder.display().to_string()),
        program: &output::program(),
    };
    if let Some(file) = &arguments.csv {
        write(
            file,
            &sweep_csv(&title, &swept).map_err(|error| Failure::internal(format_args!("error: {error}")))?,
        )?;
    }
    if let Some(file) = &arguments.junit {
        let text =
            sweep_junit(&title, &swept).map_err(|error| Failure::internal(format_args!("error: {error}")))?;
        write(file, text.as_bytes())?;
    }
    match arguments.format {
        Format::Json => output::print_line(&sweep_object(&title, &swept))?,
        Format::Human => output::print(&sweep_page(&title, &swept))?,
    }
    if !swept.complete {
        output::note(&format!("interrupted; go on with: {}", again()));
        return Ok(Exit::Interrupted);
    }
    Ok(if swept.tallies.iter().all(|tally| tally.failed == 0) { Exit::Held } else { Exit::Broken })
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

fn write(file: &Path, content: &[u8]) -> Result<(), Failure> {
    fs::write(file, content)
        .map_err(|error| Failure::input(format_args!("{}: error: {error}", file.display())))
}
