//! `synod list`: what there is.

use super::args::{ListArgs, Listed};
use super::exit::{Exit, Failure};
use super::output;
use clap::ValueEnum;
use std::path::{Path, PathBuf};
use synod_campaign::{SeedChoice, is_suite, matrix, yaml_files};
use synod_harness::ScenarioError;
use synod_harness::metric::Metric;
use synod_harness::{Entry, Registry};
use synod_scenario::{Access, Document, FaultModel};
use synod_sim::CoverageMark;

pub(super) fn list(registry: &Registry, arguments: &ListArgs) -> Result<Exit, Failure> {
    let sections = match arguments.what {
        Some(what) => vec![what],
        None => Listed::value_variants().to_vec(),
    };
    let with_titles = sections.len() > 1;
    let access = arguments.reading.access();
    for (place, &what) in sections.iter().enumerate() {
        let (title, rows) = match what {
            Listed::Protocols => ("Protocols", protocols(registry)),
            Listed::Oracles => ("Oracles", oracles(registry)),
            Listed::Metrics => ("Metrics", metrics(registry)),
            Listed::Marks => ("Coverage marks", marks(registry)),
            Listed::Scenarios => ("Scenarios", scenarios(registry, &arguments.folder, with_titles, access)?),
            Listed::Models => {
                let beside = || arguments.folder.with_file_name("fault_models");
                let folder = arguments.models.clone().unwrap_or_else(beside);
                let may_lack = with_titles && arguments.models.is_none();
                ("Fault models", models(&folder, may_lack)?)
            }
        };
        if with_titles {
            output::page(&format!("{}{title}\n", if place > 0 { "\n" } else { "" }))?;
        }
        let width = rows.iter().map(|(name, _)| name.len()).max().unwrap_or(0);
        for (name, about) in rows {
            let indent = if with_titles { "  " } else { "" };
            output::page_line(format!("{indent}{name:width$}  {about}").trim_end())?;
        }
    }
    Ok(Exit::Held)
}

fn protocols(registry: &Registry) -> Vec<(String, String)> {
    registry.entries().map(|entry| (entry.name().to_owned(), entry.about().to_owned())).collect()
}

fn oracles(registry: &Registry) -> Vec<(String, String)> {
    let rows = |entry: &dyn Entry| {
        let protocol = entry.name();
        entry.oracles().iter().map(move |name| ((*name).to_owned(), protocol.to_owned())).collect::<Vec<_>>()
    };
    registry.entries().flat_map(rows).collect()
}

/// Returns every metric with its unit, its kind, its description, and the protocols that alone have it.
fn metrics(registry: &Registry) -> Vec<(String, String)> {
    let columns = |metric: &Metric| (metric.unit.symbol(), metric.kind.name());
    let all = registry.metrics();
    let unit_width = all.iter().map(|metric| columns(metric).0.len()).max().unwrap_or(0);
    let kind_width = all.iter().map(|metric| columns(metric).1.len()).max().unwrap_or(0);
    let row = |metric: &&'static Metric| {
        let has = |entry: &&dyn Entry| entry.metrics().iter().any(|other| other.name == metric.name);
        let (unit, kind) = columns(metric);
        let whose = whose(registry, has);
        (metric.name.to_owned(), format!("{unit:unit_width$}  {kind:kind_width$}  {}{whose}", metric.help))
    };
    all.iter().map(row).collect()
}

/// Returns every coverage mark with its description and the protocols that have it.
fn marks(registry: &Registry) -> Vec<(String, String)> {
    let mut all: Vec<&CoverageMark> = Vec::new();
    for mark in registry.entries().flat_map(|entry| entry.marks()) {
        // Protocols may share a mark's name, but not its description.
        if !all.iter().any(|other| other.name == mark.name && other.help == mark.help) {
            all.push(mark);
        }
    }
    let row = |mark: &&CoverageMark| {
        let has = |entry: &&dyn Entry| {
            entry.marks().iter().any(|other| other.name == mark.name && other.help == mark.help)
        };
        (mark.name.to_owned(), format!("{}{}", mark.help, whose(registry, has)))
    };
    all.iter().map(row).collect()
}

/// Returns the protocols that `has` is true of, in parentheses; nothing if all are.
fn whose(registry: &Registry, has: impl Fn(&&dyn Entry) -> bool) -> String {
    let having: Vec<&str> = registry.entries().filter(|entry| has(entry)).map(|entry| entry.name()).collect();
    if having.len() == registry.names().len() { String::new() } else { format!(" ({})", having.join(", ")) }
}

/// Returns every scenario below `folder`, with what it shows, or with what is wrong with it.
fn scenarios(
    registry: &Registry,
    folder: &Path,
    may_lack: bool,
    access: Access,
) -> Result<Vec<(String, String)>, Failure> {
    let row = |path: PathBuf| {
        let about =
            about(registry, &path, access).unwrap_or_else(|error| format!("error: {}", error.message));
        (path.display().to_string(), about)
    };
    Ok(files(folder, may_lack)?.into_iter().map(row).collect())
}

/// Returns what the scenario or the suite in the file shows.
fn about(registry: &Registry, path: &Path, access: Access) -> Result<String, ScenarioError> {
    let document = Document::load_with(path, access)?;
    if is_suite(&document) {
        matrix(registry, &document, &SeedChoice::Full).map(|matrix| format!("suite: {}", matrix.about))
    } else {
        document.prepare(registry).map(|scenario| scenario.about().to_owned())
    }
}

/// Returns every fault model below `folder`, with the folder that it is in, what it aims at and what it does, or with
/// what is wrong with it.
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

/// Returns the YAML files below `folder`. Without the folder there are none, if it `may_lack`.
fn files(folder: &Path, may_lack: bool) -> Result<Vec<PathBuf>, Failure> {
    if may_lack && !folder.exists() {
        return Ok(Vec::new());
    }
    yaml_files(folder).map_err(|error| Failure::input(format_args!("{}: error: {error}", folder.display())))
}
