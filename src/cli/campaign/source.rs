//! What a campaign is of: found when it is planned, and again when suites and catalogues are reported on.

use crate::args::PlanArgs;
use crate::exit::Failure;
use std::path::{Path, PathBuf};
use synod_campaign::{
    CampaignFolder, CampaignSource, Catalogue, Extent, Filter, Matrix, Point, SeedChoice, Seeds, grid,
    is_suite, matrix,
};
use synod_harness::Registry;
use synod_scenario::{Access, Document};

/// The points of a campaign, and what they are of.
pub(super) enum Found {
    Sweep(Vec<Point>),
    Suite(Matrix),
    Catalogue(Catalogue),
}

impl Found {
    /// Returns the points, in the order of the plan.
    pub(super) fn points(&self) -> Vec<&Point> {
        match self {
            Found::Sweep(points) => points.iter().collect(),
            Found::Suite(matrix) => matrix.points.iter().collect(),
            Found::Catalogue(catalogue) => catalogue.points.iter().chain(catalogue.repeated()).collect(),
        }
    }
}

/// Finds what a campaign is to be of.
pub(super) fn find(registry: &Registry, arguments: &PlanArgs) -> Result<(CampaignSource, Found), Failure> {
    let access = arguments.reading.access();
    let extent = || Extent {
        quick: arguments.quick,
        seeds: arguments.seeds.as_ref().map(Seeds::to_string),
        filter: arguments.filter.as_ref().map(Filter::to_string),
        allow_outside: arguments.reading.allow_outside,
    };
    let is_of_sweep = || !arguments.overrides.set.is_empty() || !arguments.grid.axes.is_empty();
    let [input] = &arguments.inputs[..] else {
        return catalogue(registry, arguments, extent(), is_of_sweep());
    };
    if input.is_dir() {
        return catalogue(registry, arguments, extent(), is_of_sweep());
    }
    let mut document = Document::load_with(input, access)?;
    if is_suite(&document) {
        refuse_overrides(is_of_sweep(), "a suite")?;
        let source = CampaignSource::Suite { file: real(input)?, extent: extent() };
        let matrix = suite(registry, &document, &extent())?;
        return Ok((source, Found::Suite(matrix)));
    }
    let Some(seeds) = &arguments.seeds else {
        return Err(Failure::input(format_args!(
            "{}: error: a sweep needs seeds\n = help: add --seeds 0..1000",
            input.display()
        )));
    };
    if arguments.filter.is_some() {
        return Err(Failure::input("--filter: error: a sweep has no points to choose from; a suite has"));
    }
    arguments.overrides.set.iter().try_for_each(|assignment| document.set(assignment))?;
    let points = grid(registry, &document, &arguments.grid.axes, seeds, arguments.grid.max_points)?;
    Ok((CampaignSource::Sweep, Found::Sweep(points)))
}

/// Finds the points of a plan again, which have to be those of the plan.
pub(super) fn find_again(registry: &Registry, folder: &CampaignFolder) -> Result<Found, Failure> {
    let plan = folder.plan();
    let (found, place) = match &plan.source {
        CampaignSource::Sweep => return Ok(Found::Sweep(plan.points(registry)?)),
        CampaignSource::Suite { file, extent } => {
            let document = Document::load_with(file, access(extent))?;
            (Found::Suite(suite(registry, &document, extent)?), file.display().to_string())
        }
        CampaignSource::Catalogue { paths, extent } => {
            let place = paths.first().map_or_else(String::new, |path| path.display().to_string());
            (Found::Catalogue(listed(registry, paths, extent)?), place)
        }
    };
    if plan.is_of(&found.points())? {
        return Ok(found);
    }
    Err(Failure::input(format_args!(
        "{place}: error: is not what it was when the campaign was planned\n = help: put it back as it was, or plan anew"
    )))
}

fn catalogue(
    registry: &Registry,
    arguments: &PlanArgs,
    extent: Extent,
    has_overrides: bool,
) -> Result<(CampaignSource, Found), Failure> {
    refuse_overrides(has_overrides, "a catalogue")?;
    let paths = arguments.inputs.iter().map(|path| real(path)).collect::<Result<Vec<_>, _>>()?;
    let found = listed(registry, &paths, &extent)?;
    Ok((CampaignSource::Catalogue { paths, extent }, Found::Catalogue(found)))
}

fn refuse_overrides(has_overrides: bool, what: &str) -> Result<(), Failure> {
    if has_overrides {
        return Err(Failure::input(format_args!(
            "--set and --grid: error: {what} says itself what its scenarios are"
        )));
    }
    Ok(())
}

fn suite(registry: &Registry, document: &Document, extent: &Extent) -> Result<Matrix, Failure> {
    let mut matrix = matrix(registry, document, &seed_choice(extent)?)?;
    if let Some(filter) = filter(extent)? {
        matrix.filter(&filter).map_err(|error| refuse_filter(&filter, &error))?;
    }
    if matrix.points.is_empty() {
        return Err(Failure::nothing("error: no point of the suite is like that"));
    }
    Ok(matrix)
}

fn listed(registry: &Registry, paths: &[PathBuf], extent: &Extent) -> Result<Catalogue, Failure> {
    let choice = if extent.quick { SeedChoice::Quick } else { SeedChoice::Full };
    let seeds = seeds(extent)?;
    let found = Catalogue::find(registry, paths, seeds.as_ref(), &choice, access(extent));
    let mut catalogue = found.map_err(Failure::input)?;
    if let Some(filter) = filter(extent)? {
        catalogue.filter(&filter).map_err(|error| refuse_filter(&filter, &error))?;
    }
    if catalogue.points.is_empty() {
        return Err(Failure::nothing("error: no scenario is there to run"));
    }
    Ok(catalogue)
}

fn refuse_filter(filter: &Filter, error: &dyn std::fmt::Display) -> Failure {
    Failure::input(format_args!("--filter {filter}: error: {error}"))
}

fn seed_choice(extent: &Extent) -> Result<SeedChoice, Failure> {
    Ok(match (seeds(extent)?, extent.quick) {
        (Some(seeds), _) => SeedChoice::Seeds(seeds),
        (None, true) => SeedChoice::Quick,
        (None, false) => SeedChoice::Full,
    })
}

fn seeds(extent: &Extent) -> Result<Option<Seeds>, Failure> {
    extent
        .seeds
        .as_deref()
        .map(str::parse)
        .transpose()
        .map_err(|error| Failure::input(format_args!("the plan: error: {error}")))
}

fn filter(extent: &Extent) -> Result<Option<Filter>, Failure> {
    let filter = extent.filter.as_deref().map(str::parse).transpose();
    filter.map_err(|error| Failure::input(format_args!("the plan: error: {error}")))
}

fn access(extent: &Extent) -> Access {
    if extent.allow_outside { Access::Anywhere } else { Access::Own }
}

/// Returns where a file lies, from wherever the campaign is looked at.
fn real(path: &Path) -> Result<PathBuf, Failure> {
    path.canonicalize().map_err(|error| Failure::input(format_args!("{}: error: {error}", path.display())))
}
