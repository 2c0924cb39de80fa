//! `synod list`: what there is.

use super::args::{ListArgs, Listed};
use super::exit::{Exit, Failure};
use super::{output, run};
use crate::campaign::{Entry, Registry};
use std::path::{Path, PathBuf};
use std::{fs, io};

pub(super) fn list(registry: &Registry, arguments: &ListArgs) -> Result<Exit, Failure> {
    let sections = match arguments.what {
        Some(what) => vec![what],
        None => vec![Listed::Protocols, Listed::Oracles, Listed::Metrics, Listed::Marks, Listed::Scenarios],
    };
    let with_titles = sections.len() > 1;
    for (place, &what) in sections.iter().enumerate() {
        let (title, rows) = match what {
            Listed::Protocols => ("Protocols", protocols(registry)),
            Listed::Oracles => ("Oracles", by_protocol(registry, |entry| entry.oracles().to_vec())),
            Listed::Metrics => ("Metrics", by_protocol(registry, |entry| entry.metrics())),
            Listed::Marks => ("Coverage marks", by_protocol(registry, |entry| entry.marks().to_vec())),
            Listed::Scenarios => ("Scenarios", scenarios(registry, &arguments.folder, with_titles)?),
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

/// Every scenario below `folder`, with what it shows, or with what is wrong with it. Without a folder there are none,
/// unless they were asked for.
fn scenarios(registry: &Registry, folder: &Path, may_lack: bool) -> Result<Vec<(String, String)>, Failure> {
    if may_lack && !folder.exists() {
        return Ok(Vec::new());
    }
    let mut files = Vec::new();
    gather(folder, &mut files)
        .map_err(|error| Failure::input(format_args!("{}: error: {error}", folder.display())))?;
    files.sort();
    let row = |path: PathBuf| {
        let about = match run::load(registry, &path, &[]) {
            Ok(scenario) => scenario.about().to_owned(),
            Err(error) => format!("error: {}", error.message),
        };
        (path.display().to_string(), about)
    };
    Ok(files.into_iter().map(row).collect())
}

fn gather(folder: &Path, files: &mut Vec<PathBuf>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            gather(&path, files)?;
        } else if path.extension().is_some_and(|extension| extension == "yaml" || extension == "yml") {
            files.push(path);
        }
    }
    Ok(())
}
