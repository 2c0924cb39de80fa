//! What a validation runs: every scenario below some paths, and the points of the suite that says what ready means.

use crate::bench::{Failures, Matrix, PointSpec, SeedChoice, is_suite, matrix};
use crate::files::yaml_files;
use crate::filter::{Filter, FilterError, PointAttributes};
use crate::goals::{Goals, Measure, Target};
use crate::sweep::{Point, Seeds};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::path::PathBuf;
use synod_harness::Registry;
use synod_harness::{Path, Problem, ScenarioError};
use synod_oracle::metric::{self, Metric};
use synod_scenario::{Access, Document};

/// The series that all scenarios belong to that were found by their paths.
const CATALOGUE: &str = "catalogue";

/// What a validation runs.
#[derive(Debug)]
pub struct Catalogue {
    /// The name of the suite that says what ready means; `catalogue` without one.
    pub name: String,
    /// What it is about.
    pub about: String,
    /// The scenarios and then the suite's points, with their seeds.
    pub points: Vec<Point>,
    /// What each point is of.
    pub(super) cases: Vec<Case>,
    pub(super) goals: Option<Goals>,
    /// How many points each target is about, whatever is filtered out later.
    pub(super) wanted: BTreeMap<String, usize>,
}

/// What a point of a catalogue is of.
#[derive(Debug)]
pub(super) struct Case {
    /// The series of the suite; none of a scenario that was found by its path.
    pub(super) series: Option<String>,
    pub(super) file: PathBuf,
    /// What the suite lays over the scenario, each `path=value`.
    pub(super) settings: Vec<String>,
    /// What a run that fails means.
    pub(super) failures: Failures,
    attributes: PointAttributes,
}

/// Why there is no catalogue.
#[derive(Debug)]
pub enum CatalogueError {
    /// A file or folder cannot be used, and why.
    File(PathBuf, String),
    /// A file is no sound scenario or suite.
    Scenario(ScenarioError),
}

impl Catalogue {
    /// Finds the scenarios below `paths`, to run with `seeds`, or else each with its own. Of suites there may be one
    /// that says what ready means, whose points run with the seeds of that `seed_choice`; others are left out. All may
    /// refer to files as far as `access` goes.
    ///
    /// # Errors
    /// What cannot be read, or is wrong, and where.
    pub fn find(
        registry: &Registry,
        paths: &[PathBuf],
        seeds: Option<&Seeds>,
        seed_choice: &SeedChoice,
        access: Access,
    ) -> Result<Catalogue, CatalogueError> {
        let (mut points, mut cases) = (Vec::new(), Vec::new());
        let mut suite: Option<Document> = None;
        for file in files(paths)? {
            let document = Document::load_with(&file, access)?;
            if !is_suite(&document) {
                let scenario = document.prepare(registry)?;
                let name = file.display().to_string();
                let attributes = PointAttributes::of(&name, CATALOGUE, None, &*scenario, &[]);
                let (settings, failures) = (Vec::new(), Failures::Forbidden);
                let own = || Seeds::one(scenario.seed()).expect("a scenario's seed is one");
                let seeds = seeds.cloned().unwrap_or_else(own);
                points.push(Point::named(name, scenario, seeds));
                cases.push(Case { series: None, file, settings, failures, attributes });
            } else if has_goals(&document) {
                if suite.is_some() {
                    let message = "another suite says already what ready means";
                    return Err(document.error(Problem::new(Path::of(["readiness"]), message)).into());
                }
                suite = Some(document);
            }
        }
        let mut catalogue = Catalogue {
            name: CATALOGUE.to_owned(),
            about: String::new(),
            points,
            cases,
            goals: None,
            wanted: BTreeMap::new(),
        };
        if let Some(document) = suite {
            let matrix = matrix(registry, &document, seed_choice)?;
            catalogue.add(registry, matrix).map_err(|problem| document.error(problem))?;
        }
        Ok(catalogue)
    }

    /// Adds the points and goals of a suite.
    fn add(&mut self, registry: &Registry, matrix: Matrix) -> Result<(), Problem> {
        let Matrix { name, about, series, specs, points, goals } = matrix;
        if let Some(place) = series.iter().position(|(name, _)| name == CATALOGUE) {
            let here = Path::of(["series"]).to(place).to("name");
            return Err(Problem::new(here, "this is what all scenarios together are called"));
        }
        for (spec, point) in specs.into_iter().zip(points) {
            let attributes = spec.attributes(&point);
            let PointSpec { series, file, settings, failures, .. } = spec;
            self.cases.push(Case { series: Some(series), file, settings, failures, attributes });
            self.points.push(point);
        }
        (self.name, self.about) = (name, about);
        for (here, target) in goals.iter().flat_map(Goals::targets) {
            let found = self.check(registry, target, &here)?;
            self.wanted.insert(target.name.clone(), found);
        }
        self.goals = goals;
        Ok(())
    }

    /// Checks that what a target is about can be measured, and counts its points. There may be none, for the catalogue
    /// is what the user says it is.
    fn check(&self, registry: &Registry, target: &Target, here: &Path) -> Result<usize, Problem> {
        let Some(measure) = &target.measure else { return Ok(0) };
        let all: Vec<PointAttributes> = self.cases.iter().map(|case| case.attributes.clone()).collect();
        for (key, filter) in [("of", &target.of), ("against", &target.against)] {
            let Some(filter) = filter else { continue };
            filter.check(&all).map_err(|error| error.at_path(here.to(key)))?;
        }
        let found = self.about(target);
        if let Some(name) = measure.metric() {
            let protocols = found.iter().map(|&place| self.points[place].scenario.protocol());
            let entry = |protocol| registry.entries().find(|entry| entry.name() == protocol);
            let metrics: Vec<&Metric> =
                protocols.filter_map(entry).flat_map(|entry| entry.metrics()).collect();
            if !found.is_empty() && metric::find(&metrics, name).is_none() {
                let mut names: Vec<&str> = metrics.iter().map(|metric| metric.name).collect();
                names.sort_unstable();
                names.dedup();
                return Err(Problem::unknown(here.to("measure"), "metric", name, &names));
            }
        }
        if matches!(measure, Measure::Reproducible)
            && found.iter().any(|&place| self.cases[place].series.is_some())
        {
            return Err(Problem::new(here.to("of"), "only the catalogue's scenarios run again"));
        }
        Ok(found.len() + self.divisor(target).len())
    }

    /// Leaves the points that `filter` admits.
    ///
    /// # Errors
    /// If the filter asks for what no point has.
    pub fn filter(&mut self, filter: &Filter) -> Result<(), FilterError> {
        let all: Vec<PointAttributes> = self.cases.iter().map(|case| case.attributes.clone()).collect();
        filter.check(&all)?;
        let both = std::mem::take(&mut self.cases).into_iter().zip(std::mem::take(&mut self.points));
        let wanted = both.filter(|(case, _)| filter.admits(&case.attributes));
        (self.cases, self.points) = wanted.unzip();
        Ok(())
    }

    /// Returns the scenarios that were found by their paths.
    pub(super) fn scenarios(&self) -> &[Point] {
        &self.points[..self.cases.iter().filter(|case| case.series.is_none()).count()]
    }

    /// Returns true if its scenarios are to run again.
    pub(super) fn repeats(&self) -> bool {
        let mut measures = self
            .goals
            .iter()
            .flat_map(|goals| &goals.criteria)
            .flat_map(|criterion| &criterion.targets)
            .filter_map(|target| target.measure.as_ref());
        measures.any(|measure| matches!(measure, Measure::Reproducible))
    }

    /// Returns the points that are to run again.
    pub fn repeated(&self) -> &[Point] {
        if self.repeats() { self.scenarios() } else { &[] }
    }

    /// Returns how many runs there will be.
    pub fn runs(&self) -> u64 {
        let count = |points: &[Point]| -> u64 { points.iter().map(|point| point.seeds.count()).sum() };
        count(&self.points) + count(self.repeated())
    }

    /// Returns the points that a target is about.
    pub(super) fn about(&self, target: &Target) -> Vec<usize> {
        let is_meant = |case: &Case| match &target.of {
            Some(filter) => filter.admits(&case.attributes),
            None => case.series.is_none(),
        };
        (0..self.cases.len()).filter(|&place| is_meant(&self.cases[place])).collect()
    }

    /// Returns the points by whose figure that of a target is divided.
    pub(super) fn divisor(&self, target: &Target) -> Vec<usize> {
        let Some(filter) = &target.against else { return Vec::new() };
        (0..self.cases.len()).filter(|&place| filter.admits(&self.cases[place].attributes)).collect()
    }
}

/// Returns the files that these paths are, or that lie below them, each once.
fn files(paths: &[PathBuf]) -> Result<Vec<PathBuf>, CatalogueError> {
    let mut files = Vec::new();
    for path in paths {
        let below = if path.is_dir() {
            yaml_files(path).map_err(|error| CatalogueError::File(path.clone(), error.to_string()))?
        } else {
            vec![path.clone()]
        };
        files.extend(below);
    }
    let mut seen = BTreeSet::new();
    files.retain(|file| seen.insert(file.clone()));
    Ok(files)
}

fn has_goals(document: &Document) -> bool {
    document.children(&Path::root()).contains(&Path::of(["readiness"]))
}

impl From<ScenarioError> for CatalogueError {
    fn from(error: ScenarioError) -> CatalogueError {
        CatalogueError::Scenario(error)
    }
}

impl fmt::Display for CatalogueError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            CatalogueError::File(path, why) => write!(out, "{}: error: {why}", path.display()),
            CatalogueError::Scenario(error) => error.fmt(out),
        }
    }
}

impl std::error::Error for CatalogueError {}
