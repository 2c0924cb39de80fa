//! What commands share that make many runs: how they are interrupted, watched and gone on with, and how they report.

use super::exit::{self, Exit, Failure, INTERRUPTED};
use super::{output, run};
use indicatif::{ProgressBar, ProgressState, ProgressStyle};
use std::fmt;
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use synod_campaign::{Draft, Point, SweepError, SweepProgress};
use synod_report::ReportFile;

/// Returns a flag that an interrupt raises. The first one lets the campaign keep what it has done; the second ends it
/// at once.
pub(super) fn catch_interrupts() -> Result<Arc<AtomicBool>, Failure> {
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

/// Lets `SIGUSR1` raise the flag too, by which clusters announce that a job's time is nearly over.
pub(super) fn catch_user_signal(stop: &Arc<AtomicBool>) -> Result<(), Failure> {
    #[cfg(unix)]
    signal_hook::flag::register(signal_hook::consts::SIGUSR1, Arc::clone(stop))
        .map_err(|error| Failure::internal(format_args!("error: no signal can be caught: {error}")))?;
    #[cfg(not(unix))]
    let _ = stop;
    Ok(())
}

/// Returns a bar for so many runs. On a terminal only: it hides itself anywhere else.
pub(super) fn progress(runs: u64) -> Result<ProgressBar, Failure> {
    let style = "{bar:30} {human_pos} of {human_len} runs, {rate}, {msg} failed, {eta} left";
    let style = ProgressStyle::with_template(style)
        .map_err(|error| Failure::internal(format_args!("error: {error}")))?;
    let rate = |state: &ProgressState, out: &mut dyn fmt::Write| {
        // A bar that cannot be drawn is no reason to end.
        let _ = write!(out, "{:.0} a second", state.per_sec());
    };
    Ok(ProgressBar::new(runs).with_message("0").with_style(style.with_key("rate", rate)))
}

/// Shows on `bar` how far a campaign is.
pub(super) fn watch(bar: &ProgressBar) -> impl FnMut(SweepProgress<'_>) {
    let mut has_begun = false;
    move |SweepProgress { runs, failed, .. }| {
        bar.set_position(runs);
        bar.set_message(failed.to_string());
        // Runs from before it was resumed say nothing about how fast it is.
        if !has_begun {
            bar.reset_eta();
            has_begun = true;
        }
    }
}

/// Returns the command as it was typed, with `--resume`.
pub(super) fn again() -> String {
    let words = std::env::args().skip(1).filter(|word| word != "--resume").map(|word| run::quoted(&word));
    format!("{} {} --resume", output::program(), words.collect::<Vec<_>>().join(" "))
}

/// Returns a name as a folder: what has a meaning in paths does not belong there, on any system, and no name is too long
/// for one.
pub(super) fn plain(name: &str) -> PathBuf {
    /// The longest, in bytes; some systems have 255, of which other parts of the name take some.
    const MOST: usize = 120;
    let safe = |c: char| if c.is_alphanumeric() || "-_".contains(c) { c } else { '-' };
    let mut folder: String = name.chars().map(safe).collect();
    folder.truncate(folder.floor_char_boundary(MOST));
    // Devices of Windows.
    let device = folder.to_ascii_uppercase();
    let is_numbered = |name: &str| device.strip_prefix(name).is_some_and(|rest| rest.len() == 1);
    if ["CON", "PRN", "AUX", "NUL"].contains(&&*device) || is_numbered("COM") || is_numbered("LPT") {
        folder.push('-');
    }
    folder.into()
}

/// How much of a suite or a catalogue a report is of.
#[derive(Copy, Clone, Debug)]
pub(super) struct ReportExtent {
    /// With the fewer seeds that it has for a quick look.
    pub(super) quick: bool,
    /// With seeds of the user's own.
    pub(super) seeds: bool,
    /// Of some points only.
    pub(super) filter: bool,
}

impl ReportExtent {
    /// Returns the folder of the report of `name`, where the user names none: what is of less than the whole never takes
    /// the place of a report of the whole.
    pub(super) fn folder(self, name: &str) -> PathBuf {
        let quick = if self.quick { "-quick" } else { "" };
        let partial = if self.seeds || self.filter { "-partial" } else { "" };
        let name = plain(name);
        Path::new("reports").join(format!("{}{quick}{partial}", name.display()))
    }
}

/// Returns the failure of runs of `points` that could not go on.
pub(super) fn failure(error: SweepError, points: &[Point]) -> Failure {
    match error {
        SweepError::Panicked { point, seed } => {
            // Once more on this thread, for what it says and where.
            let point = &points[point];
            let cause = exit::caught(|| point.scenario.run(seed, None).map(drop));
            let cause = cause.err().unwrap_or_else(|| "it does not when run again".to_owned());
            exit::bug(&format!("{}, seed {seed}: {cause}", point.label))
        }
        error => of_campaign(error),
    }
}

/// Returns the failure of a campaign that no panic ended.
pub(super) fn of_campaign(error: SweepError) -> Failure {
    match error {
        error @ (SweepError::Threads(_) | SweepError::Panicked { .. }) => Failure::internal(error),
        error @ SweepError::Unwritable { .. } => Failure::unwritten(error),
        error @ (SweepError::Scenario(_) | SweepError::File { .. }) => Failure::input(error),
    }
}

/// Returns how a campaign ends that came to `result`: one that failed once it was interrupted was interrupted first.
pub(super) fn settle(stop: &AtomicBool, result: Result<Exit, Failure>) -> Result<Exit, Failure> {
    match result {
        Err(failure) if stop.load(Ordering::Relaxed) => {
            output::error(&failure);
            Ok(Exit::Interrupted)
        }
        result => result,
    }
}

/// Writes a file of a report, whole or not at all, in the place of one of an earlier report.
pub(super) fn write(folder: &Path, file: &ReportFile) -> Result<(), Failure> {
    let path = folder.join(&file.path);
    let parent = path.parent().unwrap_or(folder);
    if parent != folder && parent.is_symlink() {
        // A report stays within its folder.
        return Err(Failure::input(format_args!(
            "{}: error: is a link, and none is followed here",
            parent.display()
        )));
    }
    fs::create_dir_all(parent).map_err(|error| refuse(parent, &error))?;
    let write = || -> io::Result<()> {
        let mut draft = Draft::new(parent)?;
        draft.write_all(&file.content)?;
        draft.replace(&path)
    };
    write().map_err(|error| Failure::unwritable(path.display(), &error, &error))
}

/// Refuses a folder whose files of these names are not those of an earlier report, of which `record` is one.
pub(super) fn claim(folder: &Path, record: &str, names: &[&str]) -> Result<(), Failure> {
    Draft::tidy(folder);
    Draft::tidy(&folder.join("plots"));
    let text = synod_scenario::read(&folder.join(record)).unwrap_or_default();
    let is_own = ["\"version\"", "\"digest\"", "\"points\""].iter().all(|key| text.contains(key));
    let foreign = |path: &PathBuf| path.symlink_metadata().is_ok();
    match names.iter().map(|name| folder.join(name)).find(foreign) {
        Some(path) if !is_own => Err(Failure::input(format_args!(
            "{}: error: this file is not Synod's: move it away, or choose another folder with --output",
            path.display()
        ))),
        _ => Ok(()),
    }
}

/// That a folder cannot be written.
pub(super) fn refuse(path: &Path, error: &io::Error) -> Failure {
    Failure::unwritable(path.display(), error, format_args!("cannot write here: {error}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_becomes_one_folder_wherever_it_comes_from() {
        for (name, folder) in [
            ("quickstart", "quickstart"),
            ("../../etc/passwd", "------etc-passwd"),
            ("..", "--"),
            ("C:\\x", "C--x"),
            ("a\u{0}b", "a-b"),
            ("nul", "nul-"),
            ("Com1", "Com1-"),
            ("com10", "com10"),
        ] {
            assert_eq!(plain(name), Path::new(folder), "{name:?}");
        }
        let long = plain(&"ü".repeat(500));
        assert_eq!(long.as_os_str().len(), 120);
    }
}
