//! `synod list`: what there is.

use super::args::{ListArgs, Listed};
use super::exit::{Exit, Failure};
use super::output;
use clap::ValueEnum;
use std::path::{Path, PathBuf};
use synod_campaign::{Effort, is_suite, matrix, yaml_files};
use synod_harness::ScenarioError;
use synod_harness::{Entry, Registry};
use synod_scenario::{Document, FaultModel};

pub(super) fn list(registry: &Registry, arguments: &ListArgs) -> Result<Exit, Failure> {
    let sections = match arguments.what {
        Some(what) => vec![what],
        None => Listed::value_variants().to_vec(),
    };
    let with_titles = sections.len() > 1;
    for (place, &what) in sections.iter().enumerate() {
        let (title, rows) = match what {
            Listed::Protocols => ("Protocols", protocols(registry)),
            Listed::Oracles => ("Oracles", by_protocol(registry, |entry| entry.oracles().to_vec())),
            Listed::Metrics => ("Metrics", by_protocol(registry, |entry| entry.metrics())),
            Listed::Marks => ("Coverage marks", by_protocol(registry, |entry| entry.marks().to_vec())),
            Listed::Scenarios => ("Scenarios", scenarios(registry, &arguments.folder, with_titles)?),
            Listed::Models => {
                let beside = || arguments.folder.with_file_name("fault_models");
                let folder = arguments.models.clone().unwrap_or_else(beside);
                let may_lack = with_titles && arguments.models.is_none();
                ("Fault models", models(&folder, may_lack)?)
            }
        };
        if with_titles {
            output::print(&format!("{}{title}\n", if place > 0 { "\n" } else { "" }))?;
        }
        let width = rows.iter().map(|(name, _)| name.len()).max().unwrap_or(0);
        for (name, about) in rows {
            let indent = if with_titles { "  " } else { "" };
            output::print_line(format!("{indent}{name:width$}  {about}").trim_end())?;
        }
    }
    Ok(Exit::Held)
}

fn protocols(registry: &Registry) -> Vec<(String, String)> {
    registry.entries().map(|entry| (entry.name().to_owned(), entry.about().to_owned())).collect()
}

fn by_protocol(
    registry: &Registry,
    names: impl Fn(&dyn Entry) -> Vec<&'static str>,
) -> Vec<(String, String)> {
    let rows = |entry: &dyn Entry| {
        let protocol = entry.name();
        names(entry).into_iter().map(move |name| (name.to_owned(), protocol.to_owned())).collect::<Vec<_>>()
    };
    registry.entries().flat_map(rows).collect()
}

/// Every scenario below `folder`, with what it shows, or with what is wrong with it.
fn scenarios(registry: &Registry, folder: &Path, may_lack: bool) -> Result<Vec<(String, String)>, Failure> {
    let row = |path: PathBuf| {
        let about = about(registry, &path).unwrap_or_else(|error| format!("error: {}", error.message));
        (path.display().to_string(), about)
    };
    Ok(files(folder, may_lack)?.into_iter().map(row).collect())
}

/// What the scenario or the suite in the file shows.
fn about(registry: &Registry, path: &Path) -> Result<String, ScenarioError> {
    let document = Document::load(path)?;
    match is_suite(&document) {
        true => matrix(registry, &document, &Effort::Full).map(|matrix| format!("suite: {}", matrix.about)),
        false => document.prepare(registry).map(|scenario| scenario.about().to_owned()),
    }
}

/// Every fault model below `folder`, with the folder that it is in, what it aims at and what it does, or with what is
/// wrong with it.
fn models(folder: &Path, may_lack: bool) -> Result<Vec<(String, String)>, Failure> {
    let files = files(folder, may_lack)?;
    let models: Vec<_> = files.iter().map(|path| (path, FaultModel::load(path))).collect();
    let aims = |model: &FaultModel| {
        model.aims.iter().map(|aim| format!("{aim:?}").to_lowercase()).collect::<Vec<_>>().join(", ")
    };
    let width = models.iter().flat_map(|(_, model)| model).map(|model| aims(model).len()).max().unwrap_or(0);
    let row = |(path, model): (&PathBuf, Result<FaultModel, ScenarioError>)| {
        let kind = path.parent().and_then(Path::file_name).unwrap_or_default().to_string_lossy();
        let about = match model {
            Ok(model) => format!("{kind:9}  {:width$}  {}", aims(&model), model.about),
            Err(error) => format!("error: {}", error.message),
        };
        (path.display().to_string(), about)
    };
    Ok(models.into_iter().map(row).collect())
}

/// The YAML files below `folder`. Without the folder there are none, if it `may_lack`.
fn files(folder: &Path, may_lack: bool) -> Result<Vec<PathBuf>, Failure> {
    if may_lack && !folder.exists() {
        return Ok(Vec::new());
    }
    yaml_files(folder).map_err(|error| Failure::input(format_args!("{}: error: {error}", folder.display())))
}
