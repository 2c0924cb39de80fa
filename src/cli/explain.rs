//! `synod explain`: what happened in a run, in words or as JSON, as a picture and as a page.

use super::args::{ExplainArgs, Format};
use super::exit::{Exit, Failure};
use super::{output, run};
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::process;
use synod_campaign::{DiagramOptions, Explanation};
use synod_harness::Registry;
use synod_report::{explanation_html, explanation_object, explanation_text, is_own, svg};
use synod_sim::NodeId;

pub(super) fn explain(registry: &Registry, arguments: &ExplainArgs) -> Result<Exit, Failure> {
    let mut overrides = arguments.overrides.set.clone();
    overrides.extend(arguments.seed.map(|seed| format!("seed={seed}")));
    let scenario = run::load(registry, &arguments.file, &overrides)?;
    let agents = scenario.agents();
    if let Some(stranger) = arguments.agents.iter().find(|&&agent| agent >= agents) {
        let last = agents - 1;
        return Err(Failure::input(format_args!(
            "--agents: error: there is no agent {stranger}: they are 0 to {last}"
        )));
    }
    let folder = arguments.output.clone().unwrap_or_else(|| beside(&arguments.file));
    let files = ["explain.svg", "explain.html"].map(|name| folder.join(name));
    // Before the run, which may take a while.
    fs::create_dir_all(&folder).map_err(|error| refuse(&folder, error))?;
    files.iter().try_for_each(|file| refuse_foreign(file))?;

    let options =
        DiagramOptions { all: arguments.all, agents: arguments.agents.iter().copied().map(NodeId).collect() };
    let explanation = Explanation::build(&*scenario, scenario.seed(), &options)?;
    let again = format!("{} explain {}", output::program(), run::as_typed(&arguments.file, &overrides));
    let picture = svg(&explanation);
    let page = explanation_html(&explanation, scenario.about(), &again);
    for (file, content) in files.iter().zip([&picture, &page]) {
        replace(file, content.as_bytes()).map_err(|error| refuse(file, error))?;
    }
    let names = files.map(|file| file.display().to_string());
    match arguments.printing.format {
        Format::Json => output::print_line(&explanation_object(&explanation, &names))?,
        Format::Human => output::print(&explanation_text(&explanation, scenario.about(), &names))?,
    }
    Ok(Exit::Held)
}

/// Returns the folder for the explanation of `file`, beside it.
fn beside(file: &Path) -> PathBuf {
    let name = file.file_stem().unwrap_or(file.as_os_str());
    file.parent().unwrap_or(Path::new("")).join("synod-explain").join(name)
}

fn refuse(path: &Path, error: io::Error) -> Failure {
    Failure::unwritable(path.display(), &error, &error)
}

/// What Synod did not write is not overwritten.
fn refuse_foreign(path: &Path) -> Result<(), Failure> {
    /// Where Synod's own files say so.
    const START: u64 = 512;
    let mut start = Vec::new();
    match File::open(path).and_then(|file| file.take(START).read_to_end(&mut start)) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(refuse(path, error)),
        Ok(_) if is_own(&start) => Ok(()),
        Ok(_) => {
            let message =
                "error: this file is not Synod's: move it away, or choose another folder with --output";
            Err(Failure::input(format_args!("{}: {message}", path.display())))
        }
    }
}

/// Writes `content` beside `path` and then moves it there, so that a reader, or another run, finds one whole file or
/// the other.
fn replace(path: &Path, content: &[u8]) -> io::Result<()> {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let draft = path.with_file_name(format!(".{name}.{}", process::id()));
    let written = OpenOptions::new()
        .write(true)
        .create_new(true)
        .open(&draft)
        .and_then(|mut file| file.write_all(content).and_then(|()| file.sync_all()))
        .and_then(|()| fs::rename(&draft, path));
    if written.is_err() {
        // The draft may not even exist; the first error is the one to tell.
        let _ = fs::remove_file(&draft);
    }
    written
}
