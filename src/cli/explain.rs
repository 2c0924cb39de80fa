//! `synod explain`: what happened in a run, in words or as JSON, as a picture and as a page.

use super::args::{ExplainArgs, Format};
use super::exit::{Exit, Failure};
use super::{output, run};
use std::fs::{self, OpenOptions};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use synod_campaign::{DiagramOptions, Draft, Explanation, open_no_link};
use synod_harness::Registry;
use synod_report::{explanation_html, explanation_object, explanation_text, is_own, svg};
use synod_sim::NodeId;

pub(super) fn explain(registry: &Registry, arguments: &ExplainArgs) -> Result<Exit, Failure> {
    let mut overrides = arguments.overrides.set.clone();
    overrides.extend(arguments.seed.map(|seed| format!("seed={seed}")));
    let scenario = run::load(registry, &arguments.file, &overrides, arguments.reading)?;
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
    Draft::tidy(&folder);
    files.iter().try_for_each(|file| refuse_foreign(file))?;

    let options =
        DiagramOptions { all: arguments.all, agents: arguments.agents.iter().copied().map(NodeId).collect() };
    let explanation = Explanation::build(&*scenario, scenario.seed(), &options)?;
    let again = format!(
        "{} explain {}",
        output::program(),
        run::typed(&arguments.file, &overrides, arguments.reading)
    );
    let picture = svg(&explanation);
    let page = explanation_html(&explanation, scenario.about(), &again);
    for (file, content) in files.iter().zip([&picture, &page]) {
        let mut draft = Draft::new(&folder).map_err(|error| refuse(file, error))?;
        draft
            .write_all(content.as_bytes())
            .and_then(|()| draft.replace(file))
            .map_err(|error| refuse(file, error))?;
    }
    let names = files.map(|file| file.display().to_string());
    match arguments.printing.format {
        Format::Json => output::json(&explanation_object(&explanation, &names))?,
        Format::Human => output::page(&explanation_text(&explanation, scenario.about(), &names))?,
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
    let opened = open_no_link(path, OpenOptions::new().read(true));
    match opened.and_then(|file| file.take(START).read_to_end(&mut start)) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(error) if error.kind() == io::ErrorKind::InvalidInput => {
            Err(Failure::input(format_args!("{}: error: {error}", path.display())))
        }
        Err(error) => Err(refuse(path, error)),
        Ok(_) if is_own(&start) => Ok(()),
        Ok(_) => {
            let message =
                "error: this file is not Synod's: move it away, or choose another folder with --output";
            Err(Failure::input(format_args!("{}: {message}", path.display())))
        }
    }
}
